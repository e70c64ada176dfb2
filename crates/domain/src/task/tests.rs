//! Tasks of every class that are accepted, and what becomes of them.

#![expect(clippy::unwrap_used, reason = "a broken sample should stop the test")]

mod certificates;
mod faults;
mod limits;
mod steps;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn sample(class: TaskClass) -> Value {
    let mut task = match class {
        TaskClass::Http => json!({
            "method": "GET", "url": "https://example.com", "success_when_logic": "and",
            "success_when": [{
                "status_code": [{"is": "200"}], "body": [{"match_regex": "{\"code\":2.."}],
                "header": {"Content-Type": [{"contains": "json"}]}, "response_time": "1s"
            }],
            "advance_options": {
                "request_options": {"follow_redirect": true, "headers": {"a": "b"}, "cookies": "", "auth": {"username": "u", "password": "p"}},
                "request_body": {"body_type": "application/json", "body": "{}", "files": [{"encoding": "base64", "content": "YQ=="}]},
                "certificate": {"ignore_server_certificate_error": true},
                "proxy": {"url": "http://proxy:3128", "headers": {}},
                "secret": {"not_save": false}, "request_timeout": "30s"
            }
        }),
        TaskClass::Tcp => json!({
            "host": "example.com", "port": "80", "timeout": "10s",
            "success_when": [{"response_time": [{"is_contain_dns": true, "target": "1s"}], "hops": [{"op": "lt", "target": 20}], "response_message": [{}]}]
        }),
        TaskClass::Icmp => json!({
            "host": "192.0.2.1", "packet_count": 3,
            "success_when": [{"response_time": [{"func": "avg", "op": "leq", "target": "100ms"}], "packet_loss_percent": [{"op": "eq"}]}]
        }),
        TaskClass::Websocket => json!({
            "url": "wss://example.com:8443/ws", "message": "",
            "success_when": [{"response_time": [{"target": "1s"}], "header": {"Upgrade": [{"is": "websocket"}]}}]
        }),
        TaskClass::Grpc => json!({
            "server": "example.com:443", "success_when": [{"response_time": "1s"}],
            "advance_options": {"request_options": {"reflection": {"full_method": "a.B/C"}}}
        }),
        TaskClass::Ssl => json!({
            "host": "example.com", "port": "443",
            "success_when": [{"ssl_cert_expires_in_days": [{"op": "gt", "target": 14.5}], "issuer": [{"contains": "CA"}]}]
        }),
        TaskClass::Multi => json!({
            "steps": [
                {"type": "http", "allow_failure": false, "retry": {"retry": 0, "interval": 100},
                 "extracted_vars": [{"name": "id", "field": "id", "secure": false}],
                 "task": {"url": "https://example.com", "method": "GET", "success_when": [{"status_code": [{"is": "200"}]}]}},
                {"type": "wait", "value": 1}
            ]
        }),
    };
    task["name"] = json!("test");
    task["frequency"] = json!("1m");
    task
}

