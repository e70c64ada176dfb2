//! Variables of dial tasks: kept on the native face, pulled and computed by agents.

use cadastre_api::app::Writer;
use cadastre_api::error::Error;
use cadastre_api::service::variables::store_computed;
use cadastre_domain::role::Role;
use cadastre_testkit::dump;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::agent_fixture::{Agent, STOP, Site, check_refused, pass};
use crate::raw::Peer;
use crate::support::{Register, registers};

fn add(site: &Site<'_>, body: &Value) -> Value {
    let added = site.native("POST", "/dial-variables", body);
    assert_eq!(added.status(), 201, "{added:?}");
    added.json()
}

/// The variables that a pull brings behind this time.
fn pulled(register: &Register, agent: &Agent, since: i64) -> Vec<Value> {
    let path = format!("/v1/task/pull?region_id={}&since=0&variable_since={since}", agent.node);
    let answer = agent.signed(register, "GET", &path, b"").send();
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(!answer.text.contains("null"), "{answer:?}");
    match &answer.json()["content"]["variables"] {
        Value::Null => Vec::new(),
        text => serde_json::from_str(text.as_str().unwrap()).unwrap(),
    }
}

fn send(register: &Register, agent: &Agent, body: &Value) -> u16 {
    let path = format!("/v1/variable/update/{}", agent.node);
    agent.signed(register, "POST", &path, body.to_string().as_bytes()).send().status()
}

#[test]
fn agents_pull_what_is_new_and_what_is_deleted() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        assert_eq!(pulled(&register, &agent, 0), [Value::Null; 0]);
        let made = add(&site, &json!({"name": "a", "value": "42"}));
        let secret = add(&site, &json!({"name": "b", "value": "hunter2", "secure": true}));
        assert_eq!((&made["value"], &secret["value"]), (&json!("42"), &Value::Null));
        let now = register.app.clock.now().timestamp();
        let first = pulled(&register, &agent, 0);
        let owner = first[0]["owner_external_id"].clone();
        assert!(owner.as_str().unwrap().ends_with(&format!("-wksp_{}", register.enterprise)));
        let told = |id: &Value, name: &str, value: &str, secure: bool, at: i64, gone: i64| {
            json!({
                "uuid": id, "name": name, "value": value, "secure": secure, "task_id": "",
                "task_var_name": "", "post_script": "", "owner_external_id": owner,
                "updated_at": at, "deleted_at": gone,
            })
        };
        let one = told(&made["id"], "a", "42", false, now, 0);
        let two = told(&secret["id"], "b", "hunter2", true, now + 1, 0);
        assert_eq!(first, [one, two.clone()]);
        assert_eq!(pulled(&register, &agent, now), [two]);
        assert_eq!(pulled(&register, &agent, now + 1), [Value::Null; 0]);
        pass(&register, 10);
        let path = format!("/cadastre/v1/dial-variables/{}", made["id"].as_str().unwrap());
        let gone = register.request("DELETE", &path).key(&site.admin).header("if-match", "\"1\"");
        assert_eq!(gone.send().status(), 204);
        let expected = told(&made["id"], "a", "", false, now + 10, now + 10);
        assert_eq!(pulled(&register, &agent, now + 1), [expected]);
        let places = dump::places(&register.database, b"hunter2");
        assert_eq!(places, [""; 0], "it is sealed");
    }
}

#[test]
fn agents_store_what_they_compute_of_their_own_tasks_and_nothing_else() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let task = site.task("first", &[&agent]);
        let source = |name: &str| {
            json!({
                "name": name, "value": "old", "task_id": task, "task_var_name": "x",
                "post_script": "x = 1",
            })
        };
        let computed = add(&site, &source("computed"));
        let fixed = add(&site, &json!({"name": "fixed", "value": "old"}));
        let update = |value: &str| {
            json!([
                {"uuid": computed["id"], "value": value, "updated_at": 1, "owner_external_id": "x"},
                {"uuid": fixed["id"], "value": value}, {"uuid": "var_1", "value": value},
            ])
        };
        let values = || {
            let listed = site.native("GET", "/dial-variables", &Value::Null).json();
            let items = listed["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let last = pulled(&register, &agent, 0).last().unwrap()["updated_at"].as_i64().unwrap();
        assert_eq!(send(&register, &other, &update("foreign")), 200);
        assert_eq!(values(), ["old", "old"], "the other node has no such task");
        assert_eq!(send(&register, &agent, &update("new")), 200);
        assert_eq!(values(), ["new", "old"]);
        // Also agents of other servers and nodes are told.
        let beside = register.beside();
        let news = pulled(&beside, &other, last);
        assert_eq!((news.len(), &news[0]["value"]), (1, &json!("new")));
        let then = news[0]["updated_at"].as_i64().unwrap();
        assert_eq!(send(&register, &agent, &update("new")), 200);
        assert_eq!(pulled(&beside, &other, then), [Value::Null; 0], "the same value is no news");
        assert_eq!(send(&register, &agent, &json!({"uuid": "x"})), 400);
    }
}

