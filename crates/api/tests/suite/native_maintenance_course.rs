//! The course of windows of maintenance: what the register does by itself, and when it does not.

use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_credentials_change::{material, replace};
use crate::native_maintenance::{at, cancel, extend, plan, read, run_due, state, status, window};
use crate::rainbond_fixture::{Fixture, SOMEWHERE, fixtures, with};
use crate::support::{LIMIT, NOW, watchful_registers};

/// Moves the clock to an hour of the day after that of the tests.
pub fn go_to(fixture: &Fixture, hour: u32) {
    let (time, now) =
        (at(hour).parse::<chrono::DateTime<_>>().unwrap(), fixture.register.app.clock.now());
    fixture.register.pass(time - now);
}

/// What the register did by itself, the latest first: kinds of things, and what they became.
fn done(fixture: &Fixture) -> Vec<(String, String)> {
    let path = "GET /cadastre/v1/audit?operation=run_maintenance";
    let entries = fixture.get("{KA}", path).json();
    let told = |entry: &Value| {
        assert_eq!((&entry["origin"], &entry["token_id"]), (&json!("server"), &Value::Null));
        let changes = entry["changes"].as_array().unwrap();
        let found = changes.iter().find(|c| c["field"] == "state" || c["field"] == "status");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&entry["object_kind"]), text(&found.unwrap()["after"]))
    };
    entries["items"].as_array().unwrap().iter().map(told).collect()
}

fn entries(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, became)| ((*kind).to_owned(), (*became).to_owned())).collect()
}

#[test]
fn the_register_moves_the_region_at_the_start_and_back_at_the_end_with_one_entry_a_step() {
    for fixture in fixtures() {
        let path = plan(&fixture, &window("{r1}", 1, 2));
        assert_eq!(run_due(&fixture), 0);
        go_to(&fixture, 1);
        assert_eq!((run_due(&fixture), run_due(&fixture)), (1, 0));
        assert_eq!(state(&fixture, &path), ("running".into(), String::new()));
        assert_eq!(status(&fixture, "{r1}"), "maintenance");
        go_to(&fixture, 2);
        assert_eq!((run_due(&fixture), run_due(&fixture)), (1, 0));
        let ended = ("ended".into(), "the region was enabled again".into());
        assert_eq!((state(&fixture, &path), status(&fixture, "{r1}")), (ended, "enabled".into()));
        let steps = [
            ("region", "enabled"),
            ("maintenance_window", "ended"),
            ("region", "maintenance"),
            ("maintenance_window", "running"),
        ];
        assert_eq!(done(&fixture), entries(&steps));
        let made = fixture.get("{KA}", "GET /cadastre/v1/regions/{r1}/revisions?fields=operation");
        let made = &made.json()["items"][0];
        assert_eq!(made, &json!({"operation": "run_maintenance"}));
    }
}

#[test]
fn a_region_that_is_not_ready_at_the_end_is_left_and_the_window_says_why() {
    let authority = Authority::new("authority");
    let own = material(&authority, &authority.issue_until("own", (2026, 11, 22)));
    for fixture in fixtures() {
        let late = with(window("{r1}", 1, 2), &json!({"ends_at": "2026-11-24T00:00:00Z"}));
        let ends_soon = authority.issue_until("own", (2026, 11, 23));
        replace(&fixture, "{r1}", &with(own.clone(), &material(&authority, &ends_soon)));
        let path = plan(&fixture, &with(late, &json!({"starts_at": "2026-11-22T09:00:00Z"})));
        fixture.register.pass(TimeDelta::hours(1));
        assert_eq!(run_due(&fixture), 1);
        go_to(&fixture, 0);
        fixture.register.pass(TimeDelta::days(1));
        assert_eq!(run_due(&fixture), 1);
        let (found, note) = state(&fixture, &path);
        assert_eq!((found.as_str(), status(&fixture, "{r1}").as_str()), ("stuck", "maintenance"));
        assert!(
            note.starts_with("the region is not ready and was left in maintenance: "),
            "{note}"
        );
        assert!(note.contains("the client certificate expired at 2026-11-23"), "{note}");
        assert_eq!(run_due(&fixture), 0);
    }
}

