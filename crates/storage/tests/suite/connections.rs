//! What holds on every connection of a store.

use cadastre_domain::opening::Opening;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::sample::{self, hex};
use cadastre_testkit::{postgres, sqlite};

use crate::support::{column, on_both_seeded, prepared, settings, team, team_names};

#[test]
fn no_connection_of_a_reader_can_write() {
    on_both_seeded(|database, store| {
        assert_eq!(settings(database.url()).readers, 3);
        // Each read takes a connection of its own while the one around it holds another.
        let try_to_write = |number| {
            let written = store.read(|tx| tx.insert_team(&team(number, &number.to_string())));
            assert!(written.is_err(), "reader {number} wrote");
            Ok::<_, StorageError>(())
        };
        let tried = store.read(|_| {
            store.read(|_| {
                try_to_write(10)?;
                Ok::<_, StorageError>(())
            })?;
            try_to_write(11)
        });
        tried.unwrap();
        try_to_write(12).unwrap();
        assert!(team_names(database).is_empty());
        assert_eq!(store.read(|tx| tx.find_team(hex(10))).unwrap(), None);
        store.write(|tx| tx.insert_team(&team(10, "a"))).unwrap();
        assert_eq!(team_names(database), ["a"]);
    });
}

#[test]
fn references_are_checked_by_every_store() {
    on_both_seeded(|database, store| {
        let absent = Opening { team_id: hex(98), region_id: hex(99), ..sample::opening() };
        let refused = |store: &Store, opening: Opening| {
            let written = store.write(move |tx| tx.insert_opening(&opening));
            matches!(written, Err(StorageError::Query(_)))
        };
        assert!(refused(store, absent.clone()));
        assert!(refused(&prepared(database.url()), absent));
    });
}

#[test]
fn a_file_is_kept_with_a_write_ahead_log() {
    let database = sqlite();
    drop(prepared(database.url()));
    let mode = "SELECT journal_mode AS value FROM pragma_journal_mode";
    assert_eq!(column(&database, mode), ["wal"]);
}

#[test]
fn times_do_not_depend_on_the_time_zone_of_the_server() {
    let database = postgres();
    crate::support::execute(
        &database,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TIME ZONE ''Asia/Shanghai''', \
         current_database()); END $$",
    );
    let store = crate::support::seeded(database.url());
    store.write(|tx| tx.insert_team(&sample::team())).unwrap();
    let found = store.read(|tx| tx.find_team(sample::team().id)).unwrap();
    assert_eq!(found, Some(sample::team()));
    let time = "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS value \
                FROM teams";
    assert_eq!(column(&database, time), ["2026-11-22 08:30:15.123456"]);
}