/// The sample of `class` with `value` at `pointer`; its parent has to be there.
fn with(class: TaskClass, pointer: &str, value: Value) -> Value {
    let mut task = sample(class);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match task.pointer_mut(parent).unwrap() {
        Value::Array(elements) => elements[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    task
}

fn faults(class: TaskClass, task: Value) -> Vec<String> {
    DialTask::parse(class, task)
        .err()
        .map(|refusal| refusal.faults().iter().map(ToString::to_string).collect())
        .unwrap_or_default()
}

#[test]
fn the_samples_of_all_classes_are_tasks_and_parse_again() {
    for class in TaskClass::ALL {
        let task = DialTask::parse(class, sample(class)).unwrap();
        assert_eq!((task.class(), task.name().as_ref()), (class, "test"));
        assert_eq!(task.schedule(), &Schedule::Every(Frequency::M1));
        assert_eq!(task.status(), TaskStatus::Ok);
        let again = DialTask::parse(class, Value::Object(task.agent_content())).unwrap();
        assert_eq!(again, task);
        assert_eq!(DialTask::stored(class, task.content().clone()), Ok(task));
    }
}

#[test]
fn a_script_may_stand_for_the_conditions() {
    let mut task = with(TaskClass::Http, "/success_when", json!([]));
    task["post_script"] = json!("result[\"is_failed\"] = false");
    assert_eq!(faults(TaskClass::Http, task.clone()), ["task.success_when: required"]);
    task["post_mode"] = json!("script");
    assert_eq!(faults(TaskClass::Http, task), [""; 0]);
}

#[test]
fn all_faults_are_told_at_once() {
    let refusal = DialTask::parse(TaskClass::Tcp, json!({"port": 80})).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "task.name: required; task.frequency: required; task.host: required; \
         task.port: must be a string; task.success_when: required"
    );
    for value in [json!(null), json!([]), json!("x")] {
        assert_eq!(faults(TaskClass::Http, value), ["task: must be an object"]);
    }
}

#[test]
fn empty_words_are_as_if_they_were_left_out() {
    for class in TaskClass::ALL {
        let mut task = with(class, "/status", json!(""));
        task["success_when_logic"] = json!("");
        task["schedule_type"] = json!("");
        task["crontab"] = json!("");
        let task = DialTask::parse(class, task).unwrap();
        assert_eq!(task.status(), TaskStatus::Ok);
        assert_eq!(task.content()["status"], "ok");
    }
}

#[test]
fn what_is_unknown_stays_and_what_is_not_of_the_owner_goes() {
    let mut task = with(TaskClass::Http, "/new_key", json!({"a": [1, null], "b": null}));
    task["success_when"][0]["new_condition"] = json!("x");
    for key in ["external_id", "access_key", "post_url", "update_time", "Post_URL", "customvars"] {
        task[key] = json!(1);
    }
    task["crontab"] = json!(null);
    let task = DialTask::parse(TaskClass::Http, task).unwrap();
    let content = Value::Object(task.content().clone());
    let mut wanted = with(TaskClass::Http, "/new_key", json!({"a": [1, null]}));
    wanted["success_when"][0]["new_condition"] = json!("x");
    wanted["status"] = json!("ok");
    assert_eq!(content, wanted);
}

#[test]
fn a_crontab_line_takes_the_place_of_the_frequency() {
    let mut task = with(TaskClass::Ssl, "/crontab", json!("0 3 * * *"));
    task["schedule_type"] = json!("crontab");
    task["frequency"] = json!(null);
    let task = DialTask::parse(TaskClass::Ssl, task).unwrap();
    assert_eq!(task.schedule(), &Schedule::Crontab("0 3 * * *".to_owned()));
}

#[test]
fn templates_are_left_to_the_agent() {
    let mut task = with(TaskClass::Tcp, "/port", json!("{{port}}"));
    task["host"] = json!("{{host}}");
    let undeclared = faults(TaskClass::Tcp, task.clone());
    assert!(undeclared.len() == 2 && undeclared[0].starts_with("task.host: uses the variable"));
    task["config_vars"] = json!([{"name": "host", "value": "a"}, {"name": "port", "value": "1"}]);
    assert_eq!(faults(TaskClass::Tcp, task), [""; 0]);
}

#[test]
fn a_status_is_set_in_both_places() {
    let task = DialTask::parse(TaskClass::Tcp, sample(TaskClass::Tcp)).unwrap();
    let stopped = task.clone().with_status(TaskStatus::Stop);
    assert_eq!(
        (stopped.status(), &stopped.content()["status"]),
        (TaskStatus::Stop, &json!("stop"))
    );
    assert_eq!(stopped.with_status(TaskStatus::Ok), task);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9{}(\\[]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_stands_in_a_field_is_decided_and_what_parses_parses_again(
        class in prop::sample::select(TaskClass::ALL.to_vec()),
        index in any::<prop::sample::Index>(),
        value in any_json(),
    ) {
        let keys = keys(class);
        let task = with(class, &format!("/{}", index.get(&keys)), value);
        match DialTask::parse(class, task) {
            Ok(task) => {
                let again = DialTask::parse(class, Value::Object(task.agent_content()));
                prop_assert_eq!(again.as_ref(), Ok(&task));
                prop_assert_eq!(DialTask::stored(class, task.content().clone()), Ok(task));
            }
            Err(refusal) => prop_assert!(!refusal.faults().is_empty()),
        }
    }
}

#[test]
fn a_target_is_all_but_names_marks_times_and_status() {
    for class in TaskClass::ALL {
        let parse = |task: Value| DialTask::parse(class, task).unwrap();
        let task = parse(sample(class));
        let beside = [
            ("name", json!("another")),
            ("status", json!("stop")),
            ("frequency", json!("5m")),
            ("tags", json!({"region_status": "maintenance"})),
            ("df_label", json!("[]")),
        ];
        for (key, value) in beside {
            let mut other = sample(class);
            other[key] = value;
            assert!(parse(other).has_target_of(&task), "{class} {key}");
        }
        let mut crontab = sample(class);
        crontab["schedule_type"] = json!("crontab");
        crontab["crontab"] = json!("* * * * *");
        assert!(parse(crontab).has_target_of(&task), "{class}");
        let mut patient = sample(class);
        patient["timeout"] = json!("9s");
        assert!(!parse(patient).has_target_of(&task), "{class}");
    }
    let http =
        |pointer, value| DialTask::parse(TaskClass::Http, with(TaskClass::Http, pointer, value));
    let before = DialTask::parse(TaskClass::Http, sample(TaskClass::Http)).unwrap();
    for (pointer, value) in [
        ("/url", json!("https://example.org")),
        ("/success_when/0/status_code/0/is", json!("204")),
        ("/advance_options/certificate/ignore_server_certificate_error", json!(false)),
    ] {
        assert!(!http(pointer, value).unwrap().has_target_of(&before), "{pointer}");
    }
}
