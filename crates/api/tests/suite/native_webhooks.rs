//! Webhooks on the native face: making, changing, rotating, trying out and removing them.

use cadastre_testkit::dump;
use serde_json::{Value, json};

use crate::alarms_scene::{
    WEBHOOKS, add_node, add_webhook, deliveries, fire, get, plant, pointers, replay, scenes, send,
};
use crate::hooks::{Hook, Reply};
use crate::rainbond_fixture::{Fixture, with};
use crate::support::Answer;

fn patch(fixture: &Fixture, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("PATCH {WEBHOOKS}/{{w}}"));
    call.header("if-match", "*").json(body).send()
}

fn test(fixture: &Fixture) -> Value {
    let tried = fixture.get("{KA}", &format!("POST {WEBHOOKS}/{{w}}/test"));
    assert_eq!(tried.status(), 200, "{tried:?}");
    tried.json()
}

#[test]
fn a_webhook_is_made_and_told_whole_and_its_secret_only_then() {
    for fixture in scenes() {
        let body = json!({"name": "on call", "url": "https://hooks.example.com/T0?key=a"});
        let made = fixture.send("{KA}", &format!("POST {WEBHOOKS}"), &body);
        assert_eq!((made.status(), made.header("etag")), (201, "\"1\""), "{made:?}");
        let (id, secret) = (made.json()["id"].clone(), made.json()["secret"].clone());
        let text = secret.as_str().unwrap();
        let chance = text.strip_prefix("whsec_").unwrap();
        assert!(chance.len() == 40 && chance.chars().all(|c| c.is_ascii_alphanumeric()));
        let now = json!(fixture.register.app.clock.now());
        let shown = json!({
            "id": id, "enterprise_id": fixture.fill("{E1}"), "name": "on call",
            "url": "https://hooks.example.com/T0?key=a", "is_enabled": true, "created_at": now,
            "updated_at": now, "version": 1,
        });
        assert_eq!(made.json(), with(shown.clone(), &json!({"secret": secret})));
        let path = made.header("location");
        assert_eq!(path, format!("{WEBHOOKS}/{}", id.as_str().unwrap()));
        assert_eq!(get(&fixture, path), shown);
        assert_eq!(get(&fixture, WEBHOOKS)["items"], json!([shown]));
        let places = dump::places(&fixture.register.database, text.as_bytes());
        assert_eq!(places, Vec::<String>::new(), "it is sealed");
        // The audit tells where it leads, but not by which path.
        let audit = get(&fixture, "/cadastre/v1/audit?operation=create_webhook").to_string();
        assert!(audit.contains("https://hooks.example.com\""), "{audit}");
        assert!(!audit.contains("T0?") && !audit.contains(text), "{audit}");
    }
}

#[test]
fn a_url_that_leads_to_this_network_or_is_none_is_refused() {
    for mut fixture in scenes() {
        add_webhook(&mut fixture, "{KA}", "w", "http://hooks.example.com");
        for url in [
            "ftp://hooks.example.com",
            "hooks.example.com",
            "http://user@hooks.example.com",
            "http://hooks.example.com/#x",
            "http://127.0.0.2/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.100.100.200/",
            "http://192.168.0.1/",
            "http://100.64.0.1/",
            "http://[fd00:ec2::254]/",
            "http://[64:ff9b::a00:1]/",
            "http://0.0.0.0/",
            "http://224.0.0.1/",
            "",
        ] {
            let body = json!({"name": "n", "url": url});
            let made = fixture.send("{KA}", &format!("POST {WEBHOOKS}"), &body);
            assert_eq!((made.status(), pointers(&made)), (400, vec!["/url".into()]), "{url}");
            let changed = patch(&fixture, &json!({"url": url}));
            assert_eq!((changed.status(), pointers(&changed)), (400, vec!["/url".into()]));
        }
        // What the operator allows is taken, and a name is looked up only when something is sent.
        for url in ["http://127.0.0.1:1/", "http://localhost/", "https://8.8.8.8/"] {
            assert_eq!(patch(&fixture, &json!({"url": url})).status(), 200, "{url}");
        }
        for (body, pointer) in [
            (json!({"url": "http://h"}), "/name"),
            (json!({"name": "n"}), "/url"),
            (json!({"name": "", "url": "http://h"}), "/name"),
            (json!({"name": "n", "url": "http://h", "is_enabled": "yes"}), "/is_enabled"),
        ] {
            let made = fixture.send("{KA}", &format!("POST {WEBHOOKS}"), &body);
            assert_eq!(pointers(&made), [pointer], "{made:?}");
        }
        for (body, pointer) in [
            (json!({"name": null}), "/name"),
            (json!({"url": null}), "/url"),
            (json!({"is_enabled": null}), "/is_enabled"),
        ] {
            assert_eq!(pointers(&patch(&fixture, &body)), [pointer]);
        }
    }
}

#[test]
fn a_change_counts_for_what_comes_next_and_one_that_changes_nothing_is_none() {
    let (first, second) = (Hook::start(), Hook::start());
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        add_webhook(&mut fixture, "{KA}", "w", &first.url("/"));
        fire(&fixture, "{n}");
        let same = patch(&fixture, &json!({"url": first.url("/"), "is_enabled": true}));
        assert_eq!(same.json()["version"], 1);
        let changed = patch(&fixture, &json!({"url": second.url("/"), "name": "other"}));
        assert_eq!(
            (&changed.json()["version"], &changed.json()["name"]),
            (&json!(2), &json!("other"))
        );
        let before = (first.heard().len(), second.heard().len());
        assert_eq!(send(&fixture), 1);
        assert_eq!((first.heard().len(), second.heard().len()), (before.0, before.1 + 1));
    }
}

