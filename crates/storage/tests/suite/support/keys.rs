//! Stores whose master keys are in a file of their own.

use std::path::Path;
use std::sync::Arc;

use cadastre_domain::secret::Secret;
use cadastre_domain::token::Token;
use cadastre_storage::{
    Identified, KeyId, Keyring, Place, Rotation, Settings, StorageError, Store, Vault,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, text};

use super::audit::entry;
use super::{column, dump, execute, on_both, settings};

/// How a store on this database is opened, with the database's own key file.
pub fn own_settings(database: &TestDatabase) -> Settings {
    Settings { vault: database.vault(), ..settings(database.url()) }
}

/// A store as another process would open it: nothing is remembered from others.
pub fn own(database: &TestDatabase) -> Store {
    let store = Store::new(&own_settings(database));
    prepare(&store).unwrap();
    store
}

/// Prepares the store and adds nothing.
pub fn prepare(store: &Store) -> Result<(), StorageError> {
    store.prepare(sample::time(), |_| Ok(()))
}

/// Runs `test` on a database of either kind with a key file of its own, and a store that holds the
/// sample's enterprise and its first user.
pub fn on_both_with_own_keys(test: impl Fn(&TestDatabase, &Store)) {
    on_both(|database| {
        let store = own(database);
        store
            .write(|tx| {
                tx.insert_enterprise(&sample::enterprise())?;
                tx.ensure_user(sample::enterprise().id, &text("admin"), sample::time())
            })
            .unwrap();
        test(database, &store);
    });
}

/// The key file of the database.
pub fn keyring(database: &TestDatabase) -> Keyring {
    Keyring::new(database.master_key_file())
}

/// The keys that the register knows.
pub fn known_keys(database: &TestDatabase) -> Vec<String> {
    column(database, "SELECT id AS value FROM master_keys ORDER BY id")
}

/// The keys in the key file, sorted.
pub fn keys_in_file(database: &TestDatabase) -> Vec<String> {
    let mut keys: Vec<String> =
        keyring(database).keys().unwrap().into_iter().map(KeyId::into).collect();
    keys.sort();
    keys
}

/// Changes the master key, as `cadastre key rotate` does: with a store and a keyring of its own.
pub fn rotate(database: &TestDatabase) -> Rotation {
    rotate_at(database.url(), &database.master_key_file())
}

/// The same for the register of this URL and key file.
pub fn rotate_at(url: &str, key_file: &Path) -> Rotation {
    let vault: Arc<dyn Vault> = Arc::new(Keyring::new(key_file.to_owned()));
    let store = Store::new(&Settings { vault, ..settings(url) });
    prepare(&store).unwrap();
    let keyring = Arc::new(Keyring::new(key_file.to_owned()));
    store.rotate_keys(&keyring, sample::time(), &entry("rotate_keys")).unwrap()
}

/// Adds the token with this text.
pub fn insert_token(store: &Store, token: &Token, text: &str) -> Result<(), StorageError> {
    let (token, text) = (token.clone(), Secret::from(text.to_owned()));
    store.write(move |tx| tx.insert_token(&token, &text))
}

/// Whose token this text is.
pub fn identify(store: &Store, text: &str) -> Identified {
    let text = Secret::from(text.to_owned());
    store.read(|tx| tx.identify(&text)).unwrap()
}

/// Leaves the register as the version before ADR 0022 left it: no token has a code, and nothing says that they
/// have them.
pub fn forget_token_macs(database: &TestDatabase) {
    let vault = database.vault();
    let audit = "register_keys WHERE purpose = 'audit'";
    let place = |row| Place { table: "register_keys", row, column: "sealed" };
    let key: KeyId = text(&column(database, &format!("SELECT key_id AS value FROM {audit}"))[0]);
    let sealed = dump::from_hex(&dump::blobs(database, "sealed", audit)[0]);
    let own = vault.open(&key, place("audit/2"), &sealed).unwrap();
    let sealed = vault.seal(&key, place("audit/1"), &own).unwrap();
    let sealed = dump::blob(database, &dump::hex_digits(&sealed));
    execute(
        database,
        &format!(
            "UPDATE register_keys SET version = 1, sealed = {sealed} WHERE purpose = 'audit'; \
             UPDATE tokens SET mac = NULL; UPDATE token_teams SET mac = NULL"
        ),
    );
}
