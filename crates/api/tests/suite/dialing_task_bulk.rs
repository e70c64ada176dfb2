//! Many dial tasks at once, and many callers at once.

use std::sync::Barrier;
use std::thread;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::dialing_fixture::{Desk, TASKS, desks, http};

fn set(desk: &Desk, tasks: &[&str], disable: bool) -> Value {
    let body = json!({"taskUUIDs": tasks, "isDisable": disable});
    desk.done(&format!("POST {TASKS}/set_disable"), &body)
}

#[test]
fn tasks_are_stopped_and_dialled_again_and_their_nodes_told() {
    for desk in desks() {
        let node = desk.node("k");
        let [one, two] = ["one", "two"].map(|name| desk.task(name, &[&node]));
        desk.register.pass(TimeDelta::seconds(5));
        assert_eq!(set(&desk, &[&one, &one], true), json!(true), "{}", desk.register.name);
        let row = desk.row(&one);
        assert_eq!(row["task"]["status"], "stop", "{}", desk.register.name);
        assert_eq!(row["updateAt"], desk.now().timestamp());
        let told = desk.told(&node);
        assert_eq!(told.last().unwrap().0, one, "{told:?}");
        // Those that are so already stay as they are.
        desk.register.pass(TimeDelta::seconds(5));
        set(&desk, &[&one, &two], true);
        assert_eq!(desk.row(&one), row, "{}", desk.register.name);
        let later = desk.told(&node);
        assert_eq!((&later[0], &later[1].0), (&told[1], &two), "{later:?}");
        assert_eq!(desk.entries("disable_dial_tasks").len(), 2, "{}", desk.register.name);
        set(&desk, &[&one, &two], false);
        set(&desk, &[&two, &one], false);
        assert_eq!(desk.row(&one)["task"]["status"], "ok");
        assert_eq!(desk.entries("disable_dial_tasks").len(), 4, "{}", desk.register.name);
    }
}

#[test]
fn tasks_are_deleted_together_and_leave_tombstones() {
    for desk in desks() {
        let node = desk.node("k");
        let tasks = ["one", "two", "three"].map(|name| desk.task(name, &[&node]));
        let body = json!({"taskUUIDs": &tasks[..2]});
        let answer = desk.ask(&desk.operator, &format!("POST {TASKS}/delete"), &body);
        assert_eq!((answer.status(), &answer.json()["content"]), (200, &json!({})));
        let told = desk.told(&node);
        let told: Vec<_> = told.iter().map(|(task, tombstone, _)| (task, *tombstone)).collect();
        let expected = [(&tasks[2], false), (&tasks[0], true), (&tasks[1], true)];
        assert_eq!(told, expected, "{}", desk.register.name);
        let list = desk.done(&format!("GET {TASKS}/list"), &Value::Null);
        assert_eq!(list.as_array().unwrap().len(), 1, "{}", desk.register.name);
        assert_eq!(desk.entries("delete_dial_tasks").len(), 2, "{}", desk.register.name);
    }
}

#[test]
fn one_task_that_there_is_not_spares_all_others() {
    for desk in desks() {
        let node = desk.node("k");
        let task = desk.task("t", &[&node]);
        let foreign = desk.ask(&desk.stranger, &format!("POST {TASKS}/add"), &http("t", &[]));
        let foreign = foreign.json()["content"]["uuid"].as_str().unwrap().to_owned();
        let (row, told) = (desk.row(&task), desk.told(&node));
        for other in [&*foreign, "dial_0123456789abcdef0123456789abcdef", "x", ""] {
            let body = json!({"taskUUIDs": [task, other], "isDisable": true});
            for path in ["set_disable", "delete"] {
                let missing = (404, "ft.DialingTaskNotFound", "no such dial task");
                desk.refused(&desk.admin, &format!("POST {TASKS}/{path}"), &body, missing);
            }
        }
        assert_eq!(desk.row(&task), row, "{}", desk.register.name);
        assert_eq!(desk.told(&node), told, "{}", desk.register.name);
    }
}

#[test]
fn which_tasks_are_meant_must_be_said() {
    for desk in desks() {
        let many: Vec<_> = (0..1001).map(|n| format!("dial_{n:032x}")).collect();
        for (ids, told) in [
            (Value::Null, "taskUUIDs: must not be null"),
            (json!([]), "taskUUIDs: must not be empty"),
            (json!("dial_x"), "taskUUIDs: must be an array"),
            (json!([1]), "taskUUIDs[0]: must be a string"),
            (json!(many), "taskUUIDs: must have at most 1000 elements"),
        ] {
            let body = json!({"taskUUIDs": ids, "isDisable": false});
            for path in ["set_disable", "delete"] {
                let request = format!("POST {TASKS}/{path}");
                desk.refused(&desk.admin, &request, &body, (400, "ft.InvalidParameter", told));
            }
        }
        for (disable, told) in [
            (Value::Null, "taskUUIDs: required; isDisable: must not be null"),
            (json!("true"), "taskUUIDs: required; isDisable: must be true or false"),
        ] {
            let (request, body) =
                (format!("POST {TASKS}/set_disable"), json!({"isDisable": disable}));
            desk.refused(&desk.admin, &request, &body, (400, "ft.InvalidParameter", told));
        }
    }
}

