//! Another process that holds the right to write for too long.

use cadastre_storage::StorageError;
use cadastre_testkit::{TestDatabase, postgres, sqlite};

use crate::support::{Raw, seeded, soon, team, team_names, unavailable};

/// Writes while `hold` of another process is in force, and again after `release`.
fn a_stalled_writer_is_waited_for_but_not_for_long(
    database: &TestDatabase,
    hold: &str,
    release: &str,
) {
    let store = seeded(database.url());
    let mut other = Raw::open(database);
    other.execute(hold);
    let written = soon(|| store.write(|tx| tx.insert_team(&team(10, "too early"))));
    assert!(unavailable(&written), "{written:?}");
    assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1, "readers do not wait");
    other.execute(release);
    store.write(|tx| tx.insert_team(&team(11, "in time"))).unwrap();
    store.write(|tx| Ok::<_, StorageError>(drop(tx.find_team(team(11, "x").id)?))).unwrap();
    assert_eq!(team_names(database), ["in time"]);
}

#[test]
fn a_stalled_server_is_waited_for_but_not_for_long() {
    a_stalled_writer_is_waited_for_but_not_for_long(
        &postgres(),
        "BEGIN; SELECT pg_advisory_xact_lock(7163384601)",
        "ROLLBACK",
    );
}

#[test]
fn a_stalled_process_is_waited_for_but_not_for_long() {
    a_stalled_writer_is_waited_for_but_not_for_long(&sqlite(), "BEGIN IMMEDIATE", "ROLLBACK");
}
