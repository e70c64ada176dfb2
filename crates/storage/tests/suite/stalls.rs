//! Another process that holds the right to write for too long.

use std::thread;

use cadastre_testkit::sample::hex;
use cadastre_testkit::{TestDatabase, postgres, sqlite};

use crate::support::{Raw, seeded, soon, team, team_names, unavailable};

/// Writes while the transaction that `begin` begins is under way elsewhere, and again afterwards.
fn stall(database: &TestDatabase, begin: &str) {
    let store = seeded(database.url());
    let mut other = Raw::open(database);
    other.execute(begin);
    let written = soon(|| store.write(|tx| tx.insert_team(&team(10, "too early"))));
    assert!(unavailable(&written), "{written:?}");
    assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1, "readers do not wait");
    other.execute("ROLLBACK");
    store.write(|tx| tx.insert_team(&team(11, "in time"))).unwrap();
    assert_eq!(store.write(|tx| tx.find_team(hex(10))).unwrap(), None);
    assert_eq!(team_names(database), ["in time"]);
}

#[test]
fn a_stalled_writer_is_waited_for_but_not_for_long() {
    let (sqlite, postgres) = (sqlite(), postgres());
    thread::scope(|scope| {
        scope.spawn(|| stall(&sqlite, "BEGIN IMMEDIATE"));
        scope.spawn(|| stall(&postgres, "BEGIN; SELECT pg_advisory_xact_lock(7163384601)"));
    });
}
