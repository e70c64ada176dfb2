//! Which entries a list shows, and what it tells of values.

use cadastre_domain::audit::{Actor, Entry, FieldChange, Object, Origin, Outcome, Value};
use cadastre_domain::user::UserId;
use cadastre_storage::{AuditFilter, Store, Total};
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::audit::{all, change, entry, list, record, secret, sequences, value};
use crate::support::on_both_seeded;

/// An entry with nothing in it that can be left out.
fn empty() -> Entry {
    let actor = Actor {
        origin: Origin::Server,
        operation: "start",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    Entry { reason: None, ..Entry::refused(&actor, sample::time(), Outcome::Done, String::new()) }
}

fn with_actor(edit: impl FnOnce(&mut Actor)) -> Entry {
    let mut entry = empty();
    edit(&mut entry.actor);
    entry
}

fn about(kind: &'static str, id: &str) -> Entry {
    Entry { object: Some(Object { kind: kind.into(), id: id.to_owned() }), ..empty() }
}

fn from(address: &str) -> Entry {
    let id = "request-2".to_owned();
    with_actor(|actor| actor.origin = Origin::Request { address: address.parse().ok(), id })
}

/// Each entry has one thing that the first, an empty one, has not.
fn different() -> Vec<Entry> {
    vec![
        empty(),
        Entry { enterprise_id: Some(hex(2)), ..empty() },
        with_actor(|actor| actor.token_id = Some(hex(5))),
        with_actor(|actor| actor.user_id = Some(UserId(7))),
        with_actor(|actor| actor.operation = "stop"),
        Entry { outcome: Outcome::Refused, ..empty() },
        Entry { outcome: Outcome::SignInFailed, ..empty() },
        about("team", "t-1"),
        about("node", "n-1"),
        from("2001:db8::1"),
        Entry { revealed: vec!["token".into()], ..empty() },
        Entry { at: sample::time() + TimeDelta::hours(1), ..empty() },
    ]
}

fn none() -> AuditFilter {
    AuditFilter::default()
}

fn words(text: &str) -> String {
    text.to_owned()
}

#[test]
fn each_filter_leaves_what_it_names() {
    on_both_seeded(|_, store| {
        record(store, different());
        let later = Some(sample::time() + TimeDelta::seconds(1));
        for (filter, expected) in [
            (AuditFilter { enterprise: Some(hex(2)), ..none() }, vec![2]),
            (AuditFilter { token: Some(hex(5)), ..none() }, vec![3]),
            (AuditFilter { user: Some(UserId(7)), ..none() }, vec![4]),
            (AuditFilter { operation: Some(words("stop")), ..none() }, vec![5]),
            (AuditFilter { outcome: Some(words("refused")), ..none() }, vec![6]),
            (AuditFilter { outcome: Some(words("sign_in_failed")), ..none() }, vec![7]),
            (AuditFilter { object_kind: Some(words("team")), ..none() }, vec![8]),
            (AuditFilter { object_id: Some(words("n-1")), ..none() }, vec![9]),
            (AuditFilter { address: Some(words("2001:db8::1")), ..none() }, vec![10]),
            (AuditFilter { revealed: true, ..none() }, vec![11]),
            (AuditFilter { since: later, ..none() }, vec![12]),
            (AuditFilter { until: later, before: Some(3), ..none() }, vec![2, 1]),
            (none(), (1..=12).rev().collect()),
        ] {
            assert_eq!(sequences(&list(store, &filter, 99)), expected, "{filter:?}");
            // They are counted on all pages, wherever this one begins.
            let whole = AuditFilter { before: None, ..filter };
            let count = store.read(|tx| tx.count_audit(&whole)).unwrap();
            let all = list(store, &whole, 99);
            assert_eq!(count, Total::exact(i64::try_from(all.len()).unwrap()), "{whole:?}");
            let paged = AuditFilter { before: Some(3), ..whole };
            assert_eq!(store.read(|tx| tx.count_audit(&paged)).unwrap(), count, "{paged:?}");
        }
    });
}

#[test]
fn filters_that_nothing_passes_leave_nothing() {
    on_both_seeded(|_, store| {
        record(store, different());
        for filter in [
            AuditFilter { enterprise: Some(hex(9)), ..none() },
            AuditFilter { operation: Some(words("STOP")), ..none() },
            AuditFilter { object_kind: Some(words("%")), ..none() },
            AuditFilter { outcome: Some(words("")), ..none() },
            AuditFilter { address: Some(words("2001:db8::")), ..none() },
            AuditFilter { before: Some(1), ..none() },
            AuditFilter { until: Some(sample::time()), ..none() },
        ] {
            assert_eq!(sequences(&list(store, &filter, 99)), Vec::<i64>::new(), "{filter:?}");
        }
    });
}

#[test]
fn filters_together_leave_what_passes_all() {
    on_both_seeded(|_, store| {
        let both = Entry { enterprise_id: Some(hex(2)), ..about("team", "t-1") };
        record(store, [different(), vec![both, about("team", "t-2")]].concat());
        let team = AuditFilter { object_kind: Some(words("team")), ..none() };
        assert_eq!(sequences(&list(store, &team, 99)), [14, 13, 8]);
        let one = AuditFilter { object_id: Some(words("t-1")), ..team };
        assert_eq!(sequences(&list(store, &one, 99)), [13, 8]);
        let mine = AuditFilter { enterprise: Some(hex(2)), ..one };
        assert_eq!(sequences(&list(store, &mine, 99)), [13]);
        assert_eq!(list(store, &AuditFilter { revealed: true, ..mine }, 99), []);
    });
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    on_both_seeded(|_, store| {
        record(store, vec![entry("edit_region"); 7]);
        let page =
            |before, limit| sequences(&list(store, &AuditFilter { before, ..none() }, limit));
        assert_eq!(page(None, 3), [7, 6, 5]);
        assert_eq!(page(Some(5), 3), [4, 3, 2]);
        assert_eq!(page(Some(2), 3), [1]);
        assert_eq!(page(Some(i64::MAX), 2), [7, 6]);
        assert_eq!(page(None, 0), Vec::<i64>::new());
    });
}

#[test]
fn times_are_compared_to_the_microsecond() {
    on_both_seeded(|_, store| {
        // With no fraction, and with fractions of different lengths when written.
        let second = DateTime::<Utc>::from_timestamp(1_795_336_215, 0).unwrap();
        let times: Vec<_> = [0, 1, 100, 1_000, 120_000, 120_001, 500_000, 999_999, 1_000_000]
            .map(|micros| second + TimeDelta::microseconds(micros))
            .to_vec();
        record(store, times.iter().map(|&at| Entry { at, ..empty() }).collect());
        for (number, &time) in (1..).zip(&times) {
            let since = AuditFilter { since: Some(time), ..none() };
            let until = AuditFilter { until: Some(time), ..none() };
            assert_eq!(sequences(&list(store, &since, 99)), (number..=9).rev().collect::<Vec<_>>());
            assert_eq!(sequences(&list(store, &until, 99)), (1..number).rev().collect::<Vec<_>>());
        }
        assert_eq!(all(store).iter().map(|record| record.at).collect::<Vec<_>>(), times);
    });
}

/// Records the change of one field of a thing, and answers what the entry tells of it.
fn told(store: &Store, kind: &'static str, id: &str, told: FieldChange) -> serde_json::Value {
    record(store, vec![Entry { changes: vec![told], ..about(kind, id) }]);
    let changes = &list(store, &none(), 1)[0].changes;
    let mut changes: Vec<serde_json::Value> = serde_json::from_str(changes).unwrap();
    assert_eq!(changes.len(), 1);
    changes.remove(0)
}

/// What an entry tells of this secret in this field of this thing.
fn fingerprint(
    store: &Store,
    kind: &'static str,
    id: &str,
    field: &'static str,
    text: &str,
) -> String {
    let told = told(store, kind, id, change(field, None, Some(secret(text))));
    let digits = told["after"]["fingerprint"].as_str().unwrap().to_owned();
    assert!(digits.len() == 16 && digits.bytes().all(|c| c.is_ascii_hexdigit()), "{told}");
    assert_eq!(told, json!({"field": field, "before": null, "after": {"fingerprint": digits}}));
    digits
}

#[test]
fn a_fingerprint_tells_whether_the_same_secret_is_in_the_same_place() {
    on_both_seeded(|database, store| {
        let one = fingerprint(store, "region", "r-1", "token", "secret");
        assert_eq!(fingerprint(store, "region", "r-1", "token", "secret"), one);
        let later = crate::support::prepared(database.url());
        assert_eq!(fingerprint(&later, "region", "r-1", "token", "secret"), one);
        let mut all = vec![one];
        all.extend([
            fingerprint(store, "region", "r-1", "token", "Secret"),
            fingerprint(store, "region", "r-2", "token", "secret"),
            fingerprint(store, "region", "r-1", "key", "secret"),
            fingerprint(store, "node", "r-1", "token", "secret"),
            fingerprint(store, "regionr", "-1", "token", "secret"),
        ]);
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    });
}

#[test]
fn fingerprints_of_two_registers_cannot_be_compared() {
    let [one, other] = [cadastre_testkit::sqlite(), cadastre_testkit::sqlite()]
        .map(|database| (crate::support::prepared(database.url()), database));
    let of = |store| fingerprint(store, "region", "r-1", "token", "secret");
    assert_ne!(of(&one.0), of(&other.0));
}

#[test]
fn a_change_tells_before_and_after_and_null() {
    on_both_seeded(|_, store| {
        let of = |before: Option<Value>, after: Option<Value>| {
            let told = told(store, "region", "r-1", change("alias", before, after));
            assert_eq!(told["field"], "alias");
            (told["before"].clone(), told["after"].clone())
        };
        assert_eq!(of(Some(value("a")), Some(value(""))), (json!("a"), json!("")));
        assert_eq!(of(None, Some(value("\"quoted\"\n"))), (json!(null), json!("\"quoted\"\n")));
        assert_eq!(of(Some(value("上海")), None), (json!("上海"), json!(null)));
        let (before, after) = of(Some(secret("a")), Some(secret("b")));
        assert!(before != after && before.is_object() && after.is_object());
        assert_eq!(of(Some(secret("a")), Some(secret("a"))), (before.clone(), before));
    });
}

#[test]
fn an_entry_without_changes_has_an_empty_list_of_them() {
    on_both_seeded(|_, store| {
        record(store, vec![empty()]);
        let found = &all(store)[0];
        assert_eq!((found.changes.as_str(), found.revealed.as_str()), ("[]", ""));
        assert_eq!((&found.object_id, &found.reason), (&None, &None));
        assert_eq!((&found.origin[..], &found.address, found.user_id), ("server", &None, None));
    });
}
