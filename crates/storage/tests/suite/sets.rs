//! Sets of credentials: new ones, those before them, and the way back.

use cadastre_domain::region::{Credentials, RegionDetail};
use cadastre_storage::{Place, RegionSave, RegionSets, SetChange, StorageError, Store};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::dump::{blobs, from_hex};
use crate::support::keys::{keys_in_file, on_both_with_own_keys, own, rotate};
use crate::support::{column, on_both_seeded, plain, region};

/// Credentials of which each says its number.
fn numbered(number: u64) -> Credentials {
    let secret = |what: &str| Some(format!("{what} number {number}").into());
    Credentials { token: secret("token"), key: secret("key"), ..Credentials::default() }
}

fn later(days: i64) -> DateTime<Utc> {
    sample::time() + TimeDelta::days(days)
}

/// Saves the next version of a region with these credentials.
fn save(
    store: &Store,
    number: u64,
    credentials: Credentials,
    set: SetChange,
    previous_until: Option<DateTime<Utc>>,
) {
    let saved = store.write(move |tx| {
        let mut region = tx.find_region(hex(number))?.unwrap();
        region.version += 1;
        let detail = RegionDetail { region, credentials: credentials.clone() };
        let by = sample::changed_by();
        tx.save_region(&RegionSave { detail: &detail, set, previous_until, by })
    });
    assert!(saved.unwrap());
}

fn insert(store: &Store, number: u64, credentials: Credentials) {
    let detail = RegionDetail { credentials, ..region(number, &format!("r{number}")) };
    store.write(move |tx| tx.insert_region(&detail, sample::changed_by())).unwrap();
}

fn sets(store: &Store, number: u64) -> RegionSets {
    store.read(|tx| tx.region_sets(hex(number))).unwrap().unwrap()
}

/// The token in a set of a region.
fn token_in(store: &Store, number: u64, set: u64) -> Option<String> {
    let found = store.read(|tx| tx.find_credentials(hex(number), hex(set))).unwrap();
    found.map(|set| set.token.unwrap().reveal().to_owned())
}

/// The token that a region shows.
fn token_of(store: &Store, number: u64) -> Option<String> {
    let found = store.read(|tx| tx.find_region_detail(hex(number))).unwrap().unwrap();
    found.credentials.token.map(|token| token.reveal().to_owned())
}

fn token(number: u64) -> String {
    format!("token number {number}")
}

#[test]
fn the_first_set_has_the_identifier_of_the_region() {
    on_both_seeded(|_, store| {
        insert(store, 10, numbered(1));
        assert_eq!(sets(store, 10), RegionSets { current: Some(hex(10)), previous: None });
        assert_eq!(token_in(store, 10, 10), Some(token(1)));
        insert(store, 11, Credentials::default());
        assert_eq!(sets(store, 11), RegionSets { current: None, previous: None });
        assert_eq!(store.read(|tx| tx.region_sets(hex(12))).unwrap(), None);
    });
}

#[test]
fn a_new_set_takes_the_place_of_one_that_is_kept() {
    on_both_seeded(|_, store| {
        insert(store, 10, numbered(1));
        save(store, 10, numbered(2), SetChange::New(hex(100)), Some(later(7)));
        let previous = Some((hex(10), later(7)));
        assert_eq!(sets(store, 10), RegionSets { current: Some(hex(100)), previous });
        assert_eq!(token_of(store, 10), Some(token(2)));
        assert_eq!(
            [token_in(store, 10, 10), token_in(store, 10, 100)],
            [Some(token(1)), Some(token(2))]
        );
        save(store, 10, numbered(3), SetChange::New(hex(101)), None);
        assert_eq!(sets(store, 10), RegionSets { current: Some(hex(101)), previous: None });
        assert_eq!(token_of(store, 10), Some(token(3)));
        assert_eq!(token_in(store, 10, 10), Some(token(1)), "revisions need it");
    });
}

#[test]
fn a_change_of_other_things_keeps_the_set_and_the_one_before() {
    on_both_seeded(|database, store| {
        insert(store, 10, numbered(1));
        save(store, 10, numbered(2), SetChange::New(hex(100)), Some(later(7)));
        let (before, sealed) = (sets(store, 10), blobs(database, "token", "region_credentials"));
        save(store, 10, numbered(9), SetChange::Keep, Some(later(1)));
        assert_eq!(sets(store, 10), before);
        assert_eq!(token_of(store, 10), Some(token(2)), "what is not to be changed is not");
        assert_eq!(blobs(database, "token", "region_credentials"), sealed);
    });
}

