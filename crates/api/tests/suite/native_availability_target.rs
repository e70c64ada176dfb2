//! Which results tell how a region stands: those of what is dialled now, and that say how they ended.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::alarms_regions::set_status;
use crate::alarms_scene::pull_at;
use crate::native_availability::{all_up, availability, post, post_fields, roll_up};
use crate::native_watches::{WATCH, watch, with_nodes};
use crate::rainbond_fixture::Fixture;

fn patch(fixture: &Fixture, path: &str, body: &Value) {
    let call = fixture.call("{KA}", &format!("PATCH {path}"));
    let body: Value = fixture.fill(&body.to_string()).parse().unwrap();
    let answer = call.header("if-match", "*").json(&body).send();
    assert_eq!(answer.status(), 200, "{answer:?}");
}

/// How a part stands.
fn part(found: &Value, part: &str) -> Value {
    let parts = found["parts"].as_array().unwrap();
    parts.iter().find(|found| found["part"] == part).unwrap()["figures"].clone()
}

fn states(fixture: &Fixture) -> [String; 5] {
    let found = availability(fixture);
    let state = |figures: &Value| figures["state"].as_str().unwrap().to_owned();
    let [api, http, websocket, tcp] =
        ["api", "http", "websocket", "tcp"].map(|name| state(&part(&found, name)));
    [state(&found["figures"]), api, http, websocket, tcp]
}

#[test]
fn an_address_that_was_never_dialled_is_not_known() {
    for fixture in with_nodes() {
        watch(&fixture);
        all_up(&fixture);
        roll_up(&fixture);
        assert_eq!(states(&fixture), ["up"; 5]);
        let change = json!({"addresses": {"http_domain": "new.example.com"}});
        patch(&fixture, "/cadastre/v1/regions/{r1}", &change);
        assert_eq!(states(&fixture), ["stale", "up", "unknown", "up", "up"]);
        let found = availability(&fixture);
        let http = part(&found, "http");
        assert_eq!((&http["newest_at"], &http["unknown_nodes"]), (&Value::Null, &json!(2)));
        // What was before is still told of the time in which it was.
        assert_eq!(http["over_time"][0]["dials"], 2);
        fixture.register.pass(TimeDelta::seconds(40));
        post(&fixture, "{n1}", "http", true, 10);
        assert_eq!(states(&fixture), ["stale", "up", "stale", "up", "up"]);
        post(&fixture, "{n2}", "http", false, 10);
        assert_eq!(states(&fixture), ["partial", "up", "partial", "up", "up"]);
        // A point that comes late is of what was dialled then.
        let other = json!({"addresses": {"http_domain": "other.example.com"}});
        patch(&fixture, "/cadastre/v1/regions/{r1}", &other);
        post(&fixture, "{n2}", "http", true, 5);
        assert_eq!(states(&fixture), ["stale", "up", "unknown", "up", "up"]);
    }
}

#[test]
fn a_node_that_has_not_pulled_since_dials_the_address_before() {
    for fixture in with_nodes() {
        watch(&fixture);
        let pull = |node| pull_at(&fixture, node, TimeDelta::zero());
        pull("{n1}");
        pull("{n2}");
        fixture.register.pass(TimeDelta::minutes(1));
        all_up(&fixture);
        assert_eq!(states(&fixture), ["up"; 5]);
        let change = json!({"addresses": {"http_domain": "new.example.com"}});
        patch(&fixture, "/cadastre/v1/regions/{r1}", &change);
        fixture.register.pass(TimeDelta::minutes(1));
        for node in ["{n1}", "{n2}"] {
            post(&fixture, node, "http", true, 10);
        }
        assert_eq!(states(&fixture), ["stale", "up", "unknown", "up", "up"]);
        pull("{n1}");
        assert_eq!(states(&fixture), ["stale", "up", "stale", "up", "up"]);
        pull("{n2}");
        assert_eq!(states(&fixture), ["up"; 5]);
    }
}

#[test]
fn nodes_status_frequency_and_name_do_not_change_what_is_dialled() {
    for fixture in with_nodes() {
        watch(&fixture);
        all_up(&fixture);
        patch(&fixture, WATCH, &json!({"frequency": "5m"}));
        set_status(&fixture, "maintenance");
        set_status(&fixture, "disabled");
        set_status(&fixture, "enabled");
        patch(&fixture, WATCH, &json!({"nodes": ["{n1}"], "down_from": 1}));
        patch(&fixture, "/cadastre/v1/regions/{r1}", &json!({"description": "another"}));
        assert_eq!(states(&fixture), ["up"; 5]);
        // What counts as an answer does.
        patch(&fixture, WATCH, &json!({"verifies_tls": false}));
        assert_eq!(states(&fixture), ["stale", "up", "unknown", "up", "up"]);
    }
}

#[test]
fn a_dial_that_does_not_say_how_it_ended_is_neither_up_nor_counted() {
    for fixture in with_nodes() {
        watch(&fixture);
        all_up(&fixture);
        let fields = "response_time=9i";
        post_fields(&fixture, "{n1}", "api", "tcp_dial_testing", "UNKNOWN", fields, 5);
        roll_up(&fixture);
        assert_eq!(states(&fixture), ["stale", "stale", "up", "up", "up"]);
        post_fields(&fixture, "{n2}", "api", "tcp_dial_testing", "UNKNOWN", fields, 5);
        assert_eq!(states(&fixture), ["stale", "unknown", "up", "up", "up"]);
        post(&fixture, "{n1}", "api", false, 4);
        roll_up(&fixture);
        let api = part(&availability(&fixture), "api");
        let day = &api["over_time"][0];
        // Two that were answered, one that was not.
        assert_eq!((&day["dials"], &day["failures"]), (&json!(3), &json!(1)));
        assert_eq!((&api["down_nodes"], &api["unknown_nodes"]), (&json!(1), &json!(1)));
        let ratio = day["availability"].as_f64().unwrap();
        assert!((ratio - 2.0 / 3.0).abs() < 1e-9, "{ratio}");
    }
}

#[test]
fn the_time_of_a_slow_clock_is_put_right() {
    for fixture in with_nodes() {
        watch(&fixture);
        fixture.register.pass(TimeDelta::minutes(10));
        let slow = TimeDelta::minutes(7);
        let post_all = || {
            for node in ["{n1}", "{n2}"] {
                for part in ["api", "http", "websocket", "tcp"] {
                    post(&fixture, node, part, true, slow.num_seconds() + 30);
                }
            }
        };
        post_all();
        assert_eq!(states(&fixture), ["stale"; 5]);
        for node in ["{n1}", "{n2}"] {
            pull_at(&fixture, node, -slow);
        }
        assert_eq!(states(&fixture), ["up"; 5]);
        assert_eq!(availability(&fixture)["figures"]["oldest_age_seconds"], 30);
        // Never beyond when it was received.
        fixture.register.pass(TimeDelta::minutes(4));
        for node in ["{n1}", "{n2}"] {
            pull_at(&fixture, node, -slow - TimeDelta::seconds(29));
        }
        assert_eq!(availability(&fixture)["figures"]["newest_age_seconds"], 241);
        for node in ["{n1}", "{n2}"] {
            pull_at(&fixture, node, TimeDelta::zero());
        }
        assert_eq!(states(&fixture), ["stale"; 5]);
    }
}
