//! Alarms and their history.

use std::collections::BTreeSet;

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{NodeKey, Span};
use cadastre_storage::{AlarmFilter, StorageError, Store, Taken, Total};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{enterprise, on_both_seeded, taken};

fn insert(store: &Store, alarms: &[Alarm]) -> Result<(), StorageError> {
    let alarms = alarms.to_vec();
    store.write(move |tx| tx.insert_alarms(&alarms))
}

fn save(store: &Store, alarm: &Alarm) -> bool {
    let alarm = alarm.clone();
    store.write(move |tx| tx.save_alarm(&alarm)).unwrap()
}

fn node(number: u64) -> NodeId {
    text(&format!("reg_{number:019}g"))
}

fn alarm(number: u64, kind: AlarmKind, state: AlarmState) -> Alarm {
    let subject = AlarmSubject::Node(node(number % 10));
    Alarm { id: hex(number), kind, state, subject, ..sample::alarm() }
}

#[test]
fn an_alarm_reads_back_as_it_was_kept() {
    on_both_seeded(|_, store| {
        let whole = Alarm {
            good_since: Some(sample::time() + TimeDelta::seconds(1)),
            stale_since: Some(sample::time() + TimeDelta::seconds(2)),
            is_muted: true,
            ..sample::alarm()
        };
        let region = Alarm {
            id: hex(200),
            subject: AlarmSubject::Region(hex(2)),
            kind: AlarmKind::RegionDown,
            is_announced: false,
            ..sample::alarm()
        };
        insert(store, &[whole.clone(), region.clone()]).unwrap();
        for alarm in [&whole, &region] {
            let found = store.read(|tx| tx.find_alarm(alarm.id)).unwrap();
            assert_eq!(found.as_ref(), Some(alarm));
        }
        let cleared = Alarm { good_since: None, stale_since: None, version: 2, ..whole };
        assert!(save(store, &cleared));
        assert_eq!(store.read(|tx| tx.find_alarm(cleared.id)).unwrap(), Some(cleared));
        assert_eq!(store.read(|tx| tx.find_alarm(hex(7))).unwrap(), None);
    });
}

#[test]
fn there_is_one_alarm_of_a_rule_about_a_subject() {
    on_both_seeded(|_, store| {
        insert(store, &[sample::alarm()]).unwrap();
        let again = Alarm { id: hex(201), ..sample::alarm() };
        assert_eq!(taken(&insert(store, &[again])), Some(Taken::Other));
        let other = Alarm { id: hex(202), kind: AlarmKind::NodeRefused, ..sample::alarm() };
        insert(store, &[other]).unwrap();
    });
}

#[test]
fn an_alarm_is_saved_only_over_the_version_before() {
    on_both_seeded(|_, store| {
        insert(store, &[sample::alarm()]).unwrap();
        let resolved = Alarm { state: AlarmState::Resolved, version: 2, ..sample::alarm() };
        assert!(save(store, &resolved));
        for version in [1, 2, 4] {
            assert!(!save(store, &Alarm { version, ..sample::alarm() }), "{version}");
        }
        assert_eq!(store.read(|tx| tx.find_alarm(hex(90))).unwrap(), Some(resolved));
    });
}

#[test]
fn a_list_has_what_fits_in_the_order_of_the_identifiers() {
    on_both_seeded(|_, store| {
        use AlarmKind::{NodeRefused, NodeSilent};
        use AlarmState::{Firing, Pending, Resolved};
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "other"))).unwrap();
        let all = [
            alarm(11, NodeSilent, Firing),
            alarm(12, NodeSilent, Pending),
            Alarm { is_announced: false, ..alarm(13, NodeSilent, Resolved) },
            alarm(21, NodeRefused, Firing),
            Alarm { enterprise_id: hex(2), ..alarm(14, NodeSilent, Firing) },
            alarm(22, NodeRefused, Resolved),
        ];
        insert(store, &all).unwrap();
        let none = AlarmFilter::default;
        for (filter, expected) in [
            (none(), &[11, 12, 13, 14, 21, 22][..]),
            (AlarmFilter { enterprise: Some(hex(1)), ..none() }, &[11, 12, 13, 21, 22]),
            (AlarmFilter { state: Some(Firing), ..none() }, &[11, 14, 21]),
            (AlarmFilter { kind: Some(NodeRefused), ..none() }, &[21, 22]),
            (AlarmFilter { subject: Some(AlarmSubject::Node(node(1))), ..none() }, &[11, 21]),
            (AlarmFilter { subject: Some(AlarmSubject::Region(hex(1))), ..none() }, &[]),
            (AlarmFilter { is_announced: true, ..none() }, &[11, 12, 14, 21, 22]),
            (AlarmFilter { state: Some(Resolved), is_announced: true, ..none() }, &[22]),
        ] {
            let found = store.read(|tx| tx.list_alarms(&filter, 9)).unwrap().items;
            let ids: Vec<_> = found.iter().map(|alarm| alarm.id).collect();
            assert_eq!(ids, expected.iter().map(|n| hex(*n)).collect::<Vec<_>>(), "{filter:?}");
            let count = store.read(|tx| tx.count_alarms(&filter)).unwrap();
            assert_eq!(count, Total::exact(i64::try_from(expected.len()).unwrap()));
            let behind = AlarmFilter { after: Some(hex(13)), ..filter };
            let rest = store.read(|tx| tx.list_alarms(&behind, 1)).unwrap().items;
            let first = expected.iter().find(|n| **n > 13).map(|n| hex(*n));
            assert_eq!(rest.first().map(|alarm| alarm.id), first);
        }
    });
}

