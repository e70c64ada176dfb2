//! Changing and deleting nodes on the dialing face.

use std::sync::Barrier;
use std::thread;

use cadastre_domain::node::Node;
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::dialing_cases::REGISTER;
use crate::dialing_fixture::{Desk, desks};

fn modify(uuid: &str) -> String {
    format!("POST /api/v1/dialing_region/{uuid}/modify")
}

fn delete(method: &str, uuid: &str) -> String {
    format!("{method} /api/v1/dialing_region/{uuid}/delete")
}

fn stored(desk: &Desk, uuid: &str) -> Node {
    desk.read(|tx| Ok(tx.find_nodes(&[text(uuid)])?)).remove(0)
}

#[test]
fn a_change_touches_the_fields_that_are_given_and_no_others() {
    for desk in desks() {
        let uuid = desk.node("k");
        desk.register.pass(TimeDelta::seconds(5));
        let before = stored(&desk, &uuid);
        let body = json!({
            "name": "n", "company": "o", "country": "中国", "province": "p", "city": "t",
            "isp": "电信", "internal": false, "keycode": "k", "uuid": "ignored",
        });
        let answer = desk.ask(&desk.operator, &modify(&uuid), &body);
        let enterprise = desk.register.enterprise;
        let parent = desk.read(|tx| Ok(tx.find_enterprise(enterprise)?)).unwrap().parent_key_id;
        let workspace = format!("wksp_{enterprise}");
        let expected = json!({
            "code": 200,
            "content": {"regionInfo": {
                "city": "t", "company": "o", "country": "中国", "create_at": 0,
                "external_id": workspace, "heartbeat": -1, "internal": false, "isp": "电信",
                "keycode": "k", "name": "n", "owner": "custom",
                "parent_ak": parent.to_string(), "province": "p", "region": "k", "status": "",
                "uuid": uuid,
            }},
            "errorCode": "", "message": "", "success": true, "traceId": answer.json()["traceId"],
        });
        assert_eq!(answer.text, expected.to_string(), "{}", desk.register.name);
        let after = stored(&desk, &uuid);
        assert_eq!((after.version, after.updated_at), (before.version + 1, desk.now()));
        assert_eq!(after.created_at, before.created_at);
        // One of them alone; null empties what may be empty.
        let changed = desk.done(&modify(&uuid), &json!({"city": null}))["regionInfo"].clone();
        let told = (&changed["city"], &changed["name"], &changed["country"]);
        assert_eq!(told, (&json!(""), &json!("n"), &json!("中国")), "{}", desk.register.name);
        assert_eq!(desk.entries("modify_dialing_node").len(), 2);
    }
}

#[test]
fn a_change_of_nothing_leaves_nothing() {
    for desk in desks() {
        let uuid = desk.node("k");
        let before = stored(&desk, &uuid);
        desk.register.pass(TimeDelta::seconds(1));
        for body in [json!({}), json!({"name": "", "isp": "i"}), json!({"keycode": "k"})] {
            desk.done(&modify(&uuid), &body);
        }
        assert_eq!(stored(&desk, &uuid), before, "{}", desk.register.name);
        assert!(desk.entries("modify_dialing_node").is_empty());
    }
}

#[test]
fn all_wrong_fields_of_a_change_are_told() {
    for desk in desks() {
        let uuid = desk.node("k");
        let before = stored(&desk, &uuid);
        let body = json!({
            "internal": null, "isp": "", "country": 1, "province": "p\u{7}", "city": [],
            "name": "x".repeat(257), "company": true, "keycode": null,
        });
        let told = "internal: must not be null; isp: must not be empty; country: must be a string; \
            province: must not contain '\\u{7}'; city: must be a string; \
            name: must have at most 256 characters; company: must be a string; \
            keycode: must not be null";
        desk.refused(&desk.admin, &modify(&uuid), &body, (400, "ft.InvalidParameter", told));
        let body = json!({"name": "n", "keycode": "another"});
        let told = "keycode: never changes";
        desk.refused(&desk.admin, &modify(&uuid), &body, (400, "ft.InvalidParameter", told));
        assert_eq!(stored(&desk, &uuid), before, "{}", desk.register.name);
        let answer = desk.ask(&desk.admin, &modify(&uuid), &json!([]));
        assert_eq!((answer.status(), &answer.json()["errorCode"]), (400, &json!("ft.InvalidJSON")));
    }
}

