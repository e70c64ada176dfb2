//! Replacing dial tasks on the dialing face.

use chrono::TimeDelta;
use serde_json::json;

use crate::dialing_fixture::{TASKS, desks, http};

fn add() -> String {
    format!("POST {TASKS}/add")
}

fn modify(task: &str) -> String {
    format!("POST {TASKS}/{task}/modify")
}

#[test]
fn a_task_is_replaced_whole_and_delivered_anew() {
    for desk in desks() {
        let [stays, goes, comes] = ["stays", "goes", "comes"].map(|code| desk.node(code));
        let mut body = http("before", &[&stays, &goes]);
        body["tags"] = json!(["tag"]);
        body["task"]["tags"] = json!({"env": "x"});
        let before = desk.done(&add(), &body);
        let task = before["uuid"].as_str().unwrap();
        let tag = before["tagInfo"].clone();
        desk.register.pass(TimeDelta::seconds(5));
        let mut body = http("after", &[&comes, &stays]);
        body["task"]["frequency"] = json!("5m");
        body.as_object_mut().unwrap().remove("type");
        let answer = desk.ask(&desk.operator, &modify(task), &body);
        assert_eq!(answer.status(), 200, "{answer:?}");
        let mut expected = before.clone();
        expected["id"] = desk.row(task)["id"].clone();
        expected["regions"] = json!([stays, comes]);
        expected["updateAt"] = json!(desk.now().timestamp());
        expected["updator"] = json!(desk.account(&desk.operator));
        expected["tagInfo"] = tag;
        expected["task"]["name"] = json!("after");
        expected["task"]["frequency"] = json!("5m");
        expected["task"].as_object_mut().unwrap().remove("tags");
        assert_eq!(desk.row(task), expected, "{}", desk.register.name);
        assert_ne!(expected["creator"], expected["updator"]);
        let tombstones = [&stays, &goes, &comes].map(|node| {
            desk.told(node).into_iter().map(|(_, is_tombstone, _)| is_tombstone).collect::<Vec<_>>()
        });
        assert_eq!(tombstones, [[false], [true], [false]], "{}", desk.register.name);
        // Tags go when they are said to be none.
        body["tags"] = json!([]);
        assert_eq!(desk.done(&modify(task), &body)["tagInfo"], json!([]));
    }
}

#[test]
fn a_change_of_nothing_leaves_nothing_and_tells_no_node() {
    for desk in desks() {
        let node = desk.node("k");
        let mut body = http("t", &[&node]);
        body["tags"] = json!(["b", "a"]);
        let task = desk.done(&add(), &body)["uuid"].as_str().unwrap().to_owned();
        let (row, told) = (desk.row(&task), desk.told(&node));
        desk.register.pass(TimeDelta::seconds(5));
        let own = json!({"regions": row["regions"], "task": row["task"]});
        for body in [body, own] {
            let answer = desk.ask(&desk.operator, &modify(&task), &body);
            assert_eq!(answer.status(), 200, "{answer:?}");
        }
        assert_eq!(desk.row(&task), row, "{}", desk.register.name);
        assert_eq!(desk.told(&node), told, "{}", desk.register.name);
        assert!(desk.entries("modify_dial_task").is_empty(), "{}", desk.register.name);
    }
}

#[test]
fn the_type_of_a_task_never_changes() {
    for desk in desks() {
        let task = desk.task("t", &[]);
        let mut body = http("t", &[]);
        body["type"] = json!("HTTP");
        desk.done(&modify(&task), &body);
        body["type"] = json!("tcp");
        let told = "type: never changes: this task is of the type http";
        let refused = (400, "ft.InvalidParameter", told);
        desk.refused(&desk.admin, &modify(&task), &body, refused);
        body.as_object_mut().unwrap().remove("type");
        let multi = format!("POST {TASKS}/{task}/multi_task_modify");
        desk.refused(&desk.admin, &multi, &body, refused);
    }
}

#[test]
fn a_stopped_task_does_not_start_because_something_else_of_it_changes() {
    for desk in desks() {
        let task = desk.task("t", &[]);
        let mut body = http("t", &[]);
        body["task"]["status"] = json!("stop");
        assert_eq!(desk.done(&modify(&task), &body)["task"]["status"], "stop");
        let renamed = desk.done(&modify(&task), &http("renamed", &[]));
        assert_eq!(renamed["task"]["status"], "stop", "{}", desk.register.name);
        body["task"]["status"] = json!("ok");
        assert_eq!(desk.done(&modify(&task), &body)["task"]["status"], "ok");
        body["task"]["status"] = json!("OK");
        let told = "task.status: must be one of ok, stop";
        let refused = (400, "ft.InvalidParameter", told);
        desk.refused(&desk.admin, &modify(&task), &body, refused);
    }
}
