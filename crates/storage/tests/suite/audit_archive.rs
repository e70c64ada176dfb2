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
use crate::support::{column, execute, on_both_seeded, prepared};

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

/// When everything here is archived; entries from later have a wrong time.
const NOW: i64 = 300_000;

fn archive(store: &Store, path: &Path, before: i64) -> Result<Archived, ArchiveError> {
    store.archive_audit(path, time(before), time(NOW), told)
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

/// Puts the entries back that were there when [`keep`] was called, and the beginning of the chain.
const BACK: &str = "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
                    DELETE FROM register; INSERT INTO register SELECT * FROM kept_register";

/// Keeps the entries, for what a command leaves that is killed.
fn keep(database: &TestDatabase) {
    execute(database, "CREATE TABLE kept AS SELECT * FROM audit_entries");
    execute(database, "CREATE TABLE kept_register AS SELECT * FROM register");
}

#[test]
fn a_command_that_was_broken_off_goes_on_where_it_stopped() {
    on_registers(|database, store, path| {
        write(store, 1..=450);
        keep(database);
        let done = archived(store, &path("a"), 450);
        let whole = all(store);
        // As after a kill between the file and the removal.
        execute(database, BACK);
        let text = fs::read_to_string(path("a")).unwrap();
        assert_eq!(archived(store, &path("a"), 450), done);
        assert_eq!(all(store), whole, "the same");
        assert_eq!(fs::read_to_string(path("a")).unwrap(), text);
        // When all is done, there is nothing left to do.
        archived(store, &path("a"), 450);
        assert_eq!(all(store), whole, "it is told once");
        // As after a kill between two deletions: by the same command, or by the next.
        for name in ["a", "b"] {
            execute(
                database,
                "INSERT INTO audit_entries SELECT * FROM kept WHERE sequence BETWEEN 201 AND 449",
            );
            assert_eq!(all(store), whole, "what is archived is not shown");
            let by_kind =
                AuditFilter { object_kind: Some("region".into()), ..AuditFilter::default() };
            let by_origin =
                AuditFilter { address: Some("192.0.2.7".into()), ..AuditFilter::default() };
            for filter in [AuditFilter::default(), by_kind, by_origin] {
                let count = store.read(|tx| tx.count_audit(&filter)).unwrap().count;
                let shown = list(store, &filter, 999);
                assert!(shown.iter().all(|record| record.sequence >= 450), "{shown:?}");
                assert_eq!(usize::try_from(count), Ok(shown.len()));
            }
            assert_eq!(verify(store), Verification::Sound(2));
            assert_eq!(link(store, &place_in(&text, 300)), LinkCheck::Archived);
            archive(store, &path(name), 450).unwrap();
            let left = column(database, "SELECT count(*) || '' AS value FROM audit_entries");
            assert_eq!(left, ["2"]);
        }
        assert!(!path("b").exists());
    });
}

/// The place of the entry with this number in an archive that begins with the first.
fn place_in(text: &str, number: usize) -> ChainLink {
    let line: serde_json::Value = serde_json::from_str(text.lines().nth(number).unwrap()).unwrap();
    format!("{number}:{}", line["hash"].as_str().unwrap()).parse().unwrap()
}

#[test]
fn a_file_whose_entries_went_into_another_is_refused_and_the_next_one_joins() {
    for other in [3, 8, 5] {
        on_registers(|database, store, path| {
            write(store, 1..=9);
            keep(database);
            archived(store, &path("a"), 5);
            // As after a kill between the file and the removal.
            execute(database, BACK);
            let first = archived(store, &path("b"), other);
            let (before, text) = (all(store), fs::read_to_string(path("a")).unwrap());
            let found = archive(store, &path("a"), 5);
            if other == 5 {
                // The same entries, in two files.
                assert!(matches!(found, Ok(Archived::Done(_))), "{found:?}");
            } else {
                let refusal = found.unwrap_err().to_string();
                let end = format!(
                    "holds the entries 1 to 4, and those of the register begin after {}; give another file",
                    other - 1
                );
                assert!(refusal.ends_with(&end), "{refusal}");
            }
            assert_eq!(all(store), before, "nothing is removed");
            assert_eq!(fs::read_to_string(path("a")).unwrap(), text);
            let second = archived(store, &path("c"), 9);
            assert_eq!((first.after.sequence, &second.after), (0, &first.last));
            // Every move of the beginning has its entry, in the same transaction.
            let told = list(
                store,
                &AuditFilter {
                    object_kind: Some("audit_archive".into()),
                    ..AuditFilter::default()
                },
                9,
            );
            let told: Vec<_> = told.into_iter().filter_map(|record| record.object_id).collect();
            let ids = [&second, &first]
                .map(|check| format!("{}-{}", check.after.sequence + 1, check.last.sequence));
            assert_eq!(told, ids);
        });
    }
}

#[test]
fn no_entry_is_removed_when_the_archive_cannot_be_recorded() {
    on_registers(|database, store, path| {
        write(store, 1..=5);
        let before = (all(store), ends(store));
        // The place of the entry that tells of the archive is taken.
        let columns = "at, origin, operation, outcome, changes, revealed, hash";
        execute(
            database,
            &format!(
                "INSERT INTO audit_entries (sequence, {columns}) SELECT 6, {columns} \
                 FROM audit_entries WHERE sequence = 5"
            ),
        );
        assert!(archive(store, &path("a"), 5).is_err());
        execute(database, "DELETE FROM audit_entries WHERE sequence = 6");
        assert_eq!((all(store), ends(store)), before);
        assert_eq!(archived(store, &path("a"), 5).count(), 4);
    });
}

#[test]
fn entries_with_a_wrong_time_do_not_keep_others_and_take_none_along() {
    on_registers(|_, store, path| {
        let at = |minutes: &[i64]| minutes.iter().for_each(|&minute| write(store, minute..=minute));
        // The clock was ahead, once in the middle of old entries and once at their end.
        at(&[1, NOW + 9, NOW + 8, 2, 3, NOW + 7]);
        let first = archived(store, &path("a"), 50);
        assert_eq!((first.after.sequence, first.last.sequence), (0, 5));
        assert_eq!(store.verify_archive(&path("a"), None).unwrap(), first);
        // It is not known yet how old the sixth is; the seventh tells of the archive.
        assert!(matches!(archive(store, &path("b"), 50), Ok(Archived::Nothing)));
        // The clock was behind: entries that are not old do not go with one that seems to be.
        at(&[4]);
        assert!(matches!(archive(store, &path("b"), 50), Ok(Archived::Nothing)));
        assert!(!path("b").exists());
        let second = archived(store, &path("b"), 100_001);
        assert_eq!((&second.after, second.last.sequence), (&first.last, 8));
        assert_eq!(verify(store), Verification::Sound(1));
    });
}

#[test]
fn one_command_archives_at_a_time() {
    on_registers(|database, store, path| {
        write(store, 1..=5);
        let other = prepared(database.url());
        let while_the_first_runs = |done: &AuditArchive| {
            for store in [store, &other] {
                let second = archive(store, &path("b"), 5);
                assert!(matches!(second, Err(ArchiveError::Busy)), "{second:?}");
            }
            told(done)
        };
        store.archive_audit(&path("a"), time(5), time(NOW), while_the_first_runs).unwrap();
        assert!(!path("b").exists());
        // Also after one that failed.
        fs::write(path("mine"), "mine").unwrap();
        assert!(archive(store, &path("mine"), 5).is_err());
        write(store, 1..=1);
        assert_eq!(archived(&other, &path("b"), 200_000).after.sequence, 4);
    });
}

#[test]
fn a_time_finer_than_the_register_keeps_is_cut_and_another_one_is_named() {
    on_registers(|_, store, path| {
        write(store, 1..=5);
        let fine = time(5) + TimeDelta::nanoseconds(7);
        let archive = |before| store.archive_audit(&path("a"), before, time(NOW), told);
        let first = archive(fine).unwrap();
        assert_eq!(archive(fine).unwrap(), first, "the command goes on");
        assert_eq!(archive(time(5)).unwrap(), first);
        let refusal = archive(time(6)).unwrap_err().to_string();
        let end =
            "is an archive up to another time; to go on with it, give 2026-11-22T08:35:15.123456Z";
        assert!(refusal.ends_with(end), "{refusal}");
    });
}

#[test]
fn what_a_killed_command_left_of_its_draft_goes_with_the_next() {
    on_registers(|_, store, path| {
        let stale = ["a.0123456789abcdef.draft", "a.ffffffffffffffff.draft"];
        let others =
            ["b.0123456789abcdef.draft", "a.mine.draft", "a.0123456789abcdef.drafts", "a.draft"];
        for name in stale.iter().chain(&others) {
            fs::write(path(name), "x").unwrap();
        }
        write(store, 1..=5);
        archived(store, &path("a"), 5);
        assert!(stale.iter().all(|name| !path(name).exists()));
        assert!(others.iter().all(|name| path(name).exists()));
        fs::write(path(stale[0]), "x").unwrap();
        assert!(matches!(archive(store, &path("a"), 6), Err(ArchiveError::Exists(..))));
        assert!(!path(stale[0]).exists());
    });
}

#[test]
fn the_chain_does_not_begin_where_the_archive_does_not_end() {
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
            (ChainLink::start(), good),
            (from.clone(), ChainLink { sequence: 4, hash: hash(3) }),
            (from, ChainLink { sequence: 44, hash: hash(4) }),
        ] {
            let refused = store.write(move |tx| tx.begin_chain_after(&from, &to));
            assert!(refused.is_err());
        }
        execute(database, "DELETE FROM audit_entries WHERE sequence = 3");
        assert_eq!(broken_at(store), Some(3));
        let refused = archive(store, &path("b"), 5);
        assert!(matches!(refused, Err(ArchiveError::Broken(3, _))), "{refused:?}");
        assert!(!path("b").exists());
    });
}

#[test]
fn entries_that_were_put_before_the_chain_are_not_shown() {
    on_registers(|database, store, path| {
        write(store, 1..=5);
        keep(database);
        archived(store, &path("a"), 5);
        let before = all(store);
        execute(
            database,
            "INSERT INTO audit_entries SELECT * FROM kept WHERE sequence = 2; \
             UPDATE audit_entries SET reason = 'forged' WHERE sequence = 2",
        );
        assert_eq!(all(store), before);
        assert!(
            list(store, &AuditFilter { before: Some(5), ..AuditFilter::default() }, 9).is_empty()
        );
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
