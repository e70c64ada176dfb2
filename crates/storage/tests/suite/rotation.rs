//! A new master key: everything is sealed with it in the end, and nobody who works meanwhile notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::token::Token;
use cadastre_domain::webhook::Webhook;
use cadastre_storage::{Identified, KeyId, Place, StorageError, Store, VaultError, Verification};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex, text};

use crate::support::audit::{self, entry, verify};
use crate::support::dump::blobs;
use crate::support::keys::{
    identify, insert_token, keyring, keys_in_file, known_keys, on_both_with_own_keys, own, rotate,
};
use crate::support::{Raw, column, execute, plain, region};

/// The tables with sealed values.
const SEALED: [&str; 4] = ["region_credentials", "node_keys", "register_keys", "webhooks"];

/// Adds a node with its key pair.
fn insert_node(store: &Store, number: u64) {
    let profile = NodeProfile { keycode: text(&format!("{number}")), ..sample::node().profile };
    let node = Node { id: text(&format!("reg_{number:019}g")), profile, ..sample::node() };
    let key = AccessKey { id: text(&format!("{number:020}")), ..sample::access_key() };
    store.write(move |tx| tx.insert_node(&node, &key)).unwrap();
}

/// Adds a webhook with its secret.
fn insert_webhook(store: &Store, number: u64) {
    let webhook = Webhook { id: hex(number), ..sample::webhook() };
    store.write(move |tx| tx.insert_webhook(&webhook, &sample::webhook_secret())).unwrap();
}

fn name(number: u64) -> String {
    format!("region-{number}")
}

/// Adds regions and nodes with these numbers.
fn fill(store: &Store, numbers: std::ops::Range<u64>) {
    for number in numbers {
        store
            .write(move |tx| tx.insert_region(&region(number, &name(number)), sample::changed_by()))
            .unwrap();
        insert_node(store, number);
        insert_webhook(store, number);
    }
}

/// Checks that everything is sealed with one key, which is the only one that there is, and opens.
fn is_sealed_with_one_key(database: &TestDatabase, regions: std::ops::Range<u64>) {
    let keys = keys_in_file(database);
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(known_keys(database), keys);
    for table in SEALED.into_iter().chain(["register"]) {
        let used = column(database, &format!("SELECT DISTINCT key_id AS value FROM {table}"));
        assert_eq!(used, keys, "{table}");
    }
    opens(database, regions);
}

/// Checks that a store that starts now opens everything.
fn opens(database: &TestDatabase, regions: std::ops::Range<u64>) {
    let store = own(database);
    for number in regions {
        let found = store.read(|tx| tx.find_region_detail(hex(number))).unwrap().unwrap();
        assert_eq!(plain(&found).1, plain(&sample::region()).1);
        let secret = store.read(|tx| tx.webhook_secret(hex(number))).unwrap().unwrap();
        assert!(secret.same(&sample::webhook_secret()));
    }
    assert!(matches!(verify(&store), Verification::Sound(_)));
    let (vault, table) = (database.vault(), "node_keys");
    let secrets = blobs(database, "secret", "node_keys ORDER BY id");
    let ids = column(database, "SELECT id || ' ' || key_id AS value FROM node_keys ORDER BY id");
    for (row, sealed) in ids.iter().zip(secrets) {
        let (row, key) = row.split_once(' ').unwrap();
        let sealed = crate::support::dump::from_hex(&sealed);
        let place = Place { table, row, column: "secret" };
        let opened = vault.open(&key.parse().unwrap(), place, &sealed).unwrap();
        assert_eq!(&*opened, sample::access_key().secret.reveal().as_bytes());
    }
}

