//! Which changes of a task lead its secrets elsewhere.
#![expect(clippy::unwrap_used, reason = "a broken sample should stop the test")]

use serde_json::json;

use super::super::{DialTask, TaskClass};
use super::*;

#[test]
fn every_way_to_another_place_is_told_and_no_other_change() {
    let http = json!({"url": "https://user:p@example.com/a?x=1", "advance_options": {
        "proxy": {"url": "http://proxy:3128"},
        "request_options": {"headers": {"Host": "example.com", "Accept": "*/*"}},
        "request_body": {"form": {"url": "https://data.example"}},
    }, "tags": {"host": "h1"}});
    let socket = json!({"host": "example.com", "port": "443"});
    let grpc = json!({"server": "rpc.example:443"});
    let resolved = json!({"server": "dns://resolver/rpc.example:443"});
    let steps = json!({"steps": [
        {"name": "one", "task": {"url": "https://one.example/x"}},
        {"name": "", "task": {"url": "https://two.example/x"}},
        {"type": "wait", "value": 1},
    ]});
    let template = json!({"url": "https://{{host}}/", "config_vars": [
        {"name": "host", "value": "example.com"}, {"name": "x", "value": "1"},
    ]});
    for (stored, path, value, elsewhere) in [
        (&http, "/url", json!("https://user:p@EXAMPLE.com:443/b"), false),
        (&http, "/url", json!("https://user:p@example.com/{{x}}"), false),
        (&http, "/url", json!("http://user:p@example.com/a"), true),
        (&http, "/url", json!("https://user:p@example.org/a"), true),
        (&http, "/url", json!("https://user:p@example.com:444/a"), true),
        (&http, "/url", json!("https://{{x}}@example.com/a"), true),
        (&http, "/url", json!("{{x}}://example.com/a"), true),
        (&http, "/url", json!("example.com"), true),
        (&http, "/advance_options/proxy/url", json!("http://PROXY:3128/"), false),
        (&http, "/advance_options/proxy/url", json!("http://own:3128"), true),
        (&http, "/advance_options/proxy/url", json!(""), false),
        (&http, "/advance_options/request_options/headers/Host", json!("own.example"), true),
        (&http, "/advance_options/request_options/headers/Accept", json!("x"), false),
        (&http, "/advance_options/request_body/form/url", json!("https://own.example"), false),
        (&http, "/tags/host", json!("h2"), false),
        (&socket, "/host", json!("EXAMPLE.com."), false),
        (&socket, "/host", json!("example.org"), true),
        (&socket, "/host", json!("::1"), true),
        (&socket, "/port", json!("444"), true),
        (&grpc, "/server", json!("RPC.example:443"), false),
        (&grpc, "/server", json!("own.example:443"), true),
        (&grpc, "/server", json!("dns:///rpc.example:443"), true),
        (&resolved, "/server", json!("dns://resolver/own.example:443"), true),
        (&steps, "/steps/0/task/url", json!("https://one.example/y"), false),
        (&steps, "/steps/0/task/url", json!("https://two.example/x"), true),
        (&steps, "/steps/0/name", json!("three"), true),
        (&steps, "/steps/1/task/url", json!("https://one.example/x"), true),
        (&steps, "/steps/2", json!({"name": "new", "task": {"url": "https://own.example"}}), true),
        (&steps, "/steps", json!([{"name": "one", "task": {"url": "https://one.example"}}]), false),
        (&template, "/url", json!("https://{{other}}/"), true),
        (&template, "/config_vars/0/value", json!("own.example"), true),
        (&template, "/config_vars/1/value", json!("2"), true),
    ] {
        let mut sent = stored.clone();
        assert!(!leads_elsewhere(&sent, stored), "{stored}");
        *sent.pointer_mut(path).unwrap() = value.clone();
        assert_eq!(leads_elsewhere(&sent, stored), elsewhere, "{path} {value}");
    }
}

#[test]
fn a_host_header_that_is_added_in_another_case_or_removed_leads_elsewhere() {
    let task = |headers: Value| json!({"url": "https://cdn.example/", "headers": headers});
    let stored = task(json!({"Host": "good.example", "Accept": "*/*"}));
    for (headers, elsewhere) in [
        (json!({"Host": "GOOD.example", "Accept": "text/html"}), false),
        (json!({"host": "good.example"}), false),
        (json!({"Host": "good.example", "host": "own.example"}), true),
        (json!({"host": "own.example", "Host": "good.example"}), true),
        (json!({"Accept": "*/*"}), true),
    ] {
        assert_eq!(leads_elsewhere(&task(headers.clone()), &stored), elsewhere, "{headers}");
    }
    let without = json!({"url": "https://cdn.example/"});
    assert!(leads_elsewhere(&without, &stored));
    assert!(!leads_elsewhere(&without, &task(json!({"Accept": "*/*"}))));
}

