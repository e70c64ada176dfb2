//! Every fault with its path.

use super::*;

/// One fault only, in this field and with a reason that begins so.
fn one_fault(class: TaskClass, pointer: &str, value: &Value, field: &str, reason: &str) {
    let found = faults(class, with(class, pointer, value.clone()));
    let wanted = format!("task.{field}: {reason}");
    assert!(found.len() == 1 && found[0].starts_with(&wanted), "{pointer} {value}: {found:?}");
}

#[test]
fn faults_of_every_task_are_named() {
    let cases = [
        ("/name", json!(null), "name", "required"),
        ("/name", json!(""), "name", "required"),
        ("/name", json!(1), "name", "must be a string"),
        ("/name", json!("x".repeat(257)), "name", "must have at most 256"),
        ("/name", json!("a\nb"), "name", "must not contain"),
        ("/frequency", json!(null), "frequency", "required"),
        ("/frequency", json!("2m"), "frequency", "must be one of 1m, 5m"),
        ("/frequency", json!(60), "frequency", "must be a string"),
        ("/status", json!("STOP"), "status", "must be one of ok, stop"),
        ("/schedule_type", json!("daily"), "schedule_type", "must be one of frequency, crontab"),
        ("/schedule_type", json!("crontab"), "crontab", "required"),
        ("/disabled", json!(true), "disabled", "must be a whole number from 0 to 255"),
        ("/tags", json!(["a"]), "tags", "must be an object"),
        ("/tags", json!({"a": 1}), "tags.a", "must be a string"),
        ("/labels", json!("a"), "labels", "must be an array"),
        ("/df_label", json!(["a"]), "df_label", "must be a string"),
        ("/config_vars", json!([{"name": "1a"}]), "config_vars[0].name", "must be letters"),
        ("/config_vars", json!([{"name": "if"}]), "config_vars[0].name", "must not be a word"),
        ("/config_vars", json!([null]), "config_vars[0]", "must be an object"),
        ("/Name", json!("x"), "Name", "must be spelled \"name\""),
        ("/\u{17f}tatus", json!("ok"), "\u{17f}tatus", "must be spelled \"status\""),
    ];
    for class in TaskClass::ALL {
        for (pointer, value, field, reason) in &cases {
            one_fault(class, pointer, value, field, reason);
        }
    }
}

