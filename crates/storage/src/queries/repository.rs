//! One text of every query. This file and those below it are compiled once per database: `sqlite`
//! and `postgres` each mount it and bring their own `Conn` and `Moment` (ADR 0001).

use cadastre_domain::audit::Entry;
use cadastre_domain::region::RegionDetail;

use super::{Conn, Moment};
use crate::database::Flush;
use crate::safe::Safe;

mod audit;
mod enterprises;
mod nodes;
mod openings;
mod regions;
mod register;
mod rotation;
mod schema;
mod teams;
mod tokens;
mod upgrade;
mod users;

/// The queries over one connection.
///
/// New regions are collected and written together, at the latest before anything else is asked or
/// done: on PostgreSQL, every statement costs a round trip, and many callers share a transaction.
/// Audit entries are written last of all, in one statement, too.
pub(super) struct Repository<'a> {
    conn: &'a mut Conn,
    safe: &'a Safe,
    new_regions: Vec<RegionDetail>,
    entries: Vec<Entry>,
    head: Option<register::Head>,
}

impl<'a> Repository<'a> {
    pub(super) const fn new(conn: &'a mut Conn, safe: &'a Safe) -> Self {
        Self { conn, safe, new_regions: Vec::new(), entries: Vec::new(), head: None }
    }

    /// The connection, after everything that was collected and can be asked for is written.
    fn conn(&mut self) -> Result<&mut Conn> {
        self.flush_regions()?;
        Ok(self.conn)
    }

    fn flush_regions(&mut self) -> Result<()> {
        let new = std::mem::take(&mut self.new_regions);
        if new.is_empty() { Ok(()) } else { self.insert_regions(&new) }
    }
}

impl Flush for Repository<'_> {
    fn flush(&mut self) -> Result<()> {
        self.flush_regions()?;
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() { Ok(()) } else { self.write_entries(&entries) }
    }
}

/// What every query answers.
type Result<T> = std::result::Result<T, crate::StorageError>;
