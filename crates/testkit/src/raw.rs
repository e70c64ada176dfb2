//! A way to a database around the register.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::TestDatabase;

/// A connection that knows nothing of the register.
pub enum Raw {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(PgConnection),
}

impl Raw {
    /// A connection to this database.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn open(database: &TestDatabase) -> Self {
        let url = database.url();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut conn = SqliteConnection::establish(path).expect("a file that opens");
            conn.batch_execute("PRAGMA busy_timeout = 5000").expect("a setting that is accepted");
            Self::Sqlite(conn)
        } else {
            Self::Postgres(PgConnection::establish(url).expect("a server that answers"))
        }
    }

    /// Runs these statements.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn execute(&mut self, sql: &str) {
        let done = match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The text column `value` of the rows that `sql` selects.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn column(&mut self, sql: &str) -> Vec<String> {
        let rows: QueryResult<Vec<Row>> = match self {
            Self::Sqlite(conn) => diesel::sql_query(sql).load(conn),
            Self::Postgres(conn) => diesel::sql_query(sql).load(conn),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|row| row.value).collect()
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Changes the database behind the back of the register.
///
/// # Panics
/// When the database refuses.
pub fn execute(database: &TestDatabase, sql: &str) {
    Raw::open(database).execute(sql);
}

/// The text column `value` of the rows that `sql` selects.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn column(database: &TestDatabase, sql: &str) -> Vec<String> {
    Raw::open(database).column(sql)
}
