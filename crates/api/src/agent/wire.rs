//! Failures as agents are told them: `error_code`, the same as `errorCode`, and `message`.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use cadastre_storage::StorageError;
use serde_json::json;

use crate::error::{Error, NodeRefusal, RequestError};

/// A failure with the code that this face has for it.
///
/// No code but that of a node that is gone or disabled may be `kodo.RegionNotFoundOrDisabled`: agents
/// stop everything when they read that text.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<u64>,
}

impl Failure {
    /// A failure of this status and code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// Whoever signed has no valid key, or signed another thing.
    #[must_use]
    pub fn signature(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "kodo.InvalidSignature", message)
    }

    /// The key was valid once.
    #[must_use]
    pub fn key_ended() -> Self {
        Self::signature("the access key was revoked or has ended")
    }

    /// Something in the request is not as it must be.
    #[must_use]
    pub fn parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "kodo.InvalidParameter", message)
    }

    /// Nobody's results are taken with this token.
    #[must_use]
    pub fn token() -> Self {
        Self::new(StatusCode::FORBIDDEN, "kodo.InvalidToken", "the token is not accepted")
    }

    /// The node was disabled or deleted. The agent that reads this stops all its tasks at once, so
    /// nobody else may be told it (dialing contract, section 3.2).
    #[must_use]
    pub fn stop() -> Self {
        let text = "the node is disabled, or was deleted";
        Self::new(StatusCode::FORBIDDEN, "kodo.RegionNotFoundOrDisabled", text)
    }
}

/// How long work on an answer takes at most, so that it leaves within ten seconds: an agent has no time
/// limit of its own, and does nothing else meanwhile (dialing contract, section 3.9).
const LONGEST: Duration = Duration::from_secs(9);

/// How long a body takes at most: somebody whose body is too slow is told so while there is time.
const LONGEST_BODY: Duration = Duration::from_secs(8);

const _: () = assert!(LONGEST_BODY.as_secs() < LONGEST.as_secs() && LONGEST.as_secs() < 10);

/// What comes of `work`, if it comes in time.
pub(super) async fn in_time<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let late = || {
        let reason = "no answer in time".to_owned();
        Error::Storage(StorageError::Unavailable(reason)).into()
    };
    tokio::time::timeout(LONGEST, work).await.unwrap_or_else(|_| Err(late()))
}

/// A body that is being read, if it is there in time.
pub(super) async fn body_in_time(
    reading: impl Future<Output = Result<Bytes, Error>>,
) -> Result<Bytes, Error> {
    let body = tokio::time::timeout(LONGEST_BODY, reading).await;
    body.unwrap_or_else(|_| Err(RequestError::TooSlow.into()))
}

/// What other methods than `GET` are answered.
pub(super) async fn only_get() -> HttpResponse {
    wrong_method("GET")
}

/// What other methods than `POST` are answered.
pub(super) async fn only_post() -> HttpResponse {
    wrong_method("POST")
}

fn wrong_method(allow: &str) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, allow))
        .content_type("text/plain; charset=utf-8")
        .body("method not allowed\n")
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Error::from(error).into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Node(NodeRefusal::KeyEnded) => return Self::key_ended(),
            Error::Node(NodeRefusal::Stopped) => return Self::stop(),
            _ => error.log(),
        }
        let status = error.status();
        let (code, message) = match &error {
            Error::Forbidden => ("kodo.AccessDenied", "not of this workspace".to_owned()),
            Error::Request(RequestError::TooLarge) => {
                ("kodo.PayloadTooLarge", "the body is too large".to_owned())
            }
            Error::Request(RequestError::TooSlow) => {
                ("kodo.RequestTimeout", "the body did not arrive in time".to_owned())
            }
            Error::Request(RequestError::Coding(_)) => (
                "kodo.UnsupportedMediaType",
                "a body is compressed by gzip or not at all".to_owned(),
            ),
            Error::Request(_) => ("kodo.InvalidParameter", error.reason()),
            Error::RateLimited(_) => {
                ("kodo.TooManyRequests", "too many results; try again later".to_owned())
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                ("kodo.ServiceUnavailable", "try again in a moment".to_owned())
            }
            _ => ("kodo.InternalError", "a fault of the register".to_owned()),
        };
        Self { status, code, message, retry_after: error.retry_after() }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        let Self { code, message, .. } = self;
        let status = self.status.as_u16();
        response.json(json!({
            "code": status, "error_code": code, "errorCode": code, "message": message,
        }))
    }
}
