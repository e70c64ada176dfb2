//! Alarms about watched regions, and about agents, by what nodes post.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::alarms_scene::{ALARMS, get, judge, pull_at};
use crate::native_availability::{PARTS, post, post_fields, roll_up};
use crate::native_watches::{watch, with_nodes};
use crate::rainbond_fixture::Fixture;

/// The state of the alarm of this kind, if there is one.
pub fn alarm(fixture: &Fixture, kind: &str) -> Option<Value> {
    let page = get(fixture, &format!("{ALARMS}?kind={kind}"));
    page["items"].as_array().unwrap().first().cloned()
}

pub fn state(fixture: &Fixture, kind: &str) -> String {
    alarm(fixture, kind).map_or_else(String::new, |a| a["state"].as_str().unwrap().to_owned())
}

/// All parts are found by both nodes as told, now, and judged.
pub fn all(fixture: &Fixture, is_up: bool) {
    for node in ["{n1}", "{n2}"] {
        for part in PARTS {
            post(fixture, node, part, is_up, 1);
        }
    }
    roll_up(fixture);
    judge(fixture);
}

pub fn set_status(fixture: &Fixture, to: &str) {
    let call = fixture.call("{KA}", "POST /cadastre/v1/regions/{r1}/status");
    let answer = call.header("if-match", "*").json(&json!({"status": to})).send();
    assert_eq!(answer.status(), 200, "{answer:?}");
}

fn end_watch(fixture: &Fixture) {
    let call = fixture.call("{KA}", "DELETE /cadastre/v1/regions/{r1}/watch");
    assert_eq!(call.header("if-match", "*").send().status(), 204);
}

#[test]
fn a_region_that_is_down_from_enough_nodes_raises_an_alarm_that_ends_with_it() {
    for fixture in with_nodes() {
        watch(&fixture);
        all(&fixture, true);
        assert_eq!(state(&fixture, "region_down"), "");
        // From one of two nodes is not enough.
        post(&fixture, "{n1}", "api", false, 0);
        roll_up(&fixture);
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "");
        post(&fixture, "{n2}", "http", false, 0);
        roll_up(&fixture);
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "pending");
        assert_eq!(alarm(&fixture, "region_down").unwrap()["value"], "down from 2 of 2 nodes");
        fixture.register.pass(TimeDelta::minutes(1));
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "firing");
        // Silence does not end it.
        fixture.register.pass(TimeDelta::minutes(30));
        judge(&fixture);
        let stale = alarm(&fixture, "region_down").unwrap();
        assert_eq!(stale["state"], "firing");
        assert!(stale["stale_since"].is_string(), "{stale}");
        for _ in 0..2 {
            all(&fixture, true);
            fixture.register.pass(TimeDelta::minutes(3));
        }
        assert_eq!(state(&fixture, "region_down"), "resolved");
    }
}

#[test]
fn maintenance_mutes_and_a_region_that_is_not_dialled_has_no_alarm() {
    for fixture in with_nodes() {
        watch(&fixture);
        all(&fixture, false);
        set_status(&fixture, "maintenance");
        fixture.register.pass(TimeDelta::minutes(1));
        all(&fixture, false);
        let muted = alarm(&fixture, "region_down").unwrap();
        assert_eq!((&muted["state"], &muted["is_muted"]), (&json!("firing"), &json!(true)));
        assert_eq!(muted["is_announced"], false);
        set_status(&fixture, "disabled");
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "resolved");
    }
}

#[test]
fn an_alarm_ends_with_the_watch() {
    for fixture in with_nodes() {
        watch(&fixture);
        all(&fixture, false);
        assert_eq!(state(&fixture, "region_down"), "pending");
        end_watch(&fixture);
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "resolved");
    }
}

/// Lets the alarm fire, since both nodes find the region down.
fn fire(fixture: &Fixture) {
    all(fixture, false);
    fixture.register.pass(TimeDelta::minutes(1));
    all(fixture, false);
    assert_eq!(state(fixture, "region_down"), "firing");
}

/// Judges again, and sees that the alarm fires still, though nothing is known any more.
fn fires_still(fixture: &Fixture) {
    judge(fixture);
    let alarm = alarm(fixture, "region_down").unwrap();
    assert_eq!((&alarm["state"], &alarm["is_announced"]), (&json!("firing"), &json!(true)));
    assert!(alarm["stale_since"].is_string(), "{alarm}");
}

