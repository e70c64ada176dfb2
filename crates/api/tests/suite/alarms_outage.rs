//! Nodes that nobody could hear: after an outage of the register they are not called silent before
//! they had the time to be heard.

use cadastre_api::service::alarms::judge::Judge;
use cadastre_testkit::raw;
use chrono::TimeDelta;
use serde_json::json;

use crate::alarms_scene::{ALARMS, SILENCE, add_node, get, pull, scenes};
use crate::rainbond_fixture::Fixture;

/// Judges as the server does by itself; how many alarms changed, or that it could not.
fn judge(judge: &mut Judge, fixture: &Fixture) -> Option<usize> {
    let (app, now) = (fixture.register.app.clone(), fixture.register.app.clock.now());
    actix_web::rt::System::new().block_on(judge.judge(&app, now)).ok()
}

fn begin(fixture: &Fixture) -> Judge {
    Judge::new(fixture.register.app.clock.now())
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
fn after_a_time_without_any_server_nodes_have_as_long_as_always() {
    for mut fixture in scenes() {
        for name in ["early", "last"] {
            add_node(&mut fixture, "{KA}", name);
        }
        pull(&fixture, "{early}");
        fixture.register.pass(TimeDelta::minutes(2));
        pull(&fixture, "{last}");
        fixture.register.pass(HOUR);
        let mut server = begin(&fixture);
        assert_eq!(judge(&mut server, &fixture), Some(0));
        // Two of its five minutes were over before.
        fixture.register.pass(TimeDelta::minutes(3));
        assert_eq!(judge(&mut server, &fixture), Some(0));
        fixture.register.pass(MOMENT);
        assert_eq!(judge(&mut server, &fixture), Some(1));
        assert_eq!(silent(&fixture), [fixture.fill("{early}")]);
        fixture.register.pass(TimeDelta::minutes(2));
        assert_eq!(judge(&mut server, &fixture), Some(2), "one fires, one is pending");
        assert_eq!(silent(&fixture).len(), 2);
    }
}

#[test]
fn a_node_that_is_heard_after_the_outage_is_not_waited_for_any_longer() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        fixture.register.pass(HOUR);
        let mut server = begin(&fixture);
        pull(&fixture, "{n}");
        fixture.register.pass(SILENCE);
        assert_eq!(judge(&mut server, &fixture), Some(1));
    }
}

#[test]
fn a_server_that_starts_beside_others_excuses_nobody_and_resolves_nothing() {
    for mut fixture in scenes() {
        for name in ["gone", "alive"] {
            add_node(&mut fixture, "{KA}", name);
            pull(&fixture, &format!("{{{name}}}"));
        }
        let mut first = begin(&fixture);
        assert_eq!(judge(&mut first, &fixture), Some(0));
        for _ in 0..2 {
            fixture.register.pass(SILENCE);
            pull(&fixture, "{alive}");
            assert_eq!(judge(&mut first, &fixture), Some(1));
        }
        fixture.register.pass(TimeDelta::minutes(1));
        let mut second = begin(&fixture);
        assert_eq!(judge(&mut second, &fixture), Some(0));
        let page = get(&fixture, ALARMS);
        assert_eq!(page["items"][0]["state"], "firing");
        assert_eq!(page["items"][0]["stale_since"], json!(null));
        assert_eq!(silent(&fixture), [fixture.fill("{gone}")]);
    }
}

#[test]
fn a_time_without_the_database_counts_as_one_without_servers() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        pull(&fixture, "{n}");
        let mut server = begin(&fixture);
        assert_eq!(judge(&mut server, &fixture), Some(0));
        let database = fixture.register.database.clone();
        raw::execute(&database, "ALTER TABLE alarms RENAME TO alarms_away");
        fixture.register.pass(HOUR);
        assert_eq!(judge(&mut server, &fixture), None, "it cannot be read");
        raw::execute(&database, "ALTER TABLE alarms_away RENAME TO alarms");
        assert_eq!(judge(&mut server, &fixture), Some(0));
        fixture.register.pass(TimeDelta::minutes(5));
        assert_eq!(judge(&mut server, &fixture), Some(0));
        fixture.register.pass(MOMENT);
        assert_eq!(judge(&mut server, &fixture), Some(1));
    }
}
