//! Registering nodes on the dialing face: the answer key by key, what is kept, and what is unique.

use std::collections::HashSet;

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::node::{Node, NodeProfile};
use cadastre_domain::role::Role;
use cadastre_storage::StorageError;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::dialing_cases::{REGISTER, example};
use crate::support::{Answer, Register, registers, registers_with};

fn post(register: &Register, key: &str, body: &Value) -> Answer {
    register.request("POST", REGISTER).api_key(key).json(body).send()
}

fn with_keycode(keycode: &str) -> Value {
    json!({"internal": true, "isp": "telecom", "country": "China", "keycode": keycode})
}

fn own_enterprise(register: &Register) -> Enterprise {
    let id = register.enterprise;
    let found: Result<_, StorageError> = register.app.store.read(|tx| tx.find_enterprise(id));
    found.unwrap().unwrap()
}

fn stored(register: &Register) -> Vec<Node> {
    let id = register.enterprise;
    let nodes: Result<_, StorageError> = register.app.store.read(|tx| tx.list_nodes(id));
    nodes.unwrap()
}

#[test]
fn the_answer_to_a_registration_is_the_published_one_key_by_key() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let answer = post(&register, &key, &example());
        let body = answer.json();
        let (ak, region) = (&body["content"]["ak"], &body["content"]["regionInfo"]);
        let parent = own_enterprise(&register).parent_key_id.to_string();
        let workspace = format!("wksp_{}", register.enterprise);
        let expected = json!({
            "code": 200,
            "content": {
                "ak": {
                    "ak": ak["ak"], "external_id": workspace, "owner": "", "parent_ak": parent,
                    "sk": ak["sk"], "status": "", "update_at": 0,
                },
                "regionInfo": {
                    "city": "Shahrak", "company": "", "country": "Afghanistan", "create_at": 0,
                    "external_id": format!("{parent}-{workspace}"), "heartbeat": 0,
                    "internal": false, "isp": "telecom",
                    "keycode": "Afghanistan-Shahrak-telecom", "name": "test", "owner": "custom",
                    "parent_ak": "", "province": "", "region": "", "status": "",
                    "uuid": region["uuid"],
                },
                "server": "http://127.0.0.1:8080",
            },
            "errorCode": "",
            "message": "",
            "success": true,
            "traceId": body["traceId"],
        });
        assert_eq!(answer.text, expected.to_string(), "{}", register.name);
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[test]
fn what_was_said_of_a_node_is_kept_as_it_was_said() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let body = json!({
            "internal": true, "isp": "电信", "country": "中国", "province": "浙江", "city": "杭州",
            "name": " spaces stay ", "company": "Ünïcode & Söhne 🏙", "keycode": "'; --\"\\%_",
        });
        let answer = post(&register, &key, &body);
        assert_eq!(answer.status(), 200, "{} {answer:?}", register.name);
        let info = &answer.json()["content"]["regionInfo"];
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&info[field], value, "{} {field}", register.name);
        }
        let profile = NodeProfile {
            internal: true,
            isp: text("电信"),
            country: text("中国"),
            province: text("浙江"),
            city: text("杭州"),
            name: text(" spaces stay "),
            company: text("Ünïcode & Söhne 🏙"),
            keycode: text("'; --\"\\%_"),
        };
        let id = text(info["uuid"].as_str().unwrap());
        let expected = Node::new(id, register.enterprise, profile, register.app.clock.now());
        assert_eq!(stored(&register), [expected], "{}", register.name);
    }
}

#[test]
fn identifiers_and_keys_differ_from_call_to_call_and_the_parent_key_does_not() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let mut seen = HashSet::new();
        let mut parents = HashSet::new();
        for n in 0..20 {
            let body = post(&register, &key, &with_keycode(&format!("k{n}"))).json();
            for pointer in
                ["/content/ak/ak", "/content/ak/sk", "/content/regionInfo/uuid", "/traceId"]
            {
                let value = body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
                assert!(seen.insert(value), "{} {pointer}", register.name);
            }
            parents.insert(body["content"]["ak"]["parent_ak"].to_string());
        }
        assert_eq!(parents.len(), 1, "{}", register.name);
    }
}

#[test]
fn the_public_url_is_told_as_server() {
    let public = |options: &mut cadastre_api::config::ServeOptions| {
        options.public_url = Some("https://cadastre.example.com/".into());
    };
    for register in registers_with(public) {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let answer = post(&register, &key, &example());
        let server = &answer.json()["content"]["server"];
        assert_eq!(server, "https://cadastre.example.com", "{}", register.name);
    }
}

#[test]
fn a_keycode_that_is_taken_in_the_workspace_is_a_conflict() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let first = post(&register, &key, &with_keycode("k"));
        assert_eq!(first.status(), 200, "{} {first:?}", register.name);
        let mut again = with_keycode("k");
        again["isp"] = json!("another");
        let answer = post(&register, &key, &again);
        let expected = json!({
            "code": 409,
            "content": {},
            "errorCode": "ft.DialingRegionKeycodeExists",
            "message": "keycode: a node with this keycode exists",
            "success": false,
            "traceId": answer.json()["traceId"],
        });
        assert_eq!(answer.text, expected.to_string(), "{}", register.name);
        assert_eq!(answer.status(), 409, "{}", register.name);
        assert_eq!(stored(&register).len(), 1, "{}", register.name);
        assert_eq!(stored(&register)[0].profile.isp, text("telecom"), "{}", register.name);
    }
}

#[test]
fn keycodes_that_look_alike_are_different_ones() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        // Case, a space at the end, an accent in one character and in two, an invisible space.
        let alike = ["k", "K", "k ", "é", "e\u{301}", "k\u{200b}", "ß", "ss"];
        for keycode in alike {
            let answer = post(&register, &key, &with_keycode(keycode));
            assert_eq!(answer.status(), 200, "{} {keycode:?} {answer:?}", register.name);
        }
        assert_eq!(stored(&register).len(), alike.len(), "{}", register.name);
    }
}

#[test]
fn fields_that_are_not_known_are_ignored() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let mut body = with_keycode("k");
        for field in ["uuid", "region", "status", "owner", "parent_ak", "external_id", "ak", "sk"] {
            body[field] = json!("given");
        }
        body["create_at"] = json!(1);
        body["heartbeat"] = json!({"deep": [null]});
        let answer = post(&register, &key, &body);
        assert_eq!(answer.status(), 200, "{} {answer:?}", register.name);
        assert!(!answer.text.contains("given"), "{} {answer:?}", register.name);
        let info = &answer.json()["content"]["regionInfo"];
        assert_eq!((&info["create_at"], &info["heartbeat"]), (&json!(0), &json!(0)));
    }
}
