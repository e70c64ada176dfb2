//! `cadastre audit verify` notices whatever is done to the entries behind the register's back.

use std::thread;

use cadastre_testkit::raw::execute;
use cadastre_testkit::{TestDatabase, databases};

use super::listed;
use crate::support::{Place, Server, eventually};

/// All columns of an entry but its place.
const COLUMNS: &str = "at, enterprise_id, token_id, user_id, origin, address, request_id, \
     operation, outcome, object_kind, object_id, changes, revealed, reason, hash";

/// What somebody might do to a chain that ends with the entry `end`, and what is said of it.
fn attacks(end: usize) -> Vec<(String, String)> {
    let last = end - 1;
    let edit = |set: &str| format!("UPDATE audit_entries SET {set} WHERE sequence = 3");
    let copy = |from: usize, to: usize| {
        format!(
            "INSERT INTO audit_entries (sequence, {COLUMNS}) \
             SELECT {to}, {COLUMNS} FROM audit_entries WHERE sequence = {from}"
        )
    };
    let moved = [(2, 9999), (4, 2), (9999, 4)].map(|(from, to)| {
        format!("UPDATE audit_entries SET sequence = {to} WHERE sequence = {from}")
    });
    let remove = |which: String| format!("DELETE FROM audit_entries WHERE sequence {which}");
    let cut = remove(format!("= {end}"));
    let forgotten = format!(
        "{cut}; UPDATE register SET audit_sequence = {last}, \
         audit_hash = (SELECT hash FROM audit_entries WHERE sequence = {last})"
    );
    let edited = |entry: usize| format!("{entry}: it was edited, or put elsewhere");
    let removed = |entry: usize| format!("{entry}: entries after it were removed");
    vec![
        (edit("operation = 'list_regions'"), edited(3)),
        (edit("at = (SELECT at FROM audit_entries WHERE sequence = 1)"), edited(3)),
        (edit("user_id = 7"), edited(3)),
        (edit("outcome = 'refused'"), edited(3)),
        (edit("changes = '[]'"), edited(3)),
        (moved.join("; "), edited(2)),
        (remove("= 3".to_owned()), "3: entry 3 is missing".to_owned()),
        (copy(2, end + 1), format!("{}: it was put behind the end", end + 1)),
        (cut, removed(last)),
        (remove("> 2".to_owned()), removed(2)),
        (remove("> 0".to_owned()), removed(0)),
        (
            forgotten,
            format!("{last}: what the register remembers of the end of the chain was edited"),
        ),
    ]
}

/// A register with some entries.
fn served(database: &TestDatabase) -> (Place, Server, String) {
    let place = Place::on(database);
    let server = place.ready();
    let key = place.first_token();
    for name in ["one", "two", "three", "four"] {
        server.add_region(name, &key);
    }
    (place, server, key)
}

/// Checks that the chain is sound; where it ends, as the command tells it.
fn is_sound(place: &Place) -> String {
    let count = listed(place, &[]).len();
    let line = place.run(&["audit", "verify"]).line();
    let end = line.strip_prefix(&format!("sound: {count} entries, the last is "));
    let end = end.unwrap_or_else(|| panic!("{line}"));
    assert!(end.starts_with(&format!("{count}:")), "{line}");
    end.to_owned()
}

#[test]
fn whatever_is_done_to_entries_by_hand_is_noticed() {
    for database in databases() {
        println!("on {}", database.name());
        let (place, server, key) = served(&database);
        is_sound(&place);
        execute(&database, "CREATE TABLE kept AS SELECT * FROM audit_entries");
        execute(&database, "CREATE TABLE kept_register AS SELECT * FROM register");
        for (sql, said) in attacks(listed(&place, &[]).len()) {
            execute(&database, &sql);
            let refusal = place.run(&["audit", "verify"]).refusal();
            let said = format!("the chain of audit entries is broken at entry {said}");
            assert_eq!(refusal, said, "{sql}");
            execute(
                &database,
                "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
                 DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
            );
            is_sound(&place);
        }
        server.add_region("afterwards", &key);
        is_sound(&place);
        execute(&database, "DROP TABLE kept; DROP TABLE kept_register");
    }
}

