//! SQLite: one file, one writer, many readers (WAL); every commit is on the disk before it counts.

pub(crate) mod deadline;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use diesel::connection::{
    AnsiTransactionManager, Connection as _, SimpleConnection as _, TransactionManager as _,
};
use diesel::dsl::sql;
use diesel::prelude::RunQueryDsl as _;
use diesel::result::QueryResult;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::StorageError;
use crate::database::{Dialect, Flush};
use crate::disk::beside;
use crate::safe::Safe;

/// The connection, for the queries.
type Conn = SqliteConnection;
/// A point in time, for the queries: text in UTC.
type Moment = diesel::sql_types::TimestamptzSqlite;

/// Whether text is like a pattern, in upper or lower case. SQLite folds ASCII only.
macro_rules! folded_like {
    ($column:expr, $pattern:expr) => {
        $column.like($pattern).escape('\\')
    };
}

/// Ends a query that may look at any number of rows when it takes too long.
macro_rules! while_in_time {
    ($query:expr) => {
        $query.filter(crate::sqlite::deadline::is_in_time(crate::sqlite::deadline::until()))
    };
}

/// What a result takes up on SQLite with its place in the index, in bytes, without its reason of failure, for
/// the queries: measured (`docs/performance.md`) and rounded up.
const POINT_BYTES: i64 = 120;

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
        // What was deleted or replaced is overwritten: old secrets, sealed or not, leave no trace.
        conn.batch_execute("PRAGMA secure_delete = ON")?;
        // The room that the journal took while it could not be written back is not kept for good.
        conn.batch_execute(&format!("PRAGMA journal_size_limit = {LARGEST_JOURNAL}"))?;
        deadline::register(conn)?;
        if writes { Ok(()) } else { conn.batch_execute("PRAGMA query_only = ON") }
    }

    fn begin_write(conn: &mut Conn) -> QueryResult<()> {
        // A transaction that begins as a reader cannot always become a writer.
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
    }

    fn commit(conn: &mut Conn) -> QueryResult<()> {
        AnsiTransactionManager::commit_transaction(conn)
    }

    fn repository<'a>(conn: &'a mut Conn, safe: &'a Safe) -> Box<dyn Flush + 'a> {
        Box::new(repository::Repository::new(conn, safe))
    }
}

/// How large the journal (WAL) may become, in bytes. It is written back into the file all the time, but begins
/// again only at a moment at which none reads what is in it.
const LARGEST_JOURNAL: u64 = 32 * 1024 * 1024;

/// Has the journal begin again if it has become too large: that waits for those who read, for a short time,
/// while writers wait.
pub(crate) fn shrink_journal(conn: &mut Conn, path: &Path) -> QueryResult<()> {
    if std::fs::metadata(beside(path, "-wal")).map_or(0, |file| file.len()) <= LARGEST_JOURNAL {
        return Ok(());
    }
    conn.batch_execute("PRAGMA busy_timeout = 200")?;
    let done = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
    conn.batch_execute("PRAGMA busy_timeout = 5000")?;
    done
}

/// How every file of SQLite begins, but for those that hold nothing yet.
const HEADER: &[u8] = b"SQLite format 3\0";

/// Makes the file, readable by its owner only, when it is not there. Refuses a file of another kind, and an
/// empty one where keys exist: the register that they belong to was lost, and a new one in its place
/// would look as if all was well. To be called with the lock of [`lock_schema`], because a process that
/// begins a register has an empty file for a moment.
///
/// Not to be called while SQLite has the file open: when a process closes a file, it loses all its
/// locks on it, SQLite's included.
pub(crate) fn make_file(path: &Path, has_keys: bool) -> io::Result<()> {
    let is_new = !path.exists();
    let mut start = Vec::new();
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.take(HEADER.len() as u64).read_to_end(&mut start)?;
    let refused = |reason| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    if start.is_empty() && has_keys && !is_new {
        refused(
            "it is empty, but the key file of a register exists; restore the database, or remove the empty \
             file to begin a new register",
        )
    } else if start.is_empty() || start == HEADER {
        Ok(())
    } else {
        refused("it is not an SQLite database")
    }
}

/// What SQLite says of a file that begins like one of its own but is none.
const BROKEN: [&str; 2] = ["file is not a database", "database disk image is malformed"];

/// Refuses a file that will never be a database. The pools would try again and again.
pub(crate) fn check_file(path: &Path) -> Result<(), StorageError> {
    // What else may be wrong is told where the pools meet it.
    let Ok(mut conn) = Conn::establish(&path.to_string_lossy()) else { return Ok(()) };
    let Err(error) = conn.batch_execute("PRAGMA schema_version") else { return Ok(()) };
    let reason = error.to_string();
    match BROKEN.iter().find(|text| reason.contains(**text)) {
        Some(text) => Err(StorageError::Unusable((*text).to_owned())),
        None => Ok(()),
    }
}

/// Takes what was in clear before and is sealed or gone now out of the file and its journal.
///
/// An earlier version did not overwrite what it deleted or replaced, so the file of one is written
/// anew, once; that it was is noted in the file itself. Whoever reads meanwhile keeps the journal
/// as it is, which then goes when the last of them is done.
pub(crate) fn tidy(conn: &mut Conn) -> QueryResult<()> {
    let version = "SELECT user_version FROM pragma_user_version";
    if sql::<Integer>(version).get_result::<i32>(conn)? < WRITTEN_ANEW {
        conn.batch_execute("VACUUM")?;
        conn.batch_execute(&format!("PRAGMA user_version = {WRITTEN_ANEW}"))?;
    }
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// The `user_version` of a file that holds nothing that this version did not write.
const WRITTEN_ANEW: i32 = 1;

/// Makes the folder when it is not there, and waits until no other process prepares the same file. The lock
/// goes with the returned file.
pub(crate) fn lock_schema(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let file = lock_file(&beside(path, ".lock"))?;
    file.lock()?;
    Ok(file)
}

/// Sees to it that no other process archives entries of the same file; nothing when one does. The lock
/// goes with the returned file.
pub(crate) fn lock_archives(path: &Path) -> io::Result<Option<File>> {
    let file = lock_file(&beside(path, ".archive.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}
