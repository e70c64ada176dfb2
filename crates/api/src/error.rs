//! What can go wrong in a request, in words of the register; each face says it in its own way.

mod field;
mod thing;

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::maintenance::WindowRefusal;
use cadastre_domain::node::NodeKeyRefusal;
use cadastre_domain::opening::OpeningRefusal;
use cadastre_domain::region::DeletionRefusal;
use cadastre_domain::text::excerpt;
use cadastre_domain::token::TokenRefusal;
use cadastre_domain::webhook::MOST_WEBHOOKS;
use cadastre_storage::{StorageError, Taken};

use crate::cluster::ClusterError;
use crate::http::refusals::Refusal;
pub use field::{FieldError, FieldErrors, MOST_FIELD_ERRORS, Problem, Rule, of_region, of_task};
pub use thing::Thing;

/// Why a request fails.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody known is calling.
    #[error("not authenticated: {0:?}")]
    Unauthenticated(Unauthenticated),
    /// A node was served when its request came, and is not any more.
    #[error("the node is not served: {0:?}")]
    Node(NodeRefusal),
    /// The caller's role does not allow the operation.
    #[error("the caller's role does not allow this")]
    Forbidden,
    /// The caller sends too many requests.
    #[error("too many requests")]
    RateLimited(RateLimited),
    /// Fields of the request are wrong; the first [`MOST_FIELD_ERRORS`] are named.
    #[error("invalid fields: {0:?}")]
    Fields(FieldErrors),
    /// There is no such thing, or not for this caller.
    #[error("not found: {0:?}")]
    NotFound(Thing),
    /// The request does not say which version of the thing it means to change.
    #[error("If-Match must say which version is to be changed")]
    VersionMissing,
    /// The thing has another version than the request means to change; the present one stands here.
    #[error("the thing has another version by now: {0}")]
    Stale(i64),
    /// The key of the request was used for another one.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// A request with the same key is being worked on.
    #[error("a request with this Idempotency-Key is being worked on")]
    StillRunning,
    /// The region may not be deleted.
    #[error(transparent)]
    Deletion(#[from] DeletionRefusal),
    /// The region is not open for the team.
    #[error("the region is not open for the team")]
    NotOpen,
    /// The region is not open for the team, or not enabled.
    #[error("the region is not usable for the team")]
    NotUsable,
    /// The window of maintenance cannot be as asked.
    #[error(transparent)]
    Window(#[from] WindowRefusal),
    /// The node does not get another key, or keeps the one that it has.
    #[error(transparent)]
    NodeKey(#[from] NodeKeyRefusal),
    /// There is no set of credentials to go back to.
    #[error("there is no earlier set of credentials that is still kept")]
    NothingBefore,
    /// The dial task watches a region, and the register alone keeps it in step with that.
    #[error("the dial task watches a region, and only the register changes it")]
    TaskOfRegion,
    /// The token has ended, and what has ended is not given another secret.
    #[error("the token has expired or was revoked")]
    TokenEnded,
    /// The enterprise has as many webhooks as it may have.
    #[error("an enterprise has at most {MOST_WEBHOOKS} webhooks")]
    TooManyWebhooks,
    /// The caller may not make a token with this role there.
    #[error("the caller may not grant this role")]
    Grant,
    /// The region is not opened for the team.
    #[error(transparent)]
    Opening(#[from] OpeningRefusal),
    /// The cluster of a region did not do its part.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The request is not what HTTP or the face expects.
    #[error("bad request: {0:?}")]
    Request(RequestError),
    /// All connections that there may be are busy, and on this one only probes are served.
    #[error("there are as many connections as there may be")]
    TooManyConnections,
    /// The storage did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A fault of the register itself; the text is for the log only.
    #[error("internal: {0}")]
    Internal(Arc<str>),
}

/// Why nobody known is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No credential was sent.
    Missing,
    /// The credential is unknown, expired or revoked.
    Unknown,
    /// The credential was accepted when the request came, and is not any more.
    Ended(TokenRefusal),
    /// The credential is not one for the management interface.
    NotPlatform,
}

/// Why a node is not served any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeRefusal {
    /// The key that it signed with was revoked, or has ended.
    KeyEnded,
    /// It was disabled or deleted.
    Stopped,
}

/// Whose limit was reached, and after how many seconds to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimited {
    /// Whether it is the limit of the whole workspace or of one key.
    pub workspace: bool,
    /// Seconds to wait.
    pub retry_after: u64,
}

impl RateLimited {
    /// The limit of the whole workspace or of one key was reached; `wait` is how long to wait.
    #[must_use]
    pub fn after(wait: Duration, workspace: bool) -> Self {
        Self { workspace, retry_after: retry_after(wait) }
    }
}

