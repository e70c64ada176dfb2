//! SQLite, with the settings of the register's own writer.

use cadastre_domain::region::RegionDetail;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::Sealed;

type Conn = SqliteConnection;
type Moment = diesel::sql_types::TimestamptzSqlite;

#[path = "inserts.rs"]
mod inserts;

/// A connection to the database of this URL.
pub fn connect(url: &str) -> ConnectionResult<Conn> {
    let mut conn = Conn::establish(url.trim_start_matches("sqlite:"))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON",
    )
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// Creates the region in a transaction of its own.
pub fn create(conn: &mut Conn, region: &RegionDetail, sealed: &Sealed) -> QueryResult<()> {
    conn.immediate_transaction(|conn| inserts::insert(conn, region, sealed))
}
