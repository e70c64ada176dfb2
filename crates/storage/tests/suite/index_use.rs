//! No query without an index: every statement that a walk through all that the register can do
//! makes is explained by both databases.

mod alarms;
mod dialing;
mod lists;
mod plan;
mod recording;
mod results;
mod walk;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cadastre_testkit::{TestDatabase, databases};

use crate::support::keys::{own, rotate};
use crate::support::{Raw, column, on_both};

/// Every statement that the register makes, on a database that holds what it was asked to keep.
fn statements(database: &TestDatabase) -> Vec<String> {
    recording::watch(database);
    let store = own(database);
    walk::everything(&store);
    rotate(database);
    walk::renew(&own(database));
    rotate(database);
    walk::keys(database);
    drop(own(database));
    rotate(database);
    recording::statements(database)
}

#[test]
fn no_query_goes_without_an_index() {
    on_both(|database| {
        let statements = statements(database);
        assert!(statements.len() > 130, "the walk made only {} statements", statements.len());
        let mut raw = plan::connection(database);
        let complaints = plan::complaints(&mut raw, &statements);
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    });
}

/// Tables of which one owner may have so many rows that to read them all takes long, with the columns that
/// name an owner.
const LARGE: [(&str, &[&str]); 4] = [
    ("teams", &["enterprise_id"]),
    ("openings", &["team_id", "region_id"]),
    ("nodes", &["enterprise_id"]),
    ("dial_tasks", &["enterprise_id"]),
];

/// What a list with filters asks for where to end: the offset is the number of rows that it looks at.
const END_OF_SCAN: &str = "SELECT openings.region_id FROM openings ";

/// Whether a statement on SQLite may look at as many rows of a large table as an owner has, for as long as
/// that takes. To skip a row is to look at it.
fn is_endless(sql: &str) -> bool {
    let sql = sql.replace('`', "");
    let (_, from) = sql.split_once(" FROM ").unwrap_or_default();
    let table = from.trim_start_matches('(').split(' ').next().unwrap_or_default();
    let Some((table, owners)) = LARGE.iter().find(|(large, _)| *large == table) else {
        return false;
    };
    let owner = |column: &&&str| sql.contains(&format!("({table}.{column} = ?)"));
    // Both owners of an opening are its key.
    let names_one_owner = owners.iter().filter(owner).count() == 1;
    let has_key = ["id = ?", "id IN (", "number = ?", "name = ?"]
        .iter()
        .any(|key| sql.contains(&format!("({table}.{key}")));
    let is_page = sql.contains(" LIMIT ") && !sql.contains(" OFFSET ");
    let has_end = is_page || sql.contains("is_in_time(") || sql.starts_with(END_OF_SCAN);
    sql.starts_with("SELECT ") && names_one_owner && !has_key && !has_end
}

#[test]
fn what_looks_at_all_rows_of_an_owner_has_an_end_on_sqlite() {
    let database = cadastre_testkit::sqlite();
    let statements = statements(&database);
    assert!(statements.iter().any(|sql| sql.contains("is_in_time(")), "{statements:?}");
    let endless: Vec<_> = statements.into_iter().filter(|sql| is_endless(sql)).collect();
    assert!(endless.is_empty(), "{}", endless.join("\n"));
}

/// The indexes that are there for queries alone, and for no constraint.
fn indexes(database: &TestDatabase) -> Vec<String> {
    column(
        database,
        match database.name() {
            "sqlite" => {
                "SELECT name AS value FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE 'CREATE UNIQUE%' \
                 ORDER BY name"
            }
            _ => {
                "SELECT i.indexrelid::regclass::text AS value FROM pg_index i \
                 JOIN pg_class c ON c.oid = i.indrelid \
                 WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisunique \
                 ORDER BY i.indexrelid::regclass::text COLLATE \"C\""
            }
        },
    )
}