#[test]
fn a_deleted_node_is_gone_from_lists_and_tasks_and_keeps_its_keys() {
    for desk in desks() {
        let [node, other] = ["k", "other"].map(|code| desk.node(code));
        let task = desk.task("t", &[&node, &other]);
        assert_eq!(desk.done(&delete("GET", &node), &Value::Null), json!({}));
        let told = desk.told(&node);
        let list = desk.done("GET /api/v1/dialing_region/list", &Value::Null);
        assert_eq!(list.as_array().unwrap().len(), 1, "{}", desk.register.name);
        assert_eq!(desk.row(&task)["regions"], json!([other]));
        assert_eq!(stored(&desk, &node).deleted_at, Some(desk.now()));
        // It can still be told to stop, and hears of nothing new.
        assert_eq!(desk.read(|tx| Ok(tx.node_keys(&[text(&node)])?)).len(), 1);
        assert!(desk.read(|tx| Ok(tx.is_delivered(&text(&node), text(&task))?)));
        desk.done(
            "POST /api/v1/dialing_task/set_disable",
            &json!({"taskUUIDs": [task], "isDisable": true}),
        );
        let now = desk.told(&node);
        assert_eq!(now, [(task.clone(), true, told[0].2)], "{}", desk.register.name);
        assert_eq!(desk.told(&other).len(), 1);
        let body = crate::dialing_fixture::http("t", &[&node]);
        let refused = format!("regions: {node} is no node of this workspace");
        let request = format!("POST /api/v1/dialing_task/{task}/modify");
        desk.refused(&desk.admin, &request, &body, (400, "ft.InvalidParameter", &refused));
    }
}

#[test]
fn a_node_is_deleted_once_by_either_method_and_frees_its_keycode() {
    for desk in desks() {
        let mut seen = Vec::new();
        for (first, second) in [("GET", "POST"), ("POST", "GET"), ("GET", "GET")] {
            let node = desk.node("k");
            assert!(!seen.contains(&node), "{}", desk.register.name);
            let answer = desk.ask(&desk.operator, &delete(first, &node), &Value::Null);
            assert_eq!(answer.status(), 200, "{answer:?}");
            let gone = (404, "ft.DialingRegionNotFound", "no such node");
            desk.refused(&desk.admin, &delete(second, &node), &Value::Null, gone);
            desk.refused(&desk.admin, &modify(&node), &json!({}), gone);
            seen.push(node);
        }
    }
}

#[test]
fn of_two_deletions_at_once_one_finds_the_node() {
    for desk in desks() {
        let node = desk.node("k");
        let start = Barrier::new(8);
        let mut statuses: Vec<u16> = thread::scope(|scope| {
            let ask = |method| {
                start.wait();
                desk.ask(&desk.admin, &delete(method, &node), &Value::Null).status()
            };
            let all = ["GET", "POST"].into_iter().cycle().take(8);
            let all: Vec<_> = all.map(|method| scope.spawn(move || ask(method))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404, 404, 404, 404, 404, 404, 404], "{}", desk.register.name);
        let told = ["delete_dialing_node", "delete_dialing_node_by_get"];
        assert_eq!(told.map(|operation| desk.entries(operation).len()).iter().sum::<usize>(), 1);
    }
}

#[test]
fn of_two_registrations_at_once_one_gets_the_keycode_that_was_freed() {
    for desk in desks() {
        let node = desk.node("k");
        desk.done(&delete("POST", &node), &Value::Null);
        let start = Barrier::new(8);
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
        let mut statuses: Vec<u16> = thread::scope(|scope| {
            let ask = || {
                start.wait();
                desk.ask(&desk.admin, &format!("POST {REGISTER}"), &body).status()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409], "{}", desk.register.name);
    }
}

#[test]
fn a_change_and_a_deletion_at_once_end_with_a_node_that_is_gone() {
    for desk in desks() {
        let node = desk.node("k");
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for number in 0..7 {
                let (desk, node, start) = (&desk, &node, &start);
                scope.spawn(move || {
                    start.wait();
                    let body = json!({"name": format!("n{number}")});
                    let status = desk.ask(&desk.admin, &modify(node), &body).status();
                    assert!(matches!(status, 200 | 404), "{status}");
                });
            }
            start.wait();
            desk.done(&delete("POST", &node), &Value::Null);
        });
        let after = stored(&desk, &node);
        let changes = desk.entries("modify_dialing_node").len();
        assert!(after.deleted_at.is_some(), "{}", desk.register.name);
        assert_eq!(after.version, 2 + i64::try_from(changes).unwrap(), "{}", desk.register.name);
    }
}
