//! A register of the version before this one, which kept secrets in clear and digests of tokens.

use std::path::Path;

use cadastre_domain::token::Presented;
use cadastre_storage::{Identified, StorageError, Store, VaultError, Verification};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use sha2::Digest as _;

use crate::support::audit::verify;
use crate::support::dump::{blob, blobs, hex_digits, places, tables};
use crate::support::keys::{
    identify, insert_token, known_keys, own, own_settings, prepare, rotate,
};
use crate::support::{Raw, column, execute, on_both, plain};

const CHOSEN: &str = "planted-text-that-an-operator-chose";
const SK: &str = "PlantedSecretOfANode0123456789abcdefghij";

/// Long enough to fill pages of its own.
fn key() -> String {
    format!("planted-private-key-{}", "of-a-region-".repeat(900))
}

fn token() -> String {
    "planted-token-of-a-region".to_owned()
}

/// What the version before kept in clear and later replaced or removed.
const REPLACED: &str = "planted-token-that-was-replaced";
const REMOVED: &str = "planted-token-that-was-removed";

/// A token text of our own form.
fn own_text(number: u64) -> String {
    format!("cad_{}_planted-secret-{number}", hex::<()>(number))
}

fn digest(text: &str) -> Vec<u8> {
    sha2::Sha256::digest(text.as_bytes()).to_vec()
}

/// Makes the tables of the version before, and only those.
fn migrate(database: &TestDatabase) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let all = FileBasedMigrations::from_path(folder.join(database.name())).unwrap();
    match Raw::open(database) {
        Raw::Sqlite(mut conn) => conn.run_next_migration(all).map(drop),
        Raw::Postgres(mut conn) => conn.run_next_migration(all).map(drop),
    }
    .unwrap();
    assert!(!tables(database).contains(&"register".to_owned()));
}

/// SQL that adds a region with this token and key.
fn region(number: u64, token: &str, key: &str) -> String {
    let (id, home) = (hex::<()>(number), hex::<()>(1));
    format!(
        "INSERT INTO regions VALUES ('{id}', '{home}', 'r{number}', 'R', 'https://a.example.com', \
         'wss://w.example.com', 'h.example.com', '192.0.2.1', 'private', 'editing', '', {TIME}, \
         {TIME}, 1); \
         INSERT INTO region_credentials VALUES ('{id}', {token}, 'the ca', NULL, {key})"
    )
}

const TIME: &str = "'2026-11-22 08:30:15.123456+00:00'";

/// SQL that adds a token.
fn token_row(database: &TestDatabase, number: u64, text: &str) -> String {
    let digest = blob(database, &hex_digits(&digest(text)));
    let (id, home) = (hex::<()>(number), hex::<()>(1));
    format!(
        "INSERT INTO tokens VALUES ('{id}', {digest}, 't{number}', 'admin', 1, '{home}', {TIME}, \
         NULL, NULL)"
    )
}

/// SQL for everything that the version before left.
fn content(database: &TestDatabase) -> Vec<String> {
    let home = hex::<()>(1);
    vec![
        format!(
            "INSERT INTO enterprises VALUES ('{home}', 'Ltd', 'ak_c1imts73q2c335d71cn0', {TIME})"
        ),
        format!(
            "INSERT INTO users (enterprise_id, name, created_at) VALUES ('{home}', 'u', {TIME})"
        ),
        region(20, &format!("'{}'", token()), &format!("'{}'", key())),
        region(21, &format!("'{REPLACED}'"), "NULL"),
        region(22, &format!("'{REMOVED}'"), &format!("'{}'", REMOVED.repeat(9000))),
        region(23, "NULL", "NULL"),
        format!(
            "INSERT INTO nodes VALUES ('reg_cg2britepb7e977fpm8g', '{home}', '1', 'isp', 'c', 'p', \
             'c', 'n', 'c', 'code', {TIME}); INSERT INTO node_keys VALUES \
             ('kwbnQdFKbMXVIJePKgLO', 'reg_cg2britepb7e977fpm8g', '{SK}', {TIME})"
        ),
        token_row(database, 4, CHOSEN),
        token_row(database, 5, &own_text(5)),
        token_row(database, 6, &own_text(6)),
        "UPDATE region_credentials SET token = 'short' WHERE region_id LIKE '%15'".to_owned(),
        "DELETE FROM region_credentials WHERE region_id LIKE '%16'".to_owned(),
    ]
}

/// Runs `test` on a register of the version before, which is in use no more.
fn on_both_of_the_version_before(test: impl Fn(&TestDatabase)) {
    on_both(|database| {
        migrate(database);
        let mut raw = Raw::open(database);
        if let Raw::Sqlite(_) = raw {
            // The version before did nothing against what stays behind in the file.
            raw.execute("PRAGMA secure_delete = OFF; PRAGMA journal_mode = WAL");
        }
        for sql in content(database) {
            raw.execute(&sql);
        }
        drop(raw);
        test(database);
    });
}

/// The token and the key of a region.
fn secrets(store: &Store, number: u64) -> [Option<String>; 4] {
    plain(&store.read(|tx| tx.find_region_detail(hex(number))).unwrap().unwrap()).1
}

/// The number of the token whose current text this is.
fn whose(store: &Store, text: &str) -> Option<u64> {
    match identify(store, text) {
        Identified::Token { token, presented: Presented::Current, .. } => {
            (0..99).find(|&number| token.id == hex(number))
        }
        _ => None,
    }
}

