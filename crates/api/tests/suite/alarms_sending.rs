//! Webhooks over real HTTP: what they are told, and what happens until they hear.

use std::thread;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::alarms_scene::{
    add_node, add_webhook, deliveries, fire, get, replay, resolve, scenes, send,
};
use crate::hooks::{Heard, Hook, Reply};
use crate::rainbond_fixture::Fixture;
use crate::support::LIMIT;

/// A scene with a silent node `{n}`, whose alarm fires, and a webhook `{w}` that leads to `hook`; and
/// its secret.
pub fn firing(hook: &Hook) -> impl Iterator<Item = (Fixture, String)> {
    let url = hook.url("/alarms?from=cadastre");
    scenes().map(move |mut fixture| {
        add_node(&mut fixture, "{KA}", "n");
        let secret = add_webhook(&mut fixture, "{KA}", "w", &url);
        fire(&fixture, "{n}");
        (fixture, secret)
    })
}

/// HMAC-SHA-256 written down from RFC 2104, apart from what the register uses.
fn hmac(key: &[u8], message: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    assert!(key.len() <= 64, "a longer key is hashed first");
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        key.iter().zip(&mut block).for_each(|(key, slot)| *slot ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    outer.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Checks the signature of a message, as a receiver would.
pub fn check_signature(heard: &Heard, secret: &str, now: DateTime<Utc>) {
    let header = heard.header("cadastre-signature");
    let (time, signature) = header.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    assert_eq!(time.parse::<i64>().unwrap(), now.timestamp());
    let signed = [time.as_bytes(), b".", &heard.body].concat();
    assert_eq!(signature, hmac(secret.as_bytes(), &signed));
}

#[test]
fn a_webhook_is_told_that_an_alarm_fires_and_that_it_is_over() {
    let hook = Hook::start();
    for (fixture, secret) in firing(&hook) {
        let before = hook.heard().len();
        assert_eq!((send(&fixture), send(&fixture)), (1, 0), "{}", fixture.register.name);
        let heard = hook.heard()[before..].to_vec();
        let [message] = &heard[..] else { panic!("{heard:?}") };
        assert_eq!(message.line, "POST /alarms?from=cadastre HTTP/1.1");
        assert_eq!(message.header("host"), hook.address);
        assert_eq!(message.header("content-type"), "application/json");
        assert_eq!(message.header("authorization"), "");
        check_signature(message, &secret, fixture.register.app.clock.now());
        let alarm = get(&fixture, "/cadastre/v1/alarms")["items"][0].clone();
        let event =
            get(&fixture, &format!("/cadastre/v1/alarms/{}", alarm["id"].as_str().unwrap()));
        let event = event["events"][0].clone();
        let expected = json!({
            "event_id": event["id"], "kind": "alarm", "at": event["at"],
            "enterprise_id": fixture.fill("{E1}"),
            "alarm": {
                "id": alarm["id"], "kind": "node_silent", "state": "firing",
                "subject_kind": "node", "subject_id": fixture.fill("{n}"), "reason": "silent",
                "value": "last accepted pull at 2026-11-22T08:06:55Z",
            },
        });
        assert_eq!(message.json(), expected);
        assert_eq!(message.header("cadastre-event"), event["id"].as_str().unwrap());
        resolve(&fixture, "{n}");
        assert_eq!(send(&fixture), 1);
        let told: Vec<_> = hook.told()[before..].iter().map(|(state, _)| state.clone()).collect();
        assert_eq!(told, ["firing", "resolved"]);
        let ids: std::collections::HashSet<_> = hook.told()[before..].iter().cloned().collect();
        assert_eq!(ids.len(), 2, "each event has an id of its own");
    }
}

#[test]
fn what_fails_is_sent_again_later_and_later_with_the_same_event() {
    let hook = Hook::start();
    for (fixture, secret) in firing(&hook) {
        let before = hook.heard().len();
        for status in [500, 404, 301] {
            hook.answer_next(Reply::Status(status));
        }
        let mut waits = Vec::new();
        for (tries, status) in [(1, 500), (2, 404), (3, 301)] {
            assert_eq!((send(&fixture), send(&fixture)), (1, 0), "not due again at once");
            let waiting = deliveries(&fixture, "{w}", "?state=waiting");
            assert_eq!(waiting[0]["attempts"], tries);
            assert_eq!(waiting[0]["status"], status);
            let error = waiting[0]["error"].as_str().unwrap();
            assert!(error.contains(&status.to_string()), "{error}");
            let next: DateTime<Utc> = waiting[0]["next_at"].as_str().unwrap().parse().unwrap();
            let wait = next - fixture.register.app.clock.now();
            fixture.register.pass(wait - TimeDelta::microseconds(1));
            assert_eq!(send(&fixture), 0, "a moment too early");
            fixture.register.pass(TimeDelta::microseconds(1));
            waits.push(wait.num_milliseconds());
        }
        for (wait, longest) in waits.into_iter().zip([10_000, 20_000, 40_000]) {
            assert!((longest / 2..=longest).contains(&wait), "{wait}");
        }
        assert_eq!((send(&fixture), send(&fixture)), (1, 0));
        let heard = hook.heard()[before..].to_vec();
        assert_eq!(heard.len(), 4);
        assert!(heard.iter().all(|one| one.body == heard[0].body), "the same event each time");
        check_signature(&heard[3], &secret, fixture.register.app.clock.now());
        let sent = deliveries(&fixture, "{w}", "?state=sent");
        assert_eq!((&sent[0]["attempts"], &sent[0]["status"]), (&json!(4), &json!(204)));
        assert_eq!((&sent[0]["error"], &sent[0]["next_at"]), (&json!(null), &json!(null)));
    }
}

#[test]
fn after_a_day_a_delivery_is_dead_and_can_be_replayed() {
    let hook = Hook::start();
    for (fixture, _) in firing(&hook) {
        let before = hook.heard().len();
        hook.answer(Reply::Status(503));
        let start = fixture.register.app.clock.now();
        while deliveries(&fixture, "{w}", "?state=dead").is_empty() {
            send(&fixture);
            fixture.register.pass(TimeDelta::minutes(29));
        }
        let passed = fixture.register.app.clock.now() - start;
        assert!(passed >= TimeDelta::hours(24) && passed < TimeDelta::hours(26), "{passed}");
        let dead = deliveries(&fixture, "{w}", "?state=dead").remove(0);
        assert_eq!((&dead["status"], &dead["next_at"]), (&json!(503), &json!(null)));
        assert_eq!(dead["gives_up_at"], json!(start + TimeDelta::hours(24)));
        assert!(!deliveries(&fixture, "{w}", "").is_empty());
        assert!(deliveries(&fixture, "{w}", "?state=waiting").is_empty());
        assert_eq!(send(&fixture), 0, "nobody tries what is dead");
        hook.answer(Reply::Status(200));
        let again = replay(&fixture, "{w}", &dead);
        assert_eq!((again.status(), &again.json()["state"]), (200, &json!("waiting")));
        let tries = hook.heard().len();
        assert_eq!(send(&fixture), 1);
        let heard = hook.wait_for(tries + 1);
        assert_eq!(heard[tries].body, heard[before].body);
        assert_eq!(deliveries(&fixture, "{w}", "?state=sent").len(), 1);
        // What was sent can be sent once more, too.
        let sent = deliveries(&fixture, "{w}", "?state=sent").remove(0);
        assert_eq!(replay(&fixture, "{w}", &sent).status(), 200);
        assert_eq!(send(&fixture), 1);
    }
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    let (hook, other) = (Hook::start(), Hook::start());
    hook.answer(Reply::Redirect(other.url("/elsewhere")));
    for (fixture, _) in firing(&hook) {
        assert_eq!(send(&fixture), 1);
        let waiting = deliveries(&fixture, "{w}", "?state=waiting").remove(0);
        let text = "the answer had status 307; redirects are not followed";
        assert_eq!((&waiting["status"], &waiting["error"]), (&json!(307), &json!(text)));
        assert_eq!(other.heard(), []);
    }
}

#[test]
fn an_answer_without_an_end_is_not_read() {
    let hook = Hook::start();
    hook.answer(Reply::Endless);
    for (fixture, _) in firing(&hook) {
        let start = Instant::now();
        assert_eq!(send(&fixture), 1);
        assert!(start.elapsed() < LIMIT);
        assert_eq!(deliveries(&fixture, "{w}", "?state=sent").len(), 1);
    }
}

#[test]
fn a_name_that_leads_to_a_refused_address_is_refused_when_it_is_sent() {
    for mut fixture in scenes() {
        // `localhost` has ::1 as well, which is not allowed here: one bad address is enough. Where
        // it has not, another name of this machine leads to 127.0.0.2 or the like.
        add_node(&mut fixture, "{KA}", "n");
        let hook = Hook::start();
        let port = hook.address.rsplit(':').next().unwrap().to_owned();
        add_webhook(&mut fixture, "{KA}", "w", &format!("http://0x7f000002:{port}/"));
        fire(&fixture, "{n}");
        assert_eq!(send(&fixture), 1);
        let waiting = deliveries(&fixture, "{w}", "").remove(0);
        let text = "the host has a loopback address, to which the register does not connect";
        assert_eq!((&waiting["status"], &waiting["error"]), (&json!(null), &json!(text)));
        assert_eq!(hook.heard(), []);
    }
}

#[test]
fn a_webhook_that_does_not_answer_holds_no_other_up() {
    let (dead, healthy) = (Hook::start(), Hook::start());
    dead.answer(Reply::Silence);
    for (mut fixture, _) in firing(&dead) {
        let before = healthy.heard().len();
        add_webhook(&mut fixture, "{KA}", "healthy", &healthy.url("/"));
        for name in ["a", "b", "c"] {
            add_node(&mut fixture, "{KA}", name);
            fire(&fixture, &format!("{{{name}}}"));
        }
        let fixture = &fixture;
        thread::scope(|scope| {
            let sending = scope.spawn(|| send(fixture));
            healthy.wait_for(before + 3);
            assert!(!sending.is_finished(), "the silent one is still waited for");
            assert!(sending.join().unwrap() >= 7);
        });
        let waiting = deliveries(fixture, "{w}", "?state=waiting");
        assert_eq!(waiting.len(), 4);
        for delivery in &waiting {
            assert_eq!(delivery["error"], "no answer within 10 seconds");
        }
    }
}

#[test]
fn a_delivery_whose_event_is_gone_keeps_no_other_from_being_sent() {
    let hook = Hook::start();
    for (mut fixture, _) in firing(&hook) {
        let before = hook.heard().len();
        fixture.register.execute("DELETE FROM alarm_events");
        add_node(&mut fixture, "{KA}", "late");
        fire(&fixture, "{late}");
        assert_eq!(send(&fixture), 1);
        assert_eq!(hook.heard().len(), before + 1);
        let dead = deliveries(&fixture, "{w}", "?state=dead");
        assert_eq!((dead.len(), &dead[0]["error"]), (1, &json!("what it tells is gone")));
    }
}