#[test]
fn that_it_is_over_is_told_although_the_watch_ended_in_maintenance() {
    for fixture in with_nodes() {
        watch(&fixture);
        all(&fixture, false);
        fixture.register.pass(TimeDelta::minutes(1));
        all(&fixture, false);
        let told = |fixture: &Fixture| {
            let alarm = alarm(fixture, "region_down").unwrap();
            (alarm["state"].clone(), alarm["is_muted"].clone(), alarm["is_announced"].clone())
        };
        assert_eq!(told(&fixture), (json!("firing"), json!(false), json!(true)));
        set_status(&fixture, "maintenance");
        for _ in 0..2 {
            all(&fixture, true);
            fixture.register.pass(TimeDelta::minutes(3));
        }
        assert_eq!(told(&fixture), (json!("resolved"), json!(true), json!(true)));
        end_watch(&fixture);
        assert_eq!(judge(&fixture), 1, "{}", fixture.register.name);
        assert_eq!(told(&fixture), (json!("resolved"), json!(false), json!(false)));
        let id = alarm(&fixture, "region_down").unwrap()["id"].clone();
        let events = get(&fixture, &format!("{ALARMS}/{}", id.as_str().unwrap()));
        assert_eq!(events["events"][0]["is_muted"], json!(false), "{events}");
        assert_eq!(judge(&fixture), 0, "it is told once");
    }
}

#[test]
fn an_alarm_is_not_over_when_nobody_looks_any_more() {
    for fixture in with_nodes() {
        watch(&fixture);
        fire(&fixture);
        for node in ["{n1}", "{n2}"] {
            let path = format!("POST /cadastre/v1/nodes/{node}/disable");
            assert_eq!(fixture.get("{KA}", &path).status(), 200);
        }
        fires_still(&fixture);
        for node in ["{n1}", "{n2}"] {
            let call = fixture.call("{KA}", &format!("DELETE /cadastre/v1/nodes/{node}"));
            assert_eq!(call.header("if-match", "*").send().status(), 204);
        }
        fires_still(&fixture);
        set_status(&fixture, "disabled");
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "resolved");
    }
}

#[test]
fn what_another_address_was_found_to_be_neither_raises_an_alarm_nor_ends_one() {
    for fixture in with_nodes() {
        let change = |addresses: &Value| {
            let call = fixture.call("{KA}", "PATCH /cadastre/v1/regions/{r1}");
            let body = json!({"addresses": addresses});
            assert_eq!(call.header("if-match", "*").json(&body).send().status(), 200);
        };
        watch(&fixture);
        for node in ["{n1}", "{n2}"] {
            post(&fixture, node, "api", false, 1);
        }
        roll_up(&fixture);
        change(&json!({"api_url": "https://192.0.2.8:6443"}));
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "", "nobody dialled it there");
        fixture.register.pass(TimeDelta::minutes(1));
        fire(&fixture);
        change(&json!({"api_url": "https://192.0.2.9:6443", "http_domain": "new.example.com",
            "websocket_url": "wss://192.0.2.9:6060", "tcp_address": "192.0.2.9"}));
        fires_still(&fixture);
    }
}

#[test]
fn a_dial_that_does_not_say_how_it_ended_does_not_end_an_alarm() {
    for fixture in with_nodes() {
        watch(&fixture);
        fire(&fixture);
        for _ in 0..2 {
            all(&fixture, true);
            for node in ["{n1}", "{n2}"] {
                let fields = "response_time=9i";
                post_fields(&fixture, node, "api", "tcp_dial_testing", "UNKNOWN", fields, 0);
            }
            roll_up(&fixture);
            fixture.register.pass(TimeDelta::minutes(3));
            fires_still(&fixture);
        }
    }
}

#[test]
fn a_node_whose_clock_is_slow_finds_a_region_down_all_the_same() {
    for fixture in with_nodes() {
        watch(&fixture);
        fixture.register.pass(TimeDelta::minutes(10));
        let slow = TimeDelta::minutes(7);
        let found_down = || {
            for node in ["{n1}", "{n2}"] {
                post(&fixture, node, "api", false, slow.num_seconds());
            }
            roll_up(&fixture);
            judge(&fixture);
            alarm(&fixture, "region_down")
        };
        assert_eq!(found_down(), None, "that is too long ago");
        // The clock of the machine is that slow, and in a zone of eight hours ahead.
        for node in ["{n1}", "{n2}"] {
            pull_at(&fixture, node, TimeDelta::hours(8) - slow);
        }
        let down = found_down().unwrap();
        assert_eq!(
            (&down["state"], &down["value"]),
            (&json!("pending"), &json!("down from 2 of 2 nodes"))
        );
    }
}

#[test]
fn an_agent_that_is_too_old_raises_an_alarm() {
    for fixture in with_nodes() {
        watch(&fixture);
        let told = |version: &str| {
            let measurement = format!("tcp_dial_testing,datakit_version={version}");
            let fields = "success=1i,response_time=9i";
            post_fields(&fixture, "{n1}", "api", &measurement, "OK", fields, 1);
            roll_up(&fixture);
            judge(&fixture);
        };
        told("1.84.1");
        assert_eq!(state(&fixture, "agent_outdated"), "");
        fixture.register.pass(TimeDelta::minutes(5));
        told("1.84.0");
        let found = alarm(&fixture, "agent_outdated").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("outdated")));
        assert_eq!(found["node_id"], fixture.fill("{n1}"));
    }
}