/// Columns of references to what can be deleted that no index begins with: each deletion would read
/// the whole table.
fn references_without_an_index(raw: &mut Raw) -> Vec<String> {
    raw.column(match raw {
        Raw::Sqlite(_) => {
            "SELECT m.name || '.' || f.\"from\" AS value FROM sqlite_master m, \
             pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
             AND f.\"table\" IN ('regions', 'teams', 'nodes', 'master_keys') \
             AND m.name NOT IN ('register', 'register_keys') AND NOT EXISTS \
             (SELECT 1 FROM pragma_index_list(m.name) i, pragma_index_info(i.name) c \
              WHERE c.seqno = 0 AND c.name = f.\"from\")"
        }
        Raw::Postgres(_) => {
            "SELECT r.conrelid::regclass || '.' || a.attname AS value FROM pg_constraint r \
             JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = r.conkey[1] \
             WHERE r.contype = 'f' AND r.confrelid IN \
             ('regions'::regclass, 'teams'::regclass, 'nodes'::regclass, \
             'master_keys'::regclass) \
             AND r.conrelid NOT IN ('register'::regclass, 'register_keys'::regclass) \
             AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = r.conrelid \
             AND i.indkey[0] = a.attnum)"
        }
    })
}

#[test]
fn no_deletion_looks_for_references_without_an_index() {
    on_both(|database| {
        drop(own(database));
        assert_eq!(references_without_an_index(&mut Raw::open(database)), [""; 0]);
    });
}

/// The indexes without which a plan is worse on this database.
fn missed(database: &TestDatabase) -> BTreeSet<String> {
    let statements = statements(database);
    let mut raw = plan::connection(database);
    let mut missed = BTreeSet::new();
    for index in indexes(database) {
        raw.execute(&format!("BEGIN; DROP INDEX {index}"));
        if !references_without_an_index(&mut raw).is_empty()
            || !plan::complaints(&mut raw, &statements).is_empty()
        {
            missed.insert(index);
        }
        raw.execute("ROLLBACK");
    }
    missed
}

#[test]
fn an_index_that_is_gone_is_missed() {
    let databases = databases();
    for database in &databases {
        drop(own(database));
    }
    let [on_sqlite, on_postgres] = databases.each_ref().map(indexes);
    assert_eq!(on_sqlite, on_postgres);
    assert!(on_sqlite.len() > 20, "{on_sqlite:?}");
    // On one of them is enough: SQLite looks for references where PostgreSQL does not.
    let missed: BTreeSet<_> = databases.iter().flat_map(missed).collect();
    assert_eq!(on_sqlite, missed.into_iter().collect::<Vec<_>>());
}

/// The source files in these places below the crate's folder, each a file or a folder of files.
fn sources(places: [&str; 2]) -> Vec<String> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [file, folder] = places.map(|place| crate_folder.join(place));
    let below = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = std::iter::once(file).chain(below).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    paths.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The names of all methods of the traits that a transaction has.
fn methods() -> Vec<String> {
    let sources = sources(["src/tx.rs", "src/tx"]);
    let lines = sources.iter().flat_map(|source| source.lines());
    let names = lines.filter_map(|line| line.strip_prefix("    fn ")?.split('(').next());
    names.filter(|name| *name != "from").map(str::to_owned).collect()
}

#[test]
fn the_walk_leaves_nothing_out() {
    let walk = sources(["tests/suite/index_use/walk.rs", "tests/suite/index_use"]);
    // What a rotation of keys and a start do.
    let elsewhere = [
        "ensure_keys",
        "upgrade",
        "sign_tokens_from",
        "master_keys",
        "switch_key",
        "reseal",
        "forget_keys",
    ];
    let is_walked = |name: &str| {
        let call = format!("tx.{name}(");
        elsewhere.contains(&name) || walk.iter().any(|source| source.contains(&call))
    };
    let methods = methods();
    assert!(methods.len() > 70, "{methods:?}");
    let left: Vec<_> = methods.into_iter().filter(|name| !is_walked(name)).collect();
    assert_eq!(left, [""; 0]);
}
