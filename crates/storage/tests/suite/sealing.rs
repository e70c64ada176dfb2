//! What the database holds of secrets: nothing that can be read, moved or edited.

use cadastre_domain::region::Credentials;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::Token;
use cadastre_storage::{Identified, StorageError, Store, VaultError};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex, text};

use crate::support::audit;
use crate::support::dump::{blob, blobs, from_hex, hex_digits, places};
use crate::support::keys::{
    identify, insert_token, keyring, keys_in_file, known_keys, on_both_with_own_keys, own_settings,
    prepare,
};
use crate::support::{column, execute, plain, region};

const TOKEN: &str = "planted-token-of-a-region";
const KEY: &str = "planted-private-key-of-a-region";
const SK: &str = "PlantedSecretOfANode0123456789abcdefghij";
const CHOSEN: &str = "planted-text-that-an-operator-chose";

/// A region with a token and a key, and nothing in clear.
fn with_secrets(number: u64, name: &str) -> cadastre_domain::region::RegionDetail {
    let secret = |text: &str| Some(Secret::from(text.to_owned()));
    let credentials =
        Credentials { token: secret(TOKEN), key: secret(KEY), ..Credentials::default() };
    cadastre_domain::region::RegionDetail { credentials, ..region(number, name) }
}

/// Two regions and a node with secrets, two tokens, and an entry that tells of all of it.
fn fill(store: &Store) {
    let node_key = || cadastre_domain::node::AccessKey { secret: text(SK), ..sample::access_key() };
    let filled = store.write(move |tx| {
        tx.insert_region(&with_secrets(20, "one"), sample::changed_by())?;
        tx.insert_region(&with_secrets(21, "two"), sample::changed_by())?;
        tx.insert_node(&sample::node(), &node_key())?;
        let mut entry = audit::entry("create_region");
        let secrets = [TOKEN, KEY, SK, CHOSEN].map(audit::secret);
        entry.changes =
            secrets.map(|one| audit::change("key", Some(one.clone()), Some(one))).to_vec();
        tx.record(entry);
        Ok::<_, StorageError>(())
    });
    filled.unwrap();
    insert_token(store, &sample::token(), CHOSEN).unwrap();
    insert_token(store, &Token { id: hex(5), ..sample::token() }, &own_text(5)).unwrap();
}

/// The text of a token in our own form.
fn own_text(number: u64) -> String {
    format!("cad_{}_planted-text-of-our-own-form", hex::<()>(number))
}

fn find(store: &Store, number: u64) -> Result<Option<String>, StorageError> {
    let found = store.read(|tx| tx.find_region_detail(hex(number)))?.unwrap();
    Ok(plain(&found).1[0].clone())
}

fn is_closed<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Vault(VaultError::DoesNotOpen)))
}

#[test]
fn no_secret_is_in_the_database_nor_in_its_files() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        for secret in [TOKEN, KEY, SK, CHOSEN, "planted-text-of-our-own-form"] {
            assert_eq!(places(database, secret.as_bytes()), Vec::<String>::new(), "{secret}");
        }
        let known = "SELECT name AS value FROM regions WHERE name = 'one'";
        assert!(!places(database, b"Example Ltd").is_empty(), "the search finds nothing at all");
        assert_eq!(column(database, known), ["one"]);
    });
}

#[test]
fn a_secret_of_a_deleted_region_is_in_the_database_no_more() {
    on_both_with_own_keys(|database, store| {
        store.write(|tx| tx.insert_region(&with_secrets(20, "one"), sample::changed_by())).unwrap();
        let before = from_hex(&blobs(database, "token", "region_credentials")[0]);
        assert!(!places(database, &before).is_empty());
        let mut changed = with_secrets(20, "one");
        changed.region.version = 2;
        changed.credentials.token = None;
        assert!(store.write(move |tx| crate::support::save(tx, &changed)).unwrap());
        assert_eq!(find(store, 20).unwrap(), None);
        // What a region had before is kept as long as there is the region.
        assert!(!places(database, &before).is_empty());
        assert!(store.write(|tx| tx.delete_region(hex(20), 2)).unwrap());
        // Takes it out of the journal, too.
        prepare(store).unwrap();
        assert_eq!(places(database, &before), Vec::<String>::new());
    });
}

#[test]
fn the_same_secret_is_never_sealed_to_the_same_bytes() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let mut sealed = blobs(database, "token", "region_credentials");
        sealed.extend(blobs(database, "key", "region_credentials"));
        assert_eq!(sealed.len(), 4);
        let mut again = with_secrets(20, "one");
        again.region.version = 2;
        assert!(store.write(move |tx| crate::support::save(tx, &again)).unwrap());
        sealed.extend(blobs(database, "token", "region_credentials WHERE region_id LIKE '%14'"));
        let mut different = sealed.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 5, "{sealed:?}");
    });
}

