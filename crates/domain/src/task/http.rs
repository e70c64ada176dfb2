//! Tasks of the classes HTTP and gRPC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fault::TaskFaultReason;
use super::field::{Faults, Field, Object};
use super::{TaskClass, certificate, condition, target};

const BODY_TYPES: &[&str] = &[
    "text/plain",
    "application/json",
    "text/xml",
    "application/x-www-form-urlencoded",
    "text/html",
    "multipart/form-data",
    "",
    "None",
];

pub(super) const HTTP_KEYS: &[&str] = &[
    "url",
    "method",
    "post_mode",
    "post_script",
    "success_when",
    "success_when_logic",
    "advance_options",
];

pub(super) const GRPC_KEYS: &[&str] = &[
    "server",
    "post_mode",
    "post_script",
    "success_when",
    "success_when_logic",
    "advance_options",
];

pub(super) fn check_http(task: &Object<'_>, faults: &mut Faults) {
    target::url(&task.field("url"), &["http://", "https://"], faults);
    method(&task.field("method"), faults);
    let judged = judged_by_script(task, faults);
    condition::check(task, TaskClass::Http, judged, faults);
    let keys = &[
        "request_options",
        "request_body",
        "certificate",
        "proxy",
        "secret",
        "request_timeout",
        "protocol",
    ];
    let Some(options) = task.field("advance_options").object(keys, faults) else { return };
    options.field("request_timeout").duration(faults);
    options.field("protocol").text(faults);
    request(&options.field("request_options"), faults);
    body(&options.field("request_body"), faults);
    certificate::check(&options.field("certificate"), TaskClass::Http, faults);
    proxy(&options.field("proxy"), faults);
    secret(&options.field("secret"), faults);
}

pub(super) fn check_grpc(task: &Object<'_>, faults: &mut Faults) {
    task.field("server").required_text(faults);
    let judged = judged_by_script(task, faults);
    condition::check(task, TaskClass::Grpc, judged, faults);
    let options = task.field("advance_options");
    options.required(faults);
    let Some(options) = options.object(&["request_options", "certificate", "secret"], faults)
    else {
        return;
    };
    certificate::check(&options.field("certificate"), TaskClass::Grpc, faults);
    secret(&options.field("secret"), faults);
    let request = options.field("request_options");
    request.required(faults);
    let keys = &["metadata", "request_timeout", "proto_files", "reflection", "health_check"];
    let Some(object) = request.object(keys, faults) else { return };
    object.field("metadata").texts(faults);
    object.field("request_timeout").duration(faults);
    discovery(&object, faults);
}

/// How the agent learns of the method: it takes the first of the three that is there.
fn discovery(request: &Object<'_>, faults: &mut Faults) {
    let files = request.field("proto_files");
    let (reflection, health) = (request.field("reflection"), request.field("health_check"));
    if files.value.is_none() && reflection.value.is_none() && health.value.is_none() {
        reflection.fault(TaskFaultReason::Required, faults);
    }
    if let Some(object) = files.object(&["protofiles", "full_method", "request"], faults) {
        let sources = object.field("protofiles");
        if sources
            .value
            .is_none_or(|value| value.as_object().is_some_and(serde_json::Map::is_empty))
        {
            sources.fault(TaskFaultReason::Required, faults);
        }
        sources.texts(faults);
        full_method(&object, faults);
    }
    if let Some(object) = reflection.object(&["full_method", "request"], faults) {
        full_method(&object, faults);
    }
    if let Some(object) = health.object(&["service"], faults) {
        object.field("service").text(faults);
    }
}

fn full_method(object: &Object<'_>, faults: &mut Faults) {
    object.field("request").text(faults);
    let field = object.field("full_method");
    let Some(name) = field.required_text(faults) else { return };
    let name = name.strip_prefix('/').unwrap_or(name);
    if !name
        .rsplit_once('/')
        .is_some_and(|(service, method)| !service.is_empty() && !method.is_empty())
    {
        field.fault(TaskFaultReason::FullMethod, faults);
    }
}

/// Whether a script judges the result, so that no condition is needed (contract, section 2.3).
fn judged_by_script(task: &Object<'_>, faults: &mut Faults) -> bool {
    let mode = task.field("post_mode").text(faults);
    let script = task.field("post_script");
    let text = script.text(faults).unwrap_or_default();
    if mode == Some("script") && text.is_empty() {
        script.fault(TaskFaultReason::Required, faults);
    }
    mode == Some("script")
}

fn method(field: &Field<'_>, faults: &mut Faults) {
    let Some(method) = field.required_text(faults) else { return };
    let token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    if !method.bytes().all(token) {
        field.fault(TaskFaultReason::Method, faults);
    }
}

fn request(field: &Field<'_>, faults: &mut Faults) {
    let keys = &["follow_redirect", "headers", "cookies", "auth"];
    let Some(object) = field.object(keys, faults) else { return };
    object.field("follow_redirect").boolean(faults);
    object.field("headers").texts(faults);
    object.field("cookies").text(faults);
    target::login(&object.field("auth"), faults);
}

fn body(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["body_type", "body", "files", "form"], faults) else {
        return;
    };
    object.field("body_type").word(BODY_TYPES, faults);
    object.field("body").text(faults);
    object.field("form").texts(faults);
    for file in object.field("files").elements(faults) {
        attachment(&file, faults);
    }
}

fn attachment(file: &Field<'_>, faults: &mut Faults) {
    let texts = ["name", "type", "original_file_name", "file_path", "_"];
    let keys =
        &["name", "type", "original_file_name", "file_path", "_", "content", "encoding", "size"];
    let Some(object) = file.object(keys, faults) else { return };
    for key in texts {
        object.field(key).text(faults);
    }
    let encoding = object.field("encoding");
    encoding.required(faults);
    encoding.word(&["base64"], faults);
    object.field("size").integer(0, i64::MAX, faults);
    let content = object.field("content");
    if content.text(faults).is_some_and(|text| STANDARD.decode(text).is_err()) {
        content.fault(TaskFaultReason::Base64, faults);
    }
}

fn proxy(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["url", "headers"], faults) else { return };
    let url = object.field("url");
    if url.text(faults).is_some_and(|text| !text.is_empty()) {
        target::url(&url, &["http://", "https://", "socks5://"], faults);
    }
    object.field("headers").texts(faults);
}

fn secret(field: &Field<'_>, faults: &mut Faults) {
    if let Some(object) = field.object(&["not_save"], faults) {
        object.field("not_save").boolean(faults);
    }
}
