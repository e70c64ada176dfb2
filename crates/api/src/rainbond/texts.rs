//! The published texts, in Chinese as clients know them; English where the original has English.

use cadastre_domain::region::tls::{TlsFault, TlsPart};
use cadastre_domain::region::{DeletionRefusal, Status, StatusRefusal};

use crate::error::{Problem, RequestError, Rule, Thing, Unauthenticated};

/// Why nobody known is calling.
pub(super) const fn unknown(why: Unauthenticated) -> &'static str {
    match why {
        Unauthenticated::Missing => "No token",
        Unauthenticated::Unknown | Unauthenticated::Ended(_) => "No such user or user is not admin",
        Unauthenticated::NotPlatform => "token is invalid",
    }
}

/// The name of a framework error and its text.
pub(super) fn request(error: &RequestError) -> (&'static str, String) {
    match error {
        RequestError::NoRoute => ("NotFound", "未找到。".to_owned()),
        RequestError::Method(method) => ("MethodNotAllowed", format!("方法 “{method}” 不被允许。")),
        RequestError::NotAcceptable => {
            ("NotAcceptable", "无法满足 Accept HTTP 头的请求。".to_owned())
        }
        RequestError::MediaType(found) => {
            ("UnsupportedMediaType", format!("不支持请求中的媒体类型 “{found}”。"))
        }
        RequestError::Coding(found) => {
            ("UnsupportedMediaType", format!("不支持请求中的内容编码 “{found}”。"))
        }
        RequestError::Malformed(reason) => ("ParseError", reason.clone()),
        RequestError::TooLarge => ("RequestTooLarge", "请求体不能超过 1 MiB。".to_owned()),
        RequestError::TooSlow => ("RequestTimeout", "请求体未能及时到达。".to_owned()),
    }
}

/// What is wrong with a field.
pub(super) fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Required => "该字段是必填项。".to_owned(),
        Problem::Null => "该字段不能为 null。".to_owned(),
        Problem::Blank => "该字段不能为空。".to_owned(),
        Problem::NotText => "Not a valid string.".to_owned(),
        Problem::NotBoolean => "Must be a valid boolean.".to_owned(),
        Problem::NotWithin(least, most) => format!("请填写 {least} 到 {most} 之间的整数。"),
        Problem::TooLong(most) => format!("请确保这个字段不能超过 {most} 个字符。"),
        Problem::Char(_) => "不允许是用空字符串。".to_owned(),
        Problem::NameTaken => "具有 region name 的 region config 已存在。".to_owned(),
        Problem::Rule(rule) => self::rule(*rule).to_owned(),
        Problem::Status(refusal) => status(refusal),
        Problem::Tls(fault) => fault.to_string(),
        Problem::OtherOrigin => {
            "集群API地址的协议、主机或端口已改变，请重新提供该凭据，或以 null 清除。".to_owned()
        }
        Problem::NoSuch(thing) => no_such(*thing).to_owned(),
        Problem::Fixed => "该字段不能修改。".to_owned(),
        Problem::Repeated => "该字段不能重复。".to_owned(),
        Problem::UnknownField(_) => "该字段不存在。".to_owned(),
        Problem::Other(text) => text.clone(),
        Problem::NotObject("null") => "No data provided".to_owned(),
        Problem::NotObject(kind) => format!("无效数据。期待为字典类型，得到的是 {kind} 。"),
    }
}

/// What names a thing that does not exist.
const fn no_such(thing: Thing) -> &'static str {
    match thing {
        Thing::Enterprise => "指定企业不存在",
        Thing::User => "指定用户不存在",
        _ => "指定对象不存在",
    }
}

const fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::RegionName => "集群名称只能包含字母、数字、“_”、“-”和“.”",
        Rule::ApiUrl => "集群API地址非法",
        Rule::WebsocketUrl => "集群Websocket地址非法",
        Rule::TcpAddress => "TCP访问地址非法",
        Rule::Scope => "集群开放类型不正确",
        Rule::Status => "集群状态值不正确",
    }
}

fn status(refusal: &StatusRefusal) -> String {
    match refusal {
        StatusRefusal::Transition(error) => {
            let allowed = error.from.allowed().into_iter().map(word).collect::<Vec<_>>();
            format!(
                "集群状态不能从{}变为{}，允许变为：{}",
                word(error.from),
                word(error.to),
                allowed.join("、")
            )
        }
        StatusRefusal::NotReady(faults) => {
            let faults = faults.iter().map(fault).collect::<Vec<_>>();
            format!("集群尚未就绪，不能启用：{}", faults.join("；"))
        }
    }
}

/// A status as the published text words it, with its number.
const fn word(status: Status) -> &'static str {
    match status {
        Status::Editing => "编辑中(0)",
        Status::Enabled => "启用(1)",
        Status::Disabled => "停用(2)",
        Status::Maintenance => "维护中(3)",
    }
}

/// The field that a fault concerns, and the fault.
fn fault(fault: &TlsFault) -> String {
    format!("{}: {fault}", part(fault.part()))
}

/// A part of the TLS material, by the name of its field.
pub(super) const fn part(part: TlsPart) -> &'static str {
    match part {
        TlsPart::Ca => "ssl_ca_cert",
        TlsPart::Certificate => "cert_file",
        TlsPart::Key => "key_file",
    }
}

/// Why a region is not deleted.
pub(super) fn deletion(refusal: &DeletionRefusal) -> String {
    match refusal {
        DeletionRefusal::DisableFirst => "集群处于启用状态，请先停用后再删除".to_owned(),
        DeletionRefusal::Open(teams) => {
            format!("仍有 {teams} 个团队开通了此集群，请先关闭或使用 force=true 强制删除")
        }
        DeletionRefusal::InMaintenance => "集群正在维护中，不能删除".to_owned(),
    }
}