#[test]
fn steps_that_change_places_take_their_destinations_along_only_by_their_names() {
    let named = |names: [&str; 2]| {
        let step = |name: &str, host: &str| json!({"name": name, "task": {"url": format!("https://{host}.example")}});
        json!({"steps": [step(names[0], "one"), step(names[1], "two")]})
    };
    let mut reversed = named(["a", "b"]);
    reversed["steps"].as_array_mut().unwrap().reverse();
    assert!(!leads_elsewhere(&reversed, &named(["a", "b"])));
    // What was behind the mask of "a" would go where "b" went.
    assert!(leads_elsewhere(&named(["b", "a"]), &named(["a", "b"])));
    let mut reversed = named(["", ""]);
    reversed["steps"].as_array_mut().unwrap().reverse();
    assert!(leads_elsewhere(&reversed, &named(["", ""])));
}

fn ignoring(ignores: bool) -> Value {
    json!({"ignore_server_certificate_error": ignores})
}

#[test]
fn an_http_request_that_follows_redirects_or_looks_at_no_certificate_leads_elsewhere() {
    let (off, on) = (json!({"follow_redirect": false}), json!({"follow_redirect": true}));
    let (none, checked, any) = (json!({}), ignoring(false), ignoring(true));
    let ca = json!({"ca": "CA"});
    let any_with_ca = json!({"ca": "CA", "ignore_server_certificate_error": true});
    let both = |request: &Value, certificate: &Value| json!({"request_options": request, "certificate": certificate});
    let request = |request: &Value| json!({"request_options": request});
    let http = |options: &Value| json!({"url": "https://h.example/", "method": "GET", "advance_options": options});
    for (stored, sent, elsewhere) in [
        (both(&off, &checked), both(&on, &checked), true),
        (both(&on, &checked), both(&on, &checked), false),
        (both(&on, &checked), both(&off, &checked), false),
        (both(&none, &none), both(&off, &none), false),
        (both(&none, &none), both(&on, &none), true),
        // Without any options of the request, redirects are followed.
        (request(&off), request(&Value::Null), true),
        (request(&off), none.clone(), true),
        (request(&off), Value::Null, true),
        (request(&on), none.clone(), false),
        (none.clone(), request(&on), false),
        (none.clone(), request(&off), false),
        (both(&off, &checked), both(&off, &any), true),
        (both(&off, &none), both(&off, &any), true),
        (both(&off, &ca), both(&off, &any_with_ca), true),
        (both(&off, &any), both(&off, &any), false),
        (both(&off, &any), both(&off, &none), false),
        (request(&off), both(&off, &any), true),
    ] {
        let (sent, stored) = (http(&sent), http(&stored));
        assert_eq!(leads_elsewhere(&sent, &stored), elsewhere, "{stored} {sent}");
        let step = |task| json!({"steps": [{"type": "http", "name": "s", "task": task}]});
        let (sent, stored) = (step(sent), step(stored));
        assert_eq!(leads_elsewhere(&sent, &stored), elsewhere, "{stored} {sent}");
    }
    // Others do not follow redirects, whatever their options are called.
    let socket = |options: &Value| json!({"url": "wss://h.example/", "advance_options": options});
    assert!(!leads_elsewhere(&socket(&none), &socket(&request(&off))));
}

#[test]
fn a_call_by_grpc_that_looks_at_no_certificate_or_goes_without_tls_leads_elsewhere() {
    let (none, ca) = (json!({}), json!({"ca": "CA"}));
    let any_with_ca = json!({"ca": "CA", "ignore_server_certificate_error": true});
    for (stored, sent, elsewhere) in [
        (ignoring(false), ignoring(true), true),
        (none.clone(), ignoring(true), true),
        (ca.clone(), any_with_ca, true),
        (ca.clone(), ca.clone(), false),
        (ignoring(true), ca.clone(), false),
        (none.clone(), ca.clone(), false),
        // Without an authority it goes without TLS.
        (ca.clone(), none.clone(), true),
        (ca.clone(), Value::Null, true),
        (ca, json!({"ca": ""}), true),
        (ignoring(true), ignoring(false), true),
        (Value::Null, none, false),
    ] {
        let task = |certificate: &Value| json!({"server": "h.example:443", "advance_options": {"certificate": certificate}});
        assert_eq!(leads_elsewhere(&task(&sent), &task(&stored)), elsewhere, "{stored} {sent}");
    }
}

