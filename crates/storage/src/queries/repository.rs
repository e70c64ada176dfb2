//! One text of every query. This file and those below it are compiled once per database: `sqlite`
//! and `postgres` each mount it and bring their own `Conn` and `Moment` (ADR 0001).

use cadastre_domain::region::RegionDetail;

use super::{Conn, Moment};
use crate::database::Flush;

mod enterprises;
mod nodes;
mod openings;
mod regions;
mod schema;
mod teams;
mod tokens;
mod users;

/// The queries over one connection.
///
/// New regions are collected and written together, at the latest before anything else is asked or
/// done: on PostgreSQL, every statement costs a round trip, and many callers share a transaction.
pub(super) struct Repository<'a> {
    conn: &'a mut Conn,
    new_regions: Vec<RegionDetail>,
}

impl<'a> Repository<'a> {
    pub(super) const fn new(conn: &'a mut Conn) -> Self {
        Self { conn, new_regions: Vec::new() }
    }

    /// The connection, after everything that was collected is written.
    fn conn(&mut self) -> Result<&mut Conn> {
        self.flush()?;
        Ok(self.conn)
    }
}

impl Flush for Repository<'_> {
    fn flush(&mut self) -> Result<()> {
        let new = std::mem::take(&mut self.new_regions);
        if new.is_empty() { Ok(()) } else { regions::insert(self.conn, &new) }
    }
}

/// What every query answers.
type Result<T> = std::result::Result<T, crate::StorageError>;