#[test]
fn everything_is_sealed_with_the_new_key_and_the_old_one_is_gone() {
    on_both_with_own_keys(|database, store| {
        // More than one transaction seals anew.
        fill(store, 10..70);
        let (old, before) =
            (keys_in_file(database), blobs(database, "token", "region_credentials"));
        for _ in 0..2 {
            let rotation = rotate(database);
            assert_eq!(keys_in_file(database), [rotation.key.to_string()]);
            assert_eq!(rotation.removed.len(), 1);
            assert_eq!(rotation.resealed, 180, "own keys are sealed when the key is switched");
            is_sealed_with_one_key(database, 10..70);
        }
        assert_ne!(keys_in_file(database), old);
        let after = blobs(database, "token", "region_credentials");
        assert!(before.iter().all(|sealed| !after.contains(sealed)));
        opens(database, 10..70);
        assert_eq!(audit::sequences(&audit::all(store)), [1, 2]);
    });
}

/// What a client of a running server does: it adds, changes and reads things with secrets.
fn work(store: &Store, numbers: &AtomicU64) {
    let number = numbers.fetch_add(1, Ordering::Relaxed);
    let id = hex(number);
    store
        .write(move |tx| {
            tx.record(entry("create_region"));
            tx.insert_region(&region(number, &name(number)), sample::changed_by())
        })
        .unwrap();
    let mut detail = store.read(|tx| tx.find_region_detail(id)).unwrap().unwrap();
    assert_eq!(plain(&detail).1, plain(&sample::region()).1);
    detail.region.version = 2;
    assert!(store.write(move |tx| crate::support::save(tx, &detail)).unwrap());
    insert_node(store, number);
    insert_webhook(store, number);
    let token = Token { id: hex(number), ..sample::token() };
    let text = format!("cad_{}_secret-{number}", token.id);
    insert_token(store, &token, &text).unwrap();
    for text in [&text, "chosen"] {
        assert!(matches!(identify(store, text), Identified::Token { .. }), "{text}");
    }
    assert!(matches!(identify(store, &format!("{text}x")), Identified::Nobody(Some(_))));
}

/// Tells those who work to end, also when what they work beside fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn who_works_meanwhile_notices_nothing() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        fill(store, 10..40);
        let (server, numbers, done) = (own(database), AtomicU64::new(40), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        work(&server, &numbers);
                    }
                });
            }
            let _ends = Ends(&done);
            for _ in 0..3 {
                rotate(database);
            }
        });
        is_sealed_with_one_key(database, 10..numbers.into_inner());
    });
}

/// Begins a rotation and breaks it off after so many rows; says which key it made.
fn begin(database: &TestDatabase, rows: i64) -> KeyId {
    let store = own(database);
    let key = keyring(database).add().unwrap();
    let new = key.clone();
    store.write(move |tx| tx.switch_key(&new, sample::time())).unwrap();
    assert_eq!(
        store.write(move |tx| tx.reseal(rows)).unwrap(),
        usize::try_from(3 * rows).unwrap(),
        "regions, nodes and webhooks"
    );
    key
}

#[test]
fn a_rotation_that_was_broken_off_is_begun_again() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..20);
        let first = keys_in_file(database);
        let second = begin(database, 3);
        opens(database, 10..20);
        store.write(|tx| tx.insert_region(&region(20, "more"), sample::changed_by())).unwrap();
        insert_webhook(store, 20);
        let third = begin(database, 2);
        opens(database, 10..21);
        assert_eq!(keys_in_file(database).len(), 3);
        let mut removed: Vec<String> =
            rotate(database).removed.into_iter().map(KeyId::into).collect();
        removed.sort();
        let mut all = [first, vec![second.into(), third.into()]].concat();
        all.sort();
        assert_eq!(removed, all);
        is_sealed_with_one_key(database, 10..21);
    });
}