/// Tasks of the classes that have these options, each with a secret and with one option off, and the place of
/// that option.
fn strict() -> [(TaskClass, Value, &'static str); 5] {
    let http = json!({
        "url": "https://h.example/", "method": "GET",
        "success_when": [{"status_code": [{"is": "200"}]}],
        "advance_options": {
            "request_options": {"follow_redirect": false, "cookies": "secret"},
            "certificate": {"ignore_server_certificate_error": false},
        },
    });
    let multi = json!({"steps": [{"type": "http", "name": "s", "task": http}]});
    let grpc = json!({
        "server": "h.example:443", "success_when": [{"response_time": "1s"}],
        "advance_options": {
            "request_options": {"metadata": {"authorization": "secret"}, "health_check": {}},
            "certificate": {"ignore_server_certificate_error": false},
        },
    });
    let redirects = "/advance_options/request_options/follow_redirect";
    let certificates = "/advance_options/certificate/ignore_server_certificate_error";
    let of_step = [
        "/steps/0/task/advance_options/request_options/follow_redirect",
        "/steps/0/task/advance_options/certificate/ignore_server_certificate_error",
    ];
    let tasks = [
        (TaskClass::Http, &http, redirects),
        (TaskClass::Http, &http, certificates),
        (TaskClass::Multi, &multi, of_step[0]),
        (TaskClass::Multi, &multi, of_step[1]),
        (TaskClass::Grpc, &grpc, certificates),
    ];
    tasks.map(|(class, task, place)| {
        let mut task = task.clone();
        task["name"] = json!("t");
        task["frequency"] = json!("1m");
        (class, task, place)
    })
}

#[test]
fn masks_of_every_class_are_refused_when_an_option_that_holds_secrets_back_is_given_up() {
    for (class, task, place) in strict() {
        let stored = DialTask::parse(class, task.clone()).unwrap();
        let mut shown = Value::Object(stored.masked_content());
        assert!(
            DialTask::submitted(class, shown.clone(), Some(&stored)).is_ok(),
            "{class} {place}"
        );
        *shown.pointer_mut(place).unwrap() = json!(true);
        let told = faults(shown, &stored);
        assert_eq!(told.len(), 1, "{class} {place}: {told:?}");
        assert!(told[0].contains("is masked, and the task leads to"), "{told:?}");
        let mut given = task;
        *given.pointer_mut(place).unwrap() = json!(true);
        assert!(DialTask::submitted(class, given, Some(&stored)).is_ok(), "{class} {place}");
    }
}

fn faults(sent: Value, stored: &DialTask) -> Vec<String> {
    let refusal = DialTask::submitted(stored.class(), sent, Some(stored)).unwrap_err();
    let mut faults: Vec<_> = refusal.faults().iter().map(ToString::to_string).collect();
    faults.sort();
    faults
}

#[test]
fn a_mask_is_refused_where_the_task_leads_elsewhere_and_the_secret_itself_is_not() {
    let stored = json!({
        "name": "t", "frequency": "1m", "url": "https://example.com/", "method": "GET",
        "success_when": [{"status_code": [{"is": "200"}]}],
        "advance_options": {"request_options": {"headers": {"Authorization": "secret"}}},
        "config_vars": [{"name": "closed", "value": "secret", "secure": true}],
    });
    let stored = DialTask::parse(TaskClass::Http, stored).unwrap();
    let mut sent = Value::Object(stored.masked_content());
    sent["url"] = json!("https://own.example/");
    let told = "is masked, and the task leads to another origin (scheme, host or port), follows redirects or \
                accepts any peer now: send the value itself, or leave it out";
    let expected = [
        format!("task.advance_options.request_options.headers.Authorization: {told}"),
        format!("task.config_vars[0].value: {told}"),
    ];
    assert_eq!(faults(sent.clone(), &stored), expected);
    sent["advance_options"]["request_options"]["headers"]["Authorization"] = json!("other");
    assert_eq!(faults(sent.clone(), &stored), expected[1..].to_vec());
    sent["config_vars"] = json!([]);
    let task = DialTask::submitted(TaskClass::Http, sent, Some(&stored)).unwrap();
    assert!(!Value::Object(task.content().clone()).to_string().contains("secret"));
}
