//! Listing and showing nodes on the dialing face.

use cadastre_domain::node::{Node, NodeKey};
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::dialing_cases::{REGISTER, example};
use crate::dialing_fixture::{Desk, TASKS, desks};

const LIST: &str = "GET /api/v1/dialing_region/list";

fn uuids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["uuid"].as_str().unwrap()).collect()
}

fn info(uuid: &str) -> String {
    format!("GET /api/v1/dialing_region/{uuid}/info")
}

#[test]
fn a_list_shows_its_own_projection_of_each_node() {
    for desk in desks() {
        let made = desk.done(&format!("POST {REGISTER}"), &example());
        let second = desk.node("second");
        desk.node_of(&desk.stranger, "foreign");
        desk.pulled(&second, TimeDelta::seconds(7));
        let answer = desk.ask(&desk.viewer, LIST, &Value::Null);
        let uuid = &made["regionInfo"]["uuid"];
        let now = desk.now().timestamp();
        let row = json!({
            "city": "Shahrak", "company": "", "country": "Afghanistan", "create_at": now,
            "external_id": "", "heartbeat": -1, "internal": false, "isp": "telecom",
            "keycode": "Afghanistan-Shahrak-telecom", "name": "test", "owner": "custom",
            "parent_ak": "", "province": "", "region": "Afghanistan-Shahrak-telecom",
            "status": "OK", "uuid": uuid,
        });
        let other = json!({
            "city": "", "company": "", "country": "c", "create_at": now, "external_id": "",
            "heartbeat": (desk.now() - TimeDelta::seconds(7)).timestamp(), "internal": true,
            "isp": "i", "keycode": "second", "name": "", "owner": "custom", "parent_ak": "",
            "province": "", "region": "second", "status": "OK", "uuid": second,
        });
        let expected = json!({
            "code": 200, "content": [row, other], "errorCode": "", "message": "",
            "success": true, "traceId": answer.json()["traceId"],
        });
        assert_eq!(answer.text, expected.to_string(), "{}", desk.register.name);
    }
}

#[test]
fn who_is_alive_is_reckoned_when_it_is_asked() {
    for desk in desks() {
        let [fresh, old, never] = ["fresh", "old", "never"].map(|code| desk.node(code));
        let [disabled, keyless] = ["disabled", "keyless"].map(|code| desk.node(code));
        for node in [&fresh, &disabled, &keyless] {
            desk.pulled(node, TimeDelta::seconds(300));
        }
        desk.pulled(&old, TimeDelta::seconds(301));
        let ids = [text(&disabled), text(&keyless)];
        let now = desk.now();
        desk.write(move |tx| {
            let node = tx.find_nodes(&ids[..1])?.remove(0);
            tx.save_node(&Node { is_enabled: false, ..node.changed(now) })?;
            let key = tx.node_keys(&ids[1..])?.remove(0);
            Ok(tx.save_node_key(&NodeKey { revoked_at: Some(now), ..key })?)
        });
        let ask = |alive: &str| desk.done(&format!("{LIST}?isAlive={alive}"), &Value::Null);
        let others = [&old, &never, &disabled, &keyless].map(String::as_str);
        assert_eq!(uuids(&ask("true")), [fresh.as_str()], "{}", desk.register.name);
        assert_eq!(uuids(&ask("false")), others, "{}", desk.register.name);
        assert_eq!(uuids(&ask("")).len(), 5);
        assert_eq!(ask("")[3]["status"], "DISABLED");
        // A second later, all by itself.
        desk.register.pass(TimeDelta::seconds(1));
        assert_eq!(ask("true"), json!([]), "{}", desk.register.name);
    }
}