#[test]
fn an_edit_is_noticed_however_much_is_written_after_it() {
    for database in databases() {
        let (place, server, key) = served(&database);
        execute(&database, "UPDATE audit_entries SET outcome = 'refused' WHERE sequence = 2");
        server.add_region("afterwards", &key);
        drop(server);
        let restarted = place.ready();
        restarted.add_region("later", &key);
        let refusal = place.run(&["audit", "verify"]).refusal();
        assert!(refusal.contains(" is broken at entry 2: "), "{refusal}");
    }
}

#[test]
fn a_chain_is_sound_while_servers_and_commands_write_it() {
    for database in databases() {
        let (place, server, key) = served(&database);
        let other = Place::on(&database).ready();
        thread::scope(|scope| {
            for (name, server) in [("a", &server), ("b", &other)] {
                let key = &key;
                scope.spawn(move || {
                    for number in 0..20 {
                        server.add_region(&format!("{name}-{number}"), key);
                    }
                });
            }
            for name in ["x", "y", "z"] {
                place.run(&["user", "create", "--name", name]).line();
                assert!(place.run(&["audit", "verify"]).line().starts_with("sound: "));
            }
        });
        is_sound(&place);
    }
}

#[test]
fn an_earlier_state_that_was_put_back_is_noticed_by_what_was_noted() {
    for database in databases() {
        println!("on {}", database.name());
        let (place, server, key) = served(&database);
        let contains = |noted: &str| place.run(&["audit", "verify", "--contains", noted]);
        let earlier = is_sound(&place);
        execute(&database, "CREATE TABLE kept_register AS SELECT * FROM register");
        server.add_region("acted", &key);
        let noted = is_sound(&place);
        for noted in [&earlier, &noted] {
            assert_eq!(contains(noted).lines()[1], format!("contained: {noted}"));
        }
        // The end of the chain is put back, and what tells of the deed is removed.
        execute(
            &database,
            "DELETE FROM audit_entries WHERE sequence > (SELECT audit_sequence FROM kept_register); \
             DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
        );
        assert_eq!(is_sound(&place), earlier, "by itself it shows nothing");
        let told = noted.split(':').next().unwrap();
        let refusal = contains(&noted).refusal();
        assert!(
            refusal.ends_with(&format!("before entry {told}: an earlier state was put back")),
            "{refusal}"
        );
        for name in ["five", "six", "seven"] {
            server.add_region(name, &key);
        }
        is_sound(&place);
        let refusal = contains(&noted).refusal();
        assert!(
            refusal.starts_with(&format!("entry {told} is not the one that was noted")),
            "{refusal}"
        );
        assert_eq!(contains(&earlier).lines()[1], format!("contained: {earlier}"));
        execute(&database, "DROP TABLE kept_register");
    }
}

#[test]
fn a_place_that_is_none_is_refused() {
    let place = Place::empty();
    for text in ["", "7", "7:", "7:abc", "x:00", &format!("-1:{}", "00".repeat(32))] {
        let refusal = place.run(&["audit", "verify", &format!("--contains={text}")]).refusal();
        assert!(
            refusal.ends_with("give a sequence and a hash, as 1234:<64 hex digits>"),
            "{refusal}"
        );
    }
}

#[test]
fn the_log_tells_where_the_chain_ends_at_the_start_and_at_the_stop() {
    for database in databases() {
        let (place, server, _) = served(&database);
        let end = is_sound(&place);
        eventually("it is told", || server.log().contains(" the last audit entry is "));
        let log = server.stop().stderr;
        let told: Vec<_> = log
            .lines()
            .filter_map(|line| line.split_once(" the last audit entry is ").map(|(_, end)| end))
            .collect();
        assert!(told.len() >= 2, "{log}");
        assert_eq!(told.last(), Some(&end.as_str()), "{log}");
        for noted in told {
            let lines = place.run(&["audit", "verify", "--contains", noted]).lines();
            assert_eq!(lines[1], format!("contained: {noted}"), "{log}");
        }
    }
}
