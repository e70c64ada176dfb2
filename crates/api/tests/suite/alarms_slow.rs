//! Alarms about watched regions that take long, which are judged now and then.

use cadastre_domain::alarm::{Alarm, AlarmKind, AlarmSubject};
use cadastre_domain::id::{NodeId, RegionId};
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::region::Status;
use cadastre_domain::watch::Watch;
use cadastre_storage::StorageError;
use cadastre_testkit::sample;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::alarms_regions::{alarm, state};
use crate::alarms_scene::{get, judge};
use crate::native_availability::{post, post_fields, roll_up};
use crate::native_watches::{watch, with_nodes};
use crate::rainbond_fixture::Fixture;

/// A week of dials of 20 ms: what the region usually takes.
fn usual(fixture: &Fixture) {
    let fast = "success=1i,response_time=20000i";
    for n in 0..501 {
        for node in ["{n1}", "{n2}"] {
            let ago = 2 * 86_400 + n;
            post_fields(fixture, node, "api", "tcp_dial_testing", "OK", fast, ago);
        }
    }
}

/// Half a minute of dials of 400 ms.
fn slow(fixture: &Fixture) {
    for n in 0..30 {
        let slow = "success=1i,response_time=400000i";
        post_fields(fixture, "{n1}", "api", "tcp_dial_testing", "OK", slow, n);
    }
    roll_up(fixture);
}

#[test]
fn a_region_that_is_slow_against_its_own_last_week_raises_an_alarm() {
    for fixture in with_nodes() {
        watch(&fixture);
        usual(&fixture);
        slow(&fixture);
        judge(&fixture);
        let found = alarm(&fixture, "region_slow").unwrap();
        assert_eq!((&found["state"], &found["reason"]), (&json!("pending"), &json!("slow")));
    }
}

#[test]
fn how_long_a_region_takes_is_judged_every_five_minutes_and_left_alone_in_between() {
    for fixture in with_nodes() {
        watch(&fixture);
        usual(&fixture);
        judge(&fixture);
        slow(&fixture);
        fixture.register.pass(TimeDelta::seconds(299));
        judge(&fixture);
        assert_eq!(state(&fixture, "region_slow"), "", "that was not looked at");
        fixture.register.pass(TimeDelta::seconds(1));
        judge(&fixture);
        let found = alarm(&fixture, "region_slow").unwrap();
        assert_eq!(found["state"], "pending");
        // What is judged in every round is, and this alarm stays as it is.
        for node in ["{n1}", "{n2}"] {
            post(&fixture, node, "api", false, 0);
        }
        roll_up(&fixture);
        fixture.register.pass(TimeDelta::seconds(15));
        judge(&fixture);
        assert_eq!(state(&fixture, "region_down"), "pending");
        assert_eq!(alarm(&fixture, "region_slow"), Some(found));
        // It ends with the watch at once, as the others do.
        let call = fixture.call("{KA}", "DELETE /cadastre/v1/regions/{r1}/watch");
        assert_eq!(call.header("if-match", "*").send().status(), 204);
        judge(&fixture);
        for kind in ["region_slow", "region_down"] {
            assert_eq!(state(&fixture, kind), "resolved", "{kind}");
        }
    }
}

/// Watches three regions from so many nodes that they are not looked at together.
fn many(fixture: &Fixture) -> Vec<RegionId> {
    let enterprise_id = fixture.register.enterprise;
    let node = move |number: u64| Node {
        id: format!("reg_{number:019}g").parse().unwrap(),
        enterprise_id,
        profile: NodeProfile {
            keycode: sample::text(&format!("many-{number}")),
            ..sample::node().profile
        },
        ..sample::node()
    };
    let key = |number: u64| AccessKey {
        id: sample::text(&format!("{number:020}")),
        ..sample::access_key()
    };
    let regions: Vec<RegionId> = (0..3).map(|number| sample::hex(0xf_0000 + number)).collect();
    let all = regions.clone();
    let planted: Result<(), StorageError> = fixture.register.app.store.write(move |tx| {
        for number in 0..120 {
            tx.insert_node(&node(number), &key(number))?;
        }
        let nodes: Vec<NodeId> = (0..120).map(|number| node(number).id).collect();
        for (number, region_id) in (0..).zip(&all) {
            let mut detail = sample::region();
            detail.region.id = *region_id;
            detail.region.enterprise_id = enterprise_id;
            detail.region.name = sample::text(&format!("many-{number}"));
            detail.region.status = Status::Enabled;
            tx.insert_region(&detail, sample::changed_by())?;
            let id = sample::hex(0xe_0000 + 0x100 * number);
            let nodes = nodes.clone();
            let watch = Watch { id, enterprise_id, nodes, ..sample::watch(*region_id) };
            tx.insert_watch(&watch)?;
        }
        Ok(())
    });
    planted.unwrap();
    regions
}

#[test]
fn regions_that_are_not_looked_at_together_are_all_judged() {
    for fixture in with_nodes() {
        let regions = many(&fixture);
        // An alarm of each, which would end if it were not judged.
        let subjects = regions.clone();
        let (enterprise_id, now) = (fixture.register.enterprise, fixture.register.app.clock.now());
        let planted: Result<(), StorageError> = fixture.register.app.store.write(move |tx| {
            let alarm = |(number, region): (u64, &RegionId)| Alarm {
                id: sample::hex(0xd_0000 + number),
                enterprise_id,
                kind: AlarmKind::RegionDown,
                subject: AlarmSubject::Region(*region),
                since: now,
                ..sample::alarm()
            };
            tx.insert_alarms(&(0..).zip(&subjects).map(alarm).collect::<Vec<_>>())
        });
        planted.unwrap();
        // In the first round with how long they take, in the second without.
        for _ in 0..2 {
            judge(&fixture);
            for region in &regions {
                let path = format!("/cadastre/v1/alarms?region_id={region}");
                let page = get(&fixture, &path);
                let alarms: Vec<(&Value, bool)> = page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|alarm| (&alarm["state"], alarm["stale_since"].is_string()))
                    .collect();
                assert_eq!(alarms, [(&json!("firing"), true)], "{region}");
            }
        }
    }
}