/// How the authority of an agent ends: its key is revoked, or its node is deleted.
const ENDS: [(&str, &str, u16, &str); 2] = [
    ("DELETE", "/nodes/{node}/keys/{ak}", 401, "kodo.InvalidSignature"),
    ("DELETE", "/nodes/{node}", 403, STOP),
];

#[test]
fn values_of_an_agent_whose_key_or_node_ends_meanwhile_are_not_stored() {
    for register in registers() {
        for (number, (method, path, status, code)) in ENDS.into_iter().enumerate() {
            let (site, at) = (Site::new(&register), format!("{} {path}", register.name));
            let agent = site.node(&format!("node {number}"));
            let task = site.task("t", &[&agent]);
            let computed = add(
                &site,
                &json!({
                    "name": format!("v {number}"), "value": "old", "task_id": task,
                    "task_var_name": "x", "post_script": "x = 1",
                }),
            );
            // A node keeps its last key.
            site.native("POST", &format!("/nodes/{}/keys", agent.node), &json!({"overlap": "24h"}));
            let (node, key) = (agent.node.clone(), agent.ak.clone());
            // Nothing is to be written for it, so that no write finds out.
            let body = "[ ]";
            let path = path.replace("{node}", &node).replace("{ak}", &key);
            // The head is on its way, and the body comes after the end.
            let [md5, date, authorization] = agent.headers(&register, "POST", body.as_bytes());
            let mut peer = Peer::of(&register);
            peer.send(format!(
                "POST /v1/variable/update/{node} HTTP/1.1\r\nHost: register\r\n\
                 Content-MD5: {md5}\r\nDate: {date}\r\nAuthorization: {authorization}\r\n\
                 Content-Length: {}\r\n\r\n[",
                body.len()
            ));
            let call = register.request(method, &format!("/cadastre/v1{path}")).key(&site.admin);
            let ended = call.header("if-match", "*").send();
            assert_eq!(ended.status(), 204, "{at}: {ended:?}");
            peer.send(&body[1..]);
            check_refused(&peer.answer().unwrap(), status, code, &at);
            // What is to be written is judged again in its transaction.
            let values = [(text(computed["id"].as_str().unwrap()), text("new"))].into();
            let enterprise = register.enterprise;
            let writer = Writer::Node { node: text(&node), key: text(&key), enterprise };
            let (app, now) = (register.app.clone(), register.app.clock.now());
            let nodes = app.store.read(|tx| tx.find_nodes(&[text(&node)])).unwrap();
            let stored = actix_web::rt::System::new().block_on(async move {
                store_computed(&app, writer, &nodes[0], values, now).await
            });
            let path = format!("/dial-variables/{}", computed["id"].as_str().unwrap());
            assert_eq!(site.native("GET", &path, &Value::Null).json()["value"], "old", "{at}");
            assert!(matches!(stored, Err(Error::Node(_))), "{at}: {stored:?}");
        }
    }
}

#[test]
fn an_update_is_signed_with_its_body_and_bounded() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let path = format!("/v1/variable/update/{}", agent.node);
        let call = agent.signed(&register, "POST", &path, b"[]");
        check_refused(
            &call.plain_body(*b"[7]").send(),
            401,
            "kodo.InvalidSignature",
            "another body",
        );
        let large = vec![b' '; 1024 * 1024 + 1];
        let refused = agent.signed(&register, "POST", &path, &large).send();
        check_refused(&refused, 413, "kodo.PayloadTooLarge", "a large body");
        assert_eq!(agent.signed(&register, "POST", &path, b"[]").send().status(), 200);
    }
}

