//! What every test needs: a store, and a way around it to the database.

pub mod audit;
pub mod keys;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::region::{Region, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use cadastre_storage::{
    Keyring, RegionSave, SetChange, Settings, StorageError, Store, Taken, Ticket, Tx, Vault,
};
pub use cadastre_testkit::dump;
pub use cadastre_testkit::raw::{Raw, column, execute};
use cadastre_testkit::sample::{self, hex, text};
use cadastre_testkit::{TestDatabase, databases};

/// How long to wait for what should come soon, on a machine that is busy.
pub const LIMIT: Duration = Duration::from_mins(2);

/// Runs `test` on an empty database of either kind. A failed test shows on which one.
pub fn on_both(test: impl Fn(&TestDatabase)) {
    for database in &databases() {
        println!("on {}", database.name());
        test(database);
    }
}

/// The same on a store that holds the sample's enterprise and its first user.
pub fn on_both_seeded(test: impl Fn(&TestDatabase, &Store)) {
    on_both(|database| test(database, &seeded(database.url())));
}

pub fn settings(url: &str) -> Settings {
    Settings { url: url.parse().unwrap(), readers: 3, write_queue: 1024, vault: vault() }
}

/// The keys of all registers here but those of tests that change keys.
fn vault() -> Arc<dyn Vault> {
    Arc::new(Keyring::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("master.key")))
}

/// A store that is ready for use.
pub fn prepared(url: &str) -> Store {
    let store = Store::new(&settings(url));
    store.prepare(sample::time(), |_| Ok::<_, StorageError>(())).unwrap();
    store
}

/// A store that holds the sample's enterprise and its first user.
pub fn seeded(url: &str) -> Store {
    let store = prepared(url);
    let seed = store.write(|tx| {
        tx.insert_enterprise(&sample::enterprise())?;
        tx.ensure_user(sample::enterprise().id, &text("admin"), sample::time())
    });
    assert_eq!(seed.unwrap(), sample::team().creator);
    store
}

/// An enterprise beside the sample's.
pub fn enterprise(number: u64, name: &str) -> Enterprise {
    Enterprise { id: hex(number), name: text(name), ..sample::enterprise() }
}

/// A team beside the sample's.
pub fn team(number: u64, name: &str) -> Team {
    Team { id: hex(number), name: text(name), ..sample::team() }
}

/// A region beside the sample's.
pub fn region(number: u64, name: &str) -> RegionDetail {
    let sample = sample::region();
    RegionDetail { region: Region { id: hex(number), name: text(name), ..sample.region }, ..sample }
}

/// The names of all teams of the sample's enterprise, as another connection sees them.
pub fn team_names(database: &TestDatabase) -> Vec<String> {
    column(database, "SELECT name AS value FROM teams ORDER BY name")
}

/// The region and its credentials, comparable: token, CA, certificate, key.
pub fn plain(detail: &RegionDetail) -> (Region, [Option<String>; 4]) {
    let credentials = &detail.credentials;
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|text| text.reveal().to_owned());
    let texts = [
        secret(&credentials.token),
        credentials.ca.clone().map(String::from),
        credentials.certificate.clone().map(String::from),
        secret(&credentials.key),
    ];
    (detail.region.clone(), texts)
}

/// Saves a region, as everybody does who changes its credentials.
pub fn save(tx: &mut dyn Tx, detail: &RegionDetail) -> Result<bool, StorageError> {
    let number = 1000 + detail.region.version.unsigned_abs();
    let id = detail.region.id.to_string();
    // The sets of several regions must not have the same identifiers.
    let set = u64::from_str_radix(&id[24..], 16).unwrap() * 10_000 + number;
    let set = SetChange::New(hex(set));
    let by = sample::changed_by();
    tx.save_region(&RegionSave { detail, set, previous_until: None, by })
}

/// What was taken, if that is how it ended.
pub fn taken<T>(result: &Result<T, StorageError>) -> Option<Taken> {
    match result {
        Err(StorageError::Taken(taken)) => Some(*taken),
        _ => None,
    }
}

/// Waits for a ticket that somebody drains.
pub fn wait<T, E: From<StorageError>>(ticket: Ticket<T, E>) -> Result<T, E> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(ticket)
}

/// Runs `work`, which must not take long.
pub fn soon<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
    result
}

/// Whether it ended in [`StorageError::Unavailable`], with a message on one line.
pub fn unavailable<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Unavailable(reason)) if one_line(reason))
}

/// Whether the text is one line that says something.
pub fn one_line(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\n', '\r'])
}
