//! The tables as the queries see them (`schema.rs`), against the tables that there are.

use cadastre_testkit::TestDatabase;

use crate::support::{column, on_both, prepared};

const SOURCE: &str = concat!(
    include_str!("../../src/queries/schema.rs"),
    include_str!("../../src/queries/schema/alarm.rs"),
    include_str!("../../src/queries/schema/dialing.rs"),
    include_str!("../../src/queries/schema/region.rs"),
    include_str!("../../src/queries/schema/results.rs"),
);

/// The columns of `schema.rs`, in its order, as `table.column type`, sorted by table.
fn in_source(database: &str) -> Vec<String> {
    let mut tables: Vec<(&str, Vec<String>)> = Vec::new();
    for line in SOURCE.lines().map(str::trim) {
        if let Some((table, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            tables.push((table, Vec::new()));
        } else if let Some((column, kind)) = line.split_once(" -> ")
            && let Some(kind) = kind.strip_suffix(',')
            && let Some((table, columns)) = tables.last_mut()
        {
            columns.push(format!("{table}.{column} {}", in_sql(kind, database)));
        }
    }
    tables.sort();
    tables.into_iter().flat_map(|(_, columns)| columns).collect()
}

/// What diesel's type is called in the database.
fn in_sql(kind: &str, database: &str) -> String {
    if let Some(inner) = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>')) {
        return in_sql(inner, database).replace(" not null", "");
    }
    let (on_sqlite, on_postgres) = match kind {
        "Text" => ("TEXT", "text"),
        "BigInt" => ("INTEGER", "bigint"),
        "Integer" => ("INTEGER", "integer"),
        "Bool" => ("INTEGER", "boolean"),
        "Binary" => ("BLOB", "bytea"),
        "Moment" => ("TEXT", "timestamp with time zone"),
        other => panic!("{other} is a type that this test does not know yet"),
    };
    format!("{} not null", if database == "sqlite" { on_sqlite } else { on_postgres })
}

/// The columns of the database in the same form.
fn in_database(database: &TestDatabase) -> Vec<String> {
    column(
        database,
        match database.name() {
            "sqlite" => {
                "SELECT m.name || '.' || c.name || ' ' || c.type \
                 || iif(c.\"notnull\", ' not null', '') AS value \
                 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' \
                 AND m.name NOT LIKE 'sqlite_%' AND m.name <> '__diesel_schema_migrations' \
                 ORDER BY m.name, c.cid"
            }
            _ => {
                "SELECT table_name || '.' || column_name || ' ' || data_type \
                 || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS value \
                 FROM information_schema.columns WHERE table_schema = 'public' \
                 AND table_name <> '__diesel_schema_migrations' \
                 ORDER BY table_name COLLATE \"C\", ordinal_position"
            }
        },
    )
}

#[test]
fn the_schema_in_the_source_is_that_of_the_database() {
    on_both(|database| {
        drop(prepared(database.url()));
        let source = in_source(database.name());
        assert!(source.len() > 60, "this test reads the source wrongly: {source:?}");
        assert_eq!(source, in_database(database));
    });
}

/// The primary keys of `schema.rs`, as `table (columns)`.
fn keys_in_source() -> Vec<String> {
    let tables = SOURCE.lines().filter_map(|line| line.trim().strip_suffix(" {"));
    let mut keys: Vec<_> = tables.filter(|line| line.ends_with(')')).map(str::to_owned).collect();
    keys.sort();
    keys
}

#[test]
fn the_primary_keys_in_the_source_are_those_of_the_database() {
    on_both(|database| {
        drop(prepared(database.url()));
        let keys = match database.name() {
            "sqlite" => {
                "SELECT name || ' (' || (SELECT group_concat(name, ', ') FROM \
                 (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk)) || ')' \
                 AS value FROM sqlite_master m WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%' AND name <> '__diesel_schema_migrations' \
                 ORDER BY name"
            }
            _ => {
                "SELECT conrelid::regclass::text || replace(pg_get_constraintdef(oid), 'PRIMARY KEY', '') \
                 AS value FROM pg_constraint WHERE contype = 'p' \
                 AND connamespace = 'public'::regnamespace \
                 AND conrelid <> '__diesel_schema_migrations'::regclass ORDER BY conrelid::regclass::text COLLATE \"C\""
            }
        };
        assert_eq!(keys_in_source(), column(database, keys));
    });
}
