//! Rows that somebody changed by hand so that they do not parse.

use std::error::Error as _;

use cadastre_domain::user::UserId;
use cadastre_storage::{StorageError, Store, Tx};
use cadastre_testkit::sample::{self, hex, text};
use cadastre_testkit::{TestDatabase, sqlite};

use crate::support::{execute, on_both_seeded, seeded};

/// A value that the database takes and the domain does not, the value that stood there before,
/// and a query that reads it.
struct Damage {
    column: &'static str,
    bad: &'static str,
    good: &'static str,
    read: fn(&mut dyn Tx) -> Result<(), StorageError>,
}

const DAMAGES: [Damage; 13] = [
    Damage {
        column: "enterprises.parent_key_id",
        bad: "ak_",
        good: "ak_c1imts73q2c335d71cn0",
        read: |tx| tx.find_enterprise(hex(1)).map(drop),
    },
    Damage {
        column: "enterprises.name",
        bad: "",
        good: "Example Ltd",
        read: |tx| tx.list_enterprises().map(drop),
    },
    Damage {
        column: "users.name",
        bad: "",
        good: "admin",
        read: |tx| tx.find_user_name(UserId(1)).map(drop),
    },
    Damage {
        column: "tokens.name",
        bad: "two\nlines",
        good: "deploy script",
        read: |tx| tx.find_token(hex(4)).map(drop),
    },
    Damage { column: "tokens.name", bad: "", good: "x", read: |tx| tx.list_tokens().map(drop) },
    Damage {
        column: "regions.api_url",
        bad: "nonsense",
        good: "https://api.example.com",
        read: |tx| tx.find_region_detail(hex(2)).map(drop),
    },
    Damage {
        column: "regions.websocket_url",
        bad: "nonsense",
        good: "https://api.example.com",
        read: |tx| tx.find_region_named(&text("shanghai-1")).map(drop),
    },
    Damage {
        column: "regions.tcp_address",
        bad: "",
        good: "192.0.2.10",
        read: |tx| tx.list_regions(hex(1)).map(drop),
    },
    Damage {
        column: "region_credentials.ca",
        bad: "",
        good: "CA",
        read: |tx| tx.find_region_detail(hex(2)).map(drop),
    },
    Damage {
        column: "region_credentials.certificate",
        bad: "",
        good: "certificate",
        read: |tx| tx.find_region_named(&text("shanghai-1")).map(drop),
    },
    Damage { column: "teams.alias", bad: "", good: "x", read: |tx| tx.find_team(hex(3)).map(drop) },
    Damage {
        column: "teams.alias",
        bad: "",
        good: "x",
        read: |tx| tx.find_team_named(hex(1), &text("platform-team")).map(drop),
    },
    Damage {
        column: "nodes.country",
        bad: "",
        good: "China",
        read: |tx| tx.list_nodes(hex(1)).map(drop),
    },
];

fn fill(store: &Store) {
    let filled = store.write(|tx| {
        tx.insert_region(&sample::region(), sample::changed_by())?;
        tx.insert_team(&sample::team())?;
        tx.insert_node(&sample::node(), &sample::access_key())?;
        tx.insert_token(&sample::token(), &"chosen".to_owned().into())
    });
    filled.unwrap();
}

fn put(database: &TestDatabase, column: &str, value: &str) {
    let (table, column) = column.split_once('.').unwrap();
    execute(database, &format!("UPDATE {table} SET {column} = '{value}'"));
}

/// Whether it is the error of a query that says what was wrong.
fn is_explained<T>(result: &Result<T, StorageError>) -> bool {
    result.as_ref().is_err_and(|error| {
        matches!(error, StorageError::Query(_))
            && error.source().is_some_and(|cause| !cause.to_string().is_empty())
    })
}

#[test]
fn a_row_that_does_not_parse_is_an_error_while_it_stands() {
    on_both_seeded(|database, store| {
        fill(store);
        for damage in &DAMAGES {
            put(database, damage.column, damage.bad);
            let (read, written) = (store.read(damage.read), store.write(damage.read));
            assert!(is_explained(&read), "{}: {read:?}", damage.column);
            assert!(is_explained(&written), "{}: {written:?}", damage.column);
            put(database, damage.column, damage.good);
            assert!(store.read(damage.read).is_ok(), "{}", damage.column);
        }
    });
}

#[test]
fn a_time_that_is_none_is_an_error() {
    // PostgreSQL has a type for times.
    let database = sqlite();
    let store = seeded(database.url());
    put(&database, "enterprises.created_at", "yesterday");
    let read = store.read(|tx| tx.find_enterprise(hex(1)));
    assert!(is_explained(&read), "{read:?}");
}
