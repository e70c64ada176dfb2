//! The envelope of this face, for answers and for failures (contract 1.3 and 1.5).

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use cadastre_storage::{StorageError, Taken};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, FieldError, FieldErrors, Problem, RateLimited, RequestError, Thing};
use crate::http::routes::allowed;
use crate::http::track;

/// What every answer comes in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<T> {
    /// The status.
    code: u16,
    /// What was asked for; empty when the request failed.
    content: T,
    /// Why it failed; empty when it did not.
    #[schema(example = "ft.InvalidParameter")]
    error_code: &'static str,
    /// Why it failed, for people; empty when it did not.
    message: String,
    /// Whether it did not fail.
    success: bool,
    /// The id of the request: that of `X-Request-ID` in another spelling.
    #[schema(example = "TRACE-5075E35F-90EF-4259-BA21-47122BFE2921")]
    trace_id: String,
}

/// What a page of a list comes in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<T> {
    /// The status.
    code: u16,
    /// The things on this page.
    content: Vec<T>,
    /// Empty.
    error_code: &'static str,
    /// Empty.
    message: String,
    /// Which page this is.
    page_info: PageInfo,
    /// Whether it did not fail.
    success: bool,
    /// The id of the request: that of `X-Request-ID` in another spelling.
    trace_id: String,
}

/// Which page of a list this is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    /// How many things are on it.
    pub count: usize,
    /// Its number, from 1.
    pub page_index: i64,
    /// How many things a page has at most.
    pub page_size: i64,
    /// How many things there are on all pages.
    pub total_count: i64,
}

/// Nothing.
#[derive(Serialize, ToSchema)]
pub(super) struct Empty {}

/// A failure in this face's style.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    id: Uuid,
    wrong_key_status: u16,
    allow: Option<String>,
}

impl Failure {
    /// `error`, as the answer to `request`.
    pub fn new(request: &HttpRequest, error: impl Into<Error>) -> Self {
        let app = request.app_data::<web::Data<App>>();
        let wrong_key_status = app.map_or(403, |app| app.wrong_key_status);
        let (id, allow) = (track::id_of(request), allowed(request));
        Self { error: error.into(), id, wrong_key_status, allow }
    }

    /// `error`, as the answer to the request with this id.
    #[must_use]
    pub const fn plain(id: Uuid, error: Error) -> Self {
        Self { error, id, wrong_key_status: 403, allow: None }
    }
}

/// The envelope around `content`.
pub(super) fn success(request: &HttpRequest, content: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(Envelope {
        code: 200,
        content,
        error_code: "",
        message: String::new(),
        success: true,
        trace_id: trace_id(track::id_of(request)),
    })
}

/// The envelope around a page of a list.
pub(super) fn page<T: Serialize>(
    request: &HttpRequest,
    content: Vec<T>,
    page_info: PageInfo,
) -> HttpResponse {
    HttpResponse::Ok().json(Listed {
        code: 200,
        content,
        error_code: "",
        message: String::new(),
        page_info,
        success: true,
        trace_id: trace_id(track::id_of(request)),
    })
}

/// The request's id in the form that clients of this face know.
fn trace_id(id: Uuid) -> String {
    format!("TRACE-{}", id.hyphenated().to_string().to_ascii_uppercase())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match &self.error {
            Error::Unauthenticated(_) => {
                StatusCode::from_u16(self.wrong_key_status).unwrap_or(StatusCode::FORBIDDEN)
            }
            // Documented so, although 429 would be the right one.
            Error::RateLimited(_) => StatusCode::UNAUTHORIZED,
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
        let (error_code, message) = code_and_message(&self.error);
        self.error.marked(response.json(Envelope {
            code: status.as_u16(),
            content: Empty {},
            error_code,
            message,
            success: false,
            trace_id: trace_id(self.id),
        }))
    }
}

