//! One text of every query. This file and those below it are compiled once per database: `sqlite`
//! and `postgres` each mount it and bring their own `Conn`, `Moment` and `POINT_BYTES` (ADR 0001).

use std::collections::HashMap;
use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;

use cadastre_domain::audit::Entry;
use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use super::{Conn, Moment, POINT_BYTES};
use crate::database::Flush;
use crate::safe::{RegisterKeys, Safe, TokenProof};
use crate::{StorageError, VaultError};

mod alarms;
mod answers;
mod audit;
mod enterprises;
mod nodes;
mod openings;
mod regions;
mod register;
mod results;
mod rotation;
mod runs;
mod scan;
mod schema;
mod tasks;
mod teams;
mod token_macs;
mod tokens;
mod upgrade;
mod users;
mod variables;
mod watches;
mod webhooks;
mod windows;

use tokens::CheckedToken;

/// The queries over one connection.
///
/// New regions, and points, are collected and written together, at the latest before anything else is asked or
/// done: on PostgreSQL, every statement costs a round trip, and many callers share a transaction.
/// Audit entries are written last of all, in one statement, too.
///
/// What has a key is asked for by `get_result`, not `first`: that adds a `LIMIT`, and a statement
/// whose `LIMIT` is bound is prepared anew by SQLite every time.
pub(super) struct Repository<'a> {
    conn: &'a mut Conn,
    safe: &'a Safe,
    new_regions: Vec<regions::NewRegion>,
    new_points: Vec<results::points::PointRow>,
    entries: Vec<Entry>,
    head: Option<register::Head>,
    own_keys: Option<Arc<RegisterKeys>>,
    access_ended_at: Option<i64>,
    /// Tokens that were looked at in this transaction, which nothing else can change meanwhile.
    checked_tokens: HashMap<TokenProof, CheckedToken>,
}

impl<'a> Repository<'a> {
    pub(super) fn new(conn: &'a mut Conn, safe: &'a Safe) -> Self {
        Self {
            conn,
            safe,
            new_regions: Vec::new(),
            new_points: Vec::new(),
            entries: Vec::new(),
            head: None,
            own_keys: None,
            access_ended_at: None,
            checked_tokens: HashMap::new(),
        }
    }

    /// The connection, after everything that was collected and can be asked for is written.
    fn conn(&mut self) -> Result<&mut Conn> {
        self.flush_regions()?;
        self.flush_points()?;
        Ok(self.conn)
    }

    /// Whether what is read here may be undone, and is nobody else's yet.
    fn is_in_transaction(&mut self) -> bool {
        let status = AnsiTransactionManager::transaction_manager_status_mut(&mut *self.conn);
        !matches!(status.transaction_depth(), Ok(None))
    }

    fn flush_regions(&mut self) -> Result<()> {
        let new = std::mem::take(&mut self.new_regions);
        if new.is_empty() { Ok(()) } else { self.insert_regions(&new) }
    }
}

impl Flush for Repository<'_> {
    fn flush(&mut self) -> Result<()> {
        self.flush_regions()?;
        self.flush_points()?;
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() { Ok(()) } else { self.write_entries(&entries) }
    }
}

/// Reads and opens something; once more when the key is gone: then a rotation ended between the
/// reading and the opening, and everything is sealed with another key.
fn twice<T>(mut read: impl FnMut() -> Result<T>) -> Result<T> {
    match read() {
        Err(StorageError::Vault(VaultError::UnknownKey(_))) => read(),
        result => result,
    }
}

/// What stands in a column, as the type that it is of.
fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(text: &str) -> Result<T> {
    text.parse().map_err(invalid)
}

/// What is in a row is not what may be there.
fn invalid(error: impl Error + Send + Sync + 'static) -> StorageError {
    StorageError::Query(Arc::new(error))
}

/// The pattern of everything that contains this text. Nothing contains NUL, which PostgreSQL does
/// not even read: that is the pattern of the empty text, which nothing with a name has.
fn contains(text: &str) -> String {
    if text.contains('\0') {
        return String::new();
    }
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The text to compare a column with. PostgreSQL refuses to read NUL, which no stored text contains, so a text
/// with one becomes the empty text, which no column that is searched holds.
fn findable(text: &str) -> &str {
    if text.contains('\0') { "" } else { text }
}

/// What every query answers.
type Result<T> = std::result::Result<T, StorageError>;
