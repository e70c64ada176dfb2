//! Every kind of secret is hidden, and comes back as it was.

#![expect(clippy::unwrap_used, reason = "a broken sample should stop the test")]

use proptest::prelude::*;
use serde_json::json;

use super::super::{DialTask, TaskClass};
use super::*;

/// A task of this class with a secret in every place that it has, each with `S` in it.
#[expect(clippy::too_many_lines, reason = "one table of tasks")]
fn secretive(class: TaskClass) -> Value {
    let request = json!({
        "url": "https://user:S1@example.com/path?page=2&access_token=S2&x#f", "method": "GET",
        "success_when": [{"header": {"X-Token": [{"is": "seen"}]}, "status_code": [{"is": "200"}]}],
        "advance_options": {
            "request_options": {
                "headers": {
                    "Authorization": "Bearer S3", "X-API-Key": "S4", "Accept": "text/plain",
                    "PROXY-AUTHORIZATION": "S5", "X-Session-Id": "S6", "Cookie": "S7",
                },
                "cookies": "sid=S8", "auth": {"username": "u", "password": "S9"},
            },
            "request_body": {"form": {"name": "me", "password": "S10", "csrf_token": "S11"}},
            "certificate": {
                "ignore_server_certificate_error": true,
                "ca": "CA", "certificate": "C", "private_key": "S12",
            },
            "proxy": {"url": "http://S13@proxy:3128", "headers": {"Proxy-Authorization": "S14"}},
            "of_tomorrow": {"deep": [{"password": "S15", "token": "S16"}]},
        },
    });
    let mut task = match class {
        TaskClass::Http => request,
        TaskClass::Multi => json!({"steps": [
            {"type": "http", "name": "one", "task": request,
             "extracted_vars": [{"name": "id", "field": "id", "secure": true, "value": "S17"}]},
            {"type": "wait", "value": 1},
        ]}),
        TaskClass::Websocket => json!({
            "url": "wss://example.com/ws?signature=S1", "message": "hello",
            "success_when": [{"response_time": [{"target": "1s"}]}],
            "advance_options": {
                "request_options": {"headers": {"Authorization": "S2"}},
                "auth": {"username": "u", "password": "S3"},
            },
        }),
        TaskClass::Grpc => json!({
            "server": "example.com:443", "success_when": [{"response_time": "1s"}],
            "advance_options": {
                "request_options": {
                    "metadata": {"authorization": "S1"}, "reflection": {"full_method": "a.B/C"},
                },
                "certificate": {
                    "ignore_server_certificate_error": true,
                    "ca": "CA", "certificate": "C", "private_key": "S2",
                },
            },
        }),
        TaskClass::Tcp => json!({
            "host": "example.com", "port": "80",
            "success_when": [{"response_time": [{"target": "1s"}]}],
        }),
        TaskClass::Icmp => json!({
            "host": "example.com", "success_when": [{"packets": [{"op": "gt", "target": 1}]}],
        }),
        TaskClass::Ssl => json!({
            "host": "example.com", "port": "443",
            "success_when": [{"ssl_cert_expires_in_days": [{"op": "gt", "target": 14}]}],
        }),
    };
    task["name"] = json!("test");
    task["frequency"] = json!("1m");
    task["config_vars"] = json!([
        {"name": "open", "value": "seen", "secure": false},
        {"name": "closed", "value": "S18", "secure": true},
    ]);
    task
}

fn read(class: TaskClass) -> DialTask {
    DialTask::parse(class, secretive(class)).unwrap()
}

/// Every text in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn has_secret(text: &str) -> bool {
    text.match_indices('S').any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
}

fn faults(class: TaskClass, sent: Value, stored: Option<&DialTask>) -> Vec<String> {
    let refusal = DialTask::submitted(class, sent, stored).unwrap_err();
    // Members come in the order in which they were sent, or not: that is a feature of a crate.
    let mut faults: Vec<_> = refusal.faults().iter().map(ToString::to_string).collect();
    faults.sort();
    faults
}

#[test]
fn no_secret_of_any_class_is_in_what_everybody_sees() {
    for class in TaskClass::ALL {
        let task = read(class);
        assert!(task.has_secrets(), "{class}");
        let stored = Value::Object(task.content().clone());
        let shown = Value::Object(task.masked_content());
        let pairs = texts(&stored).into_iter().zip(texts(&shown));
        for (stored, shown) in pairs {
            assert_eq!(shown == stored, !has_secret(stored), "{class}: {stored} as {shown}");
            assert!(!has_secret(shown), "{class}: {shown}");
        }
    }
}

#[test]
fn urls_keep_all_that_is_no_secret() {
    for (url, shown) in [
        ("https://example.com", "https://example.com"),
        ("https://u:p@h:1/a@b?q=1#t=2", "https://u:***@h:1/a@b?q=1#t=2"),
        ("https://u:@h", "https://u:@h"),
        ("https://pat@h/", "https://***@h/"),
        ("https://h?api_key=1&key=2&keys=3&token=", "https://h?api_key=***&key=***&keys=3&token="),
        ("u:p@h:1", "u:***@h:1"),
        ("", ""),
        ("://@", "://@"),
        ("http://a:b@c@d", "http://a:***@d"),
    ] {
        assert_eq!(masked_url(url), shown);
    }
}

