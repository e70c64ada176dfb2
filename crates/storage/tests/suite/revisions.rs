//! What regions were.

use cadastre_domain::region::{Region, RegionDetail, Revision, Status};
use cadastre_domain::user::UserId;
use cadastre_storage::{ChangedBy, RegionSave, SetChange, Store};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{column, on_both_seeded, region};

/// By whom version `number` was made.
fn by(number: i64) -> ChangedBy {
    ChangedBy {
        operation: format!("operation_{number}"),
        user_id: (number % 2 == 0).then_some(UserId(number)),
        token_id: (number % 3 == 0).then(|| hex(number.unsigned_abs())),
    }
}

/// The region in version `number`: everything that may change does.
fn version(number: i64) -> RegionDetail {
    let sample = region(10, "region");
    let region = Region {
        alias: text(&format!("alias {number}")),
        addresses: cadastre_domain::region::Addresses {
            api: text(&format!("https://api-{number}.example.com")),
            websocket: text(&format!("wss://ws-{number}.example.com")),
            http_domain: text(&format!("apps-{number}.example.com")),
            tcp: text(&format!("192.0.2.{number}")),
        },
        scope: [cadastre_domain::region::Scope::Private, cadastre_domain::region::Scope::Public]
            [usize::from(number % 2 == 0)],
        status: Status::ALL[usize::try_from(number).unwrap() % 4],
        description: text(&format!("description {number}")),
        labels: text(&format!(r#"{{"number":"{number}"}}"#)),
        updated_at: sample::time() + TimeDelta::microseconds(number),
        version: number,
        ..sample.region
    };
    RegionDetail { region, ..sample }
}

/// What is expected of version `number`; each one has a set of its own.
fn revision(number: i64) -> Revision {
    let ChangedBy { operation, user_id, token_id } = by(number);
    let set = if number == 1 { 10 } else { 100 + number.unsigned_abs() };
    let region = version(number).region;
    let (at, credentials_id) = (region.updated_at, Some(hex(set)));
    Revision { region, credentials_id, at, operation, user_id, token_id }
}

/// Makes versions up to this one.
fn make(store: &Store, upto: i64) {
    store.write(|tx| tx.insert_region(&version(1), by(1))).unwrap();
    for number in 2..=upto {
        let saved = store.write(move |tx| {
            let set = SetChange::New(hex(100 + number.unsigned_abs()));
            let detail = &version(number);
            tx.save_region(&RegionSave { detail, set, previous_until: None, by: by(number) })
        });
        assert!(saved.unwrap());
    }
}

#[test]
fn every_version_is_kept_whole_with_who_made_it() {
    on_both_seeded(|_, store| {
        make(store, 6);
        for number in 1..=6 {
            let found = store.read(|tx| tx.find_revision(hex(10), number)).unwrap();
            assert_eq!(found, Some(revision(number)));
        }
        for number in [-1, 0, 7] {
            assert_eq!(store.read(|tx| tx.find_revision(hex(10), number)).unwrap(), None);
        }
        assert_eq!(store.read(|tx| tx.find_revision(hex(11), 1)).unwrap(), None);
    });
}

#[test]
fn versions_are_listed_from_the_latest_page_by_page() {
    on_both_seeded(|_, store| {
        make(store, 5);
        let page = |before, limit| {
            let list = store.read(|tx| tx.list_revisions(hex(10), before, limit)).unwrap();
            list.into_iter().map(|one| one.region.version).collect::<Vec<_>>()
        };
        assert_eq!(page(None, 9), [5, 4, 3, 2, 1]);
        assert_eq!(page(None, 2), [5, 4]);
        assert_eq!(page(Some(4), 2), [3, 2]);
        assert_eq!(page(Some(2), 2), [1]);
        assert_eq!(page(Some(6), 1), [5]);
        assert_eq!(page(Some(5), 1), [4]);
        assert_eq!(page(Some(1), 9), Vec::<i64>::new());
        assert_eq!(page(None, 0), Vec::<i64>::new());
        let list = store.read(|tx| tx.list_revisions(hex(10), None, 9)).unwrap();
        assert_eq!(list, [5, 4, 3, 2, 1].map(revision));
        assert_eq!(store.read(|tx| tx.list_revisions(hex(11), None, 9)).unwrap(), []);
        let counts = [10, 11].map(|id| store.read(|tx| tx.count_revisions(hex(id))).unwrap().count);
        assert_eq!(counts, [5, 0]);
    });
}

#[test]
fn a_stale_version_leaves_no_revision() {
    on_both_seeded(|database, store| {
        make(store, 3);
        let stale = store.write(|tx| {
            let save = |number| RegionDetail {
                region: Region { version: number, ..version(1).region },
                ..version(1)
            };
            let mut saved = Vec::new();
            for number in [1, 2, 3, 5] {
                let (detail, set) = (&save(number), SetChange::Keep);
                let save = RegionSave { detail, set, previous_until: None, by: by(9) };
                saved.push(tx.save_region(&save)?);
            }
            Ok::<_, cadastre_storage::StorageError>(saved)
        });
        assert_eq!(stale.unwrap(), [false; 4]);
        let kept = "SELECT CAST(version AS TEXT) AS value FROM region_revisions ORDER BY version";
        assert_eq!(column(database, kept), ["1", "2"]);
        let list = store.read(|tx| tx.list_revisions(hex(10), None, 9)).unwrap();
        assert_eq!(list, [3, 2, 1].map(revision));
    });
}

#[test]
fn of_two_who_change_the_same_version_one_is_refused() {
    on_both_seeded(|database, store| {
        make(store, 1);
        let other = crate::support::prepared(database.url());
        let saved: Vec<bool> = std::thread::scope(|scope| {
            let saving: Vec<_> = (0..16)
                .map(|number| {
                    let store = if number % 2 == 0 { store } else { &other };
                    let save = move || {
                        store.write(move |tx| {
                            let (detail, set) = (&version(2), SetChange::Keep);
                            let by = ChangedBy { operation: format!("{number}"), ..by(1) };
                            tx.save_region(&RegionSave { detail, set, previous_until: None, by })
                        })
                    };
                    scope.spawn(save)
                })
                .collect();
            saving.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
        });
        assert_eq!(saved.iter().filter(|saved| **saved).count(), 1);
        let winner = saved.iter().position(|saved| *saved).unwrap().to_string();
        let latest = store.read(|tx| tx.find_revision(hex(10), 2)).unwrap().unwrap();
        assert_eq!(latest.operation, winner);
        let first = store.read(|tx| tx.find_revision(hex(10), 1)).unwrap();
        assert_eq!(first, Some(revision(1)));
    });
}

#[test]
fn a_set_is_known_at_every_address_that_its_versions_had() {
    on_both_seeded(|_, store| {
        make(store, 3);
        // Version 4 has another address, and the set of version 3 still.
        let saved = store.write(|tx| {
            let (detail, set) = (&version(4), SetChange::Keep);
            tx.save_region(&RegionSave { detail, set, previous_until: None, by: by(4) })
        });
        assert!(saved.unwrap());
        let urls = |region: u64, set: u64| {
            let found = store.read(move |tx| tx.api_urls_of_set(hex(region), hex(set))).unwrap();
            let mut urls: Vec<_> = found.into_iter().map(String::from).collect();
            urls.sort();
            urls
        };
        let api = |number: i64| format!("https://api-{number}.example.com");
        assert_eq!(urls(10, 10), [api(1)]);
        assert_eq!(urls(10, 102), [api(2)]);
        assert_eq!(urls(10, 103), [api(3), api(4)]);
        assert!(urls(10, 104).is_empty() && urls(11, 103).is_empty());
    });
}
