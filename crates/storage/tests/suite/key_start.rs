//! The key file at start: made for a new register, and asked for by one that is not new before
//! anything is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cadastre_storage::{Settings, StorageError, Store, VaultError};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample;

use crate::support::dump::{blobs, rows};
use crate::support::keys::{
    keyring, keys_in_file, known_keys, on_both_with_own_keys, own, own_settings, prepare,
};
use crate::support::{execute, on_both, plain, settings};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn fill(store: &Store) {
    let filled = store.write(|tx| {
        tx.insert_region(&sample::region(), sample::changed_by())?;
        tx.insert_node(&sample::node(), &sample::access_key())?;
        tx.insert_token(&sample::token(), &"chosen".to_owned().into())
    });
    filled.unwrap();
}

/// Everything in the folder of the key file, but for the lock beside it.
fn key_files(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let file = database.master_key_file();
    let entries = file.parent().unwrap().read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_none_or(|end| end != "lock"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_new_register_makes_its_key_file_for_the_owner_only() {
    on_both(|database| {
        drop(own(database));
        assert_eq!(mode(&database.master_key_file()), 0o600);
        assert_eq!(known_keys(database), keys_in_file(database));
        assert_eq!(known_keys(database).len(), 1);
    });
}

#[test]
fn a_new_register_takes_the_last_key_of_a_file_that_is_there() {
    on_both(|database| {
        fs::write(database.master_key_file(), "").unwrap();
        fs::set_permissions(database.master_key_file(), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(database.master_key_file(), format!("{}\n{}\n", "a".repeat(64), "b".repeat(64)))
            .unwrap();
        drop(own(database));
        let last = keyring(database).keys().unwrap().pop().unwrap();
        assert_eq!(known_keys(database), [String::from(last)]);
    });
}

#[test]
fn a_store_that_starts_again_opens_what_the_first_one_sealed() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let (before, file) = (rows(database), key_files(database));
        let again = own(database);
        let found = again.read(|tx| tx.find_region_detail(sample::region().region.id)).unwrap();
        assert_eq!(plain(&found.unwrap()), plain(&sample::region()));
        assert_eq!((rows(database), key_files(database)), (before, file));
    });
}

/// What can be wrong with the key file of a register that is not new.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    Missing,
    Other,
    WithoutTheKey,
    Open,
    Empty,
    NoKeys,
}

const WRONG: [Wrong; 6] =
    [Wrong::Missing, Wrong::Other, Wrong::WithoutTheKey, Wrong::Open, Wrong::Empty, Wrong::NoKeys];

impl Wrong {
    /// Makes it so.
    fn make(self, file: &Path) {
        match self {
            Self::Missing => fs::remove_file(file).unwrap(),
            Self::Other => fs::write(file, format!("{}\n", "ab".repeat(32))).unwrap(),
            Self::WithoutTheKey => {
                let keyring = cadastre_storage::Keyring::new(file.to_owned());
                let old = keyring.keys().unwrap();
                keyring.add().unwrap();
                keyring.remove(&old[0]).unwrap();
            }
            Self::Open => fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap(),
            Self::Empty => fs::write(file, "").unwrap(),
            Self::NoKeys => fs::write(file, "no key\n").unwrap(),
        }
    }

    /// Whether the error is about it.
    fn is_told(self, error: &StorageError) -> bool {
        let StorageError::Vault(error) = error else { return false };
        match self {
            Self::Missing => matches!(error, VaultError::Missing(_)),
            Self::Other | Self::WithoutTheKey => matches!(error, VaultError::UnknownKey(_)),
            Self::Open => matches!(error, VaultError::TooOpen { mode: 0o644, .. }),
            Self::Empty => matches!(error, VaultError::Empty(_)),
            Self::NoKeys => matches!(error, VaultError::Malformed { line: 1, .. }),
        }
    }
}