#[test]
fn other_words_for_alive_are_refused() {
    for desk in desks() {
        for word in ["True", "1", "yes", "null", "%20true"] {
            let request = format!("{LIST}?isAlive={word}");
            let told = "isAlive: must be true or false";
            desk.refused(&desk.viewer, &request, &Value::Null, (400, "ft.InvalidParameter", told));
        }
        let told = "isAlive: must not be given more than once";
        let request = format!("{LIST}?isAlive=true&isAlive=true");
        desk.refused(&desk.viewer, &request, &Value::Null, (400, "ft.InvalidParameter", told));
        // What is not known is passed over.
        let answer = desk.ask(&desk.viewer, &format!("{LIST}?page=1&x"), &Value::Null);
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
}

#[test]
fn info_shows_its_own_projection_and_the_secret_to_those_who_may_see_it() {
    for desk in desks() {
        let made = desk.done(&format!("POST {REGISTER}"), &example());
        let uuid = made["regionInfo"]["uuid"].as_str().unwrap();
        let workspace = format!("wksp_{}", desk.register.enterprise);
        for (key, sk) in [
            (&desk.admin, made["ak"]["sk"].clone()),
            (&desk.operator, json!("")),
            (&desk.viewer, json!("")),
        ] {
            let answer = desk.ask(key, &info(uuid), &Value::Null);
            let expected = json!({
                "code": 200,
                "content": {
                    "ak": {
                        "ak": made["ak"]["ak"], "external_id": workspace, "owner": "",
                        "parent_ak": made["ak"]["parent_ak"], "sk": sk, "status": "",
                        "update_at": 0,
                    },
                    "regionInfo": {
                        "city": "Shahrak", "company": "", "country": "Afghanistan",
                        "create_at": 0, "external_id": workspace, "heartbeat": -1,
                        "internal": false, "isp": "telecom",
                        "keycode": "Afghanistan-Shahrak-telecom", "name": "test",
                        "owner": "custom", "parent_ak": made["ak"]["parent_ak"],
                        "province": "", "region": "Afghanistan-Shahrak-telecom", "status": "",
                        "uuid": uuid,
                    },
                    "server": "http://127.0.0.1:8080",
                },
                "errorCode": "", "message": "", "success": true,
                "traceId": answer.json()["traceId"],
            });
            assert_eq!(answer.text, expected.to_string(), "{}", desk.register.name);
        }
        let entries = desk.entries("get_dialing_node");
        let told = entries.iter().map(|e| (e.changes.as_str(), e.revealed.as_str()));
        assert_eq!(told.collect::<Vec<_>>(), [("[]", "sk")], "{}", desk.register.name);
        desk.pulled(uuid, TimeDelta::seconds(3));
        let heartbeat = desk.done(&info(uuid), &Value::Null)["regionInfo"]["heartbeat"].clone();
        assert_eq!(heartbeat, (desk.now() - TimeDelta::seconds(3)).timestamp());
    }
}

/// Gives the node another key, and ends those before at `until`.
fn rotate(desk: &Desk, node: &str, letter: &str, until: TimeDelta) {
    let (id, now) = (text(node), desk.now());
    let pair = cadastre_domain::node::AccessKey {
        id: text(&letter.repeat(20)),
        secret: text(&letter.repeat(40)),
    };
    desk.write(move |tx| {
        let before = tx.node_keys(std::slice::from_ref(&id))?;
        for key in before {
            tx.save_node_key(&NodeKey { valid_until: Some(now + until), ..key })?;
        }
        let home = tx.find_nodes(std::slice::from_ref(&id))?.remove(0).enterprise_id;
        Ok(tx.insert_node_key(&NodeKey::new(pair.clone(), id.clone(), home, now))?)
    });
}

#[test]
fn info_shows_the_newest_key_that_is_valid() {
    for desk in desks() {
        let node = desk.node("k");
        let shown = || {
            let ak = desk.done(&info(&node), &Value::Null)["ak"].clone();
            (ak["ak"].as_str().unwrap().to_owned(), ak["sk"].as_str().unwrap().to_owned())
        };
        let first = shown();
        desk.register.pass(TimeDelta::seconds(1));
        rotate(&desk, &node, "n", TimeDelta::hours(1));
        assert_eq!(shown(), ("n".repeat(20), "n".repeat(40)), "{}", desk.register.name);
        assert_ne!(shown(), first);
        // When there is none, there is nothing to show, and nothing to tell.
        let id = text(&node);
        let now = desk.now();
        desk.write(move |tx| {
            for key in tx.node_keys(std::slice::from_ref(&id))? {
                tx.save_node_key(&NodeKey { revoked_at: Some(now), ..key })?;
            }
            Ok(())
        });
        let before = desk.entries("get_dialing_node").len();
        assert_eq!(shown(), (String::new(), String::new()), "{}", desk.register.name);
        assert_eq!(desk.entries("get_dialing_node").len(), before);
    }
}

#[test]
fn what_is_no_node_of_the_workspace_does_not_exist() {
    for desk in desks() {
        let foreign = desk.node_of(&desk.stranger, "k");
        for uuid in [&*foreign, "reg_cg2britepb7e977fpm80", "x", "dial_1", "%00", "..%2flist"] {
            let none = (404, "ft.DialingRegionNotFound", "no such node");
            desk.refused(&desk.admin, &info(uuid), &Value::Null, none);
            for method in ["GET", "POST"] {
                let request = format!("{method} /api/v1/dialing_region/{uuid}/delete");
                desk.refused(&desk.admin, &request, &Value::Null, none);
            }
            let request = format!("POST /api/v1/dialing_region/{uuid}/modify");
            desk.refused(&desk.admin, &request, &json!({"name": "x"}), none);
        }
    }
}

#[test]
fn nobody_offers_nodes_to_everybody() {
    for desk in desks() {
        desk.node("k");
        let request = format!("GET {TASKS}/default_region_list");
        assert_eq!(desk.done(&request, &Value::Null), json!([]), "{}", desk.register.name);
    }
}

#[test]
fn head_is_served_beside_get_and_deletes_nothing() {
    for desk in desks() {
        let node = desk.node("k");
        for path in ["list".to_owned(), format!("{node}/info")] {
            let request = format!("/api/v1/dialing_region/{path}");
            let get = desk.ask(&desk.viewer, &format!("GET {request}"), &Value::Null);
            let head = desk.ask(&desk.viewer, &format!("HEAD {request}"), &Value::Null);
            assert_eq!((head.status(), head.text.as_str()), (200, ""), "{request}");
            assert_eq!(head.header("content-length"), get.header("content-length"));
        }
        let request = format!("HEAD /api/v1/dialing_region/{node}/delete");
        let answer = desk.ask(&desk.admin, &request, &Value::Null);
        assert_eq!((answer.status(), answer.header("allow")), (405, "POST, GET"), "{answer:?}");
        assert_eq!(uuids(&desk.done(LIST, &Value::Null)), [node.as_str()]);
    }
}
