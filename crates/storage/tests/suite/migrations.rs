//! The migrations, forwards and backwards.

use std::path::{Path, PathBuf};

use cadastre_testkit::TestDatabase;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::support::{Raw, column, on_both, prepared};

fn folder(database: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(database)
}

fn names(database: &str) -> Vec<String> {
    let entries = folder(database).read_dir().unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Everything that the migrations made, as the database describes it.
fn description(database: &TestDatabase) -> Vec<String> {
    column(
        database,
        match database.name() {
            "sqlite" => {
                "SELECT name || ': ' || coalesce(sql, '') AS value FROM sqlite_master \
                 WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> '__diesel_schema_migrations' \
                 ORDER BY name"
            }
            _ => {
                "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) \
                 || ' ' || a.attnotnull || coalesce(' ' || l.collname, '') \
                 || coalesce(pg_get_indexdef(i.indexrelid), '') AS value \
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
                 LEFT JOIN pg_collation l ON l.oid = a.attcollation \
                 LEFT JOIN pg_index i ON i.indexrelid = c.oid \
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i', 'S') \
                 AND c.relname NOT LIKE '\\_\\_diesel%' \
                 UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' \
                 || pg_get_constraintdef(oid) FROM pg_constraint \
                 WHERE connamespace = 'public'::regnamespace \
                 AND conrelid::regclass::text NOT LIKE '\\_\\_diesel%' ORDER BY 1"
            }
        },
    )
}

fn revert_all(database: &TestDatabase) -> usize {
    let migrations = FileBasedMigrations::from_path(folder(database.name())).unwrap();
    let reverted = match Raw::open(database) {
        Raw::Sqlite(mut conn) => conn.revert_all_migrations(migrations).map(|all| all.len()),
        Raw::Postgres(mut conn) => conn.revert_all_migrations(migrations).map(|all| all.len()),
    };
    reverted.unwrap()
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
    for (database, name) in
        ["sqlite", "postgres"].iter().flat_map(|&d| names(d).into_iter().map(move |n| (d, n)))
    {
        for file in ["up.sql", "down.sql"] {
            assert!(folder(database).join(&name).join(file).is_file(), "{database}/{name}/{file}");
        }
    }
}

#[test]
fn migrations_go_up_and_down_and_up_again() {
    on_both(|database| {
        drop(prepared(database.url()));
        let made = description(database);
        assert!(made.len() > 10);
        assert_eq!(revert_all(database), names(database.name()).len());
        assert_eq!(description(database), Vec::<String>::new(), "something was left");
        drop(prepared(database.url()));
        assert_eq!(description(database), made);
    });
}