#[test]
fn alarms_are_found_by_what_they_are_about_however_many_that_is() {
    on_both_seeded(|_, store| {
        let many: Vec<_> = (0..1203).map(|n| AlarmSubject::Node(node(n))).collect();
        let alarms = many.iter().zip(300..).map(|(subject, id)| Alarm {
            id: hex(id),
            subject: subject.clone(),
            ..sample::alarm()
        });
        let alarms: Vec<_> = alarms.collect();
        insert(store, &alarms).unwrap();
        let found = store.read(|tx| tx.alarms_about(&many)).unwrap();
        let found: BTreeSet<_> = found.into_iter().map(|alarm| alarm.subject).collect();
        assert_eq!(found, many.into_iter().collect());
        assert_eq!(store.read(|tx| tx.alarms_about(&[])).unwrap(), []);
    });
}

#[test]
fn history_is_told_the_latest_first_and_forgotten_when_it_is_old() {
    on_both_seeded(|_, store| {
        insert(store, &[sample::alarm()]).unwrap();
        let event = |number: i64| AlarmEvent {
            id: hex(number.unsigned_abs()),
            at: sample::time() + TimeDelta::days(number),
            is_muted: number % 2 == 0,
            ..sample::alarm_event()
        };
        let events: Vec<_> = (1..=5).map(event).collect();
        store.write(move |tx| tx.insert_alarm_events(&events)).unwrap();
        let told = store.read(|tx| tx.list_alarm_events(hex(90), 3)).unwrap();
        assert_eq!(told, [event(5), event(4), event(3)]);
        let found = store.read(|tx| tx.find_alarm_events(&[hex(2), hex(77)])).unwrap();
        assert_eq!(found, [(event(2), sample::alarm())]);
        let old = sample::time() + TimeDelta::days(3);
        assert_eq!(store.write(move |tx| tx.forget_alarm_events(old)).unwrap(), 2);
        let told = store.read(|tx| tx.list_alarm_events(hex(90), 9)).unwrap();
        assert_eq!(told, [event(5), event(4), event(3)]);
    });
}

#[test]
fn a_node_has_a_valid_key_until_the_last_one_ends_or_is_revoked() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_node(&sample::node(), &sample::access_key())).unwrap();
        let (id, now) = (sample::node().id, sample::time());
        let valid = |after: TimeDelta| {
            let found = store
                .read(|tx| tx.nodes_with_valid_key(&[sample::node().id, node(7)], now + after));
            found.unwrap()
        };
        assert_eq!(valid(TimeDelta::days(9)), std::slice::from_ref(&id));
        let key = NodeKey::new(sample::access_key(), id.clone(), hex(1), now);
        let change = |key: NodeKey| store.write(move |tx| tx.save_node_key(&key)).unwrap();
        let until = now + TimeDelta::hours(1);
        change(NodeKey { valid_until: Some(until), ..key.clone() });
        assert_eq!(valid(TimeDelta::minutes(59)), [id]);
        assert_eq!(valid(TimeDelta::hours(1)), []);
        change(NodeKey { valid_until: None, revoked_at: Some(now), ..key });
        assert_eq!(valid(TimeDelta::zero()), []);
    });
}

#[test]
fn times_in_which_somebody_listened_are_prolonged_and_forgotten_when_they_are_over() {
    on_both_seeded(|_, store| {
        let at = |minutes| sample::time() + TimeDelta::minutes(minutes);
        let span = |since, until| Span { since: at(since), until: at(until) };
        let save = |span| {
            store.write(move |tx| tx.save_listening(span)).unwrap();
        };
        let spans = || store.read(|tx| tx.listening()).unwrap();
        assert_eq!(spans(), []);
        for one in [span(10, 10), span(0, 5), span(10, 12)] {
            save(one);
        }
        assert_eq!(spans(), [span(0, 5), span(10, 12)]);
        let forget = |before| store.write(move |tx| tx.forget_listening(before)).unwrap();
        assert_eq!((forget(at(5)), forget(at(6)), forget(at(11))), (0, 1, 0));
        assert_eq!(spans(), [span(10, 12)]);
    });
}
