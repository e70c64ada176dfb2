//! The tour of the examples is true.

use cadastre_testkit::{TestDatabase, postgres, sqlite};

use crate::support::{LIMIT, Place, Process, require};

const TOUR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tour.sh");

/// Takes the tour twice on one register.
fn take_it_twice(database: &TestDatabase) {
    require(&["bash", "curl", "openssl"]);
    let place = Place::on(database);
    let server = place.ready();
    let key = place.first_token();
    for times in 1..=2 {
        let mut tour = place.command("bash");
        tour.arg(TOUR).env("CADASTRE_URL", format!("http://{}", server.address));
        tour.env("CADASTRE_TOKEN", &key);
        let ended = Process::spawn(&mut tour).wait(LIMIT);
        assert_eq!(ended.code, Some(0), "{}\n{}\n{}", ended.stdout, ended.stderr, server.log());
        assert!(!ended.stdout.contains(&key) && !ended.stderr.contains(&key));
        assert!(!ended.stdout.contains("PRIVATE KEY"), "{}", ended.stdout);
        assert_eq!(server.region_names(&key).len(), times);
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn the_tour_can_be_taken_twice_on_sqlite() {
    take_it_twice(&sqlite());
}

#[test]
fn the_tour_can_be_taken_twice_on_postgres() {
    take_it_twice(&postgres());
}
