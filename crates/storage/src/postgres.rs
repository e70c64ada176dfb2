//! PostgreSQL: several servers may share one database; their writes take turns.

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::RunQueryDsl as _;
use diesel::result::QueryResult;
use diesel::sql_types::Bool;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::database::{Dialect, Flush};
use crate::safe::Safe;

/// The connection, for the queries.
type Conn = PgConnection;
/// A point in time, for the queries.
type Moment = diesel::sql_types::Timestamptz;

/// Whether text is like a pattern, in upper or lower case.
macro_rules! folded_like {
    ($column:expr, $pattern:expr) => {
        diesel::PgTextExpressionMethods::ilike($column, $pattern).escape('\\')
    };
}

/// Ends a query that may look at any number of rows when it takes too long: the session does that.
macro_rules! while_in_time {
    ($query:expr) => {
        $query
    };
}

/// What a result takes up on PostgreSQL with its place in the index, in bytes, without its reason of failure, for
/// the queries: measured (`docs/performance.md`) and rounded up.
const POINT_BYTES: i64 = 240;

#[path = "queries/repository.rs"]
mod repository;

/// The migrations for PostgreSQL.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The PostgreSQL dialect.
pub(crate) enum Postgres {}

/// No process that stalls may hold the others up for long: a session that leaves its transaction
/// idle is ended, and one that waits longer for a lock gives up and says so. A session whose client does
/// not take its answer, and is neither idle nor in a statement then, is ended by the system.
const SESSION: &str = "SET TIME ZONE 'UTC'; SET lock_timeout = '5s'; SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET tcp_user_timeout = '10s'";

/// In addition, for the connections that only read; none of their statements has to take long.
const READ_ONLY: &str = "SET default_transaction_read_only = on; SET statement_timeout = '5s'";

/// One writer at a time, as on SQLite (ADR 0003). Sent in one message with the `BEGIN`.
const BEGIN_WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock(7163384601)";

/// After a failed statement, PostgreSQL takes a `COMMIT` for a `ROLLBACK` without saying so. Any
/// other statement says so, and then the `COMMIT` behind it in the same message is not run.
const COMMIT: &str = "SELECT 1; COMMIT";

/// Taken while migrations run; migrations of a large register may take long.
const LOCK_SCHEMA: &str = "SET lock_timeout = '10min'; SET statement_timeout = 0; \
     SELECT pg_advisory_lock(7163384600)";
const UNLOCK_SCHEMA: &str = "SELECT pg_advisory_unlock(7163384600)";

impl Dialect for Postgres {
    type Conn = Conn;

    fn set_up(conn: &mut Conn, writes: bool) -> QueryResult<()> {
        conn.batch_execute(SESSION)?;
        if writes { Ok(()) } else { conn.batch_execute(READ_ONLY) }
    }

    fn begin_write(conn: &mut Conn) -> QueryResult<()> {
        AnsiTransactionManager::begin_transaction_sql(conn, BEGIN_WRITE).inspect_err(|_| {
            // Without the lock, there is a transaction of which diesel knows nothing.
            let _ = conn.batch_execute("ROLLBACK");
        })
    }

    fn commit(conn: &mut Conn) -> QueryResult<()> {
        // Diesel asks the connection itself whether it is still in a transaction.
        conn.batch_execute(COMMIT)
    }

    fn repository<'a>(conn: &'a mut Conn, safe: &'a Safe) -> Box<dyn Flush + 'a> {
        Box::new(repository::Repository::new(conn, safe))
    }
}

/// Sees to it that no other process archives entries of the same database; `false` when one does. The
/// lock goes with the session.
pub(crate) fn lock_archives(conn: &mut Conn) -> QueryResult<bool> {
    diesel::select(sql::<Bool>("pg_try_advisory_lock(7163384602)")).get_result(conn)
}

/// Lets other processes archive entries.
pub(crate) fn unlock_archives(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("SELECT pg_advisory_unlock(7163384602)")
}

/// Waits until no other process prepares the same database.
pub(crate) fn lock_schema(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(LOCK_SCHEMA)
}

/// Lets other processes prepare the database.
pub(crate) fn unlock_schema(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(UNLOCK_SCHEMA)?;
    conn.batch_execute(SESSION)
}

/// How long a host that does not answer is waited for: while connecting, after something was sent,
/// and while an answer is awaited. Seconds, but for the second, which is in milliseconds.
const BOUNDS: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
];

/// The URL with the bounds that it does not set itself.
pub(crate) fn with_bounds(url: &str) -> String {
    let mut bounded = url.to_owned();
    for (name, value) in BOUNDS.iter().filter(|(name, _)| !url.contains(&format!("{name}="))) {
        let separator = if bounded.contains('?') { "&" } else { "?" };
        bounded.extend([separator, name, "=", value]);
    }
    bounded
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    use super::{Dialect as _, Postgres, with_bounds};

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }

    /// What a session was told about these settings, in the order of their names.
    fn settings(conn: &mut PgConnection) -> Vec<String> {
        let rows = diesel::sql_query(
            "SELECT name || '=' || setting AS value FROM pg_settings WHERE name IN \
             ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', \
             'tcp_user_timeout') ORDER BY name",
        );
        let rows: Vec<Row> = rows.load(conn).expect("settings can be read");
        rows.into_iter().map(|row| row.value).collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the tests are told where PostgreSQL is")]
    fn no_client_that_stalls_holds_a_session_for_long_on_the_servers_side() {
        let url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set");
        for writes in [false, true] {
            let mut conn = PgConnection::establish(&url).expect("a server that answers");
            Postgres::set_up(&mut conn, writes).expect("a session that is set up");
            // Where the connection is no TCP, it reads 0, and the setting does nothing.
            let is_tcp = !url.contains("host=/") && !url.contains("@/") && !url.contains("%2F");
            let tcp = if is_tcp { "tcp_user_timeout=10000" } else { "tcp_user_timeout=0" };
            // Readers give a statement up sooner, because their callers do not wait as long.
            let statement = if writes { 30_000 } else { 5000 };
            let expected = [
                "idle_in_transaction_session_timeout=10000",
                "lock_timeout=5000",
                &format!("statement_timeout={statement}"),
                tcp,
            ];
            assert_eq!(settings(&mut conn), expected, "{writes}");
        }
    }

    #[test]
    fn bounds_are_added_unless_given() {
        let rest = "tcp_user_timeout=10000&keepalives_idle=10&keepalives_interval=5\
                    &keepalives_count=3";
        assert_eq!(
            with_bounds("postgres://h/d"),
            format!("postgres://h/d?connect_timeout=2&{rest}")
        );
        assert_eq!(
            with_bounds("postgres://h/d?connect_timeout=9"),
            format!("postgres://h/d?connect_timeout=9&{rest}")
        );
    }
}
