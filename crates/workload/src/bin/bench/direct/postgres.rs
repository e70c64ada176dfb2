//! PostgreSQL.

use cadastre_domain::region::RegionDetail;
use diesel::prelude::*;

use super::Sealed;

type Conn = PgConnection;
type Moment = diesel::sql_types::Timestamptz;

#[path = "inserts.rs"]
mod inserts;

/// Creates the region in a transaction of its own.
pub fn create(conn: &mut Conn, region: &RegionDetail, sealed: &Sealed) -> QueryResult<()> {
    conn.transaction(|conn| inserts::insert(conn, region, sealed))
}
