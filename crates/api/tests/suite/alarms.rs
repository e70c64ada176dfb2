//! What the register finds wrong by itself, and how the native face tells of it.

use cadastre_domain::alarm::{Alarm, AlarmKind, AlarmSubject};
use cadastre_domain::node::{AccessKey, Node, NodeContact, Pulls};
use cadastre_storage::StorageError;
use cadastre_testkit::sample;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::alarms_scene::{
    ALARMS, SILENCE, add_node, add_webhook, fire, get, judge, pointers, pull, refuse, resolve,
    scenes, send,
};
use crate::hooks::Hook;
use crate::rainbond_fixture::Fixture;

/// Kind and state of all alarms.
fn alarms(fixture: &Fixture, query: &str) -> Vec<(String, String)> {
    let page = get(fixture, &format!("{ALARMS}{query}"));
    let text = |alarm: &Value, name: &str| alarm[name].as_str().unwrap().to_owned();
    let items = page["items"].as_array().unwrap();
    items.iter().map(|alarm| (text(alarm, "kind"), text(alarm, "state"))).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(kind, state)| ((*kind).to_owned(), (*state).to_owned())).collect()
}

/// The whole of the only alarm.
fn only(fixture: &Fixture) -> Value {
    let page = get(fixture, ALARMS);
    let [alarm] = &page["items"].as_array().unwrap()[..] else { panic!("{page}") };
    get(fixture, &format!("{ALARMS}/{}", alarm["id"].as_str().unwrap()))
}

#[test]
fn a_node_that_falls_silent_raises_an_alarm_that_fires_and_ends_when_it_is_back() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        assert_eq!(judge(&fixture), 0, "one that never pulled is not waited for");
        pull(&fixture, "{n}");
        fixture.register.pass(TimeDelta::minutes(5));
        assert_eq!((judge(&fixture), alarms(&fixture, "")), (0, vec![]));
        fixture.register.pass(TimeDelta::microseconds(1));
        assert_eq!(
            (judge(&fixture), judge(&fixture)),
            (1, 0),
            "what does not change is not written"
        );
        let silent = |state| owned(&[("node_silent", state)]);
        assert_eq!(alarms(&fixture, ""), silent("pending"));
        fixture.register.pass(TimeDelta::minutes(1));
        assert_eq!((judge(&fixture), alarms(&fixture, "")), (1, silent("firing")));
        let alarm = only(&fixture);
        let now = json!(fixture.register.app.clock.now());
        let expected = json!({
            "id": alarm["id"], "enterprise_id": fixture.fill("{E1}"), "kind": "node_silent",
            "node_id": fixture.fill("{n}"), "region_id": null, "state": "firing",
            "reason": "silent", "value": "last accepted pull at 2026-11-22T08:06:55Z",
            "since": now, "good_since": null, "stale_since": null, "is_muted": false,
            "is_announced": true, "created_at": alarm["created_at"], "updated_at": now,
            "version": 2, "events": alarm["events"],
        });
        assert_eq!(alarm, expected);
        resolve(&fixture, "{n}");
        let alarm = only(&fixture);
        assert_eq!((&alarm["state"], &alarm["is_announced"]), (&json!("resolved"), &json!(false)));
        let states = alarm["events"].as_array().unwrap().iter();
        let states: Vec<_> = states.map(|event| event["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["resolved", "firing", "pending"]);
        // The same alarm is used again.
        fire(&fixture, "{n}");
        assert_eq!(only(&fixture)["id"], alarm["id"]);
        assert_eq!(only(&fixture)["events"].as_array().unwrap().len(), 5);
    }
}

#[test]
fn a_node_whose_pulls_are_refused_raises_another_alarm() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        refuse(&fixture, "{n}");
        for _ in 0..2 {
            judge(&fixture);
            fixture.register.pass(TimeDelta::minutes(5));
        }
        let alarm = only(&fixture);
        assert_eq!((&alarm["kind"], &alarm["state"]), (&json!("node_refused"), &json!("firing")));
        assert_eq!(alarm["reason"], "wrong_signature");
        assert_eq!(alarm["value"], "no pull was ever accepted");
    }
}