#[test]
fn values_of_some_variables_are_taken_at_once_and_of_each_the_last() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let task = site.task("first", &[&agent]);
        let mut ids = Vec::new();
        for number in 0..3 {
            let name = format!("v {number}");
            let body = json!({"name": name, "value": "old", "task_id": task});
            ids.push(add(&site, &body)["id"].clone());
        }
        // As many as fit into a body.
        let all = (0..14_000).map(|n| json!({"uuid": ids[n % 3], "value": n.to_string()}));
        assert_eq!(send(&register, &agent, &all.collect()), 200);
        let told = pulled(&register, &agent, 0);
        let mut values: Vec<_> = told.iter().map(|told| told["value"].as_str().unwrap()).collect();
        values.sort_unstable();
        assert_eq!(values, ["13997", "13998", "13999"], "{}", register.name);
        let path = format!("/v1/variable/update/{}", agent.node);
        let value = |number| json!({"uuid": format!("var_{number:032x}"), "value": "x"});
        let many: Value = (0..501).map(value).collect();
        let refused = agent.signed(&register, "POST", &path, many.to_string().as_bytes()).send();
        check_refused(&refused, 400, "kodo.InvalidParameter", register.name);
        assert_eq!(send(&register, &agent, &(0..500).map(value).collect()), 200);
    }
}

#[test]
fn a_pull_brings_all_variables_unless_they_are_very_large() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        for number in 0..230 {
            add(&site, &json!({"name": format!("small {number}"), "value": "x"}));
        }
        let small = pulled(&register, &agent, 0);
        assert_eq!(small.len(), 230, "{}", register.name);
        let last = small[229]["updated_at"].as_i64().unwrap();
        let (task, script) = (site.task("first", &[&agent]), "x".repeat(64 * 1024));
        for number in 0..130 {
            let mut large = json!({"name": format!("large {number}"), "value": "x"});
            large["task_id"] = task.clone().into();
            large["post_script"] = script.clone().into();
            add(&site, &large);
        }
        let first = pulled(&register, &agent, last);
        assert_eq!(first.len(), 128, "8 MiB and what is said about them");
        let rest = pulled(&register, &agent, first[127]["updated_at"].as_i64().unwrap());
        assert_eq!(rest.len(), 2);
        let scripts = first.iter().chain(&rest).map(|told| told["post_script"].as_str());
        assert!(scripts.into_iter().all(|told| told == Some(&script)));
    }
}

#[test]
fn the_value_of_a_secure_variable_is_shown_to_some_and_noted() {
    for register in registers() {
        let site = Site::new(&register);
        let secret = add(&site, &json!({"name": "b", "value": "hunter2", "secure": true}));
        let path = format!("/cadastre/v1/dial-variables/{}", secret["id"].as_str().unwrap());
        let operator = register.token(Role::Operator, register.enterprise, &[]);
        let shown = |key: &str| register.request("GET", &path).key(key).send();
        assert_eq!(shown(&operator).json()["value"], Value::Null);
        assert_eq!(shown(&site.admin).json()["value"], json!("hunter2"));
        assert_eq!(shown(&site.admin).header("cache-control"), "no-store");
        let entries = site.native("GET", "/audit?operation=get_dial_variable", &Value::Null).json();
        let entries = entries["items"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{entries:?}");
        assert!(entries.iter().all(|entry| entry["revealed"] == json!(["value"])), "{entries:?}");
        let open = register.request("PATCH", &path).key(&operator).header("if-match", "*");
        let opened = open.json(&json!({"secure": false})).send();
        assert_eq!((opened.status(), &opened.json()["value"]), (200, &json!("hunter2")));
    }
}

#[test]
fn what_is_said_about_a_variable_is_checked() {
    for register in registers() {
        let site = Site::new(&register);
        let long = "x".repeat(64 * 1024 + 1);
        let task = "dial_00000000000000000000000000000000";
        for (body, pointer) in [
            (json!({"value": "x"}), "/name"),
            (json!({"name": "a"}), "/value"),
            (json!({"name": "", "value": "x"}), "/name"),
            (json!({"name": "a", "value": long}), "/value"),
            (json!({"name": "a", "value": "\u{0}"}), "/value"),
            (json!({"name": "a", "value": "x", "secure": "yes"}), "/secure"),
            (json!({"name": "a", "value": "x", "task_id": "x"}), "/task_id"),
            (json!({"name": "a", "value": "x", "task_id": task}), "/task_id"),
            (json!({"name": "a", "value": "x", "post_script": "x"}), "/post_script"),
        ] {
            let refused = site.native("POST", "/dial-variables", &body);
            assert_eq!(refused.status(), 400, "{pointer}: {refused:?}");
            assert_eq!(refused.json()["errors"][0]["pointer"], json!(pointer));
        }
        add(&site, &json!({"name": "a", "value": "x"}));
        let again = site.native("POST", "/dial-variables", &json!({"name": "a", "value": "x"}));
        assert_eq!((again.status(), &again.json()["code"]), (409, &json!("taken")));
    }
}
