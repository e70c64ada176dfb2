//! How long and how deep a task may be, and how it reads back.

use super::*;

#[test]
fn the_limit_counts_the_characters_of_the_whole() {
    let with_status = |status: Value, length: usize| {
        let mut task = with(TaskClass::Http, "/status", json!("stop"));
        task["x"] = json!("");
        let rest = length - task.to_string().chars().count();
        task["x"] = json!("区".repeat(rest));
        task["status"] = status;
        task
    };
    // Whatever the status is now, the longest one is going to fit.
    for status in [json!(null), json!("ok"), json!("stop"), json!("")] {
        let task = with_status(status.clone(), LONGEST_TASK);
        let task = DialTask::parse(TaskClass::Http, task).unwrap();
        let stopped = task.with_status(TaskStatus::Stop);
        let length = Value::Object(stopped.content().clone()).to_string().chars().count();
        assert_eq!(length, LONGEST_TASK);
        assert_eq!(
            faults(TaskClass::Http, with_status(status, LONGEST_TASK + 1)),
            ["task: must have at most 65536 characters as JSON"]
        );
    }
}

#[test]
fn what_the_register_writes_itself_does_not_count() {
    let mut task = with(TaskClass::Http, "/status", json!("stop"));
    task["x"] = json!("");
    task["x"] = json!("x".repeat(LONGEST_TASK - task.to_string().len()));
    task["post_url"] = json!("https://register/dial?token=tkn_x");
    assert_eq!(faults(TaskClass::Http, task), [""; 0]);
}

#[test]
fn a_task_nests_only_so_deep_that_a_body_can_hold_it() {
    let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let task = |levels| with(TaskClass::Http, "/x", nested(levels));
    assert_eq!(faults(TaskClass::Http, task(DEEPEST_TASK - 1)), [""; 0]);
    assert_eq!(
        faults(TaskClass::Http, task(DEEPEST_TASK)),
        ["task: must not nest deeper than 63 levels"]
    );
}

#[test]
fn what_was_stored_is_read_by_the_rules_of_its_time() {
    let content = json!({
        "name": "old", "status": "stop", "frequency": "5m",
        "success_when": [{"body": [{"match_regex": r"\p{Emoji}"}]}], "url": "{{nosuch}}",
    });
    let content = content.as_object().unwrap();
    assert!(DialTask::parse(TaskClass::Http, Value::Object(content.clone())).is_err());
    let task = DialTask::stored(TaskClass::Http, content.clone()).unwrap();
    assert_eq!((task.class(), task.name().as_ref()), (TaskClass::Http, "old"));
    assert_eq!(task.status(), TaskStatus::Stop);
    assert_eq!(task.schedule(), &Schedule::Every(Frequency::M5));
    assert_eq!(task.content(), content);
    let mut content = content.clone();
    content.insert("schedule_type".to_owned(), json!("crontab"));
    content.insert("crontab".to_owned(), json!("no line of today"));
    let task = DialTask::stored(TaskClass::Http, content).unwrap();
    assert_eq!(task.schedule(), &Schedule::Crontab("no line of today".to_owned()));
    assert!(DialTask::stored(TaskClass::Http, Map::new()).is_err());
}
