//! Failures as agents are told them: `error_code`, the same as `errorCode`, and `message`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::error::{Error, RequestError};

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
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        error.log();
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
        response.json(json!({ "error_code": code, "errorCode": code, "message": message }))
    }
}
