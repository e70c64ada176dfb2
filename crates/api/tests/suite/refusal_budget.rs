//! Refusals are recorded within budgets, and beyond them in one entry that says how many more there
//! were. What is changed and shown is recorded whatever the budgets say.

use cadastre_api::config::ServeOptions;
use cadastre_api::http::refusals::write_summary;
use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use cadastre_storage::{AuditFilter, AuditRecord, StorageError};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::audited::{refuse_entries, take_entries};
use crate::support::{Register, registers_with};

/// The entries an hour here; a token and a network have a tenth of them.
const ENTRIES: usize = 100;
const SHARE: usize = 10;

fn limited(settings: impl Fn(&mut ServeOptions)) -> impl Iterator<Item = Register> {
    registers_with(move |options| {
        options.door.refusal_entries = Some(ENTRIES.to_string());
        options.door.trusted_proxies = Some("127.0.0.0/8".to_owned());
        settings(options);
    })
}

/// The entries with this outcome, the oldest first.
fn entries(register: &Register, outcome: &str) -> Vec<AuditRecord> {
    let filter = AuditFilter { outcome: Some(outcome.to_owned()), ..AuditFilter::default() };
    let found: Result<_, StorageError> =
        register.app.store.read(|tx| tx.list_audit(&filter, 10_000));
    let mut found: Vec<AuditRecord> = found.unwrap();
    found.reverse();
    found
}

/// Writes what a server writes once a minute and when it stops.
fn summarize(register: &Register) {
    let (refusals, store) = (&register.app.refusals, &register.app.store);
    write_summary(refusals, store, register.app.clock.now()).unwrap();
}

/// A change that is refused.
fn refused(register: &Register, token: &str, from: &str) {
    let call = register.request("POST", "/cadastre/v1/teams").key(&format!("Bearer {token}"));
    let answer = call.header("x-forwarded-for", from).json(&json!({"alias": "x"})).send();
    assert_eq!(answer.status(), 403, "{answer:?}");
}

/// A failed sign-in.
fn wrong(register: &Register, from: &str) -> u16 {
    let call = register.request("GET", "/cadastre/v1/users").key("Bearer wrong");
    call.header("x-forwarded-for", from).send().status()
}

/// What an entry tells of a field.
fn told(entry: &AuditRecord, field: &str) -> String {
    let changes: Vec<Value> = serde_json::from_str(&entry.changes).unwrap();
    let found = changes.iter().find(|change| change["field"] == field);
    found.unwrap_or_else(|| panic!("{field} in {entry:?}"))["after"].as_str().unwrap().to_owned()
}

#[test]
fn the_refusals_of_one_token_are_recorded_within_its_budget_and_then_summed_up() {
    for register in limited(|_| {}) {
        let viewer = register.token(Role::Viewer, register.enterprise, &[]);
        let other = register.token(Role::Viewer, register.enterprise, &[]);
        for number in 0..50 {
            refused(&register, &viewer, &format!("192.0.{number}.1"));
        }
        assert_eq!(entries(&register, "refused").len(), SHARE, "{}", register.name);
        refused(&register, &other, "198.51.100.1");
        assert_eq!(entries(&register, "refused").len(), SHARE + 1, "others are recorded");
        summarize(&register);
        let all = entries(&register, "refused");
        let summary = all.last().unwrap();
        assert_eq!(all.len(), SHARE + 2, "one entry for all of them");
        assert_eq!([&summary.operation, &summary.origin], ["summarize_refusals", "server"]);
        assert_eq!((&summary.enterprise_id, &summary.object_id), (&None, &None));
        assert_eq!([told(summary, "refused"), told(summary, "sign_in_failed")], ["40", "0"]);
        let sources = format!("token {}: 40", id_in(&viewer).unwrap());
        assert_eq!(told(summary, "largest_sources"), sources);
        assert!(!summary.changes.contains(viewer.rsplit('_').next().unwrap()), "no secret");
        summarize(&register);
        assert_eq!(entries(&register, "refused").len(), SHARE + 2, "nothing more to tell");
        // A tenth of a hundred in an hour is one in six minutes.
        register.pass(TimeDelta::minutes(6));
        refused(&register, &viewer, "192.0.2.1");
        refused(&register, &viewer, "192.0.2.1");
        assert_eq!(entries(&register, "refused").len(), SHARE + 3, "{}", register.name);
    }
}

