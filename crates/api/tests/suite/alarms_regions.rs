//! Alarms about watched regions, and about agents, by what nodes post.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::alarms_scene::{ALARMS, get, judge};
use crate::native_availability::{PARTS, post, post_fields, roll_up};
use crate::native_watches::{watch, with_nodes};
use crate::rainbond_fixture::Fixture;

/// The state of the alarm of this kind, if there is one.
fn alarm(fixture: &Fixture, kind: &str) -> Option<Value> {
    let page = get(fixture, &format!("{ALARMS}?kind={kind}"));
    page["items"].as_array().unwrap().first().cloned()
}

fn state(fixture: &Fixture, kind: &str) -> String {
    alarm(fixture, kind).map_or_else(String::new, |a| a["state"].as_str().unwrap().to_owned())
}

/// All parts are found by both nodes as told, now, and judged.
fn all(fixture: &Fixture, is_up: bool) {
    for node in ["{n1}", "{n2}"] {
        for part in PARTS {
            post(fixture, node, part, is_up, 1);
        }
    }
    roll_up(fixture);
    judge(fixture);
}

fn set_status(fixture: &Fixture, to: &str) {
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
fn a_certificate_that_ends_soon_raises_an_alarm_naming_the_endpoint() {
    for fixture in with_nodes() {
        watch(&fixture);
        let ends = |days| (fixture.register.app.clock.now() + TimeDelta::days(days)).timestamp();
        let show = |node, days| {
            let fields = format!("success=1i,response_time=9i,ssl_cert_not_after={}i", ends(days));
            post_fields(&fixture, node, "http", "http_dial_testing", "OK", &fields, 1);
            roll_up(&fixture);
            judge(&fixture);
        };
        show("{n1}", 15);
        assert_eq!(state(&fixture, "certificate_expiring"), "");
        show("{n2}", 13);
        let found = alarm(&fixture, "certificate_expiring").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("expiring")));
        let value = found["value"].as_str().unwrap();
        assert!(value.starts_with("https://h.example.com/ until 2026-12-05"), "{value}");
    }
}

#[test]
fn a_region_that_is_slow_against_its_own_last_week_raises_an_alarm() {
    for fixture in with_nodes() {
        watch(&fixture);
        // A day of dials of 20 ms, two days ago; then an hour of 400 ms.
        let fast = "success=1i,response_time=20000i";
        for n in 0..501 {
            for node in ["{n1}", "{n2}"] {
                let ago = 2 * 86_400 + n;
                post_fields(&fixture, node, "api", "tcp_dial_testing", "OK", fast, ago);
            }
        }
        for n in 0..30 {
            let slow = "success=1i,response_time=400000i";
            post_fields(&fixture, "{n1}", "api", "tcp_dial_testing", "OK", slow, n);
        }
        roll_up(&fixture);
        judge(&fixture);
        let found = alarm(&fixture, "region_slow").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("slow")));
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
