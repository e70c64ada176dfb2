//! What is deleted leaves nothing behind but what the audit tells.

use cadastre_domain::maintenance::Window;
use cadastre_domain::opening::Opening;
use cadastre_domain::role::Role;
use cadastre_domain::token::{Caller, Token};
use cadastre_storage::{RegionSave, SetChange, StorageError, Store};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};

use crate::support::audit::{entry, verify};
use crate::support::dump::{blobs, files, from_hex, places, rows};
use crate::support::keys::insert_token;
use crate::support::{execute, on_both_seeded, prepared, region, team};

const REGION: u64 = 0xfeed_beef_0001;
const TEAM: u64 = 0xfeed_beef_0002;

/// A region, a team, and everything that can belong to either, beside others of each.
fn seed(store: &Store) {
    let seeded = store.write(|tx| {
        for (number, name) in [(TEAM, "team"), (30, "other-team")] {
            tx.insert_team(&team(number, name))?;
        }
        for (number, name) in [(REGION, "region"), (20, "other-region")] {
            let mut detail = region(number, name);
            detail.credentials = cadastre_testkit::credentials(2031);
            tx.insert_region(&detail, sample::changed_by())?;
            detail.region.version = 2;
            let (detail, set) = (&detail, SetChange::New(hex(number + 0xf000)));
            let until = Some(sample::time());
            let by = sample::changed_by();
            assert!(tx.save_region(&RegionSave { detail, set, previous_until: until, by })?);
            let window = Window { id: hex(number + 0xe000), ..sample::window() };
            tx.insert_window(&Window { region_id: hex(number), ..window })?;
            for team in [TEAM, 30] {
                let (team_id, region_id) = (hex(team), hex(number));
                assert!(tx.insert_opening(&Opening { team_id, region_id, ..sample::opening() })?);
            }
        }
        tx.record(entry("prepare"));
        Ok::<_, StorageError>(())
    });
    seeded.unwrap();
    let caller =
        Caller { role: Role::Team, teams: vec![hex(TEAM), hex(30)], ..sample::token().caller };
    insert_token(store, &Token { caller, ..sample::token() }, "chosen").unwrap();
}

/// In how many rows a thing is named, by the tables.
fn named(database: &TestDatabase, number: u64) -> Vec<String> {
    let id = hex::<()>(number).to_string();
    let tables = rows(database).into_iter().filter(|row| row.contains(&id));
    let mut tables: Vec<_> =
        tables.map(|row| row.split(':').next().unwrap_or_default().to_owned()).collect();
    tables.dedup();
    tables.sort();
    tables
}

#[test]
fn a_deleted_region_leaves_nothing() {
    on_both_seeded(|database, store| {
        seed(store);
        let everywhere = [
            "maintenance_windows",
            "openings",
            "region_certificates",
            "region_credentials",
            "region_revisions",
            "regions",
        ];
        assert_eq!(named(database, REGION), everywhere);
        let others = named(database, 20);
        let deleted = store.write(|tx| {
            for opening in tx.openings_of_region(hex(REGION), None, 9)? {
                assert!(tx.delete_opening(&opening)?);
            }
            tx.delete_region(hex(REGION), 2)
        });
        assert!(deleted.unwrap());
        for number in [REGION, REGION + 0xf000, REGION + 0xe000] {
            assert_eq!(named(database, number), [""; 0]);
        }
        assert_eq!(named(database, 20), others, "the other region keeps what it has");
        assert!(!store.read(|tx| tx.region_name_taken(&sample::text("region"))).unwrap());
        assert!(matches!(verify(store), cadastre_storage::Verification::Sound(1)));
    });
}

/// Takes everything out of SQLite's journal, so that the file itself is what counts.
fn empty_the_journal(database: &TestDatabase) {
    if database.name() == "sqlite" {
        execute(database, "PRAGMA wal_checkpoint(TRUNCATE)");
        assert_eq!(files(database).iter().filter(|(_, text)| !text.is_empty()).count(), 1);
    }
}