#[test]
fn the_way_back_shows_the_set_before_and_seals_nothing_anew() {
    on_both_seeded(|database, store| {
        insert(store, 10, numbered(1));
        save(store, 10, numbered(2), SetChange::New(hex(100)), Some(later(7)));
        let sealed = blobs(database, "token", "region_credentials ORDER BY id");
        save(store, 10, numbered(1), SetChange::Back(Some(hex(10))), Some(later(9)));
        let previous = Some((hex(100), later(9)));
        assert_eq!(sets(store, 10), RegionSets { current: Some(hex(10)), previous });
        assert_eq!(token_of(store, 10), Some(token(1)));
        assert_eq!(blobs(database, "token", "region_credentials ORDER BY id"), sealed);
        save(store, 10, Credentials::default(), SetChange::Back(None), None);
        assert_eq!(sets(store, 10), RegionSets { current: None, previous: None });
        assert_eq!(token_of(store, 10), None);
        save(store, 10, numbered(2), SetChange::Back(Some(hex(100))), Some(later(9)));
        assert_eq!(sets(store, 10), RegionSets { current: Some(hex(100)), previous: None });
    });
}

#[test]
fn a_set_without_anything_in_it_is_none() {
    on_both_seeded(|database, store| {
        insert(store, 10, numbered(1));
        save(store, 10, Credentials::default(), SetChange::New(hex(100)), Some(later(7)));
        let previous = Some((hex(10), later(7)));
        assert_eq!(sets(store, 10), RegionSets { current: None, previous });
        assert_eq!(token_of(store, 10), None);
        let ids = column(database, "SELECT id AS value FROM region_credentials");
        assert_eq!(ids, [hex::<()>(10).to_string()]);
    });
}

#[test]
fn a_set_belongs_to_its_region_only() {
    on_both_seeded(|_, store| {
        insert(store, 10, numbered(1));
        insert(store, 11, numbered(2));
        assert_eq!([token_in(store, 10, 11), token_in(store, 11, 10)], [None, None]);
        assert_eq!(token_in(store, 11, 99), None);
    });
}

#[test]
fn what_is_sealed_in_one_set_does_not_open_in_another() {
    on_both_seeded(|database, store| {
        insert(store, 10, numbered(1));
        save(store, 10, numbered(2), SetChange::New(hex(100)), Some(later(7)));
        let (old, new) = (hex::<()>(10), hex::<()>(100));
        crate::support::execute(
            database,
            &format!(
                "UPDATE region_credentials SET token = (SELECT token FROM region_credentials \
                 WHERE id = '{old}') WHERE id = '{new}'"
            ),
        );
        let read = store.read(|tx| tx.find_credentials(hex(10), hex(100)));
        assert!(matches!(read, Err(StorageError::Vault(_))), "{read:?}");
        let read = store.read(|tx| tx.find_region_detail(hex(10)));
        assert!(matches!(read, Err(StorageError::Vault(_))));
        assert_eq!(token_in(store, 10, 10), Some(token(1)));
    });
}

/// Opens the token of a set with the key that its row names.
fn opened(database: &TestDatabase, set: u64) -> String {
    let rest = format!("region_credentials WHERE id = '{}'", hex::<()>(set));
    let key = column(database, &format!("SELECT key_id AS value FROM {rest}")).remove(0);
    let sealed = from_hex(&blobs(database, "token", &rest)[0]);
    let row = hex::<()>(set).to_string();
    let place = Place { table: "region_credentials", row: &row, column: "token" };
    let plain = database.vault().open(&key.parse().unwrap(), place, &sealed).unwrap();
    String::from_utf8(plain.to_vec()).unwrap()
}

#[test]
fn a_rotation_seals_sets_anew_that_no_region_shows() {
    on_both_with_own_keys(|database, store| {
        insert(store, 10, numbered(1));
        for (version, set) in [(2, 100), (3, 101), (4, 102)] {
            save(store, 10, numbered(version), SetChange::New(hex(set)), Some(later(7)));
        }
        let before = blobs(database, "token", "region_credentials");
        assert_eq!(rotate(database).resealed, 4);
        let after = blobs(database, "token", "region_credentials");
        assert!(before.iter().all(|sealed| !after.contains(sealed)));
        let keys = "SELECT DISTINCT key_id AS value FROM region_credentials";
        assert_eq!(column(database, keys), keys_in_file(database));
        for (number, set) in [(1, 10), (2, 100), (3, 101), (4, 102)] {
            assert_eq!(opened(database, set), token(number));
            assert_eq!(token_in(&own(database), 10, set), Some(token(number)));
        }
    });
}

#[test]
fn a_stale_version_changes_no_set() {
    on_both_seeded(|database, store| {
        insert(store, 10, numbered(1));
        save(store, 10, numbered(2), SetChange::New(hex(100)), None);
        for version in [1, 2, 4] {
            let saved = store.write(move |tx| {
                let mut detail = region(10, "r10");
                detail.region.version = version;
                let (set, previous_until) = (SetChange::New(hex(200)), None);
                let by = sample::changed_by();
                tx.save_region(&RegionSave { detail: &detail, set, previous_until, by })
            });
            assert!(!saved.unwrap(), "{version}");
        }
        assert_eq!(sets(store, 10).current, Some(hex(100)));
        let ids = column(database, "SELECT id AS value FROM region_credentials ORDER BY id");
        assert_eq!(ids, [10, 100].map(|set| hex::<()>(set).to_string()));
        let found = store.read(|tx| tx.find_region_detail(hex(10))).unwrap().unwrap();
        assert_eq!(plain(&found).1[0], Some(token(2)));
    });
}
