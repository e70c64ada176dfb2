//! The bodies of failures: the shapes A to D (contract 1.3).

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Shape A: wrong fields, all of them at once.
#[derive(Serialize, ToSchema)]
#[schema(as = ValidationError)]
pub(super) struct ShapeA {
    detail: &'static str,
    /// The texts about each wrong field, by its name.
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    err: Map<String, Value>,
    /// Always 20400.
    code: u16,
    /// Always `ValidationError`.
    error_type: &'static str,
}

impl ShapeA {
    /// These texts, by field.
    pub(super) const fn new(err: Map<String, Value>) -> Self {
        Self { detail: "参数错误", err, code: 20400, error_type: "ValidationError" }
    }
}

/// Shape A where a thing is named that does not exist: texts alone, without fields.
#[derive(Serialize, ToSchema)]
#[schema(as = NamingError)]
pub(super) struct ShapeATexts {
    detail: &'static str,
    err: Vec<String>,
    /// Always 20400.
    code: u16,
    /// Always `ValidationError`.
    error_type: &'static str,
}

impl ShapeATexts {
    /// These texts.
    pub(super) const fn new(err: Vec<String>) -> Self {
        Self { detail: "参数错误", err, code: 20400, error_type: "ValidationError" }
    }
}

/// Shape B: the request is not what HTTP or the interface expects, or the caller may not.
#[derive(Serialize, ToSchema)]
#[schema(as = FrameworkError)]
pub(super) struct ShapeB<'a> {
    detail: &'a str,
    /// The status.
    code: u16,
    /// The same as `detail`.
    msg: &'a str,
    /// The same as `detail`.
    msg_show: &'a str,
    /// What kind of failure.
    #[schema(example = "AuthenticationFailed")]
    error_type: &'a str,
}

impl<'a> ShapeB<'a> {
    /// A failure of this kind.
    pub(super) const fn new(status: u16, error_type: &'a str, detail: &'a str) -> Self {
        Self { detail, code: status, msg: detail, msg_show: detail, error_type }
    }
}

/// Shape C: the register refuses.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceError)]
pub(super) struct ShapeC<'a> {
    /// Why, as a number; it is not always the status.
    code: i64,
    /// Why, in English.
    msg: &'a str,
    /// Why, in Chinese, to be shown.
    msg_show: &'a str,
    /// Says nothing.
    #[schema(value_type = NothingView)]
    data: Value,
}

/// Nothing, in the form in which it is told.
#[derive(ToSchema)]
#[schema(as = Nothing)]
#[expect(dead_code, reason = "describes what is written as it stands")]
struct NothingView {
    bean: std::collections::HashMap<String, String>,
    list: Vec<String>,
}

impl<'a> ShapeC<'a> {
    /// A refusal with this code; or with 200, that something was done.
    pub(super) fn new(code: i64, msg: &'a str, msg_show: &'a str) -> Self {
        Self { code, msg, msg_show, data: json!({"bean": {}, "list": []}) }
    }
}

/// Shape D: there is no such region in the management interface, or it is not as it must be.
#[derive(Serialize, ToSchema)]
#[schema(as = ManageError)]
pub(super) struct ShapeD {
    /// Why.
    pub(super) msg: String,
}

/// The region is not open for the team, so it cannot be closed.
#[derive(Serialize, ToSchema)]
#[schema(as = NotOpenError)]
pub(super) struct ShapeNotOpen {
    /// Why, in English.
    pub(super) msg: &'static str,
    /// Why, in Chinese, to be shown.
    pub(super) msg_show: &'static str,
}

/// Wrong fields, or a body that does not parse.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = BadRequest)]
#[expect(dead_code, reason = "describes what several operations answer")]
pub(super) enum BadRequest<'a> {
    Fields(ShapeA),
    Body(ShapeB<'a>),
}

/// Wrong fields, a body that does not parse, or something that is named and does not exist.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = BadRequestOrNaming)]
#[expect(dead_code, reason = "describes what the change of a team answers")]
pub(super) enum BadRequestOrNaming<'a> {
    Fields(ShapeA),
    Naming(ShapeATexts),
    Body(ShapeB<'a>),
}

/// The region is not open, or its cluster does not do its part.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = NotClosed)]
#[expect(dead_code, reason = "describes what closing a region answers")]
pub(super) enum NotClosed<'a> {
    NotOpen(ShapeNotOpen),
    Cluster(ShapeC<'a>),
}

/// Wrong fields, a body that does not parse, or a refusal of the management interface.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = BadManageRequest)]
#[expect(dead_code, reason = "describes what several operations answer")]
pub(super) enum BadManageRequest<'a> {
    Fields(ShapeA),
    Body(ShapeB<'a>),
    Refusal(ShapeD),
}

/// Wrong fields, a body that does not parse, or a refusal.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = BadRequestOrRefusal)]
#[expect(dead_code, reason = "describes what several operations answer")]
pub(super) enum BadRequestOrRefusal<'a> {
    Fields(ShapeA),
    Body(ShapeB<'a>),
    Refusal(ShapeC<'a>),
}

/// The query asks for another format than JSON, or there is no such thing for the caller.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = NotFound)]
#[expect(dead_code, reason = "describes what several operations answer")]
pub(super) enum NotFound<'a> {
    Format(ShapeB<'a>),
    Thing(ShapeC<'a>),
}

/// The query asks for another format than JSON, or there is no such region.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = RegionNotFound)]
#[expect(dead_code, reason = "describes what the management interface answers")]
pub(super) enum RegionNotFound<'a> {
    Format(ShapeB<'a>),
    Region(ShapeD),
}