#[test]
fn beside_each_sealed_value_stands_its_key() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let keys = keys_in_file(database);
        assert_eq!(known_keys(database), keys);
        for table in ["region_credentials", "node_keys", "register_keys", "register"] {
            let beside = column(database, &format!("SELECT DISTINCT key_id AS value FROM {table}"));
            assert_eq!(beside, keys, "{table}");
        }
    });
}

#[test]
fn a_region_without_secrets_needs_no_key() {
    on_both_with_own_keys(|database, store| {
        let mut detail = region(20, "one");
        detail.credentials.token = None;
        detail.credentials.key = None;
        let inserted = detail.clone();
        store.write(move |tx| tx.insert_region(&inserted, sample::changed_by())).unwrap();
        execute(database, "UPDATE region_credentials SET key_id = NULL");
        let found = store.read(|tx| tx.find_region_detail(hex(20))).unwrap().unwrap();
        assert_eq!(plain(&found), plain(&detail));
    });
}

/// Where a sealed value is put, and what is put there. Then the value of region 20 is read.
const MOVES: [(&str, &str); 5] = [
    ("another row", "SELECT token FROM region_credentials WHERE region_id LIKE '%15'"),
    ("another column", "SELECT key FROM region_credentials WHERE region_id LIKE '%14'"),
    ("another row and column", "SELECT key FROM region_credentials WHERE region_id LIKE '%15'"),
    ("a node's key", "SELECT secret FROM node_keys"),
    ("a pepper", "SELECT sealed FROM register_keys WHERE purpose = 'pepper'"),
];

#[test]
fn a_sealed_value_opens_only_where_it_stands() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let good = blobs(database, "token", "region_credentials WHERE region_id LIKE '%14'");
        for (from, other) in MOVES {
            put(database, &format!("({other})"));
            let (read, written) =
                (find(store, 20), store.write(|tx| tx.find_region_named(&text("one"))));
            assert!(is_closed(&read), "{from}: {read:?}");
            assert!(is_closed(&written), "{from}: {written:?}");
            put(database, &blob(database, &good[0]));
            assert_eq!(find(store, 20).unwrap().as_deref(), Some(TOKEN));
        }
        assert_eq!(find(store, 21).unwrap().as_deref(), Some(TOKEN));
    });
}

/// Puts a value of SQL where the token of region 20 stands.
fn put(database: &TestDatabase, value: &str) {
    let to = "UPDATE region_credentials SET token";
    execute(database, &format!("{to} = {value} WHERE region_id LIKE '%14'"));
}

#[test]
fn a_secret_of_a_region_does_not_open_as_that_of_a_node() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let other = "(SELECT token FROM region_credentials WHERE region_id LIKE '%14')";
        execute(database, &format!("UPDATE node_keys SET secret = {other}"));
        // Nobody reads it but who seals it anew.
        let key = keyring(database).add().unwrap();
        let resealed = store.write(move |tx| {
            tx.switch_key(&key, sample::time())?;
            tx.reseal(100)
        });
        assert!(is_closed(&resealed), "{resealed:?}");
    });
}

#[test]
fn a_value_with_a_changed_bit_does_not_open() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let good = blobs(database, "token", "region_credentials WHERE region_id LIKE '%14'");
        let bytes = from_hex(&good[0]);
        for at in [0, 1, 24, 25, 40, bytes.len() - 16, bytes.len() - 1] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            put(database, &blob(database, &hex_digits(&bad)));
            assert!(is_closed(&find(store, 20)), "byte {at}");
        }
        for cut in ["", "01", &good[0][2..], &good[0][..good[0].len() - 2]] {
            put(database, &blob(database, cut));
            assert!(is_closed(&find(store, 20)), "{cut}");
        }
    });
}

#[test]
fn a_value_beside_another_key_does_not_open() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let other = keyring(database).add().unwrap();
        let time = "SELECT created_at FROM master_keys";
        execute(
            database,
            &format!("INSERT INTO master_keys SELECT '{other}', created_at FROM ({time}) AS t"),
        );
        execute(database, &format!("UPDATE region_credentials SET key_id = '{other}'"));
        assert!(is_closed(&find(store, 20)));
    });
}

#[test]
fn a_damaged_pepper_lets_nobody_in() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        assert!(matches!(identify(store, CHOSEN), Identified::Token { .. }));
        let other = "(SELECT sealed FROM register_keys WHERE purpose = 'audit')";
        let pepper = "WHERE purpose = 'pepper'";
        execute(database, &format!("UPDATE register_keys SET sealed = {other} {pepper}"));
        let started = Store::new(&own_settings(database));
        let error = prepare(&started);
        assert!(is_closed(&error), "{error:?}");
    });
}