#[test]
fn failed_sign_ins_of_a_network_and_of_many_networks_are_bounded() {
    for register in limited(|_| {}) {
        for number in 0..30 {
            assert_eq!(wrong(&register, &format!("192.0.2.{number}")), 401);
            assert_eq!(wrong(&register, &format!("2001:db8:7:{number:x}::1")), 401);
        }
        assert_eq!(entries(&register, "sign_in_failed").len(), SHARE * 2, "{}", register.name);
        for number in 0..100 {
            assert_eq!(wrong(&register, &format!("10.{number}.0.1")), 401);
        }
        assert_eq!(entries(&register, "sign_in_failed").len(), ENTRIES / 2, "{}", register.name);
        // Strangers cannot hide what a known caller tries.
        let viewer = register.token(Role::Viewer, register.enterprise, &[]);
        refused(&register, &viewer, "192.0.2.1");
        assert_eq!(entries(&register, "refused").len(), 1, "{}", register.name);
        summarize(&register);
        let summary = entries(&register, "refused").pop().unwrap();
        assert_eq!([told(&summary, "refused"), told(&summary, "sign_in_failed")], ["0", "110"]);
        let sources = told(&summary, "largest_sources");
        let expected = "network 192.0.2.0/24: 20, network 2001:db8:7::/48: 20, network ";
        assert!(sources.starts_with(expected), "{sources}");
    }
}

#[test]
fn wrong_tokens_that_are_told_to_wait_are_counted_too() {
    for register in limited(|options| options.door.wrong_tokens = Some("5".to_owned())) {
        let statuses: Vec<_> = (0..8).map(|_| wrong(&register, "192.0.2.1")).collect();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
        assert_eq!(entries(&register, "sign_in_failed").len(), 5, "{}", register.name);
        summarize(&register);
        let summary = entries(&register, "refused").pop().unwrap();
        assert_eq!(told(&summary, "sign_in_failed"), "3");
    }
}

#[test]
fn what_is_changed_and_shown_is_recorded_beyond_every_budget() {
    for register in limited(|_| {}) {
        let admin = register.token(Role::Admin, register.enterprise, &[]);
        let send = |body: Value| {
            let call = register.request("POST", "/cadastre/v1/teams");
            call.key(&format!("Bearer {admin}")).json(&body).send().status()
        };
        for _ in 0..SHARE * 2 {
            assert_eq!(send(json!({"nothing": 1})), 400);
        }
        assert_eq!(entries(&register, "refused").len(), SHARE, "{}", register.name);
        let before = entries(&register, "done").len();
        for number in 0..SHARE * 2 {
            assert_eq!(send(json!({"alias": format!("team {number}")})), 201);
        }
        assert_eq!(entries(&register, "done").len(), before + SHARE * 2, "{}", register.name);
    }
}

#[test]
fn a_summary_that_cannot_be_written_is_told_with_the_next() {
    for register in limited(|_| {}) {
        let viewer = register.token(Role::Viewer, register.enterprise, &[]);
        for _ in 0..SHARE + 3 {
            refused(&register, &viewer, "192.0.2.1");
        }
        refuse_entries(&register);
        let (refusals, store) = (&register.app.refusals, &register.app.store);
        assert!(write_summary(refusals, store, register.app.clock.now()).is_err());
        refused(&register, &viewer, "192.0.2.1");
        take_entries(&register);
        summarize(&register);
        let summary = entries(&register, "refused").pop().unwrap();
        assert_eq!(told(&summary, "refused"), "4", "{}", register.name);
    }
}