fn code_and_message(error: &Error) -> (&'static str, String) {
    match error {
        Error::Unauthenticated(_) => {
            ("ft.InvalidAPIKey", "the API key is missing or not valid".to_owned())
        }
        Error::Forbidden | Error::Grant => {
            ("ft.AccessDenied", "the role of this API key does not allow this".to_owned())
        }
        Error::RateLimited(RateLimited { workspace: false, .. }) => {
            ("ft.TriggerApiAkCurrentLimiting", "too many requests with this API key".to_owned())
        }
        Error::RateLimited(RateLimited { workspace: true, .. }) => (
            "ft.TriggerApiWorkspaceCurrentLimiting",
            "too many requests to this workspace".to_owned(),
        ),
        Error::Fields(errors) => ("ft.InvalidParameter", fields(errors)),
        Error::NotFound(Thing::Node) => ("ft.DialingRegionNotFound", "no such node".to_owned()),
        Error::NotFound(Thing::DialTask) => {
            ("ft.DialingTaskNotFound", "no such dial task".to_owned())
        }
        Error::NotFound(_) => ("ft.NotFound", "not found".to_owned()),
        Error::TaskOfRegion => ("ft.DialingTaskOfRegion", error.to_string()),
        Error::Storage(StorageError::Taken(Taken::Keycode)) => {
            ("ft.DialingRegionKeycodeExists", "keycode: a node with this keycode exists".to_owned())
        }
        Error::Request(error) => request(error),
        Error::TooManyConnections
        | Error::Storage(StorageError::Busy | StorageError::Unavailable(_)) => {
            ("ft.ServiceUnavailable", "the service is not available now, try again".to_owned())
        }
        // What else there is, no operation of this face comes to.
        _ => ("ft.InternalError", "internal error".to_owned()),
    }
}

fn request(error: &RequestError) -> (&'static str, String) {
    match error {
        RequestError::NoRoute => ("ft.NotFound", "no such path".to_owned()),
        RequestError::Method(method) => {
            ("ft.MethodNotAllowed", format!("the method {method} is not served here"))
        }
        RequestError::NotAcceptable => ("ft.NotAcceptable", "only JSON is served".to_owned()),
        RequestError::MediaType(found) => {
            ("ft.UnsupportedMediaType", format!("a body of type {found:?} is not read, send JSON"))
        }
        RequestError::Coding(found) => {
            ("ft.UnsupportedMediaType", format!("a body in {found:?} is not read, do not compress"))
        }
        RequestError::Malformed(reason) => ("ft.InvalidJSON", reason.clone()),
        RequestError::TooLarge => {
            ("ft.PayloadTooLarge", "the body must not be larger than 1 MiB".to_owned())
        }
        RequestError::TooSlow => {
            ("ft.RequestTimeout", "the body did not arrive in time".to_owned())
        }
    }
}

/// How many characters are told of the path to a field, in which names stand that the caller chose.
const LONGEST_FIELD: usize = 200;

/// The wrong fields with their reasons, as `keycode: required`.
fn fields(errors: &FieldErrors) -> String {
    let field = |e: &FieldError| e.field.chars().take(LONGEST_FIELD).collect::<String>();
    let texts = errors.iter().map(|e| format!("{}: {}", field(e), problem(&e.problem)));
    let mut texts = texts.collect::<Vec<_>>();
    if errors.has_more() {
        texts.push("and more".to_owned());
    }
    texts.join("; ")
}

fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Required => "required".to_owned(),
        Problem::Null => "must not be null".to_owned(),
        Problem::Blank => "must not be empty".to_owned(),
        Problem::NotText => "must be a string".to_owned(),
        Problem::NotBoolean => "must be true or false".to_owned(),
        Problem::TooLong(most) => format!("must have at most {most} characters"),
        Problem::Char(c) => format!("must not contain {c:?}"),
        Problem::NotObject(kind) => format!("must be an object, not {kind}"),
        Problem::Other(text) => text.clone(),
        Problem::NotWithin(least, most) => {
            format!("must be a whole number from {least} to {most}")
        }
        Problem::Fixed => "never changes".to_owned(),
        Problem::Repeated => "must not be given more than once".to_owned(),
        Problem::Rule(_)
        | Problem::NameTaken
        | Problem::Status(_)
        | Problem::Tls(_)
        | Problem::OtherOrigin
        | Problem::NoSuch(_)
        | Problem::UnknownField(_) => "not valid".to_owned(),
    }
}
