//! SQLite: one file, one writer, many readers (WAL); every commit is on the disk before it counts.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _};
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::Tx;
use crate::database::Dialect;

/// The connection, for the queries.
type Conn = SqliteConnection;
/// A point in time, for the queries: text in UTC.
type Moment = diesel::sql_types::TimestamptzSqlite;

#[path = "queries/repository.rs"]
mod repository;

/// The migrations for SQLite.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The SQLite dialect.
pub(crate) enum Sqlite {}

impl Dialect for Sqlite {
    type Conn = Conn;

    fn set_up(conn: &mut Conn, writes: bool) -> QueryResult<()> {
        // First of all, so that the statements below wait for each other, too.
        conn.batch_execute("PRAGMA busy_timeout = 5000")?;
        conn.batch_execute("PRAGMA journal_mode = WAL")?;
        conn.batch_execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
        if writes { Ok(()) } else { conn.batch_execute("PRAGMA query_only = ON") }
    }

    fn begin_write(conn: &mut Conn) -> QueryResult<()> {
        // A transaction that begins as a reader cannot always become a writer.
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
    }

    fn repository(conn: &mut Conn) -> Box<dyn Tx + '_> {
        Box::new(repository::Repository { conn })
    }
}

/// Makes the folder and the file, readable by their owner only, when they are not there.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

/// Waits until no other process prepares the same file. The lock goes with the returned file.
pub(crate) fn lock_schema(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file =
        OpenOptions::new().append(true).create(true).mode(0o600).open(PathBuf::from(name))?;
    file.lock()?;
    Ok(file)
}
