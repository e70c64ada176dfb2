//! Whatever somebody with the database but without the keys does to the audit entries is seen.

use cadastre_storage::{Store, Verification};
use cadastre_testkit::TestDatabase;

use crate::support::audit::{broken_at, record_some, verify};
use crate::support::{column, execute, on_both_seeded};

/// Runs `test` on a chain of five entries.
fn on_a_chain(test: impl Fn(&TestDatabase, &Store)) {
    on_both_seeded(|database, store| {
        record_some(store, 5, 2);
        execute(database, "CREATE TABLE kept AS SELECT * FROM audit_entries");
        execute(database, "CREATE TABLE kept_register AS SELECT * FROM register");
        test(database, store);
        execute(database, "DROP TABLE kept; DROP TABLE kept_register");
    });
}

/// Does something by hand, and says where the chain breaks after it; then undoes it.
fn after(database: &TestDatabase, store: &Store, sql: &str) -> Option<i64> {
    assert_eq!(verify(store), Verification::Sound(5));
    execute(database, sql);
    let broken = broken_at(store);
    execute(
        database,
        "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
         DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
    );
    assert_eq!(verify(store), Verification::Sound(5), "it was not undone");
    broken
}

/// Edits of the third entry, at least one for each column.
const EDITS: [(&str, &str); 31] = [
    ("sequence", "30"),
    ("at", "'2026-11-22 08:30:15.123457+00:00'"),
    ("at", "'2025-11-22 08:30:15.123456+00:00'"),
    ("enterprise_id", "'another'"),
    ("enterprise_id", "NULL"),
    ("token_id", "'another'"),
    ("token_id", "NULL"),
    ("user_id", "2"),
    ("user_id", "NULL"),
    ("origin", "'command'"),
    ("origin", "''"),
    ("address", "'192.0.2.8'"),
    ("address", "NULL"),
    ("request_id", "'request-2'"),
    ("request_id", "NULL"),
    ("operation", "'create_region'"),
    ("outcome", "'refused'"),
    ("object_kind", "'team'"),
    ("object_kind", "NULL"),
    ("object_id", "'r-2'"),
    ("object_id", "''"),
    ("changes", "'[]'"),
    ("changes", "changes || ' '"),
    ("revealed", "''"),
    ("revealed", "'token'"),
    ("reason", "NULL"),
    ("reason", "''"),
    ("reason", "'Because'"),
    ("hash", "(SELECT hash FROM kept WHERE sequence = 2)"),
    ("hash", "(SELECT audit_hash FROM register)"),
    ("hash", "(SELECT audit_seal FROM register)"),
];

#[test]
fn an_edit_of_any_column_is_seen() {
    on_a_chain(|database, store| {
        for (name, value) in EDITS {
            let edit = format!("UPDATE audit_entries SET {name} = {value} WHERE sequence = 3");
            let changed = after(database, store, &edit);
            assert_eq!(changed, Some(3), "{name} = {value}");
        }
    });
}

#[test]
fn the_edits_leave_out_no_column() {
    on_a_chain(|database, _| {
        let mut columns = column(
            database,
            match database.name() {
                "sqlite" => "SELECT name AS value FROM pragma_table_info('audit_entries')",
                _ => {
                    "SELECT column_name::text AS value FROM information_schema.columns \
                     WHERE table_name = 'audit_entries' ORDER BY ordinal_position"
                }
            },
        );
        columns.retain(|column| !EDITS.iter().any(|(edited, _)| edited == column));
        assert_eq!(columns, Vec::<String>::new());
    });
}

#[test]
fn text_moved_from_one_column_to_the_next_is_seen() {
    on_a_chain(|database, store| {
        for set in [
            "object_kind = 'regionr', object_id = '-1'",
            "object_kind = NULL, object_id = 'regionr-1'",
            "origin = 'requeste', operation = 'dit_region'",
            "address = request_id, request_id = address",
            "token_id = enterprise_id, enterprise_id = token_id",
            "reason = NULL, revealed = 'becausetoken,key'",
        ] {
            let edit = format!("UPDATE audit_entries SET {set} WHERE sequence = 3");
            assert_eq!(after(database, store, &edit), Some(3), "{set}");
        }
    });
}

#[test]
fn an_entry_that_was_removed_is_missed() {
    on_a_chain(|database, store| {
        for (which, place) in [
            ("sequence = 3", 3),
            ("sequence = 1", 1),
            ("sequence = 5", 4),
            ("sequence > 2", 2),
            ("sequence < 4", 1),
            ("sequence > 0", 0),
        ] {
            let removed =
                after(database, store, &format!("DELETE FROM audit_entries WHERE {which}"));
            assert_eq!(removed, Some(place), "{which}");
        }
    });
}

