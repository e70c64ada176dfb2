//! Old entries go into a file that verifies on its own, and only then out of the database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use cadastre_domain::audit::{Actor, AuditArchive, Entry, Origin, Outcome};
use cadastre_storage::{
    ArchiveCheck, ArchiveError, Archived, AuditFilter, ChainEnds, ChainLink, LinkCheck, Store,
    Verification,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample;
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::audit::{all, broken_at, entry, list, record, sequences, verify};
use crate::support::{execute, on_both_seeded, prepared};

/// The time of the entry with this number.
fn time(number: i64) -> DateTime<Utc> {
    sample::time() + TimeDelta::minutes(number)
}

/// Writes the entries of these numbers, a minute after each other.
fn write(store: &Store, numbers: std::ops::RangeInclusive<i64>) {
    let entries = numbers.map(|number| Entry { at: time(number), ..entry("edit_region") });
    record(store, entries.collect());
}

/// The entry that tells of an archive.
fn told(archive: &AuditArchive) -> Entry {
    let actor = Actor {
        origin: Origin::Command,
        operation: "archive_audit",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    Entry::done(&actor, time(100_000), None, Some(archive))
}

fn archive(store: &Store, path: &Path, before: i64) -> Result<Archived, ArchiveError> {
    store.archive_audit(path, time(before), told)
}

fn archived(store: &Store, path: &Path, before: i64) -> ArchiveCheck {
    match archive(store, path, before).unwrap() {
        Archived::Done(check) => check,
        Archived::Nothing => panic!("nothing was archived"),
    }
}

fn ends(store: &Store) -> ChainEnds {
    store.read(|tx| tx.chain_ends()).unwrap()
}

fn link(store: &Store, link: &ChainLink) -> LinkCheck {
    store.read(|tx| tx.check_link(link)).unwrap()
}

/// Runs `test` on each database with a folder for archives.
fn on_registers(test: impl Fn(&TestDatabase, &Store, &dyn Fn(&str) -> PathBuf)) {
    on_both_seeded(|database, store| {
        let folder = tempfile::tempdir().unwrap();
        test(database, store, &|name| folder.path().join(name));
    });
}

#[test]
fn the_entries_before_a_time_are_in_the_file_and_no_longer_in_the_database() {
    on_registers(|_, store, path| {
        write(store, 1..=700);
        let before = all(store);
        let check = archived(store, &path("a"), 501);
        assert_eq!((check.count(), check.after.sequence, check.last.sequence), (500, 0, 500));
        let now = all(store);
        assert_eq!(now[..200], before[500..]);
        assert_eq!(now.len(), 201, "and the entry that tells of it");
        let entry = &now[200];
        assert_eq!([&entry.operation, &entry.outcome], ["archive_audit", "done"]);
        assert_eq!(entry.object_id.as_deref(), Some("1-500"));
        assert_eq!(entry.object_kind.as_deref(), Some("audit_archive"));
        assert_eq!(ends(store).archived, check.last);
        assert_eq!(verify(store), Verification::Sound(201));
        let found = store.verify_archive(&path("a"), None).unwrap();
        assert_eq!(found, check, "the file verifies on its own");
        let text = fs::read_to_string(path("a")).unwrap();
        assert_eq!(text.lines().count(), 502, "a head, the entries, a foot");
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let mode = fs::metadata(path("a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // Lists go on where they were cut off, and end where the entries end.
        let rest = list(store, &AuditFilter { before: Some(502), ..AuditFilter::default() }, 9);
        assert_eq!(sequences(&rest), [501]);
        let count = store.read(|tx| tx.count_audit(&AuditFilter::default())).unwrap().count;
        assert_eq!(count, 201);
        let names: Vec<_> = fs::read_dir(path("a").parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no draft is left");
    });
}

#[test]
fn archives_go_on_from_each_other_and_the_chain_from_the_last() {
    on_registers(|_, store, path| {
        write(store, 1..=9);
        let first = archived(store, &path("a"), 4);
        write(store, 11..=20);
        let second = archived(store, &path("b"), 15);
        assert_eq!((first.after, first.last.sequence), (ChainLink::start(), 3));
        // The tenth entry tells of the first archive, and is from a later time than all others.
        assert_eq!((&second.after, second.last.sequence), (&first.last, 9));
        assert!(matches!(archive(store, &path("c"), 15), Ok(Archived::Nothing)));
        assert!(!path("c").exists());
        assert_eq!(verify(store), Verification::Sound(12));
        write(store, 21..=22);
        assert_eq!(verify(store), Verification::Sound(14));
    });
}

#[test]
fn a_register_whose_entries_are_all_archived_goes_on() {
    on_registers(|database, store, path| {
        write(store, 1..=3);
        archived(store, &path("a"), 200_000);
        archived(store, &path("b"), 200_000);
        assert_eq!(sequences(&all(store)), [5], "what tells of the last");
        assert_eq!(verify(store), Verification::Sound(1));
        write(store, 5..=6);
        assert_eq!(verify(&prepared(database.url())), Verification::Sound(3));
    });
}

#[test]
fn a_place_that_was_noted_is_found_here_or_known_to_be_archived() {
    on_registers(|_, store, path| {
        write(store, 1..=9);
        let places: Vec<_> = all(store)
            .into_iter()
            .map(|record| ChainLink { sequence: record.sequence, hash: record.hash })
            .collect();
        assert!(places.iter().all(|place| link(store, place) == LinkCheck::Contained));
        let other = ChainLink { sequence: 4, hash: places[4].hash.clone() };
        assert_eq!(link(store, &other), LinkCheck::Differs);
        let later = ChainLink { sequence: 99, hash: places[4].hash.clone() };
        assert_eq!(link(store, &later), LinkCheck::Missing);
        archived(store, &path("a"), 6);
        let found = places.iter().map(|place| link(store, place));
        let expected = [[LinkCheck::Archived; 4].as_slice(), &[LinkCheck::Contained; 5]].concat();
        assert!(found.eq(expected));
        assert_eq!(
            link(store, &ChainLink { sequence: 5, ..places[3].clone() }),
            LinkCheck::Differs
        );
        for place in &places {
            let check = store.verify_archive(&path("a"), Some(place)).unwrap();
            assert_eq!(check.contains, place.sequence <= 5, "{place}");
            assert_eq!(place.to_string().parse(), Ok(place.clone()));
        }
        assert!(!store.verify_archive(&path("a"), Some(&other)).unwrap().contains);
    });
}

#[test]
fn whatever_is_done_to_an_archive_is_noticed() {
    on_registers(|_, store, path| {
        write(store, 1..=5);
        archived(store, &path("a"), 5);
        let text = fs::read_to_string(path("a")).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let [head, one, two, three, four, foot] = lines[..] else { panic!("{text}") };
        let changed = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        };
        let with = |lines: &[&str]| format!("{}\n", lines.join("\n"));
        let attacks: [String; 14] = [
            String::new(),
            with(&[head, one, two, three, four]),
            with(&[head, one, two, three, foot]),
            with(&[head, two, three, four, foot]),
            with(&[head, one, three, two, four, foot]),
            with(&[head, one, two, three, four, foot, foot]),
            with(&[head, foot]),
            with(&[one, two, three, four, foot]),
            changed("edit_region", "edit_region2"),
            changed("\"after\":\"new\"", "\"after\": \"new\""),
            changed("\"before\":\"20", "\"before\":\"21"),
            changed("\"entries\":4", "\"entries\":3"),
            changed("\"user_id\":1", "\"user_id\":2"),
            text[..text.len() / 2].to_owned(),
        ];
        for attack in attacks {
            fs::write(path("b"), &attack).unwrap();
            let found = store.verify_archive(&path("b"), None);
            assert!(matches!(found, Err(ArchiveError::Unsound(..))), "{found:?}\n{attack}");
        }
        // The archive of another register is none of this one.
        on_both_seeded(|_, other| {
            write(other, 1..=5);
            let found = other.verify_archive(&path("a"), None);
            assert!(matches!(found, Err(ArchiveError::Unsound(..))), "{found:?}");
        });
    });
}

#[test]
fn what_is_at_the_place_of_the_file_is_not_overwritten() {
    on_registers(|_, store, path| {
        write(store, 1..=5);
        fs::write(path("mine"), "mine").unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("link")).unwrap();
        for name in ["mine", "link"] {
            let refused = archive(store, &path(name), 5);
            assert!(refused.is_err(), "{refused:?}");
        }
        assert_eq!(fs::read_to_string(path("mine")).unwrap(), "mine");
        archived(store, &path("a"), 3);
        let text = fs::read_to_string(path("a")).unwrap();
        let refused = archive(store, &path("a"), 4);
        assert!(matches!(refused, Err(ArchiveError::Exists(..))), "{refused:?}");
        assert_eq!(fs::read_to_string(path("a")).unwrap(), text);
        assert_eq!(ends(store).archived.sequence, 2);
    });
}

#[test]
fn a_command_that_was_broken_off_goes_on_where_it_stopped() {
    on_registers(|database, store, path| {
        write(store, 1..=450);
        execute(database, "CREATE TABLE kept AS SELECT * FROM audit_entries");
        execute(database, "CREATE TABLE kept_register AS SELECT * FROM register");
        let done = archived(store, &path("a"), 450);
        let whole = all(store);
        // As after a kill between the file and the first removal.
        execute(
            database,
            "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
             DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
        );
        let text = fs::read_to_string(path("a")).unwrap();
        assert_eq!(archived(store, &path("a"), 450), done);
        assert_eq!(all(store), whole, "the same");
        assert_eq!(fs::read_to_string(path("a")).unwrap(), text);
        // As after a kill between two removals: the rest goes, and it is not told twice.
        execute(
            database,
            "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
             DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
        );
        let steps = [(0, 200), (200, 400)].map(|(from, to)| {
            let place = |sequence: usize| {
                if sequence == 0 {
                    return ChainLink::start();
                }
                let line = text.lines().nth(sequence).unwrap();
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let hash = line["hash"].as_str().unwrap();
                format!("{sequence}:{hash}").parse().unwrap()
            };
            (place(from), place(to))
        });
        for (from, to) in steps {
            store.write(move |tx| tx.remove_archived(&from, &to)).unwrap();
            assert!(matches!(verify(store), Verification::Sound(_)));
        }
        archived(store, &path("a"), 450);
        assert_eq!(sequences(&all(store)), [450]);
        // When all is done, there is nothing left to do.
        archived(store, &path("a"), 450);
        assert_eq!(verify(store), Verification::Sound(1));
    });
}

#[test]
fn entries_that_the_archive_does_not_hold_are_not_removed() {
    on_registers(|database, store, path| {
        write(store, 1..=5);
        archived(store, &path("a"), 3);
        let from = ends(store).archived;
        let hash = |sequence: i64| {
            let found = all(store).into_iter().find(|record| record.sequence == sequence);
            found.unwrap().hash
        };
        let good = ChainLink { sequence: 4, hash: hash(4) };
        for (from, to) in [
            (ChainLink::start(), good.clone()),
            (from.clone(), ChainLink { sequence: 4, hash: hash(3) }),
            (from.clone(), ChainLink { sequence: 44, hash: hash(4) }),
        ] {
            let refused = store.write(move |tx| tx.remove_archived(&from, &to));
            assert!(refused.is_err());
        }
        execute(database, "DELETE FROM audit_entries WHERE sequence = 3");
        let (place, to) = (from.clone(), good);
        assert!(store.write(move |tx| tx.remove_archived(&place, &to)).is_err());
        assert_eq!(broken_at(store), Some(3));
        let refused = archive(store, &path("b"), 5);
        assert!(matches!(refused, Err(ArchiveError::Broken(3, _))), "{refused:?}");
        assert!(!path("b").exists());
    });
}

#[test]
fn where_the_chain_begins_cannot_be_moved_by_hand() {
    on_registers(|database, store, path| {
        write(store, 1..=6);
        archived(store, &path("a"), 3);
        assert_eq!(ends(store).archived.sequence, 2);
        let hash = "(SELECT hash FROM audit_entries WHERE sequence = 4)";
        execute(
            database,
            &format!(
                "UPDATE register SET archived_sequence = 4, archived_hash = {hash}; \
                 DELETE FROM audit_entries WHERE sequence < 5"
            ),
        );
        assert!(broken_at(store).is_some());
    });
}

#[test]
fn the_chain_is_sound_while_entries_are_archived_and_others_written() {
    on_registers(|database, store, path| {
        write(store, 1..=1500);
        let (other, writing) = (prepared(database.url()), prepared(database.url()));
        let file = path("a");
        thread::scope(|scope| {
            let archiver = scope.spawn(|| archived(store, &file, 1400));
            let writer = scope.spawn(|| (0..30).for_each(|_| write(&writing, 2000..=2000)));
            while !(archiver.is_finished() && writer.is_finished()) {
                assert!(matches!(verify(&other), Verification::Sound(_)));
            }
        });
        assert_eq!(verify(&other), Verification::Sound(101 + 30 + 1));
    });
}

#[test]
fn what_changed_since_an_archived_entry_is_not_known() {
    on_registers(|_, store, path| {
        write(store, 1..=6);
        let since = |sequence| store.read(|tx| tx.changed_since(sequence, 9)).unwrap();
        assert_eq!(since(2).map(|all| all.len()), Some(4));
        archived(store, &path("a"), 4);
        assert_eq!([0, 2, 3].map(|n| since(n).is_none()), [true; 3]);
        assert_eq!(since(4).map(|all| all.len()), Some(3), "two, and what tells of the archive");
        assert_eq!(since(7).map(|all| all.len()), Some(0));
    });
}

#[test]
fn a_server_that_has_not_read_for_long_sees_what_archived_entries_told() {
    on_both_seeded(|database, store| {
        let folder = tempfile::tempdir().unwrap();
        let idle = prepared(database.url());
        idle.refresh_regions().unwrap();
        let detail = sample::region();
        let id = detail.region.id;
        let at = time(1);
        store
            .write(move |tx| {
                tx.insert_region(&detail, sample::changed_by())?;
                tx.record(Entry {
                    at,
                    outcome: Outcome::Done,
                    ..Entry::done(&told_by(), at, None, Some(&detail))
                });
                Ok::<_, cadastre_storage::StorageError>(())
            })
            .unwrap();
        archived(store, &folder.path().join("a"), 2);
        idle.refresh_regions().unwrap();
        assert!(idle.regions().find(id).is_some(), "{}", database.name());
    });
}

/// The actor of a change.
fn told_by() -> Actor {
    entry("create_region").actor
}