/// The whole seconds after which `wait` is over, at least 1: `Retry-After` has no fractions.
#[must_use]
pub fn retry_after(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// How a request falls short before its meaning is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// The path leads nowhere.
    NoRoute,
    /// The method is not served on this path.
    Method(String),
    /// The answer would have none of the types that the client accepts.
    NotAcceptable,
    /// The body has a type that is not read.
    MediaType(String),
    /// The body is compressed.
    Coding(String),
    /// The body does not parse.
    Malformed(String),
    /// The body is too large.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
}

impl Error {
    /// The only table of HTTP statuses. A face may differ where its contract does.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) | Self::Node(NodeRefusal::KeyEnded) => {
                StatusCode::UNAUTHORIZED
            }
            Self::Node(NodeRefusal::Stopped)
            | Self::Forbidden
            | Self::Grant
            | Self::Opening(OpeningRefusal::NotPermitted) => StatusCode::FORBIDDEN,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Fields(_) | Self::Opening(OpeningRefusal::OtherEnterprise) => {
                StatusCode::BAD_REQUEST
            }
            Self::VersionMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::Stale(_) => StatusCode::PRECONDITION_FAILED,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Opening(OpeningRefusal::NotEnabled(_))
            | Self::TokenEnded
            | Self::TaskOfRegion
            | Self::TooManyWebhooks
            | Self::StillRunning
            | Self::Deletion(_)
            | Self::NotOpen
            | Self::NotUsable
            | Self::Window(_)
            | Self::NodeKey(_)
            | Self::NothingBefore
            | Self::Storage(StorageError::Taken(_)) => StatusCode::CONFLICT,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Cluster(_) => StatusCode::BAD_REQUEST,
            Self::Request(error) => error.status(),
            Self::TooManyConnections
            | Self::Storage(StorageError::Busy | StorageError::Unavailable(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Storage(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// After how many seconds the caller may try again, when that helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(limited) => Some(limited.retry_after),
            Self::StillRunning
            | Self::TooManyConnections
            | Self::Storage(StorageError::Busy | StorageError::Unavailable(_)) => Some(1),
            _ => None,
        }
    }

    /// Why the request was refused, in words of ours: nothing that it contained is repeated.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Fields(errors) => {
                // Behind the first part of a path may stand what the caller wrote.
                let own = |error: &FieldError| {
                    let end = error.field.find(['.', '[']).unwrap_or(error.field.len());
                    error.field[..end].to_owned()
                };
                let mut fields: Vec<_> = errors.iter().map(own).collect();
                fields.dedup();
                format!("invalid: {}", fields.join(", "))
            }
            Self::Request(error) => match error {
                RequestError::Method(_) => "the method is not served".to_owned(),
                RequestError::MediaType(_) => "the media type is not read".to_owned(),
                RequestError::Coding(_) => "the coding is not read".to_owned(),
                RequestError::Malformed(_) => "the body does not parse".to_owned(),
                other => format!("{other:?}"),
            },
            Self::Cluster(error) => format!("the cluster did not do its part: {}", error.code()),
            Self::Unauthenticated(Unauthenticated::NotPlatform) => {
                "not a platform token".to_owned()
            }
            error => error.to_string(),
        }
    }

    /// The answer, with the reason for the audit in its extensions. That there were too many requests
    /// is not noted: the audit would be the way to fill the disk. Nor is that the first of two same
    /// requests is not done: it would have to wait for the first.
    #[must_use]
    pub fn marked(&self, mut response: HttpResponse) -> HttpResponse {
        if !matches!(self, Self::RateLimited(_) | Self::StillRunning) {
            response.extensions_mut().insert(Refusal(self.reason()));
        }
        response
    }

    /// Writes what the caller is not told into the log, once, where the failure is answered.
    pub fn log(&self) {
        match self {
            Self::Storage(StorageError::Vault(cause)) => log::error!("a secret is lost: {cause}"),
            Self::Storage(StorageError::Query(cause)) => log::error!("a query failed: {cause}"),
            Self::Storage(StorageError::Taken(Taken::Other)) | Self::Internal(_) => {
                log::error!("{self}");
            }
            // The client is told, and that is in the access log.
            Self::TooManyConnections => {}
            error if error.status().is_server_error() => log::warn!("{error}"),
            _ => {}
        }
    }
}

impl RequestError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType(_) | Self::Coding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

impl RequestError {
    /// The same with no more of what the caller wrote than can be told.
    fn shortened(self) -> Self {
        let short = |text: String| excerpt(&text, LONGEST_REPEATED).into_owned();
        match self {
            Self::Method(text) => Self::Method(short(text)),
            Self::MediaType(text) => Self::MediaType(short(text)),
            Self::Coding(text) => Self::Coding(short(text)),
            Self::Malformed(text) => Self::Malformed(short(text)),
            other => other,
        }
    }
}

/// The most bytes that are repeated of a header, as JSON.
const LONGEST_REPEATED: usize = 400;

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error.shortened())
    }
}