/// Sends all of these requests at once; their statuses in order.
fn at_once(desk: &Desk, requests: &[(String, Value)]) -> Vec<u16> {
    let start = Barrier::new(requests.len());
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = requests
            .iter()
            .map(|(request, body)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    desk.ask(&desk.admin, request, body).status()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_two_deletions_at_once_one_finds_the_task() {
    for desk in desks() {
        let task = desk.task("t", &[&desk.node("k")]);
        let body = json!({"taskUUIDs": [task]});
        let requests = vec![(format!("POST {TASKS}/delete"), body); 6];
        let statuses = at_once(&desk, &requests);
        assert_eq!(statuses, [200, 404, 404, 404, 404, 404], "{}", desk.register.name);
        assert_eq!(desk.entries("delete_dial_tasks").len(), 1, "{}", desk.register.name);
    }
}

#[test]
fn a_task_that_is_changed_and_deleted_at_once_ends_deleted_everywhere() {
    for desk in desks() {
        let [one, two] = ["one", "two"].map(|code| desk.node(code));
        let task = desk.task("t", &[&one]);
        let mut requests = vec![(format!("POST {TASKS}/delete"), json!({"taskUUIDs": [task]}))];
        for number in 0..5 {
            let body = http(&format!("n{number}"), &[&one, &two]);
            requests.push((format!("POST {TASKS}/{task}/modify"), body));
        }
        let statuses = at_once(&desk, &requests);
        assert!(statuses.iter().all(|status| matches!(status, 200 | 404)), "{statuses:?}");
        let changes = desk.entries("modify_dial_task").len();
        let fine = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(fine, changes + 1, "{}", desk.register.name);
        for node in [&one, &two] {
            let told = desk.told(node);
            assert!(told.iter().all(|(_, is_tombstone, _)| *is_tombstone), "{told:?}");
        }
    }
}

#[test]
fn all_changes_of_one_task_at_once_are_made_one_after_the_other() {
    for desk in desks() {
        let task = desk.task("t", &[]);
        let change = |n| (format!("POST {TASKS}/{task}/modify"), http(&format!("n{n}"), &[]));
        let requests: Vec<_> = (0..24).map(change).collect();
        assert_eq!(at_once(&desk, &requests), [200; 24], "{}", desk.register.name);
        assert_eq!(desk.entries("modify_dial_task").len(), 24, "{}", desk.register.name);
    }
}

#[test]
fn changes_at_once_get_times_of_their_own_in_each_node() {
    for desk in desks() {
        let node = desk.node("k");
        let requests: Vec<_> = (0..8)
            .map(|n| (format!("POST {TASKS}/add"), http(&format!("n{n}"), &[&node])))
            .collect();
        assert_eq!(at_once(&desk, &requests), [200; 8], "{}", desk.register.name);
        let mut times: Vec<_> = desk.told(&node).into_iter().map(|(_, _, time)| time).collect();
        times.dedup();
        assert_eq!(times.len(), 8, "{}", desk.register.name);
        // All got the same token for their results, and tags of one name are one tag.
        let body = |n| {
            let mut body = http(&format!("t{n}"), &[]);
            body["tags"] = json!(["same"]);
            (format!("POST {TASKS}/add"), body)
        };
        let requests: Vec<_> = (0..4).map(body).collect();
        assert_eq!(at_once(&desk, &requests), [200; 4], "{}", desk.register.name);
        let home = desk.register.enterprise;
        assert_eq!(desk.read(|tx| Ok(tx.list_tags(home)?)).len(), 1, "{}", desk.register.name);
    }
}

#[test]
fn a_task_and_the_deletion_of_its_node_at_once_leave_no_task_on_a_deleted_node() {
    for desk in desks() {
        let node = desk.node("k");
        let task = desk.task("t", &[&node]);
        let mut requests =
            vec![(format!("POST /api/v1/dialing_region/{node}/delete"), Value::Null)];
        for n in 0..3 {
            requests.push((format!("POST {TASKS}/add"), http(&format!("n{n}"), &[&node])));
            let body = http(&format!("m{n}"), &[&node]);
            requests.push((format!("POST {TASKS}/{task}/modify"), body));
        }
        let statuses = at_once(&desk, &requests);
        assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
        let list = desk.done(&format!("GET {TASKS}/list"), &Value::Null);
        for row in list.as_array().unwrap() {
            assert_eq!(row["regions"], json!([]), "{}", desk.register.name);
        }
    }
}

#[test]
fn one_call_changes_four_mebibytes_of_tasks_at_most() {
    for desk in desks() {
        let mut body = http("t", &[]);
        let large = json!({"body_type": "text/plain", "body": "x".repeat(64_000)});
        body["task"]["method"] = json!("POST");
        body["task"]["advance_options"] = json!({"request_body": large});
        let add = |_| desk.done(&format!("POST {TASKS}/add"), &body)["uuid"].clone();
        let tasks: Vec<_> = (0..66).map(add).collect();
        for path in ["set_disable", "delete"] {
            let body = |tasks| json!({"taskUUIDs": tasks, "isDisable": true});
            let request = format!("POST {TASKS}/{path}");
            let refused = desk.ask(&desk.admin, &request, &body(&tasks[..]));
            let told = "bytes together, and one call changes 4194304 at most";
            assert_eq!(refused.status(), 400, "{refused:?}");
            assert!(refused.text.contains(told), "{refused:?}");
            desk.done(&request, &body(&tasks[1..]));
        }
        let left = desk.done(&format!("GET {TASKS}/list"), &Value::Null);
        assert_eq!(left.as_array().unwrap().len(), 1, "{}", desk.register.name);
    }
}
