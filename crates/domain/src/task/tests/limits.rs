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

#[test]
fn at_most_fifty_faults_are_collected_and_it_is_said_that_there_are_more() {
    let labels = |count: usize| with(TaskClass::Http, "/labels", json!(vec![1; count]));
    for (count, has_more) in [(49, false), (50, false), (51, true), (10_000, true)] {
        let refusal = DialTask::parse(TaskClass::Http, labels(count)).unwrap_err();
        assert_eq!(refusal.faults().len(), count.min(MOST_FAULTS), "{count}");
        assert_eq!(refusal.has_more(), has_more, "{count}");
        assert_eq!(refusal.to_string().ends_with("; and more"), has_more, "{count}");
        let last = count.min(MOST_FAULTS) - 1;
        assert_eq!(refusal.faults()[last].field, format!("task.labels[{last}]"));
    }
}

#[test]
fn masks_without_a_secret_and_other_faults_are_fifty_together() {
    let mut task = with(TaskClass::Http, "/labels", json!([1, 2, 3]));
    let headers: Map<_, _> = (0..48).map(|n| (format!("x-token-{n}"), json!(MASK))).collect();
    task["advance_options"]["request_options"]["headers"] = Value::Object(headers);
    let refusal = DialTask::submitted(TaskClass::Http, task, None).unwrap_err();
    let masked = |fault: &&TaskFault| fault.reason == TaskFaultReason::Masked;
    assert_eq!(refusal.faults().iter().filter(masked).count(), 48);
    assert_eq!((refusal.faults().len(), refusal.has_more()), (MOST_FAULTS, true));
}

#[test]
fn names_of_members_are_short_at_every_depth() {
    let name = |length: usize| "区".repeat(length);
    for pointer in ["", "/advance_options/request_options/headers", "/success_when/0/header"] {
        let task = |length| {
            let mut task = sample(TaskClass::Http);
            let place = task.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            place.insert(
                name(length),
                json!(if pointer.starts_with("/s") { json!([]) } else { json!("x") }),
            );
            task
        };
        assert_eq!(faults(TaskClass::Http, task(LONGEST_MEMBER)), [""; 0], "{pointer}");
        let found = faults(TaskClass::Http, task(LONGEST_MEMBER + 1));
        assert!(
            found.len() == 1 && found[0].contains("must have a name of at most 256"),
            "{found:?}"
        );
    }
}

/// What brought a register to an end: each of very many faults with its own copy of a long path.
#[test]
fn a_long_name_over_many_faults_is_told_once() {
    let mut task = sample(TaskClass::Http);
    task["\u{1f5fa}".repeat(30_000)] = json!(vec!["{{"; 6_500]);
    let refusal = DialTask::submitted(TaskClass::Http, task, None).unwrap_err();
    let [fault] = refusal.faults() else { panic!("{} faults", refusal.faults().len()) };
    assert_eq!(fault.reason, TaskFaultReason::LongName(LONGEST_MEMBER));
    assert!(fault.field.len() <= 400 && fault.field.ends_with('…'), "{}", fault.field.len());
}

#[test]
fn a_path_through_long_names_is_cut() {
    let name = "\"".repeat(LONGEST_MEMBER);
    let nested = (0..20).fold(json!("{{"), |inner, _| json!({ name.clone(): inner }));
    let refusal = DialTask::parse(TaskClass::Http, with(TaskClass::Http, "/x", nested));
    let refusal = refusal.unwrap_err();
    let [fault] = refusal.faults() else { panic!("{} faults", refusal.faults().len()) };
    let json = serde_json::to_string(&fault.field).unwrap();
    assert!(json.starts_with(r#""task.x.\"\""#) && json.len() <= 402, "{json}");
}

#[test]
fn a_variable_that_is_not_declared_is_told_by_its_beginning() {
    let text = format!("https://a/{{{{{}}}}}", "x".repeat(10_000));
    let found = faults(TaskClass::Http, with(TaskClass::Http, "/url", json!(text)));
    assert!(found.len() == 1 && found[0].len() < 300, "{found:?}");
}

#[test]
fn bytes_are_limited_beside_characters() {
    let task = |text: &str, characters: usize| {
        let mut task = with(TaskClass::Http, "/status", json!("stop"));
        task["x"] = json!("");
        task["x"] = json!(text.repeat(characters - task.to_string().len()));
        faults(TaskClass::Http, task)
    };
    assert_eq!(task("区", LONGEST_TASK), [""; 0]);
    assert_eq!(task("\u{1f5fa}", LONGEST_TASK), ["task: must have at most 196608 bytes as JSON"]);
    // What is left out of a task counts as long as it is there.
    let sent = |length: usize| {
        let mut task = sample(TaskClass::Http);
        task["post_url"] = json!("");
        let rest = length - task.to_string().len();
        task["post_url"] = json!("x".repeat(rest));
        task
    };
    assert!(DialTask::check_size(&sent(LARGEST_SENT)).is_ok());
    assert_eq!(faults(TaskClass::Http, sent(LARGEST_SENT)), [""; 0]);
    let larger = sent(LARGEST_SENT + 1);
    let wanted = "task: must have at most 524288 bytes as JSON";
    assert_eq!(DialTask::check_size(&larger).unwrap_err().to_string(), wanted);
    assert_eq!(faults(TaskClass::Http, larger.clone()), [wanted]);
    let refusal = DialTask::submitted(TaskClass::Http, larger, None).unwrap_err();
    assert_eq!(refusal.to_string(), wanted);
}

#[test]
fn the_texts_of_steps_have_no_more_values_than_a_body() {
    // Each of them would be fine by itself.
    let text = format!("{{\"x\":[{}0]}}", "0,".repeat(10_000));
    let step = json!({"type": "http", "task": text});
    let mut task = sample(TaskClass::Multi);
    task["steps"] = json!([step, step, step]);
    let Value::Object(map) = &mut task else { unreachable!("a task is an object") };
    crate::task::steps::unfold(map);
    let steps = task["steps"].as_array().unwrap();
    let kinds: Vec<_> = steps.iter().map(|step| step["task"].is_object()).collect();
    assert_eq!(kinds, [true, false, false]);
}