#[test]
fn a_gap_that_was_closed_by_hand_is_seen() {
    on_a_chain(|database, store| {
        let closed = "DELETE FROM audit_entries WHERE sequence = 3; \
                      UPDATE audit_entries SET sequence = 3 WHERE sequence = 4; \
                      UPDATE audit_entries SET sequence = 4 WHERE sequence = 5";
        assert_eq!(after(database, store, closed), Some(3));
        let register = "UPDATE register SET audit_sequence = 4";
        assert_eq!(after(database, store, &format!("{closed}; {register}")), Some(3));
    });
}

#[test]
fn an_end_that_was_removed_with_its_memory_is_seen() {
    on_a_chain(|database, store| {
        for end in 1..5 {
            let sql = format!(
                "DELETE FROM audit_entries WHERE sequence > {end}; \
                 UPDATE register SET audit_sequence = {end}, audit_hash = \
                 (SELECT hash FROM audit_entries WHERE sequence = {end})"
            );
            assert_eq!(after(database, store, &sql), Some(end));
        }
    });
}

#[test]
fn a_chain_that_was_removed_with_its_memory_is_seen() {
    on_a_chain(|database, store| {
        let zeros = crate::support::dump::blob(database, &"00".repeat(32));
        for register in [
            format!("audit_sequence = 0, audit_hash = {zeros}"),
            format!("audit_sequence = 0, audit_hash = {zeros}, audit_seal = {zeros}"),
        ] {
            let sql = format!("DELETE FROM audit_entries; UPDATE register SET {register}");
            assert_eq!(after(database, store, &sql), Some(0));
        }
    });
}

#[test]
fn an_edit_of_the_memory_of_the_end_is_seen() {
    on_a_chain(|database, store| {
        for set in [
            "audit_sequence = 6",
            "audit_sequence = 4",
            "audit_hash = audit_seal",
            "audit_seal = audit_hash",
            "audit_seal = (SELECT hash FROM kept WHERE sequence = 4)",
        ] {
            let broken = after(database, store, &format!("UPDATE register SET {set}"));
            assert!(broken.is_some(), "{set}");
        }
    });
}

#[test]
fn entries_that_were_swapped_are_seen() {
    on_a_chain(|database, store| {
        for (one, other) in [(1, 2), (2, 4), (4, 5), (1, 5)] {
            let swap = [(one, 99), (other, one), (99, other)].map(|(from, to)| {
                format!("UPDATE audit_entries SET sequence = {to} WHERE sequence = {from}")
            });
            assert_eq!(after(database, store, &swap.join("; ")), Some(one), "{one} and {other}");
        }
    });
}

/// Adds a copy of an entry at this place.
fn copy(from: i64, to: i64) -> String {
    let fields = "at, enterprise_id, token_id, user_id, origin, address, request_id, operation, \
                  outcome, object_kind, object_id, changes, revealed, reason, hash";
    format!(
        "INSERT INTO audit_entries (sequence, {fields}) \
         SELECT {to}, {fields} FROM audit_entries WHERE sequence = {from}"
    )
}

#[test]
fn an_entry_that_was_put_behind_the_end_is_seen() {
    on_a_chain(|database, store| {
        for (from, to) in [(5, 6), (1, 6), (5, 7), (3, 1_000_000)] {
            assert_eq!(after(database, store, &copy(from, to)), Some(to), "{from} as {to}");
        }
        let two = format!("{}; {}", copy(5, 9), copy(4, 7));
        assert_eq!(after(database, store, &two), Some(7));
        let known = format!("{}; UPDATE register SET audit_sequence = 6", copy(5, 6));
        assert_eq!(after(database, store, &known), Some(6));
    });
}

#[test]
fn an_entry_that_was_put_between_others_is_seen() {
    on_a_chain(|database, store| {
        let shift = "UPDATE audit_entries SET sequence = 6 WHERE sequence = 5; \
                     UPDATE audit_entries SET sequence = 5 WHERE sequence = 4; \
                     UPDATE audit_entries SET sequence = 4 WHERE sequence = 3";
        let between = format!("{shift}; {}", copy(2, 3));
        assert_eq!(after(database, store, &between), Some(3));
        let known = format!("{between}; UPDATE register SET audit_sequence = 6");
        assert_eq!(after(database, store, &known), Some(3));
    });
}

#[test]
fn what_is_written_after_an_edit_does_not_hide_it() {
    on_a_chain(|database, store| {
        execute(database, "UPDATE audit_entries SET reason = 'x' WHERE sequence = 3");
        record_some(store, 3, 1);
        assert_eq!(broken_at(store), Some(3));
        execute(database, "UPDATE audit_entries SET reason = 'because' WHERE sequence = 3");
        assert_eq!(verify(store), Verification::Sound(8));
    });
}