#[test]
fn what_was_disabled_or_deleted_has_no_open_alarm() {
    for mut fixture in scenes() {
        for name in ["off", "gone"] {
            add_node(&mut fixture, "{KA}", name);
            fire(&fixture, &format!("{{{name}}}"));
        }
        let now = fixture.register.app.clock.now();
        let ids = [fixture.id("{off}"), fixture.id("{gone}")];
        let changed: Result<(), StorageError> = fixture.register.app.store.write(move |tx| {
            for mut node in tx.find_nodes(&ids)? {
                node = node.changed(now);
                if node.id == ids[0] {
                    node.is_enabled = false;
                } else {
                    node.deleted_at = Some(now);
                }
                assert!(tx.save_node(&node)?);
            }
            Ok(())
        });
        changed.unwrap();
        assert_eq!(judge(&fixture), 2);
        assert_eq!(alarms(&fixture, ""), owned(&[("node_silent", "resolved"); 2]));
    }
}

#[test]
fn the_alarm_of_a_region_that_is_not_watched_any_more_is_over_and_everybody_is_told() {
    let hook = Hook::start();
    for mut fixture in scenes() {
        add_webhook(&mut fixture, "{KA}", "w", &hook.url("/"));
        let down = Alarm {
            id: cadastre_api::ids::hex_id(),
            enterprise_id: fixture.id("{E1}"),
            kind: AlarmKind::RegionDown,
            subject: AlarmSubject::Region(sample::hex(77)),
            ..sample::alarm()
        };
        let written: Result<(), StorageError> = fixture
            .register
            .app
            .store
            .write(move |tx| tx.insert_alarms(std::slice::from_ref(&down)));
        written.unwrap();
        assert_eq!((judge(&fixture), judge(&fixture)), (1, 0));
        assert_eq!(alarms(&fixture, ""), owned(&[("region_down", "resolved")]));
        let region = fixture.fill("?region_id=0000000000000000000000000000004d");
        assert_eq!(alarms(&fixture, &region).len(), 1);
        assert_eq!(send(&fixture), 1);
        let told = hook.heard().last().unwrap().json();
        assert_eq!(told["alarm"]["state"], "resolved");
        assert_eq!(told["alarm"]["subject_kind"], "region");
    }
}

/// More than are read, and more than are written, at once.
#[test]
fn many_nodes_that_fall_silent_at_once_have_an_alarm_each_and_all_are_told() {
    const NODES: usize = 1100;
    for mut fixture in scenes() {
        add_webhook(&mut fixture, "{KA}", "w", "http://127.0.0.1:1/");
        let (home, now) = (fixture.id("{E1}"), fixture.register.app.clock.now());
        let added: Result<(), StorageError> = fixture.register.app.store.write(move |tx| {
            for n in 0..NODES {
                let mut node = Node { enterprise_id: home, ..sample::node() };
                node.id = sample::text(&format!("reg_{n:019}g"));
                node.profile.keycode = sample::text(&format!("k-{n}"));
                let id = sample::text(&format!("{n:020}"));
                tx.insert_node(&node, &AccessKey { id, ..sample::access_key() })?;
                let pulls = Pulls { accepted_at: Some(now), ..Pulls::default() };
                tx.note_contacts(&[NodeContact { node_id: node.id, pulls, date: None }])?;
            }
            Ok(())
        });
        added.unwrap();
        assert_eq!(judge(&fixture), 0);
        fixture.register.pass(SILENCE);
        assert_eq!(judge(&fixture), NODES);
        fixture.register.pass(TimeDelta::minutes(1));
        let start = std::time::Instant::now();
        assert_eq!(judge(&fixture), NODES);
        println!("{}: {NODES} fire in {:?}", fixture.register.name, start.elapsed());
        let start = std::time::Instant::now();
        assert_eq!(judge(&fixture), 0);
        println!("{}: {NODES} stay in {:?}", fixture.register.name, start.elapsed());
        let total =
            |path: &str| get(&fixture, &format!("{path}total=true&limit=1"))["total"].clone();
        assert_eq!(total(&format!("{ALARMS}?state=firing&")), NODES);
        assert_eq!(total("/cadastre/v1/webhooks/{w}/deliveries?state=waiting&"), NODES);
    }
}