/// Starts a store with each wrong key file, after `before`, and checks that it is told and that
/// nothing changed; afterwards, with the right one, `after` is to hold.
fn with_each_wrong_file(before: impl Fn(&TestDatabase), after: impl Fn(&TestDatabase)) {
    on_both_with_own_keys(|database, store| {
        fill(store);
        before(database);
        let file = database.master_key_file();
        let (good, kept) = (fs::read(&file).unwrap(), rows(database));
        for wrong in WRONG {
            wrong.make(&file);
            let files = key_files(database);
            let error = prepare(&Store::new(&own_settings(database))).unwrap_err();
            assert!(wrong.is_told(&error), "{wrong:?}: {error:?}");
            assert!(crate::support::one_line(&error.to_string()), "{error}");
            assert_eq!(rows(database), kept, "{wrong:?}");
            assert_eq!(key_files(database), files, "{wrong:?}");
            fs::write(&file, &good).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        after(database);
    });
}

#[test]
fn a_register_without_its_key_is_left_as_it_is() {
    with_each_wrong_file(|_| {}, |database| drop(own(database)));
}

#[test]
fn a_pending_migration_waits_for_the_key() {
    // The latest migration could not run a second time, so that it would be told.
    let latest = "(SELECT max(version) FROM __diesel_schema_migrations)";
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = {latest}");
    with_each_wrong_file(
        |database| execute(database, &forget),
        |database| {
            let error = prepare(&Store::new(&own_settings(database))).unwrap_err();
            assert!(matches!(&error, StorageError::Unusable(_)), "{error:?}");
        },
    );
}

#[test]
fn each_key_that_the_register_knows_must_be_there() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let keyring = keyring(database);
        let (old, new) = (keyring.keys().unwrap().remove(0), keyring.add().unwrap());
        let current = new.clone();
        store.write(move |tx| tx.switch_key(&current, sample::time())).unwrap();
        // The new key seals what is new; the region is still sealed with the old one.
        for gone in [old, new] {
            let good = fs::read(database.master_key_file()).unwrap();
            keyring.remove(&gone).unwrap();
            let error = prepare(&Store::new(&own_settings(database))).unwrap_err();
            let told =
                matches!(&error, StorageError::Vault(VaultError::UnknownKey(key)) if *key == gone);
            assert!(told, "{error:?}");
            fs::write(database.master_key_file(), good).unwrap();
        }
        drop(own(database));
    });
}

#[test]
fn a_new_register_is_not_begun_without_a_good_key_file() {
    on_both(|database| {
        let file = database.master_key_file();
        for wrong in [Wrong::Open, Wrong::Empty, Wrong::NoKeys] {
            fs::write(&file, format!("{}\n", "ab".repeat(32))).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            wrong.make(&file);
            let store = Store::new(&own_settings(database));
            let error = prepare(&store).unwrap_err();
            assert!(wrong.is_told(&error), "{wrong:?}: {error:?}");
            assert!(store.read(|tx| tx.list_enterprises()).is_err(), "it is not prepared");
            assert_eq!(known_keys(database), Vec::<String>::new());
            fs::remove_file(&file).unwrap();
        }
        drop(own(database));
        assert_eq!(known_keys(database), keys_in_file(database));
    });
}

#[test]
fn a_register_without_its_own_keys_is_told() {
    on_both_with_own_keys(|database, _| {
        let all = blobs(database, "sealed", "register_keys").len();
        assert_eq!(all, 3);
        for purpose in ["audit", "fingerprint"] {
            let gone = format!("DELETE FROM register_keys WHERE purpose = '{purpose}'");
            execute(database, &gone);
            let error = prepare(&Store::new(&own_settings(database))).unwrap_err();
            assert!(matches!(&error, StorageError::Unusable(_)), "{error:?}");
        }
    });
}

#[test]
fn a_store_with_the_keys_of_another_register_reads_nothing() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let mut others = settings(database.url());
        others = Settings { vault: cadastre_testkit::sqlite().vault(), ..others };
        assert!(matches!(prepare(&Store::new(&others)), Err(StorageError::Vault(_))));
    });
}
