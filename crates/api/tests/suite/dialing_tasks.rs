//! Adding and showing dial tasks on the dialing face.

use serde_json::{Value, json};

use crate::dialing_fixture::{TASKS, desks, http};

fn add() -> String {
    format!("POST {TASKS}/add")
}

fn modify(task: &str) -> String {
    format!("POST {TASKS}/{task}/modify")
}

fn get(task: &str) -> String {
    format!("GET {TASKS}/{task}/get")
}

#[test]
fn the_answer_to_an_addition_is_the_published_row() {
    for desk in desks() {
        let nodes = [desk.node("b"), desk.node("a")];
        let mut body = http("test", &[&nodes[1], &nodes[0], &nodes[1]]);
        body["tags"] = json!(["web", "a", "web"]);
        body["task"]["external_id"] = json!("of the client");
        body["task"]["success_when_logic"] = json!("and");
        let answer = desk.ask(&desk.admin, &add(), &body);
        let row = answer.json()["content"].clone();
        let workspace = format!("wksp_{}", desk.register.enterprise);
        let (now, account) = (desk.now().timestamp(), desk.account(&desk.admin));
        let expected = json!({
            "code": 200,
            "content": {
                "createAt": now, "creator": account, "deleteAt": -1, "id": null,
                "regions": nodes, "status": 0,
                "tagInfo": [
                    {"id": row["tagInfo"][0]["id"], "name": "a"},
                    {"id": row["tagInfo"][1]["id"], "name": "web"},
                ],
                "task": {
                    "name": "test", "frequency": "1m", "method": "GET",
                    "url": "https://example.com",
                    "success_when": [{"status_code": [{"is": "200"}]}],
                    "success_when_logic": "and", "status": "ok", "external_id": row["uuid"],
                    "owner_external_id": workspace,
                    "post_url": "http://127.0.0.1:8080/dial?token=tkn_***",
                },
                "type": "http", "updateAt": now, "updator": account, "uuid": row["uuid"],
                "workspaceUUID": workspace,
            },
            "errorCode": "", "message": "", "success": true, "traceId": answer.json()["traceId"],
        });
        assert_eq!(answer.text, expected.to_string(), "{}", desk.register.name);
        for (id, prefix) in [(&row["uuid"], "dial_"), (&row["tagInfo"][0]["id"], "tag_")] {
            let digits = id.as_str().unwrap().strip_prefix(prefix).unwrap();
            assert_eq!(digits.len(), 32, "{id}");
            assert!(digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{id}");
        }
        // Later it has its number, and else is the same.
        let mut later = expected["content"].clone();
        later["id"] = desk.row(row["uuid"].as_str().unwrap())["id"].clone();
        assert!(later["id"].is_i64(), "{later}");
        assert_eq!(desk.row(row["uuid"].as_str().unwrap()), later, "{}", desk.register.name);
        for node in &nodes {
            assert_eq!(desk.told(node).len(), 1, "{}", desk.register.name);
        }
    }
}

#[test]
fn the_type_is_taken_in_any_case_and_many_steps_by_either_path() {
    for desk in desks() {
        let steps =
            json!({"name": "m", "frequency": "5m", "steps": [{"type": "wait", "value": 1}]});
        let body = json!({"type": "Multi", "regions": [], "task": steps});
        assert_eq!(desk.done(&add(), &body)["type"], "multi", "{}", desk.register.name);
        let path = format!("POST {TASKS}/multi_task_add");
        for body in [json!({"regions": [], "task": steps}), body] {
            let row = desk.done(&path, &body);
            assert_eq!((&row["type"], &row["regions"]), (&json!("multi"), &json!([])));
        }
        let told = "type: is http, and this path is for tasks of the type multi";
        let refused = (400, "ft.InvalidParameter", told);
        let body = json!({"type": "http", "regions": [], "task": steps});
        desk.refused(&desk.admin, &path, &body, refused);
    }
}

#[test]
fn all_that_is_wrong_with_a_task_is_told_at_once() {
    for desk in desks() {
        let foreign = desk.node_of(&desk.stranger, "k");
        let deleted = desk.node("deleted");
        desk.done(&format!("POST /api/v1/dialing_region/{deleted}/delete"), &Value::Null);
        let unknown = "reg_cg2britepb7e977fpm80";
        let body = json!({
            "type": "http", "regions": [foreign, deleted, unknown], "tags": "x",
            "task": {"frequency": "2m", "url": "ftp://x", "method": "GET",
                "success_when": [{"body": [{"match_regex": "(["}]}]},
        });
        let mut nodes = [foreign, deleted, unknown.to_owned()];
        nodes.sort();
        let nodes = nodes.map(|id| format!("regions: {id} is no node of this workspace"));
        let told = desk.ask(&desk.admin, &add(), &body).json()["message"].clone();
        let told: Vec<&str> = told.as_str().unwrap().split("; ").collect();
        assert_eq!(told[0], "tags: must be an array", "{}", desk.register.name);
        assert_eq!(
            told[1..5],
            [
                "task.name: required",
                "task.frequency: must be one of 1m, 5m, 15m, 30m, 1h, 6h, 12h, 24h",
                "task.url: must be a URL with a host that begins with http:// or https://",
                told[4],
            ]
        );
        assert!(told[4].starts_with("task.success_when[0].body[0].match_regex: "), "{told:?}");
        assert_eq!(told[5..], nodes, "{}", desk.register.name);
        let list = desk.done(&format!("GET {TASKS}/list"), &Value::Null);
        assert_eq!(list, json!([]), "{}", desk.register.name);
    }
}

#[test]
fn every_field_beside_the_task_is_checked() {
    for desk in desks() {
        let task = http("t", &[])["task"].clone();
        let many: Vec<_> = (0..1001).map(|n| format!("reg_{n:019}0")).collect();
        let tags: Vec<_> = (0..101).map(|n| n.to_string()).collect();
        for (body, told) in [
            (json!({}), "type: required; regions: required; task: required"),
            (
                json!({"type": null, "regions": null, "task": null, "tags": null}),
                "type: must not be null; regions: must not be null; task: must not be null",
            ),
            (
                json!({"type": 1, "regions": {}, "task": task}),
                "type: must be a string; regions: must be an array",
            ),
            (
                json!({"type": "dns", "regions": [], "task": task}),
                "type: must be one of http, tcp, icmp, websocket, multi, grpc, ssl",
            ),
            (
                json!({"type": "http", "regions": ["x", 1, null], "task": task}),
                "regions[0]: is no identifier of a node; regions[1]: must be a string; \
                 regions[2]: must be a string",
            ),
            (
                json!({"type": "http", "regions": many, "task": task}),
                "regions: must have at most 1000 elements",
            ),
            (
                json!({"type": "http", "regions": [], "task": task, "tags": ["", "x".repeat(65)]}),
                "tags[0]: must not be empty; tags[1]: must have at most 64 characters",
            ),
            (
                json!({"type": "http", "regions": [], "task": task, "tags": tags}),
                "tags: must have at most 100 elements",
            ),
            (json!({"type": "http", "regions": [], "task": "x"}), "task: must be an object"),
        ] {
            desk.refused(&desk.admin, &add(), &body, (400, "ft.InvalidParameter", told));
        }
        assert!(desk.entries("add_dial_task").is_empty(), "{}", desk.register.name);
    }
}

#[test]
fn what_is_told_of_a_wrong_task_is_bounded() {
    for desk in desks() {
        let headers: serde_json::Map<String, Value> =
            (0..200).map(|n| (format!("{n}{}", "x".repeat(200)), json!(1))).collect();
        let mut body = http("t", &[]);
        body["task"]["advance_options"] = json!({"request_options": {"headers": headers}});
        let answer = desk.ask(&desk.admin, &add(), &body);
        assert_eq!(answer.status(), 400, "{}", desk.register.name);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(message.matches(": must be a string").count(), 50, "{message}");
        assert!(message.ends_with("; and more"), "{message}");
        assert!(message.len() < 20_000, "{}", message.len());
    }
}

#[test]
fn what_is_no_task_of_the_workspace_does_not_exist() {
    for desk in desks() {
        let answer = desk.ask(&desk.stranger, &add(), &http("t", &[]));
        let foreign = answer.json()["content"]["uuid"].as_str().unwrap().to_owned();
        let deleted = desk.task("deleted", &[]);
        desk.done(&format!("POST {TASKS}/delete"), &json!({"taskUUIDs": [deleted]}));
        let unknown = "dial_0123456789abcdef0123456789abcdef";
        for task in [&*foreign, &deleted, unknown, "x", &unknown[5..], "%20"] {
            let none = (404, "ft.DialingTaskNotFound", "no such dial task");
            desk.refused(&desk.admin, &get(task), &Value::Null, none);
            desk.refused(&desk.admin, &modify(task), &http("t", &[]), none);
            let multi = format!("POST {TASKS}/{task}/multi_task_modify");
            desk.refused(&desk.admin, &multi, &http("t", &[]), none);
        }
    }
}

#[test]
fn head_is_served_beside_get() {
    for desk in desks() {
        let task = desk.task("t", &[]);
        for path in [format!("{task}/get"), "list".to_owned(), "default_region_list".to_owned()] {
            let answer = desk.ask(&desk.viewer, &format!("HEAD {TASKS}/{path}"), &Value::Null);
            assert_eq!((answer.status(), answer.text.as_str()), (200, ""), "{path}: {answer:?}");
        }
    }
}
