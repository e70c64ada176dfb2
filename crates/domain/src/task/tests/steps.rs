//! Tasks of the steps of a task of the class multi.

use super::*;
use crate::json;

/// The sample with these members in the task of its first step, which is sent as a string.
fn as_text(members: &Value) -> Value {
    let mut inner = sample(TaskClass::Multi)["steps"][0]["task"].clone();
    for (key, value) in members.as_object().unwrap() {
        inner[key] = value.clone();
    }
    with(TaskClass::Multi, "/steps/0/task", json!(inner.to_string()))
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn steps_are_objects_for_people_and_strings_for_the_agent() {
    let task = DialTask::parse(TaskClass::Multi, sample(TaskClass::Multi)).unwrap();
    assert!(task.content()["steps"][0]["task"].is_object());
    let text = task.agent_content()["steps"][0]["task"].as_str().map(str::to_owned);
    let inner: Value = serde_json::from_str(&text.unwrap()).unwrap();
    assert_eq!(inner, task.content()["steps"][0]["task"]);
}

#[test]
fn what_is_wrong_in_the_task_of_a_step_is_named() {
    let cases = [
        (json!({"tags": 5}), "tags: must be an object"),
        (json!({"tags": {"a": 5}}), "tags.a: must be a string"),
        (json!({"labels": [1]}), "labels[0]: must be a string"),
        (json!({"disabled": "x"}), "disabled: must be a whole number from 0 to 255"),
        (json!({"name": 1}), "name: must be a string"),
        (json!({"status": 1}), "status: must be a string"),
        (json!({"status": "Stop"}), "status: must be one of ok"),
        (json!({"frequency": 60}), "frequency: must be a string"),
        (json!({"crontab": []}), "crontab: must be a string"),
        (json!({"schedule_type": {}}), "schedule_type: must be a string"),
        (json!({"Tags": {}}), "Tags: must be spelled \"tags\""),
        (json!({"config_vars": [{"name": "a b"}]}), "config_vars[0].name: must be letters"),
        (json!({"config_vars": [{}]}), "config_vars[0].name: required"),
        (json!({"config_vars": [{"name": "end"}]}), "config_vars[0].name: must not be a word"),
    ];
    for (members, fault) in &cases {
        let found = faults(TaskClass::Multi, as_text(members));
        let wanted = format!("task.steps[0].task.{fault}");
        assert!(found.len() == 1 && found[0].starts_with(&wanted), "{members}: {found:?}");
    }
}

#[test]
fn what_the_register_writes_is_taken_out_of_steps_too() {
    let members = json!({"external_id": 5, "update_time": "x", "ExtractedVars": 1, "a": null,
        "tags": {"a": "b"}, "disabled": 0, "status": ""});
    let task = DialTask::parse(TaskClass::Multi, as_text(&members)).unwrap();
    let inner = task.content()["steps"][0]["task"].as_object().unwrap();
    let keys: Vec<_> = inner.keys().map(String::as_str).collect();
    assert_eq!(keys, ["url", "method", "success_when", "tags", "disabled", "status"]);
}

#[test]
fn a_wait_may_have_a_task_that_the_agent_can_pass_over() {
    let wait = |task: Value| {
        with(TaskClass::Multi, "/steps/1", json!({"type": "wait", "value": 1, "task": task}))
    };
    for task in [json!(""), json!("x"), json!({}), json!(null)] {
        assert_eq!(faults(TaskClass::Multi, wait(task)), [""; 0]);
    }
    assert_eq!(faults(TaskClass::Multi, wait(json!(1))), ["task.steps[1].task: must be an object"]);
}

#[test]
fn a_text_does_not_hide_what_is_nested_too_deep() {
    // Task, steps, step and the inner task are four levels.
    assert_eq!(faults(TaskClass::Multi, as_text(&json!({"x": nested(DEEPEST_TASK - 4)}))), [""; 0]);
    for levels in [DEEPEST_TASK - 3, json::DEEPEST - 1] {
        assert_eq!(
            faults(TaskClass::Multi, as_text(&json!({"x": nested(levels)}))),
            ["task: must not nest deeper than 63 levels"]
        );
    }
    for levels in [json::DEEPEST, 124] {
        let found = faults(TaskClass::Multi, as_text(&json!({"x": nested(levels)})));
        assert!(
            found.len() == 1 && found[0].starts_with("task.steps[0].task: must hold"),
            "{found:?}"
        );
    }
}

#[test]
fn a_text_with_the_same_key_twice_is_none() {
    let twice = r#"{"url": "https://a", "url": "https://b", "method": "GET"}"#;
    let found = faults(TaskClass::Multi, with(TaskClass::Multi, "/steps/0/task", json!(twice)));
    assert!(found.len() == 1 && found[0].starts_with("task.steps[0].task: must hold"), "{found:?}");
}