#[test]
fn the_list_is_filtered_and_alarms_of_others_do_not_exist() {
    for mut fixture in scenes() {
        for (key, name) in [("{KA}", "a"), ("{KA}", "b"), ("{KO}", "c")] {
            add_node(&mut fixture, key, name);
        }
        fire(&fixture, "{a}");
        fire(&fixture, "{c}");
        pull(&fixture, "{b}");
        fixture.register.pass(SILENCE);
        judge(&fixture);
        let (firing, pending) = (("node_silent", "firing"), ("node_silent", "pending"));
        for (query, expected) in [
            ("", &[firing, pending][..]),
            ("?state=firing", &[firing]),
            ("?state=pending", &[pending]),
            ("?state=resolved", &[]),
            ("?kind=node_silent", &[firing, pending]),
            ("?kind=region_down", &[]),
            ("?node_id={a}", &[firing]),
            ("?node_id={c}", &[]),
            ("?node_id={b}&state=pending&kind=node_silent", &[pending]),
            ("?region_id=0123456789abcdef0123456789abcdef", &[]),
        ] {
            assert_eq!(alarms(&fixture, query), owned(expected), "{query}");
        }
        let all = fixture.get("{MK}", &format!("GET {ALARMS}?total=true&limit=1")).json();
        assert_eq!((&all["total"], all["items"].as_array().unwrap().len()), (&json!(3), 1));
        let theirs = fixture.get("{KO}", &format!("GET {ALARMS}")).json();
        let id = theirs["items"][0]["id"].as_str().unwrap();
        assert_eq!(fixture.get("{KA}", &format!("GET {ALARMS}/{id}")).status(), 404);
        assert_eq!(fixture.get("{KO}", &format!("GET {ALARMS}/{id}")).status(), 200);
        for (query, pointer) in [
            ("state=on", "/state"),
            ("kind=x", "/kind"),
            ("node_id=x", "/node_id"),
            ("region_id={a}", "/region_id"),
            ("node_id={a}&region_id=0123456789abcdef0123456789abcdef", "/region_id"),
        ] {
            let refused = fixture.get("{KA}", &format!("GET {ALARMS}?{query}"));
            assert_eq!(pointers(&refused), [pointer], "{query} {refused:?}");
        }
    }
}

#[test]
fn a_part_of_an_alarm_is_shown_and_its_copy_confirmed() {
    for mut fixture in scenes() {
        add_node(&mut fixture, "{KA}", "n");
        fire(&fixture, "{n}");
        let path = format!("{ALARMS}/{}", only(&fixture)["id"].as_str().unwrap());
        let part = fixture.get("{KA}", &format!("GET {path}?fields=state,version"));
        assert_eq!(part.json(), json!({"state": "firing", "version": 2}));
        let whole = fixture.get("{KA}", &format!("GET {path}"));
        let copy = fixture.call("{KA}", &format!("GET {path}"));
        assert_eq!(copy.header("if-none-match", whole.header("etag")).send().status(), 304);
    }
}

#[test]
fn an_alarm_that_somebody_else_moved_on_meanwhile_is_left_alone() {
    for mut fixture in scenes() {
        for n in 0..20 {
            add_node(&mut fixture, "{KA}", &format!("n{n}"));
            pull(&fixture, &format!("{{n{n}}}"));
        }
        fixture.register.pass(SILENCE);
        let fixture = &fixture;
        for (state, events) in [("pending", 1), ("firing", 2)] {
            let changed: usize = std::thread::scope(|scope| {
                let all: Vec<_> = (0..4).map(|_| scope.spawn(|| judge(fixture))).collect();
                all.into_iter().map(|one| one.join().unwrap()).sum()
            });
            assert_eq!(changed, 20, "each alarm is moved on once");
            assert_eq!(alarms(fixture, ""), owned(&[("node_silent", state); 20]));
            let count = "SELECT count(*)::text AS value FROM alarm_events";
            let count = if fixture.register.name == "sqlite" {
                count.replace("::text", " || ''")
            } else {
                count.into()
            };
            let count = cadastre_testkit::raw::column(&fixture.register.database, &count);
            assert_eq!(count, [(events * 20).to_string()]);
            fixture.register.pass(TimeDelta::minutes(1));
        }
    }
}
