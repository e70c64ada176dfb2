//! Nodes that nobody could hear: after an outage of the register they are not called silent before
//! they had the time to be heard.

use cadastre_api::service::alarms::judge;
use cadastre_testkit::raw;
use chrono::TimeDelta;
use serde_json::json;

use crate::alarms_scene::{ALARMS, add_node, get, pull, scenes};
use crate::rainbond_fixture::Fixture;

/// Judges as a server does by itself; how many alarms changed, or that it could not.
fn judge(fixture: &Fixture) -> Option<usize> {
    let (app, now) = (fixture.register.app.clone(), fixture.register.app.clock.now());
    let judged = async move { judge::judge(&app, now).await };
    actix_web::rt::System::new().block_on(judged).ok()
}

/// That a server runs for so long; how many alarms changed.
fn run(fixture: &Fixture, minutes: i64) -> usize {
    let step = |_| {
        fixture.register.pass(TimeDelta::minutes(1));
        judge(fixture).unwrap()
    };
    (0..minutes).map(step).sum()
}

/// Which nodes have an alarm.
fn silent(fixture: &Fixture) -> Vec<String> {
    let page = get(fixture, ALARMS);
    let items = page["items"].as_array().unwrap().iter();
    items.map(|alarm| alarm["node_id"].as_str().unwrap().to_owned()).collect()
}

const HOUR: TimeDelta = TimeDelta::hours(1);
const MOMENT: TimeDelta = TimeDelta::microseconds(1);

#[test]
fn after_a_time_without_any_server_nodes_have_what_was_left_of_theirs() {
    for mut fixture in scenes() {
        for name in ["early", "last"] {
            add_node(&mut fixture, "{KA}", name);
        }
        assert_eq!(judge(&fixture), Some(0));
        pull(&fixture, "{early}");
        assert_eq!(run(&fixture, 2), 0);
        pull(&fixture, "{last}");
        fixture.register.pass(HOUR);
        assert_eq!(judge(&fixture), Some(0), "the first look after the outage");
        // Two of its five minutes were over before.
        assert_eq!(run(&fixture, 3), 0);
        fixture.register.pass(MOMENT);
        assert_eq!(judge(&fixture), Some(1));
        assert_eq!(silent(&fixture), [fixture.fill("{early}")]);
        assert_eq!(run(&fixture, 2), 2, "one fires, one is pending");
        assert_eq!(silent(&fixture).len(), 2);
    }
}

#[test]
fn a_node_that_is_heard_after_the_outage_has_as_long_as_always() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        fixture.register.pass(HOUR);
        assert_eq!(judge(&fixture), Some(0));
        pull(&fixture, "{n}");
        assert_eq!(run(&fixture, 5), 0);
        assert_eq!(run(&fixture, 1), 1);
    }
}

#[test]
fn a_server_that_starts_beside_others_excuses_nobody_and_changes_nothing() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        assert_eq!(judge(&fixture), Some(0));
        assert_eq!(run(&fixture, 7), 2, "pending, firing");
        let app = fixture.register.beside().app.clone();
        fixture.register.pass(TimeDelta::seconds(10));
        let now = app.clock.now();
        let judged = async move { judge::judge(&app, now).await };
        assert_eq!(actix_web::rt::System::new().block_on(judged).unwrap(), 0);
        let alarm = &get(&fixture, ALARMS)["items"][0];
        assert_eq!((&alarm["state"], &alarm["stale_since"]), (&json!("firing"), &json!(null)));
    }
}

#[test]
fn a_time_without_the_database_counts_as_one_without_servers() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        assert_eq!(judge(&fixture), Some(0));
        let database = fixture.register.database.clone();
        raw::execute(&database, "ALTER TABLE listening RENAME TO away");
        fixture.register.pass(HOUR);
        assert_eq!(judge(&fixture), None);
        raw::execute(&database, "ALTER TABLE away RENAME TO listening");
        assert_eq!(judge(&fixture), Some(0));
        assert_eq!(run(&fixture, 5), 0);
        fixture.register.pass(MOMENT);
        assert_eq!(judge(&fixture), Some(1));
    }
}

#[test]
fn what_cannot_be_judged_of_regions_keeps_no_node_from_being_judged() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        assert_eq!(judge(&fixture), Some(0));
        let database = fixture.register.database.clone();
        raw::execute(&database, "ALTER TABLE region_watches RENAME TO away");
        for _ in 0..7 {
            fixture.register.pass(TimeDelta::minutes(1));
            assert_eq!(judge(&fixture), None);
        }
        assert_eq!(get(&fixture, ALARMS)["items"][0]["state"], "firing");
        raw::execute(&database, "ALTER TABLE away RENAME TO region_watches");
        assert_eq!(judge(&fixture), Some(0));
    }
}