#[test]
fn a_window_whose_region_has_no_business_in_maintenance_is_skipped() {
    for fixture in fixtures() {
        let path = plan(&fixture, &window("{r2}", 1, 2));
        go_to(&fixture, 1);
        assert_eq!(run_due(&fixture), 1);
        let (found, note) = state(&fixture, &path);
        assert_eq!((found.as_str(), status(&fixture, "{r2}").as_str()), ("skipped", "disabled"));
        assert!(note.contains("disabled"), "{note}");
    }
}

#[test]
fn what_was_missed_is_caught_up_with_in_order() {
    for fixture in fixtures() {
        let paths =
            [(1, 2), (2, 3), (3, 6)].map(|(from, to)| plan(&fixture, &window("{r1}", from, to)));
        go_to(&fixture, 1);
        run_due(&fixture);
        // Nobody looks between one and four.
        go_to(&fixture, 4);
        assert_eq!(run_due(&fixture), 3);
        let states = paths.map(|path| state(&fixture, &path).0);
        assert_eq!(states, ["ended", "skipped", "running"]);
        assert_eq!(status(&fixture, "{r1}"), "maintenance");
    }
}

#[test]
fn a_window_that_starts_now_begins_at_once_and_ends_early_when_it_is_called_off() {
    for fixture in fixtures() {
        let path = plan(&fixture, &with(window("{r1}", 1, 2), &json!({"starts_at": NOW})));
        assert_eq!(state(&fixture, &path).0, "running");
        assert_eq!(status(&fixture, "{r1}"), "maintenance");
        fixture.register.pass(TimeDelta::seconds(5));
        let longer = extend(&fixture, &path, "\"2\"", &json!({"ends_at": at(3)}));
        assert_eq!(longer.status(), 200, "{longer:?}");
        let ended = cancel(&fixture, &path, "\"3\"");
        assert_eq!((ended.status(), ended.header("etag")), (200, "\"4\""), "{ended:?}");
        let note = "ended early by cancellation; the region was enabled again";
        assert_eq!(state(&fixture, &path), ("ended".into(), note.into()));
        assert_eq!(read(&fixture, &path)["ends_at"], "2026-11-22T08:07:00.298602Z");
        assert_eq!(status(&fixture, "{r1}"), "enabled");
        assert_eq!(done(&fixture), entries(&[]));
    }
}

/// Waits until a region has this status.
fn wait_for(fixture: &Fixture, region: &str, expected: &str) {
    let start = Instant::now();
    while status(fixture, region) != expected {
        assert!(start.elapsed() < LIMIT, "not {expected} in time");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn servers_look_by_themselves_and_do_not_believe_a_clock_that_jumps() {
    for register in watchful_registers() {
        let fixture = Fixture::new(register, SOMEWHERE);
        let soon = json!({"starts_at": "2026-11-22T08:07:10Z", "ends_at": "2026-11-22T08:07:30Z"});
        let path = plan(&fixture, &with(window("{r1}", 1, 2), &soon));
        let hour = json!({"starts_at": "2026-11-22T09:00:00Z"});
        let later = plan(&fixture, &with(window("{pub}", 1, 2), &hour));
        fixture.register.pass(TimeDelta::seconds(15));
        wait_for(&fixture, "{r1}", "maintenance");
        // An hour too far, and while it lasts, some fifty looks.
        let jump = Instant::now();
        fixture.register.pass(TimeDelta::hours(1));
        thread::sleep(Duration::from_secs(1));
        let found = state(&fixture, &path).0;
        // By the time that has passed for everybody, it ends after 19.7 s.
        assert!(found == "running" || jump.elapsed() >= Duration::from_secs(19), "{found}");
        assert_eq!(
            (state(&fixture, &later).0, status(&fixture, "{pub}")),
            ("planned".into(), "enabled".into())
        );
        // Put right, the clock is believed again at once.
        fixture.register.pass(TimeDelta::seconds(20) - TimeDelta::hours(1));
        wait_for(&fixture, "{r1}", "enabled");
        assert_eq!(
            (state(&fixture, &path).0, state(&fixture, &later).0),
            ("ended".into(), "planned".into())
        );
        assert_eq!(done(&fixture).len(), 4);
    }
}
