//! The error shapes A to D of this face (contract 1.3).

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use cadastre_domain::opening::OpeningRefusal;
use cadastre_domain::region::tls::TlsPart;
use cadastre_storage::{StorageError, Taken};
use serde_json::{Map, Value, json};

use super::shapes::{ShapeA, ShapeATexts, ShapeB, ShapeC, ShapeD, ShapeNotOpen};
use super::texts;
use crate::cluster::ClusterError;
use crate::error::{Error, FieldError, Problem, Thing};
use crate::http::routes::allowed;

/// A failure in this face's style.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    allow: Option<String>,
}

impl Failure {
    /// `error`, as the answer to `request`.
    #[must_use]
    pub fn new(request: &HttpRequest, error: Error) -> Self {
        Self { error, allow: allowed(request) }
    }

    /// `error`, where no route is known.
    #[must_use]
    pub const fn plain(error: Error) -> Self {
        Self { error, allow: None }
    }
}

/// The beginning of an answer to `request`.
pub(super) fn answer(request: &HttpRequest, status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    if let Some(allow) = allowed(request) {
        response.insert_header((header::ALLOW, allow));
    }
    response
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match &self.error {
            // A name that is taken is a field error here.
            Error::Storage(StorageError::Taken(Taken::RegionName))
            | Error::Deletion(_)
            | Error::NotOpen => StatusCode::BAD_REQUEST,
            error => error.status(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.error.log();
        let mut response = HttpResponse::build(self.status_code());
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if let Some(seconds) = self.error.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if matches!(self.error, Error::Unauthenticated(_)) {
            response.insert_header((header::WWW_AUTHENTICATE, "Token"));
        }
        self.error.marked(response.json(body(&self.error)))
    }
}

fn body(error: &Error) -> Value {
    let framework = |name, detail: &str| json!(ShapeB::new(error.status().as_u16(), name, detail));
    match error {
        Error::Fields(errors) => shape_a(errors),
        Error::Storage(StorageError::Taken(Taken::RegionName)) => {
            shape_a(&[FieldError::new("region_name", Problem::NameTaken)])
        }
        Error::Unauthenticated(why) => framework("AuthenticationFailed", texts::unknown(*why)),
        Error::Forbidden | Error::Grant => {
            framework("PermissionDenied", "您没有执行该操作的权限。")
        }
        Error::Deletion(refusal) => json!(ShapeD { msg: texts::deletion(refusal) }),
        Error::NotOpen => json!(ShapeNotOpen {
            msg: "team not open cluster, not need close",
            msg_show: "该团队未开通此集群，无需关闭",
        }),
        Error::NotUsable => {
            shape_c(2001, "the team is not initialized in the region", "团队未在该集群中初始化")
        }
        Error::RateLimited(_) => framework("Throttled", "请求已被限流，请稍后再试。"),
        Error::Request(error) => {
            let (name, detail) = texts::request(error);
            framework(name, &detail)
        }
        Error::NotFound(thing) => not_found(*thing),
        Error::Opening(refusal) => opening(*refusal),
        Error::Cluster(error) => cluster(error),
        Error::Storage(StorageError::Taken(_)) => {
            shape_c(409, "the object already exists", "对象已存在")
        }
        Error::TooManyConnections
        | Error::Storage(StorageError::Busy | StorageError::Unavailable(_)) => {
            shape_c(503, "service unavailable", "服务暂时不可用，请稍后重试")
        }
        // What else there is, no operation of this face comes to.
        _ => shape_c(10401, "internal error", "服务端异常"),
    }
}

/// Every wrong field with its texts. A field stands where it first went wrong. What names a thing
/// that does not exist is told by its texts alone.
fn shape_a(errors: &[FieldError]) -> Value {
    let no_such = |error: &FieldError| matches!(error.problem, Problem::NoSuch(_));
    if errors.iter().any(no_such) {
        let named = errors.iter().filter(|error| no_such(error));
        let texts = named.map(|error| texts::problem(&error.problem)).collect();
        return json!(ShapeATexts::new(texts));
    }
    let mut errors: Vec<_> = errors.iter().collect();
    errors.sort_by_key(|error| match &error.problem {
        Problem::Tls(fault) => 1 + place(fault.part()),
        _ => 0,
    });
    let mut by_field = Map::new();
    for error in errors {
        let texts = by_field.entry(published(error)).or_insert_with(|| json!([]));
        if let Value::Array(texts) = texts {
            texts.push(texts::problem(&error.problem).into());
        }
    }
    json!(ShapeA::new(by_field))
}

/// The field as this face calls it.
fn published(error: &FieldError) -> &str {
    match &error.problem {
        Problem::Tls(fault) => texts::part(fault.part()),
        Problem::OtherOrigin if error.field == "key" => texts::part(TlsPart::Key),
        Problem::UnknownField(name) => name,
        _ => &error.field,
    }
}

/// Where the field of a part stands among those of the TLS material.
const fn place(part: TlsPart) -> usize {
    match part {
        TlsPart::Ca => 0,
        TlsPart::Certificate => 1,
        TlsPart::Key => 2,
    }
}

fn shape_c(code: i64, msg: &str, msg_show: &str) -> Value {
    json!(ShapeC::new(code, msg, msg_show))
}

fn not_found(thing: Thing) -> Value {
    match thing {
        Thing::Token => shape_c(404, "no found token", "令牌不存在"),
        Thing::Enterprise => shape_c(404, "enterprise not found", "企业不存在"),
        Thing::Team => shape_c(404, "no found team", "团队不存在"),
        Thing::TeamByName => shape_c(2002, "the team is not found", "团队不存在"),
        Thing::Region => shape_c(3000, "the region is not found", "集群不存在"),
        // Shape D: what the management interface says of a region to be changed.
        Thing::ManagedRegion => json!(ShapeD { msg: "修改的数据中心不存在".to_owned() }),
        Thing::ShownManagedRegion => json!(ShapeD { msg: "数据中心不存在".to_owned() }),
        Thing::SoughtRegion => shape_c(404, "no found region", "数据中心不存在"),
        Thing::ReaddressedRegion => shape_c(404, "region not found", "数据中心不存在"),
        // Asked for on the native face only.
        Thing::Revision
        | Thing::Window
        | Thing::User
        | Thing::Opening
        | Thing::Watch
        | Thing::Node
        | Thing::NodeKey
        | Thing::Variable
        | Thing::DialTask
        | Thing::Alarm
        | Thing::Webhook
        | Thing::WebhookDelivery => shape_c(404, "not found", "不存在"),
    }
}

fn opening(refusal: OpeningRefusal) -> Value {
    match refusal {
        OpeningRefusal::OtherEnterprise => {
            shape_c(400, "cluster not found", "需要开通的集群不存在")
        }
        // The space at the end of `msg` is part of the contract.
        OpeningRefusal::NotPermitted => shape_c(10402, "no permissions ", "没有操作权限"),
        OpeningRefusal::NotEnabled(_) => shape_c(3001, "the region is not enabled", "集群未启用"),
    }
}

fn cluster(error: &ClusterError) -> Value {
    match error {
        ClusterError::TestFailed(reason) => {
            let shown = format!("连接集群测试失败，请确认网络和集群状态: {reason}");
            shape_c(400, "test link region field", &shown)
        }
        ClusterError::Unreachable(reason) => {
            shape_c(10411, reason.code(), "访问数据中心异常，请稍后重试")
        }
        ClusterError::NamespaceExists => {
            shape_c(20701, "namespace exists", "团队英文名(命名空间)已存在")
        }
        ClusterError::NotReached(region, _) => {
            json!(ShapeD { msg: format!("数据中心{region}不可达,无法上线") })
        }
        ClusterError::Refused => shape_c(400, "cluster init failure ", "集群初始化租户失败"),
        ClusterError::NotForgotten | ClusterError::NotTold(_) => {
            shape_c(400, "delete tenant from cluster failure", "从集群删除租户失败")
        }
    }
}
