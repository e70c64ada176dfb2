//! One text of every query. This file and those below it are compiled once per database: `sqlite`
//! and `postgres` each mount it and bring their own `Conn` and `Moment` (ADR 0001).

use super::{Conn, Moment};

mod enterprises;
mod nodes;
mod openings;
mod regions;
mod schema;
mod teams;
mod tokens;
mod users;

/// The queries over one connection.
pub(super) struct Repository<'a> {
    pub(super) conn: &'a mut Conn,
}

/// What every query answers.
type Result<T> = std::result::Result<T, crate::StorageError>;
