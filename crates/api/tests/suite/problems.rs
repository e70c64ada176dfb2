//! Refusals of the native face, compared whole.

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::support::Answer;

/// What kind of refusal: the status, the code, and the words for people.
pub type Kind = (u16, &'static str, &'static str);

/// Nobody known is calling.
pub const STRANGER: Kind =
    (401, "unauthenticated", "a token is needed, and none that is accepted was sent");
/// The role does not allow it.
pub const FORBIDDEN: Kind = (403, "forbidden", "the caller's role does not allow this");
/// The caller makes tokens, but not of this role.
pub const NOT_TO_GRANT: Kind = (403, "grant_refused", "the caller may not grant this role");
/// There is none, or not for the caller.
pub const NOT_FOUND: Kind = (404, "not_found", "there is no such thing, or not for you");
/// The token has ended.
pub const ENDED: Kind = (409, "token_ended", "the token has expired or was revoked");
/// Too many requests.
pub const WAIT: Kind = (429, "rate_limited", "too many requests");

/// A wrong field: its JSON pointer, the code, and the words for people.
pub type Wrong<'a> = (&'a str, &'a str, &'a str);

/// Checks the whole answer: nothing else stands in it.
pub fn check(answer: &Answer, kind: Kind, at: &str) {
    check_body(answer, kind, None, at);
    let challenge = if kind.0 == 401 { "Bearer" } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge, "{at}");
}

/// Checks the whole answer: these fields are wrong, in this order, and no others.
pub fn check_wrong(answer: &Answer, wrong: &[Wrong], at: &str) {
    let field = |(pointer, code, detail): &Wrong| json!({"pointer": pointer, "code": code, "detail": detail});
    let errors = wrong.iter().map(field).collect();
    check_body(answer, (400, "invalid_fields", "some fields are not accepted"), Some(errors), at);
}

fn check_body(answer: &Answer, (status, code, detail): Kind, errors: Option<Value>, at: &str) {
    let id = answer.header("x-request-id");
    assert_eq!(id.len(), 32, "{at}: {answer:?}");
    let mut expected = json!({
        "type": format!("urn:cadastre:problem:{code}"),
        "title": StatusCode::from_u16(status).unwrap().canonical_reason(),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": id,
    });
    if let Some(errors) = errors {
        expected["errors"] = errors;
    }
    assert_eq!((answer.status(), &answer.text), (status, &expected.to_string()), "{at}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
}
