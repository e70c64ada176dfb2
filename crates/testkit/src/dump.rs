//! Everything that a database holds, and where in it a text stands.

use std::fmt::Write as _;

use crate::TestDatabase;
use crate::raw::{Raw, column};

/// The names of all tables.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn tables(database: &TestDatabase) -> Vec<String> {
    column(
        database,
        match database.name() {
            "sqlite" => {
                "SELECT name AS value FROM sqlite_master WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            _ => {
                "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public' \
                 ORDER BY tablename"
            }
        },
    )
}

/// All rows of all tables, each behind the name of its table. What is binary is in hexadecimal
/// digits.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn rows(database: &TestDatabase) -> Vec<String> {
    let mut raw = Raw::open(database);
    let rows_of = |table: String| {
        let row = match database.name() {
            "sqlite" => row_on_sqlite(&mut raw, &table),
            _ => "row_to_json(t)::text".to_owned(),
        };
        let rows = raw.column(&format!("SELECT {row} AS value FROM {table} t ORDER BY 1"));
        rows.into_iter().map(move |row| format!("{table}: {row}"))
    };
    tables(database).into_iter().flat_map(rows_of).collect()
}

/// An expression for all columns of a row.
fn row_on_sqlite(raw: &mut Raw, table: &str) -> String {
    let columns = format!(
        "SELECT '\"' || name || '\"=' || char(39) || ' || iif(typeof(\"' || name || '\") = ''blob'', \
         lower(hex(\"' || name || '\")), quote(\"' || name || '\"))' AS value \
         FROM pragma_table_info('{table}') ORDER BY cid"
    );
    let columns: Vec<String> =
        raw.column(&columns).into_iter().map(|column| format!("'{column}")).collect();
    columns.join(" || ' ' || ")
}

/// Where these bytes stand in clear or in hexadecimal digits: in which rows and, on SQLite, in
/// which files.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn places(database: &TestDatabase, bytes: &[u8]) -> Vec<String> {
    let forms = [bytes.to_vec(), hex_digits(bytes).into_bytes()];
    let holds = |text: &[u8]| forms.iter().any(|form| contains(text, form));
    let mut places: Vec<String> =
        rows(database).into_iter().filter(|row| holds(row.as_bytes())).collect();
    places
        .extend(files(database).into_iter().filter(|(_, text)| holds(text)).map(|(name, _)| name));
    places
}

/// Name and content of the files that the database keeps its rows in, as far as they can be read.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn files(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let Some(path) = database.url().strip_prefix("sqlite:") else { return Vec::new() };
    let names = ["", "-wal", "-journal"].map(|end| format!("{path}{end}"));
    let read = |name: String| std::fs::read(&name).ok().map(|text| (name, text));
    names.into_iter().filter_map(read).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The bytes in lower-case hexadecimal digits.
///
/// # Panics
/// Never.
#[must_use]
pub fn hex_digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a text takes all");
        digits
    })
}

/// What hexadecimal digits stand for.
///
/// # Panics
/// When they are none.
#[must_use]
pub fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The binary values of a column, in hexadecimal digits, of the rows that `rest` selects.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn blobs(database: &TestDatabase, name: &str, rest: &str) -> Vec<String> {
    let digits = match database.name() {
        "sqlite" => format!("lower(hex({name}))"),
        _ => format!("encode({name}, 'hex')"),
    };
    column(database, &format!("SELECT {digits} AS value FROM {rest}"))
}

/// A binary value in SQL.
///
/// # Panics
/// When the database refuses.
#[must_use]
pub fn blob(database: &TestDatabase, digits: &str) -> String {
    match database.name() {
        "sqlite" => format!("X'{digits}'"),
        _ => format!("'\\x{digits}'::bytea"),
    }
}