#[test]
fn everything_is_sealed_and_opens() {
    on_both_of_the_version_before(|database| {
        let store = own(database);
        let ca = Some("the ca".to_owned());
        assert_eq!(secrets(&store, 20), [Some(token()), ca.clone(), None, Some(key())]);
        assert_eq!(secrets(&store, 21), [Some("short".to_owned()), ca.clone(), None, None]);
        assert_eq!(secrets(&store, 22), [None, None, None, None]);
        assert_eq!(secrets(&store, 23), [None, ca, None, None]);
        let sealed = crate::support::dump::from_hex(&blobs(database, "secret", "node_keys")[0]);
        let key = known_keys(database)[0].parse().unwrap();
        let row = "kwbnQdFKbMXVIJePKgLO";
        let place = cadastre_storage::Place { table: "node_keys", row, column: "secret" };
        let opened = database.vault().open(&key, place, &sealed).unwrap();
        assert_eq!(&**opened, SK.as_bytes());
        assert_eq!(column(database, "SELECT value FROM unsealed_secrets"), Vec::<String>::new());
        assert_eq!(verify(&store), Verification::Sound(0));
    });
}

#[test]
fn tokens_are_still_accepted() {
    on_both_of_the_version_before(|database| {
        for turn in 0..3 {
            for store in [own(database), own(database)] {
                let texts = [CHOSEN, &own_text(5), &own_text(6), &own_text(4), "no token"];
                let found = texts.map(|text| whose(&store, text));
                assert_eq!(
                    found,
                    [Some(4), Some(5), Some(6), None, None],
                    "after {turn} rotations"
                );
            }
            rotate(database);
        }
        let digests = "SELECT id AS value FROM tokens WHERE pepper_version = 0";
        assert_eq!(column(database, digests), Vec::<String>::new());
    });
}

#[test]
fn a_text_that_was_taken_before_is_taken_still() {
    on_both_of_the_version_before(|database| {
        let store = own(database);
        let again = insert_token(&store, &sample::token(), CHOSEN);
        assert!(crate::support::taken(&again).is_some());
        let other = cadastre_domain::token::Token { id: hex(9), ..sample::token() };
        let taken = crate::support::taken(&insert_token(&store, &other, CHOSEN));
        assert_eq!(taken, Some(cadastre_storage::Taken::Token));
    });
}

#[test]
fn nothing_is_left_in_clear() {
    on_both_of_the_version_before(|database| {
        for text in [token(), key(), SK.to_owned()] {
            assert!(!places(database, text.as_bytes()).is_empty(), "the search finds nothing");
        }
        if database.name() == "sqlite" {
            let left = places(database, REMOVED.as_bytes());
            assert!(!left.is_empty(), "the version before left nothing behind");
        }
        let store = own(database);
        is_nowhere(database);
        drop(store);
        is_nowhere(database);
    });
}

/// Checks that no secret and no digest of the version before is in the database or its files.
fn is_nowhere(database: &TestDatabase) {
    for text in [&token(), &key(), SK, "planted-", "of-a-region-of-a", REPLACED, REMOVED] {
        assert_eq!(places(database, text.as_bytes()), Vec::<String>::new(), "{text}");
    }
    for text in [CHOSEN, &own_text(5), &own_text(6)] {
        let left = places(database, &digest(text));
        assert_eq!(left, Vec::<String>::new(), "the digest of {text}");
    }
}

#[test]
fn a_start_without_a_good_key_file_loses_nothing() {
    on_both_of_the_version_before(|database| {
        std::fs::write(database.master_key_file(), "no key").unwrap();
        let failed = prepare(&Store::new(&own_settings(database)));
        assert!(
            matches!(failed, Err(StorageError::Vault(VaultError::TooOpen { .. }))),
            "{failed:?}"
        );
        std::fs::remove_file(database.master_key_file()).unwrap();
        let store = own(database);
        assert_eq!(secrets(&store, 20)[0], Some(token()));
        assert_eq!(whose(&store, CHOSEN), Some(4));
        drop(store);
        is_nowhere(database);
    });
}

#[test]
fn a_start_that_is_undone_is_made_up_for_by_the_next() {
    on_both_of_the_version_before(|database| {
        let failed = Store::new(&own_settings(database))
            .prepare(sample::time(), |_| Err::<(), _>(StorageError::Busy));
        assert!(matches!(failed, Err(StorageError::Busy)));
        let store = own(database);
        assert_eq!(secrets(&store, 20)[3], Some(key()));
        assert_eq!(whose(&store, &own_text(5)), Some(5));
        is_nowhere(database);
    });
}

#[test]
fn servers_that_start_at_once_seal_once() {
    on_both_of_the_version_before(|database| {
        let stores: Vec<Store> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| own(database))).collect();
            starting.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for store in &stores {
            assert_eq!(secrets(store, 20)[0], Some(token()));
            assert_eq!(whose(store, CHOSEN), Some(4));
        }
        drop(stores);
        drop(own(database));
        is_nowhere(database);
    });
}

#[test]
fn a_register_that_is_sealed_is_left_as_it_is() {
    on_both_of_the_version_before(|database| {
        drop(own(database));
        let before = crate::support::dump::rows(database);
        drop(own(database));
        assert_eq!(crate::support::dump::rows(database), before);
        execute(database, "DELETE FROM unsealed_secrets");
    });
}