#[test]
fn a_rotation_removes_the_keys_that_stopped_ones_left_in_the_file_alone() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..13);
        // Stopped after each of these reached the file, and before the register knew them.
        let left: Vec<_> = (0..3).map(|_| keyring(database).add().unwrap()).collect();
        assert_eq!((known_keys(database).len(), keys_in_file(database).len()), (1, 4));
        let rotation = rotate(database);
        assert!(left.iter().all(|key| rotation.removed.contains(key)), "{:?}", rotation.removed);
        assert_eq!(keys_in_file(database), [rotation.key.to_string()]);
        is_sealed_with_one_key(database, 10..13);
    });
}

#[test]
fn rotations_at_once_remove_no_key_of_each_other() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..13);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| rotate(database));
            }
        });
        assert_eq!(known_keys(database), keys_in_file(database));
        opens(database, 10..13);
    });
}

#[test]
fn the_keys_are_listed_and_one_is_current() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..20);
        let first = keys_in_file(database).remove(0);
        let second = begin(database, 3);
        let mut keys = store.read(|tx| tx.master_keys()).unwrap();
        keys.sort_by_key(|(_, _, current)| *current);
        let expected = [(first, false), (second.to_string(), true)];
        let keys = keys.into_iter().map(|(key, since, current)| {
            assert_eq!(since, sample::time());
            (key.to_string(), current)
        });
        assert_eq!(keys.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn a_key_that_a_row_needs_is_not_forgotten() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..15);
        begin(database, 2);
        let known = known_keys(database);
        let forgotten = store.write(|tx| tx.forget_keys());
        assert!(matches!(&forgotten, Err(StorageError::Query(_))), "{forgotten:?}");
        assert_eq!(known_keys(database), known);
        opens(database, 10..15);
    });
}

#[test]
fn the_database_itself_keeps_a_key_that_a_row_needs() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..12);
        let time = "SELECT created_at FROM master_keys";
        for (number, table) in (1..).zip(SEALED.into_iter().chain(["register"])) {
            let key = format!("{number:016}");
            let add =
                format!("INSERT INTO master_keys SELECT '{key}', min(created_at) FROM ({time}) t");
            execute(database, &add);
            let forget = format!("DELETE FROM master_keys WHERE id = '{key}'");
            assert!(is_allowed(database, &forget), "{table}");
            execute(database, &add);
            execute(database, &format!("UPDATE {table} SET key_id = '{key}'"));
            assert!(!is_allowed(database, &forget), "{table}");
        }
    });
}

/// Whether the database does this while it keeps references.
fn is_allowed(database: &TestDatabase, sql: &str) -> bool {
    use diesel::connection::SimpleConnection as _;
    match Raw::open(database) {
        Raw::Sqlite(mut conn) => {
            conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
            conn.batch_execute(sql).is_ok()
        }
        Raw::Postgres(mut conn) => conn.batch_execute(sql).is_ok(),
    }
}

#[test]
fn a_row_that_was_tampered_with_ends_a_rotation_and_keeps_its_key() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..13);
        let swap = "UPDATE region_credentials SET token = key";
        execute(database, &format!("{swap} WHERE region_id = '{}'", hex::<()>(11)));
        let keyring = Arc::new(keyring(database));
        let before = keyring.keys().unwrap();
        let rotated = own(database).rotate_keys(&keyring, sample::time(), &entry("rotate_keys"));
        let told = matches!(&rotated, Err(StorageError::Vault(VaultError::DoesNotOpen)));
        assert!(told, "{rotated:?}");
        assert!(before.iter().all(|key| keys_in_file(database).contains(&key.to_string())));
        assert_eq!(known_keys(database).len(), 2);
    });
}

#[test]
fn a_row_whose_secret_was_removed_by_hand_holds_no_rotation_up() {
    on_both_with_own_keys(|database, store| {
        fill(store, 10..13);
        execute(database, "UPDATE node_keys SET secret = NULL");
        execute(database, "UPDATE region_credentials SET token = NULL, key = NULL");
        rotate(database);
        assert_eq!(known_keys(database), keys_in_file(database));
        assert_eq!(known_keys(database).len(), 1);
    });
}
