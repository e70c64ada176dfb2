//! Changing the keys of a node while its agents go on.

use serde_json::{Value, json};

use crate::agent_fixture::{Agent, Site, check_refused, pass};
use crate::support::{Answer, registers};

const REFUSED: &str = "kodo.InvalidSignature";

/// Makes a key, a second after the one before.
fn add(site: &Site<'_>, agent: &Agent, body: &Value) -> Answer {
    pass(site.register, 1);
    site.native("POST", &format!("/nodes/{}/keys", agent.node), body)
}

/// The keys of a node: their first letters, and whether they are valid, will end others, were used.
fn keys(site: &Site<'_>, agent: &Agent) -> Vec<(String, bool, bool, bool)> {
    let listed = site.native("GET", &format!("/nodes/{}/keys", agent.node), &Value::Null);
    assert_eq!(listed.status(), 200, "{listed:?}");
    assert!(!listed.text.contains(&agent.sk));
    let listed = listed.json();
    let told = listed["items"].as_array().unwrap().iter().map(|key| {
        let flag = |name: &str| key[name].as_bool().unwrap();
        let used = !key["last_used_at"].is_null();
        assert_eq!(used, !key["first_used_at"].is_null());
        (key["ak"].as_str().unwrap().to_owned(), flag("valid"), flag("ends_others"), used)
    });
    told.collect()
}

#[test]
fn both_keys_are_accepted_for_the_time_of_the_overlap_and_tasks_do_not_notice() {
    for register in registers() {
        let site = Site::new(&register);
        let old = site.node("one");
        site.task("first", &[&old]);
        let (before, since) = old.pull(&register, 0);
        let made = add(&site, &old, &json!({"overlap": "24h"}));
        assert_eq!(made.status(), 201, "{made:?}");
        let new = old.with_key(&made.json());
        assert_eq!(old.pull(&register, 0), (before.clone(), since), "nothing moved");
        let (mut told, cursor) = new.pull(&register, 0);
        assert_eq!(cursor, since, "nothing moved");
        // Each key has URLs for results of its own, which end with it.
        let own = told[0]["post_url"].take();
        assert_ne!(own, before[0]["post_url"]);
        told[0]["post_url"] = before[0]["post_url"].clone();
        assert_eq!(told, before);
        pass(&register, 24 * 60 * 60 - 1);
        assert_eq!(old.ask(&register, since).status(), 200);
        pass(&register, 1);
        check_refused(&old.ask(&register, since), 401, REFUSED, register.name);
        assert_eq!(new.names(&register, since), [""; 0]);
        let told = [(old.ak.clone(), false, false, true), (new.ak.clone(), true, false, true)];
        assert_eq!(keys(&site, &old), told);
    }
}

#[test]
fn the_first_use_of_a_key_ends_the_other_and_is_told_once() {
    for register in registers() {
        let site = Site::new(&register);
        let old = site.node("one");
        let made = add(&site, &old, &json!({"until": "first_use"}));
        let new = old.with_key(&made.json());
        for _ in 0..2 {
            assert_eq!(old.ask(&register, 0).status(), 200);
        }
        let waiting = [(old.ak.clone(), true, false, true), (new.ak.clone(), true, true, false)];
        assert_eq!(keys(&site, &old), waiting);
        // One that is not rightly signed is no use.
        let forged = Agent { sk: old.sk.clone(), ..new.clone() };
        check_refused(&forged.ask(&register, 0), 401, REFUSED, register.name);
        assert_eq!(old.ask(&register, 0).status(), 200);
        let beside = register.beside();
        assert_eq!(new.ask(&beside, 0).status(), 200);
        check_refused(&old.ask(&register, 0), 401, REFUSED, register.name);
        check_refused(&old.ask(&beside, 0), 401, REFUSED, register.name);
        assert_eq!(new.ask(&register, 0).status(), 200);
        let used = [(old.ak.clone(), false, false, true), (new.ak.clone(), true, false, true)];
        assert_eq!(keys(&site, &old), used);
        let entries = site.native("GET", "/audit?operation=use_node_key", &Value::Null).json();
        let entries = entries["items"].as_array().unwrap();
        let told: Vec<_> = entries.iter().map(|entry| &entry["object_id"]).collect();
        assert_eq!(told, [&json!(old.node), &json!(old.node)], "one for each key: {entries:?}");
    }
}

#[test]
fn a_node_has_two_valid_keys_at_most_and_the_last_goes_by_force_only() {
    for register in registers() {
        let site = Site::new(&register);
        let old = site.node("one");
        let new = old.with_key(&add(&site, &old, &Value::Null).json());
        let refused = add(&site, &old, &Value::Null);
        assert_eq!((refused.status(), &refused.json()["code"]), (409, &json!("node_key_refused")));
        let revoke = |key: &str, query: &str| {
            let path = format!("/nodes/{}/keys/{key}{query}", old.node);
            site.native("DELETE", &path, &Value::Null).status()
        };
        assert_eq!(revoke(&old.ak, ""), 204);
        check_refused(&old.ask(&register, 0), 401, REFUSED, register.name);
        assert_eq!(revoke(&old.ak, ""), 204, "twice is no fault");
        assert_eq!(revoke(&new.ak, ""), 409);
        assert_eq!(new.ask(&register, 0).status(), 200);
        assert_eq!(revoke(&new.ak, "?force=true"), 204);
        check_refused(&new.ask(&register, 0), 401, REFUSED, register.name);
        assert_eq!(site.shown(&old)["liveness"]["why_not"], json!("no_key"));
        assert_eq!(revoke(&"x".repeat(20), ""), 404);
        assert_eq!(revoke("x", ""), 404);
        let last = old.with_key(&add(&site, &old, &Value::Null).json());
        assert_eq!(last.ask(&register, 0).status(), 200);
    }
}

#[test]
fn what_is_asked_of_a_key_is_checked() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        for (body, field) in [
            (json!({"overlap": "x"}), "/overlap"),
            (json!({"overlap": "-1s"}), "/overlap"),
            (json!({"overlap": "721h"}), "/overlap"),
            (json!({"overlap": 3600}), "/overlap"),
            (json!({"until": "later"}), "/until"),
            (json!({"overlap": "1h", "until": "first_use"}), "/overlap"),
            (json!({"other": 1}), "/other"),
        ] {
            let refused = add(&site, &agent, &body);
            assert_eq!(refused.status(), 400, "{body}: {refused:?}");
            assert_eq!(refused.json()["errors"][0]["pointer"], json!(field), "{body}");
        }
        assert_eq!(keys(&site, &agent).len(), 1);
    }
}