#[test]
fn what_was_sealed_for_a_deleted_region_is_in_no_file() {
    on_both_seeded(|database, store| {
        seed(store);
        empty_the_journal(database);
        let id = hex::<()>(REGION);
        let rest = format!("region_credentials WHERE region_id = '{id}'");
        let sealed: Vec<_> = blobs(database, "token", &rest).iter().map(|s| from_hex(s)).collect();
        assert_eq!(sealed.len(), 2);
        assert!(sealed.iter().all(|bytes| !places(database, bytes).is_empty()));
        let deleted = store.write(|tx| {
            for opening in tx.openings_of_region(hex(REGION), None, 9)? {
                assert!(tx.delete_opening(&opening)?);
            }
            tx.delete_region(hex(REGION), 2)
        });
        assert!(deleted.unwrap());
        empty_the_journal(database);
        for bytes in sealed {
            assert_eq!(places(database, &bytes), [""; 0]);
        }
    });
}

#[test]
fn a_deleted_team_leaves_nothing() {
    on_both_seeded(|database, store| {
        seed(store);
        assert_eq!(named(database, TEAM), ["openings", "teams", "token_teams"]);
        let deleted = store.write(|tx| {
            for opening in tx.openings_of_team(hex(TEAM))? {
                assert!(tx.delete_opening(&opening)?);
            }
            tx.delete_team(hex(TEAM), 1)
        });
        assert!(deleted.unwrap());
        assert_eq!(named(database, TEAM), [""; 0]);
        let token = store.read(|tx| tx.find_token(hex(4))).unwrap().unwrap();
        assert_eq!(token.caller.teams, [hex(30)], "the token stays, without the team");
        assert_eq!(named(database, 30), ["openings", "teams", "token_teams"]);
    });
}

#[test]
fn what_is_open_is_not_deleted() {
    on_both_seeded(|database, store| {
        seed(store);
        let before = rows(database);
        let region = store.write(|tx| tx.delete_region(hex(REGION), 2));
        assert!(matches!(region, Err(StorageError::Query(_))), "{region:?}");
        let team = store.write(|tx| tx.delete_team(hex(TEAM), 1));
        assert!(matches!(team, Err(StorageError::Query(_))), "{team:?}");
        assert_eq!(rows(database), before);
    });
}

#[test]
fn a_stale_version_deletes_nothing() {
    on_both_seeded(|database, store| {
        seed(store);
        let before = rows(database);
        let opening = store.read(|tx| tx.find_opening(hex(TEAM), hex(REGION))).unwrap().unwrap();
        for version in [-1, 0, 3, 99] {
            let opening = Opening { version, ..opening.clone() };
            let deleted = store.write(move |tx| {
                Ok::<_, StorageError>([
                    tx.delete_region(hex(REGION), version)?,
                    tx.delete_team(hex(TEAM), version)?,
                    tx.delete_opening(&opening)?,
                    tx.delete_region(hex(99), 1)?,
                    tx.delete_team(hex(99), 1)?,
                ])
            });
            assert_eq!(deleted.unwrap(), [false; 5], "{version}");
        }
        assert_eq!(rows(database), before);
    });
}

#[test]
fn of_two_who_open_and_delete_one_is_refused() {
    on_both_seeded(|database, store| {
        let other = prepared(database.url());
        for number in 100..110 {
            let seeded = store.write(move |tx| {
                tx.insert_team(&team(number, &format!("t{number}")))?;
                tx.insert_region(&region(number, &format!("r{number}")), sample::changed_by())
            });
            seeded.unwrap();
            let (opened, deleted) = std::thread::scope(|scope| {
                let open = scope.spawn(|| {
                    let (team_id, region_id) = (hex(number), hex(number));
                    let opening = Opening { team_id, region_id, ..sample::opening() };
                    store.write(move |tx| tx.insert_opening(&opening))
                });
                let delete =
                    scope.spawn(|| other.write(move |tx| tx.delete_region(hex(number), 1)));
                (open.join().unwrap(), delete.join().unwrap())
            });
            let refused = [opened.is_err(), deleted.is_err()];
            assert_eq!(refused.iter().filter(|refused| **refused).count(), 1, "{refused:?}");
            let there = store.read(|tx| tx.find_region(hex(number))).unwrap().is_some();
            let open = store.read(|tx| tx.is_open(hex(number), hex(number))).unwrap();
            assert_eq!((there, open), (deleted.is_err(), deleted.is_err()));
        }
    });
}