#[test]
fn every_class_but_multi_needs_a_condition() {
    for class in TaskClass::ALL.into_iter().filter(|class| *class != TaskClass::Multi) {
        for value in [json!(null), json!([])] {
            one_fault(class, "/success_when", &value, "success_when", "required");
        }
        one_fault(class, "/success_when", &json!({}), "success_when", "must be an array");
        one_fault(class, "/success_when", &json!([null]), "success_when[0]", "must be an object");
        let field = "success_when_logic";
        one_fault(class, "/success_when_logic", &json!("xor"), field, "must be one of and, or");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of faults")]
fn faults_of_http_are_named() {
    let cases = [
        ("/url", json!("example.com"), "url", "must be a URL"),
        ("/url", json!("https://"), "url", "must be a URL"),
        ("/url", json!("https://a b"), "url", "must be a URL"),
        ("/url", json!("https://a/%zz"), "url", "must be a URL"),
        ("/url", json!("https://a:99999"), "url", "must be a URL"),
        ("/method", json!("GE T"), "method", "must be an HTTP method"),
        ("/post_mode", json!("script"), "post_script", "required"),
        (
            "/success_when/0/body",
            json!({"contains": "x"}),
            "success_when[0].body",
            "must be an array",
        ),
        (
            "/success_when/0/body/0/match_regex",
            json!("(["),
            "success_when[0].body[0].match_regex",
            "is no regular",
        ),
        (
            "/success_when/0/status_code/0/is",
            json!(200),
            "success_when[0].status_code[0].is",
            "must be a string",
        ),
        (
            "/success_when/0/header",
            json!({"a": {"is": "b"}}),
            "success_when[0].header.a",
            "must be an array",
        ),
        (
            "/success_when/0/response_time",
            json!(["1s"]),
            "success_when[0].response_time",
            "must be a string",
        ),
        (
            "/success_when/0/response_time",
            json!("1"),
            "success_when[0].response_time",
            "a number has no unit",
        ),
        (
            "/success_when/0/response_time",
            json!("0s"),
            "success_when[0].response_time",
            "must be longer",
        ),
        ("/success_when/0/Body", json!([]), "success_when[0].Body", "must be spelled"),
        (
            "/advance_options/request_body/body_type",
            json!("x"),
            "advance_options.request_body.body_type",
            "must be one",
        ),
        (
            "/advance_options/request_body/files/0/content",
            json!("?"),
            "advance_options.request_body.files[0].content",
            "must be base64",
        ),
        (
            "/advance_options/request_body/files/0/encoding",
            json!(null),
            "advance_options.request_body.files[0].encoding",
            "required",
        ),
        (
            "/advance_options/request_timeout",
            json!("x"),
            "advance_options.request_timeout",
            "a duration",
        ),
        (
            "/advance_options/proxy/url",
            json!("proxy"),
            "advance_options.proxy.url",
            "must be a URL",
        ),
    ];
    for (pointer, value, field, reason) in &cases {
        one_fault(TaskClass::Http, pointer, value, field, reason);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of faults")]
fn faults_of_tcp_icmp_and_websocket_are_named() {
    use TaskClass::{Icmp, Tcp, Websocket};
    let when = "success_when[0]";
    let cases = [
        (Tcp, "/host", json!(""), "host".to_owned(), "required"),
        (Tcp, "/host", json!("a b"), "host".to_owned(), "must be a host"),
        (Tcp, "/port", json!(80), "port".to_owned(), "must be a string"),
        (Tcp, "/port", json!("0"), "port".to_owned(), "must be a port"),
        (Tcp, "/port", json!("+80"), "port".to_owned(), "must be a port"),
        (Tcp, "/timeout", json!(10), "timeout".to_owned(), "must be a string"),
        (
            Tcp,
            "/success_when/0/response_time",
            json!("1s"),
            format!("{when}.response_time"),
            "must be an array",
        ),
        (
            Tcp,
            "/success_when/0/response_time/0/target",
            json!(""),
            format!("{when}.response_time[0].target"),
            "required",
        ),
        (
            Tcp,
            "/success_when/0/hops/0/op",
            json!("<"),
            format!("{when}.hops[0].op"),
            "must be one of eq",
        ),
        (
            Tcp,
            "/success_when/0/hops/0/target",
            json!("20"),
            format!("{when}.hops[0].target"),
            "must be a number",
        ),
        (Icmp, "/host", json!(null), "host".to_owned(), "required"),
        (
            Icmp,
            "/success_when/0/response_time/0/func",
            json!("p99"),
            format!("{when}.response_time[0].func"),
            "must be one",
        ),
        (
            Icmp,
            "/success_when/0/response_time/0/op",
            json!(null),
            format!("{when}.response_time[0].op"),
            "required",
        ),
        (
            Icmp,
            "/success_when/0/response_time/0/target",
            json!(100),
            format!("{when}.response_time[0].target"),
            "must be a string",
        ),
        (Icmp, "/packet_count", json!(1.5), "packet_count".to_owned(), "must be a whole number"),
        (Websocket, "/url", json!("https://a"), "url".to_owned(), "must be a URL"),
        (Websocket, "/message", json!(null), "message".to_owned(), "required"),
    ];
    for (class, pointer, value, field, reason) in &cases {
        one_fault(*class, pointer, value, field, reason);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of faults")]
fn faults_of_grpc_ssl_and_multi_are_named() {
    use TaskClass::{Grpc, Multi, Ssl};
    let when = "success_when[0]";
    let cases = [
        (Grpc, "/server", json!(null), "server".to_owned(), "required"),
        (Grpc, "/advance_options", json!(null), "advance_options".to_owned(), "required"),
        (
            Grpc,
            "/advance_options/request_options/reflection",
            json!(null),
            "advance_options.request_options.reflection".to_owned(),
            "required",
        ),
        (
            Grpc,
            "/advance_options/request_options/reflection/full_method",
            json!("C"),
            "advance_options.request_options.reflection.full_method".to_owned(),
            "must be a gRPC method",
        ),
        (
            Grpc,
            "/advance_options/request_options/proto_files",
            json!({"protofiles": {}, "full_method": "a/b"}),
            "advance_options.request_options.proto_files.protofiles".to_owned(),
            "required",
        ),
        (Ssl, "/port", json!(null), "port".to_owned(), "required"),
        (
            Ssl,
            "/success_when/0/issuer/0/not_match_regex",
            json!("(?=a)"),
            format!("{when}.issuer[0].not_match_regex"),
            "is no regular",
        ),
        (Multi, "/steps", json!([]), "steps".to_owned(), "required"),
        (
            Multi,
            "/steps/0/type",
            json!("tcp"),
            "steps[0].type".to_owned(),
            "must be one of http, wait",
        ),
        (
            Multi,
            "/steps/0/retry/retry",
            json!(6),
            "steps[0].retry.retry".to_owned(),
            "must be a whole number from 0 to 5",
        ),
        (Multi, "/steps/0/task", json!("{"), "steps[0].task".to_owned(), "must hold a JSON object"),
        (Multi, "/steps/0/task/url", json!(null), "steps[0].task.url".to_owned(), "required"),
        (
            Multi,
            "/steps/0/extracted_vars/0/name",
            json!("a-b"),
            "steps[0].extracted_vars[0].name".to_owned(),
            "must be letters",
        ),
        (
            Multi,
            "/steps/1/value",
            json!(181),
            "steps[1].value".to_owned(),
            "must be a whole number from 1 to 180",
        ),
        (Multi, "/steps/1/value", json!(null), "steps[1].value".to_owned(), "required"),
    ];
    for (class, pointer, value, field, reason) in &cases {
        one_fault(*class, pointer, value, field, reason);
    }
}
