//! Alarms about certificates that watched regions show.

use chrono::TimeDelta;
use serde_json::json;

use crate::alarms_regions::{alarm, state};
use crate::alarms_scene::judge;
use crate::native_availability::{post_fields, roll_up};
use crate::native_watches::{watch, with_nodes};
use crate::rainbond_fixture::Fixture;

/// The node is shown a certificate that ends in so many days, and it is judged.
fn show(fixture: &Fixture, node: &str, days: i64) {
    let ends = (fixture.register.app.clock.now() + TimeDelta::days(days)).timestamp();
    let fields = format!("success=1i,response_time=9i,ssl_cert_not_after={ends}i");
    post_fields(fixture, node, "http", "http_dial_testing", "OK", &fields, 1);
    roll_up(fixture);
    judge(fixture);
}

/// The first node dials, and is shown none.
fn show_none(fixture: &Fixture) {
    let fields = "success=1i,response_time=9i";
    post_fields(fixture, "{n1}", "http", "http_dial_testing", "OK", fields, 1);
    roll_up(fixture);
    judge(fixture);
}

#[test]
fn a_certificate_that_ends_soon_raises_an_alarm_naming_the_endpoint() {
    for fixture in with_nodes() {
        watch(&fixture);
        show(&fixture, "{n1}", 15);
        assert_eq!(state(&fixture, "certificate_expiring"), "");
        show(&fixture, "{n2}", 13);
        let found = alarm(&fixture, "certificate_expiring").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("expiring")));
        let value = found["value"].as_str().unwrap();
        assert!(value.starts_with("https://h.example.com/ until 2026-12-05"), "{value}");
    }
}

#[test]
fn what_a_dead_node_saw_does_not_hide_what_the_others_see() {
    for fixture in with_nodes() {
        watch(&fixture);
        show(&fixture, "{n1}", 20);
        // It dies, and the certificate is replaced by one that ends a day later.
        fixture.register.pass(TimeDelta::days(6));
        show(&fixture, "{n2}", 15);
        assert_eq!(state(&fixture, "certificate_expiring"), "");
        fixture.register.pass(TimeDelta::days(2));
        show(&fixture, "{n2}", 13);
        let found = alarm(&fixture, "certificate_expiring").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("expiring")));
    }
}

#[test]
fn a_certificate_that_is_shown_no_more_is_not_known_after_a_day() {
    for fixture in with_nodes() {
        watch(&fixture);
        show(&fixture, "{n1}", 13);
        assert_eq!(state(&fixture, "certificate_expiring"), "pending");
        let stale_after = |hours| {
            fixture.register.pass(TimeDelta::hours(hours));
            show_none(&fixture);
            alarm(&fixture, "certificate_expiring").unwrap()["stale_since"].is_string()
        };
        assert_eq!([23, 2].map(stale_after), [false, true]);
    }
}

#[test]
fn a_certificate_of_another_address_is_not_that_of_the_new_one() {
    for fixture in with_nodes() {
        watch(&fixture);
        show(&fixture, "{n1}", 13);
        let call = fixture.call("{KA}", "PATCH /cadastre/v1/regions/{r1}");
        let body = json!({"addresses": {"http_domain": "new.example.com"}});
        assert_eq!(call.header("if-match", "*").json(&body).send().status(), 200);
        fixture.register.pass(TimeDelta::minutes(1));
        show_none(&fixture);
        let alarm = alarm(&fixture, "certificate_expiring").unwrap();
        assert!(alarm["stale_since"].is_string(), "{alarm}");
    }
}
