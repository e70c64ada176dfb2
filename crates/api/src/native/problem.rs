//! Failures as problem details (RFC 9457): a stable `type` and `code`, the wrong fields by JSON
//! pointers, the id of the request.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use cadastre_storage::StorageError;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::conditional::etag;
use crate::error::{Error, FieldError, FieldErrors, RequestError};
use crate::http::routes::allowed;
use crate::http::track;

/// Why a request failed, as problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// What kind of failure: a name that does not change.
    #[schema(example = "urn:cadastre:problem:invalid_fields")]
    r#type: String,
    /// The status in words.
    title: Option<&'static str>,
    /// The status.
    status: u16,
    /// The end of `type`.
    #[schema(example = "invalid_fields")]
    code: &'static str,
    /// What happened, for people.
    detail: String,
    /// The id of the request, as in `X-Request-ID`.
    request_id: String,
    /// The wrong fields, when fields are wrong; the first 50 if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 50)]
    errors: Option<Vec<WrongFieldView>>,
    /// The `ETag` of the thing as it is now, when another version was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "\"7\"")]
    current: Option<String>,
    /// Why the cluster of a region did not do its part: a word that does not change. `insecure`: the
    /// region has a token and no https address; `address`: the host has an address to which the register
    /// does not connect; `unreachable`: no answer; `tls`: one side does not accept the other's
    /// certificate; `status`, `refused`, `not_forgotten`, `namespace_exists`: the cluster says no;
    /// `request`: address and credentials make no request; `busy`: too many calls are under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "unreachable")]
    reason: Option<&'static str>,
}

/// A wrong field of a body, or a wrong parameter of a query.
#[derive(Serialize, ToSchema)]
#[schema(as = WrongField)]
pub struct WrongFieldView {
    /// Where it stands, as a JSON pointer.
    #[schema(example = "/name")]
    pointer: String,
    /// What is wrong: a word that does not change.
    #[schema(example = "required")]
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
}

/// A failure on this face.
#[derive(Debug)]
pub struct Problem {
    error: Error,
    id: Uuid,
    allow: Option<String>,
}

impl Problem {
    /// `error`, as the answer to `request`.
    pub fn new(request: &HttpRequest, error: impl Into<Error>) -> Self {
        Self { error: error.into(), id: track::id_of(request), allow: allowed(request) }
    }

    /// `error`, as the answer to the request with this id.
    #[must_use]
    pub const fn plain(id: Uuid, error: Error) -> Self {
        Self { error, id, allow: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match &self.error {
            // The request is in order, but not for the region as it is.
            Error::Fields(errors) if is_status(errors) => StatusCode::CONFLICT,
            error => error.status(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.error.log();
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.error.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let (Error::Request(RequestError::Method(_)), Some(allow)) = (&self.error, &self.allow) {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let (code, detail) = code_and_detail(&self.error);
        let current = match &self.error {
            Error::Stale(version) => Some(etag(*version)),
            _ => None,
        };
        if let Some(etag) = &current {
            response.insert_header((header::ETAG, etag.as_str()));
        }
        let body = ProblemView {
            r#type: format!("urn:cadastre:problem:{code}"),
            title: status.canonical_reason(),
            status: status.as_u16(),
            code,
            detail,
            request_id: self.id.simple().to_string(),
            errors: wrong_fields(&self.error),
            current,
            reason: match &self.error {
                Error::Cluster(error) => Some(error.code()),
                _ => None,
            },
        };
        let response = response.content_type("application/problem+json").json(body);
        self.error.marked(response)
    }
}

/// The wrong fields, when fields are wrong.
fn wrong_fields(error: &Error) -> Option<Vec<WrongFieldView>> {
    match error {
        Error::Fields(errors) => Some(errors.iter().map(field).collect()),
        _ => None,
    }
}

/// Whether what is wrong is that the region cannot take a status.
fn is_status(errors: &[FieldError]) -> bool {
    errors.iter().any(|error| matches!(error.problem, crate::error::Problem::Status(_)))
}

fn field(error: &FieldError) -> WrongFieldView {
    let (pointer, code, detail) = super::fields::described(error);
    WrongFieldView { pointer, code, detail }
}

/// What is said above the wrong fields.
fn invalid_fields(errors: &FieldErrors) -> String {
    let more = format!("; only the first {} are named", errors.len());
    format!("some fields are not accepted{}", if errors.has_more() { &more } else { "" })
}

fn code_and_detail(error: &Error) -> (&'static str, String) {
    let detail = error.to_string();
    match error {
        Error::Unauthenticated(_) => {
            ("unauthenticated", "a token is needed, and none that is accepted was sent".to_owned())
        }
        Error::Forbidden => ("forbidden", detail),
        Error::Grant => ("grant_refused", detail),
        Error::RateLimited(_) => ("rate_limited", detail),
        Error::VersionMissing => ("precondition_required", detail),
        Error::Stale(_) => ("stale", detail),
        Error::KeyReused => ("idempotency_key_reused", detail),
        Error::StillRunning => ("still_running", detail),
        Error::Fields(errors) if is_status(errors) => {
            ("status_refused", "the region cannot take this status".to_owned())
        }
        Error::Fields(errors) => ("invalid_fields", invalid_fields(errors)),
        Error::NotFound(_) => ("not_found", "there is no such thing, or not for you".to_owned()),
        Error::Cluster(error) => {
            ("cluster_failed", format!("the cluster did not do its part: {}", error.code()))
        }
        Error::Request(error) => request(error),
        Error::Storage(StorageError::Taken(_)) => {
            ("taken", "something with this name or identifier exists".to_owned())
        }
        Error::TooManyConnections
        | Error::Storage(StorageError::Busy | StorageError::Unavailable(_)) => {
            ("unavailable", "the service is not available now, try again".to_owned())
        }
        Error::Storage(_) | Error::Internal(_) => ("internal", "internal error".to_owned()),
        refused => (refusal(refused), detail),
    }
}

/// The code of a failure because of the things as they are.
const fn refusal(error: &Error) -> &'static str {
    match error {
        Error::Deletion(_) => "deletion_refused",
        Error::NotOpen => "not_open",
        Error::NotUsable => "not_usable",
        Error::Window(_) => "window_refused",
        Error::NodeKey(_) => "node_key_refused",
        Error::NothingBefore => "nothing_before",
        Error::TokenEnded => "token_ended",
        Error::TaskOfRegion => "task_of_region",
        Error::TooManyWebhooks => "too_many",
        Error::Opening(_) => "opening_refused",
        _ => "refused",
    }
}

fn request(error: &RequestError) -> (&'static str, String) {
    match error {
        RequestError::NoRoute => ("no_such_path", "there is no such path".to_owned()),
        RequestError::Method(_) => {
            ("method_not_allowed", "this method is not served here".to_owned())
        }
        RequestError::NotAcceptable => ("not_acceptable", "only JSON is served".to_owned()),
        RequestError::MediaType(_) => ("unsupported_media_type", "send JSON".to_owned()),
        RequestError::Coding(_) => ("unsupported_media_type", "do not compress".to_owned()),
        RequestError::Malformed(reason) => ("malformed_body", reason.clone()),
        RequestError::TooLarge => ("payload_too_large", "the body is larger than 1 MiB".to_owned()),
        RequestError::TooSlow => ("timeout", "the body did not arrive in time".to_owned()),
    }
}
