//! Fresh, empty databases that are gone when dropped.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use cadastre_storage::{Keyring, Vault};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use tempfile::TempDir;

/// An empty database of its own.
pub struct TestDatabase {
    url: String,
    name: &'static str,
    keys: TempDir,
    _place: Place,
}

enum Place {
    Folder(#[expect(dead_code, reason = "removes the folder when dropped")] TempDir),
    Postgres(#[expect(dead_code, reason = "removes the database when dropped")] PostgresDatabase),
}

struct PostgresDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// What goes into `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A file for the master keys of the register in this database.
    #[must_use]
    pub fn master_key_file(&self) -> PathBuf {
        self.keys.path().join("master.key")
    }

    /// What seals and opens the secrets of the register in this database.
    #[must_use]
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(Keyring::new(self.master_key_file()))
    }

    /// `sqlite` or `postgres`, for messages of tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// One empty database of each kind.
///
/// # Panics
/// When there is no PostgreSQL: a test that needs one must not look green without it.
#[must_use]
pub fn databases() -> [TestDatabase; 2] {
    [sqlite(), postgres()]
}

/// An empty SQLite database in a folder of its own.
///
/// # Panics
/// When no folder can be made.
#[must_use]
pub fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("register.db").display());
    TestDatabase { url, name: "sqlite", keys: keys(), _place: Place::Folder(folder) }
}

/// An empty database on the server that `TEST_POSTGRES_URL` names.
///
/// # Panics
/// When the variable is not set or the server refuses.
#[must_use]
pub fn postgres() -> TestDatabase {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings but this one")]
    let server = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run the tests with `cargo xtask test`");
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("cadastre_test_{:08x}_{}_{number}", *MACHINE, std::process::id());
    execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    execute(&server, &format!("CREATE DATABASE {name}"));
    let place = Place::Postgres(PostgresDatabase { server: server.clone(), name: name.clone() });
    TestDatabase { url: on_server(&server, &name), name: "postgres", keys: keys(), _place: place }
}

fn keys() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Servers may be shared by machines, each of which has processes of the same numbers.
static MACHINE: LazyLock<u32> = LazyLock::new(|| {
    let [a, b, c, d, ..] = RandomState::new().hash_one(()).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
});

/// The URL of another database on the same server.
fn on_server(server: &str, name: &str) -> String {
    let (base, options) = server.split_once('?').map_or((server, ""), |(b, o)| (b, o));
    let base = base.rsplit_once('/').map_or(base, |(base, _)| base);
    if options.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{options}") }
}

fn execute(server: &str, sql: &str) {
    PgConnection::establish(server)
        .expect("the server of TEST_POSTGRES_URL answers")
        .batch_execute(sql)
        .expect("the server of TEST_POSTGRES_URL obeys");
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            execute(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}
