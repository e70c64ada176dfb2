//! Dial tasks that are as long and as deep as they may be, and all that is done with them.

use cadastre_domain::task::{DEEPEST_TASK, LONGEST_TASK};
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::dialing_fixture::{Desk, TASKS, desks, http};

/// A body of a task that has so many characters as JSON once it is stopped.
fn long(node: &str, length: usize) -> Value {
    let mut body = http("long", &[node]);
    body["task"]["x"] = json!("");
    let rest = length - body["task"].to_string().chars().count() - ",\"status\":\"stop\"".len();
    body["task"]["x"] = json!("x".repeat(rest));
    body
}

/// A body of a task whose step is a string with something in it that is so deep.
fn deep(node: &str, levels: usize) -> Value {
    let mut inner = http("", &[])["task"].clone();
    inner["x"] = (0..levels).fold(json!(1), |inner, _| json!([inner]));
    json!({"type": "multi", "regions": [node], "task": {
        "name": "deep", "frequency": "1m", "steps": [{"type": "http", "task": inner.to_string()}],
    }})
}

/// Adds a task, and does with it whatever can be done.
fn live(desk: &Desk, node: &str, body: &Value) {
    let added = desk.done(&format!("POST {TASKS}/add"), body);
    let task = added["uuid"].as_str().unwrap();
    let set = |disable: bool| {
        let body = json!({"taskUUIDs": [task], "isDisable": disable});
        desk.done(&format!("POST {TASKS}/set_disable"), &body);
        let list = desk.done(&format!("GET {TASKS}/list"), &Value::Null);
        assert_eq!(list[0]["uuid"], task, "{}", desk.register.name);
        let status = if disable { "stop" } else { "ok" };
        assert_eq!(desk.row(task)["task"]["status"], status, "{}", desk.register.name);
        let told = desk.read(|tx| Ok(tx.deliveries(&text(node), 0, 9)?)).remove(0);
        assert_eq!(told.dial.agent_content()["status"], status);
    };
    set(false);
    set(true);
    set(false);
    // What was shown can be sent back.
    let row = desk.row(task);
    let back = json!({"regions": row["regions"], "task": row["task"]});
    desk.done(&format!("POST {TASKS}/{task}/modify"), &back);
    assert_eq!(desk.row(task), row, "{}", desk.register.name);
    desk.done(&format!("POST {TASKS}/delete"), &json!({"taskUUIDs": [task]}));
    assert!(desk.told(node)[0].1, "{}", desk.register.name);
}

#[test]
fn a_task_lives_that_is_as_long_as_it_may_be() {
    for desk in desks() {
        let node = desk.node("k");
        live(&desk, &node, &long(&node, LONGEST_TASK));
        let told = "task: must have at most 65536 characters as JSON";
        let refused = (400, "ft.InvalidParameter", told);
        let body = long(&node, LONGEST_TASK + 1);
        desk.refused(&desk.admin, &format!("POST {TASKS}/add"), &body, refused);
    }
}

#[test]
fn a_task_lives_that_is_as_deep_as_it_may_be() {
    for desk in desks() {
        let node = desk.node("k");
        // Task, steps, step and the inner task are four levels.
        live(&desk, &node, &deep(&node, DEEPEST_TASK - 4));
        let told = "task: must not nest deeper than 63 levels";
        let refused = (400, "ft.InvalidParameter", told);
        let body = deep(&node, DEEPEST_TASK - 3);
        desk.refused(&desk.admin, &format!("POST {TASKS}/add"), &body, refused);
        let told = "task.steps[0].task: must hold a JSON object, with no key twice and at most 64 \
                    levels deep";
        let refused = (400, "ft.InvalidParameter", told);
        let body = deep(&node, 124);
        desk.refused(&desk.admin, &format!("POST {TASKS}/add"), &body, refused);
    }
}

#[test]
fn words_that_clients_leave_empty_are_left_out() {
    for desk in desks() {
        let mut body = http("t", &[]);
        body["task"]["status"] = json!("");
        body["task"]["success_when_logic"] = json!("");
        let added = desk.done(&format!("POST {TASKS}/add"), &body);
        assert_eq!(added["task"]["status"], "ok", "{}", desk.register.name);
        let task = added["uuid"].as_str().unwrap();
        let stop = json!({"taskUUIDs": [task], "isDisable": true});
        desk.done(&format!("POST {TASKS}/set_disable"), &stop);
        body["task"]["name"] = json!("other");
        let row = desk.done(&format!("POST {TASKS}/{task}/modify"), &body);
        assert_eq!(row["task"]["status"], "stop", "{}", desk.register.name);
        assert_eq!(row["task"]["name"], "other");
    }
}
