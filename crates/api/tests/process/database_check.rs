//! The log warns when the certificate of a database on another machine is not checked.

use cadastre_testkit::{TestDatabase, postgres};

use crate::support::Place;

/// The lines of warnings that a start on this URL leaves in the log.
fn warnings(database: &TestDatabase, url: &str) -> Vec<String> {
    let keys = database.master_key_file();
    let place = Place::empty()
        .with("DATABASE_URL", url)
        .with("CADASTRE_MASTER_KEY_FILE", keys.to_str().unwrap());
    let log = place.ready().stop().stderr;
    let lines = log.lines().filter(|line| line.contains(" WARN ") && line.contains("sslmode"));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_database_on_another_machine_whose_certificate_is_not_checked_is_warned_of_once() {
    let database = postgres();
    let (scheme, rest) = database.url().split_once("://").unwrap();
    let (authority, name) = rest.split_once('/').unwrap();
    // libpq takes the first server that answers, and never asks for the second one.
    let far = format!("{scheme}://{authority},db.invalid:5432/{name}");
    let word = if name.contains('?') { '&' } else { '?' };
    let warned = warnings(&database, &format!("{far}{word}application_name=hunter2"));
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].contains("connections to db.invalid do not check"), "{warned:?}");
    assert!(warned[0].contains("sslmode is prefer") && warned[0].contains("verify-full"));
    assert!(!warned[0].contains("hunter2"), "{warned:?}");

    assert_eq!(warnings(&database, database.url()), [""; 0]);
}
