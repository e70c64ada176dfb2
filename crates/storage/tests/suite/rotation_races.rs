//! What a rotation of the keys does to whoever has read a sealed value and not opened it yet.

use std::sync::{Arc, Mutex};

use cadastre_storage::{
    Identified, KeyId, Keyring, Place, Settings, StorageError, Store, TokenUse, Vault, VaultError,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, text};

use crate::support::keys::{
    identify, insert_token, keyring, on_both_with_own_keys, own, prepare, rotate, rotate_at,
};
use crate::support::{plain, settings};

type Hook = Box<dyn FnOnce() + Send>;

/// A vault that does something between the reading of a sealed value and its opening.
struct Interrupted {
    keyring: Keyring,
    hook: Mutex<Option<Hook>>,
}

impl Vault for Interrupted {
    fn first_key(&self) -> Result<KeyId, VaultError> {
        self.keyring.first_key()
    }

    fn has_keys(&self) -> bool {
        self.keyring.has_keys()
    }

    fn check(&self, key: &KeyId) -> Result<(), VaultError> {
        self.keyring.check(key)
    }

    fn seal(&self, key: &KeyId, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keyring.seal(key, place, plain)
    }

    fn open(
        &self,
        key: &KeyId,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, VaultError> {
        let hook = self.hook.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
            // Another thread met the new key and read the file anew.
            self.keyring.keys()?;
        }
        self.keyring.open(key, place, sealed)
    }
}

/// A store, and its vault, in which a rotation can be made to happen.
fn interruptible(database: &TestDatabase) -> (Store, Arc<Interrupted>) {
    let vault = Arc::new(Interrupted { keyring: keyring(database), hook: Mutex::new(None) });
    let shared: Arc<dyn Vault> = Arc::clone(&vault) as _;
    let store = Store::new(&Settings { vault: shared, ..settings(database.url()) });
    prepare(&store).unwrap();
    (store, vault)
}

impl Interrupted {
    /// The next value is opened only after a whole rotation.
    fn rotate_next(&self, database: &TestDatabase) {
        let (url, file) = (database.url().to_owned(), database.master_key_file());
        let hook = move || drop(rotate_at(&url, &file));
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }

    fn has_rotated(&self) -> bool {
        self.hook.lock().unwrap().is_none()
    }
}

#[test]
fn a_region_that_was_read_before_a_rotation_is_opened_after_it() {
    on_both_with_own_keys(|database, store| {
        store.write(|tx| tx.insert_region(&sample::region(), sample::changed_by())).unwrap();
        let (server, vault) = interruptible(database);
        for by_name in [false, true] {
            vault.rotate_next(database);
            let found = server.read(|tx| {
                if by_name {
                    tx.find_region_named(&text("shanghai-1"))
                } else {
                    tx.find_region_detail(sample::region().region.id)
                }
            });
            assert!(vault.has_rotated());
            assert_eq!(plain(&found.unwrap().unwrap()), plain(&sample::region()));
        }
    });
}

#[test]
fn own_keys_that_were_read_before_a_rotation_are_opened_after_it() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        let (server, vault) = interruptible(database);
        // It is asked for a pepper that it does not know yet.
        rotate(database);
        let other = cadastre_domain::token::Token { id: sample::hex(5), ..sample::token() };
        insert_token(store, &other, "another").unwrap();
        vault.rotate_next(database);
        assert!(matches!(identify(&server, "another"), Identified::Token { .. }));
        assert!(vault.has_rotated());
    });
}

#[test]
fn a_pepper_that_was_undone_is_given_to_no_token() {
    on_both_with_own_keys(|database, _| {
        let server = own(database);
        insert_token(&server, &sample::token(), "chosen").unwrap();
        let key = keyring(database).add().unwrap();
        let undone = server.write(move |tx| {
            tx.switch_key(&key, sample::time())?;
            Err::<(), _>(StorageError::Busy)
        });
        assert!(matches!(undone, Err(StorageError::Busy)));
        let Identified::Token { token, renewed, .. } = identify(&server, "chosen") else {
            panic!("nobody's");
        };
        // Its pepper has the number that the undone one had.
        rotate(database);
        let uses = vec![TokenUse { id: token.id, at: sample::time(), renewed }];
        server.write(move |tx| tx.note_token_uses(&uses)).unwrap();
        for store in [own(database), server] {
            assert!(matches!(identify(&store, "chosen"), Identified::Token { .. }));
        }
    });
}

#[test]
fn a_start_that_was_undone_leaves_no_keys_behind() {
    crate::support::on_both(|database| {
        let store = Store::new(&crate::support::keys::own_settings(database));
        let failed = store.prepare(sample::time(), |_| Err::<(), _>(StorageError::Busy));
        assert!(matches!(failed, Err(StorageError::Busy)));
        drop(own(database));
        prepare(&store).unwrap();
        let entries = vec![crate::support::audit::entry("start")];
        crate::support::audit::record(&store, entries);
        let sound = cadastre_storage::Verification::Sound(1);
        assert_eq!(crate::support::audit::verify(&own(database)), sound);
    });
}