#[test]
fn a_new_secret_signs_from_the_next_message_on() {
    let hook = Hook::start();
    for mut fixture in scenes() {
        let old = add_webhook(&mut fixture, "{KA}", "w", &hook.url("/"));
        let signature = || {
            assert_eq!(test(&fixture)["is_taken"], true);
            hook.heard().last().unwrap().header("cadastre-signature").to_owned()
        };
        let before = signature();
        let call = fixture.call("{KA}", &format!("POST {WEBHOOKS}/{{w}}/rotate"));
        let rotated = call.header("if-match", "\"1\"").send();
        assert_eq!((rotated.status(), rotated.header("etag")), (200, "\"2\""), "{rotated:?}");
        assert_ne!(rotated.json()["secret"], json!(old));
        let after = signature();
        let time = |signature: &str| signature.split_once(',').unwrap().0.to_owned();
        assert_eq!(time(&before), time(&after));
        assert_ne!(before, after);
        let key = rotated.json()["secret"].as_str().unwrap().to_owned();
        let heard = hook.heard();
        crate::alarms_sending::check_signature(
            heard.last().unwrap(),
            &key,
            fixture.register.app.clock.now(),
        );
    }
}

#[test]
fn a_trial_answers_what_happened_and_is_not_sent_again() {
    let hook = Hook::start();
    for mut fixture in scenes() {
        let url = hook.url("/");
        add_webhook(&mut fixture, "{KA}", "w", &url);
        assert_eq!(patch(&fixture, &json!({"is_enabled": false})).status(), 200);
        assert_eq!(test(&fixture), json!({"is_taken": true, "status": 204, "error": null}));
        let message = hook.heard().last().unwrap().json();
        assert_eq!((&message["kind"], &message["alarm"]), (&json!("test"), &Value::Null));
        assert_eq!(message["enterprise_id"], fixture.fill("{E1}"));
        for (reply, status, error) in [
            (Reply::Status(500), json!(500), "the answer had status 500"),
            (
                Reply::Redirect(url.clone()),
                json!(307),
                "the answer had status 307; redirects are not followed",
            ),
        ] {
            hook.answer_next(reply);
            let expected = json!({"is_taken": false, "status": status, "error": error});
            assert_eq!(test(&fixture), expected);
        }
        let loopback = "the host has a loopback address, to which the register does not connect";
        for (url, error) in
            [("http://0x7f000002/", loopback), ("http://nothing.invalid/", "the host is not known")]
        {
            assert_eq!(patch(&fixture, &json!({"url": url})).status(), 200);
            assert_eq!(test(&fixture), json!({"is_taken": false, "status": null, "error": error}));
        }
        assert_eq!(patch(&fixture, &json!({"url": "http://127.0.0.1:1/"})).status(), 200);
        let error = test(&fixture)["error"].clone();
        assert!(error.as_str().unwrap().starts_with("no connection: "), "{error}");
        assert_eq!(deliveries(&fixture, "{w}", ""), [Value::Null; 0]);
        let told = get(&fixture, "/cadastre/v1/audit?operation=test_webhook&total=true");
        assert_eq!(told["total"], 6, "each trial is told");
    }
}

#[test]
fn an_enterprise_has_twenty_webhooks_at_most() {
    for mut fixture in scenes() {
        for n in 0..20 {
            add_webhook(&mut fixture, "{KA}", &format!("w{n}"), "http://hooks.example.com");
        }
        let body = json!({"name": "one more", "url": "http://hooks.example.com"});
        let refused = fixture.send("{KA}", &format!("POST {WEBHOOKS}"), &body);
        assert_eq!((refused.status(), &refused.json()["code"]), (409, &json!("too_many")));
        add_webhook(&mut fixture, "{KO}", "others", "http://hooks.example.com");
        let gone = fixture.call("{KA}", &format!("DELETE {WEBHOOKS}/{{w7}}"));
        assert_eq!(gone.header("if-match", "*").send().status(), 204);
        assert_eq!(fixture.send("{KA}", &format!("POST {WEBHOOKS}"), &body).status(), 201);
    }
}

#[test]
fn a_delivery_is_replayed_by_its_own_webhook_only() {
    for mut fixture in scenes() {
        for name in ["w", "other"] {
            add_webhook(&mut fixture, "{KA}", name, "http://hooks.example.com");
        }
        plant(&mut fixture, "{E1}", "{w}", ["alarm", "delivery"]);
        let waiting = deliveries(&fixture, "{w}", "?state=waiting").remove(0);
        assert_eq!(waiting["id"], fixture.fill("{delivery}"));
        assert_eq!(replay(&fixture, "{other}", &waiting).status(), 404);
        assert_eq!(replay(&fixture, "{w}", &json!({"id": "x"})).status(), 404);
        let again = replay(&fixture, "{w}", &waiting);
        assert_eq!((again.status(), again.json()), (200, waiting));
        for (query, pointer) in [("state=lost", "/state"), ("webhook_id=x", "/webhook_id")] {
            let path = format!("GET {WEBHOOKS}/{{w}}/deliveries?{query}");
            assert_eq!(pointers(&fixture.get("{KA}", &path)), [pointer]);
        }
    }
}
