//! Ends statements that take too long.
//!
//! SQLite has no time limit for statements, and diesel gives no access to its progress handler or to
//! `sqlite3_interrupt`. But it has functions of our own, and one that fails ends the statement in which it
//! stands: this one is asked for each row that the statement looks at (ADR 0025).

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use diesel::result::QueryResult;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Bool};
use diesel::sqlite::{Sqlite, SqliteConnection};

/// How long a statement may take that looks at as many rows as there are.
const LONGEST: Duration = Duration::from_secs(5);

/// What a statement that took too long ends with.
pub(crate) const TOO_LONG: &str = "the statement took too long";

/// Since when time is counted here.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

diesel::define_sql_function! {
    /// True until so many microseconds have passed since the process began to count them; then it fails.
    fn is_in_time(until_us: BigInt) -> Bool;
}

fn elapsed_us() -> i64 {
    i64::try_from(START.elapsed().as_micros()).unwrap_or(i64::MAX)
}

/// When a statement that begins now has to be done.
pub(crate) fn until() -> i64 {
    elapsed_us().saturating_add(i64::try_from(LONGEST.as_micros()).unwrap_or(i64::MAX))
}

/// Whether there is time left.
#[derive(Debug)]
struct TimeLeft(bool);

impl ToSql<Bool, Sqlite> for TimeLeft {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        if !self.0 {
            return Err(TOO_LONG.into());
        }
        out.set_value(1_i32);
        Ok(IsNull::No)
    }
}

/// Makes the function known to a connection.
pub(crate) fn register(conn: &mut SqliteConnection) -> QueryResult<()> {
    // Not one that always gives the same: SQLite would ask it once.
    is_in_time_utils::register_nondeterministic_impl(conn, |until_us: i64| {
        TimeLeft(elapsed_us() < until_us)
    })
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_query;

    use super::*;
    use crate::StorageError;

    /// Counts without end, as long as it is let.
    fn count_until(until_us: i64) -> StorageError {
        let mut conn = SqliteConnection::establish(":memory:").expect("a connection");
        register(&mut conn).expect("the function");
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT count(*) FROM n WHERE is_in_time(?)";
        let ended = sql_query(endless).bind::<BigInt, _>(until_us).execute(&mut conn);
        ended.expect_err("an end").into()
    }

    #[test]
    fn a_statement_without_end_ends_when_its_time_is_over() {
        for until_us in [0, elapsed_us() + 20_000] {
            let error = count_until(until_us);
            assert!(
                matches!(&error, StorageError::Unavailable(text) if text == TOO_LONG),
                "{error:?}"
            );
        }
    }
}