#[test]
fn what_was_shown_with_masks_and_comes_back_is_what_is_stored() {
    for class in TaskClass::ALL {
        let stored = read(class);
        let shown = Value::Object(stored.masked_content());
        assert_eq!(DialTask::submitted(class, shown, Some(&stored)), Ok(stored), "{class}");
    }
    // Steps may come as strings, as agents have them.
    let stored = read(TaskClass::Multi);
    let mut shown = Value::Object(stored.masked_content());
    shown["steps"][0]["task"] = json!(shown["steps"][0]["task"].to_string());
    assert_eq!(DialTask::submitted(TaskClass::Multi, shown, Some(&stored)), Ok(stored));
}

#[test]
fn what_comes_in_clear_replaces_what_is_stored() {
    let stored = read(TaskClass::Http);
    let mut sent = Value::Object(stored.masked_content());
    sent["advance_options"]["request_options"]["auth"]["password"] = json!("new");
    let task = DialTask::submitted(TaskClass::Http, sent, Some(&stored)).unwrap();
    let options = &task.content()["advance_options"]["request_options"];
    assert_eq!(options["auth"]["password"], "new");
    assert_eq!(options["cookies"], "sid=S8");
}

#[test]
fn a_mask_with_nothing_behind_it_is_refused() {
    let masked = Value::Object(read(TaskClass::Websocket).masked_content());
    let expected = [
        "task.advance_options.auth.password",
        "task.advance_options.request_options.headers.Authorization",
        "task.config_vars[1].value",
        "task.url",
    ]
    .map(|field| format!("{field}: is masked: send the value itself"));
    assert_eq!(faults(TaskClass::Websocket, masked, None), expected);
    // A URL of which another part was changed, and a variable that is no secret any more.
    let stored = read(TaskClass::Websocket);
    let mut sent = Value::Object(stored.masked_content());
    sent["url"] = json!("wss://example.com/other?signature=***");
    sent["config_vars"][1]["secure"] = json!(false);
    assert_eq!(faults(TaskClass::Websocket, sent, Some(&stored)), expected[2..].to_vec());
}

#[test]
fn masks_are_told_beside_all_else_that_is_wrong() {
    let mut sent = Value::Object(read(TaskClass::Tcp).masked_content());
    sent["port"] = json!(80);
    assert_eq!(
        faults(TaskClass::Tcp, sent, None),
        [
            "task.config_vars[1].value: is masked: send the value itself",
            "task.port: must be a string"
        ]
    );
}

#[test]
fn variables_are_found_by_their_names_when_they_change_places() {
    let mut task = secretive(TaskClass::Tcp);
    task["config_vars"] = json!([
        {"name": "a", "value": "SA", "secure": true}, {"name": "b", "value": "SB", "secure": true},
    ]);
    let stored = DialTask::parse(TaskClass::Tcp, task).unwrap();
    let mut sent = Value::Object(stored.masked_content());
    sent["config_vars"].as_array_mut().unwrap().reverse();
    let task = DialTask::submitted(TaskClass::Tcp, sent.clone(), Some(&stored)).unwrap();
    assert_eq!(
        task.content()["config_vars"][0],
        json!({"name": "b", "value": "SB", "secure": true})
    );
    sent["config_vars"][0]["name"] = json!("c");
    assert_eq!(
        faults(TaskClass::Tcp, sent, Some(&stored)),
        ["task.config_vars[0].value: is masked: send the value itself"]
    );
}

#[test]
fn what_stops_a_task_is_a_task_without_secrets() {
    for class in TaskClass::ALL {
        let stopping = Value::Object(read(class).stopping_content());
        assert_eq!(stopping["status"], "stop", "{class}");
        assert!(!has_secret(&stopping.to_string()), "{class}: {stopping}");
        assert_eq!(stopping["name"], "test");
        assert!(DialTask::parse(class, stopping).is_ok(), "{class}");
    }
}

#[test]
fn places_where_secrets_are_put_back_are_cut_like_those_of_faults() {
    let long = "x".repeat(100_000);
    let task = |secret: &str| json!({long.clone(): (0..99).map(|_| json!({"password": secret})).collect::<Vec<_>>()});
    let mut faults = Faults::new();
    let mut masks = Masks::new(&mut faults);
    masks.restore(&mut task(MASK), Some(&task("secret")));
    assert_eq!(masks.restored.len(), MOST_FAULTS + 1);
    let longest = masks.restored.iter().map(String::len).max();
    assert!(longest.is_some_and(|longest| longest < 1000), "{longest:?}");
    masks.refuse_restored();
    assert!(faults.is_full());
    assert!(faults.iter().all(|fault| fault.field.starts_with("task.xxx")), "{faults:?}");
}

proptest! {
    #[test]
    fn a_masked_url_is_masked_and_no_text_panics(text in "[a-z:/@?&=#*]{0,30}|.*") {
        let once = masked_url(&text);
        prop_assert_eq!(masked_url(&once), once);
    }
}
