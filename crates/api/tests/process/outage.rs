//! A PostgreSQL that is away: at the start, later, or one of several.

use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use cadastre_testkit::{TestDatabase, Wire, own_loopback, postgres};
use rustix::process::Signal;

use crate::support::{LIMIT, Place, Server, eventually, region, with_password};

/// A database behind a wire, a place that uses it, and what must not be seen of its password.
fn behind_a_wire(database: &TestDatabase) -> (Wire, Place, String) {
    let (wire, url) = Wire::before(database.url());
    let (url, password) = with_password(&url);
    (wire, Place::empty().with("DATABASE_URL", &url), password)
}

/// Everything that the server printed and logged until its end.
fn all_that_was_said(server: Server) -> String {
    let ended = server.stop();
    ended.stdout + &ended.stderr
}

/// Whether everybody is told to come again.
fn is_away(server: &Server, key: &str) -> bool {
    let unavailable = [
        server.get("/openapi/v1/regions", key),
        server.post("/openapi/v1/regions", key, &region("during-the-outage")),
        server.call("POST", "/api/v1/dialing_region/regist", &[("df-api-key", key)], None),
        server.get("/readyz", ""),
    ];
    let told = |status: u16, after: &str| status == 503 && after.parse().is_ok_and(|n: u64| n > 0);
    unavailable.iter().all(|answer| told(answer.status, answer.header("retry-after")))
}

#[test]
fn a_server_waits_for_a_database_that_is_down_at_the_start() {
    let database = postgres();
    let (wire, place, password) = behind_a_wire(&database);
    wire.cut();
    let mut server = place.start();
    eventually("the log says what it waits for", || {
        server
            .log()
            .lines()
            .any(|line| line.contains("WARN - cadastre_api::start: waiting for the database: "))
    });
    assert_eq!(server.get("/livez", "").status, 200);
    assert!(is_away(&server, "any token at all"));
    assert!(!server.printed().contains("Ready"), "{}", server.printed());
    wire.mend();
    server.wait_until_ready();
    assert!(server.printed().contains(&place.first_token()));
    assert_eq!(server.manage_status(&place.first_token()), 404);
    let said = all_that_was_said(server);
    assert!(!said.contains(&password), "{said}");
}

#[test]
fn a_server_that_waits_for_its_database_can_be_stopped() {
    let database = postgres();
    let (wire, place, _) = behind_a_wire(&database);
    wire.cut();
    for signal in [Signal::TERM, Signal::INT] {
        let server = place.start();
        eventually("it waits", || server.log().contains("waiting for the database"));
        server.signal(signal);
        let ended = server.wait(LIMIT);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

#[test]
fn requests_are_told_of_an_outage_and_served_after_it() {
    let database = postgres();
    let (wire, place, password) = behind_a_wire(&database);
    let mut server = place.ready();
    let key = place.first_token();
    for outage in 1..=2 {
        server.add_region(&format!("before-{outage}"), &key);
        wire.cut();
        assert!(is_away(&server, &key), "{}", server.log());
        assert_eq!(server.get("/livez", "").status, 200);
        wire.mend();
        server.wait_until_ready();
        assert_eq!(server.region_names(&key).len(), 2 * outage - 1);
        server.add_region(&format!("after-{outage}"), &key);
    }
    let said = all_that_was_said(server);
    assert!(said.lines().any(|line| line.contains("WARN") && line.contains("the database")));
    assert!(!said.contains(&password), "{said}");
    assert!(!said.contains("ERROR") && !said.contains("panic"), "{said}");
}

#[test]
fn a_command_is_told_of_an_outage_in_one_line() {
    let database = postgres();
    let (wire, place, password) = behind_a_wire(&database);
    wire.cut();
    let ended = place.with("RUST_LOG", "off").run(&["token", "list"]);
    let refusal = ended.refusal();
    assert!(refusal.starts_with("DATABASE_URL (PostgreSQL, 127.0.0.1:"), "{refusal}");
    assert!(refusal.contains("not available") && !refusal.contains(&password), "{refusal}");
}

#[test]
fn the_first_of_several_hosts_may_be_dead() {
    let database = postgres();
    let (wire, url) = Wire::before(database.url());
    let alive = format!("127.0.0.1:{}", wire.port());
    let dead = format!("{}:1", own_loopback());
    let url = url.replace(&alive, &format!("{dead},{alive}"));
    let option = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{option}target_session_attrs=read-write");
    let (url, password) = with_password(&url);
    let place = Place::empty().with("DATABASE_URL", &url);
    let mut server = place.ready();
    let key = place.first_token();
    server.add_region("region-1", &key);
    wire.cut();
    assert!(is_away(&server, &key));
    wire.mend();
    server.wait_until_ready();
    assert_eq!(server.region_names(&key), ["region-1"]);
    let said = all_that_was_said(server);
    assert!(!said.contains(&password), "{said}");
}

/// How long what was asked took, and what came of it.
fn timed<T>(ask: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let answer = ask();
    (start.elapsed(), answer)
}

#[test]
fn a_database_that_stands_still_is_not_waited_for_and_served_again_when_it_goes_on() {
    let database = postgres();
    let (wire, place, _) = behind_a_wire(&database);
    // With one worker, a request that blocks it holds up all others.
    let place = place.with("CADASTRE_WORKERS", "1");
    let mut server = place.ready();
    let key = place.first_token();
    server.add_region("before", &key);
    wire.stall();
    let asked = thread::scope(|scope| {
        let ask = |path: &'static str| {
            let (server, key) = (&server, &key);
            scope.spawn(move || timed(|| server.get(path, key)))
        };
        let mut asked: Vec<_> = (0..3).map(|_| ask("/readyz")).collect();
        asked.extend((0..6).map(|_| ask("/openapi/v1/regions")));
        asked.extend((0..2).map(|_| ask("/openapi/v1/teams?page=1")));
        asked
            .push(scope.spawn(|| {
                timed(|| server.post("/openapi/v1/regions", &key, &region("meanwhile")))
            }));
        // What needs no database is served as ever: after the first has waited for the database in vain,
        // and before all have; and so often that it does not take turns with those that wait.
        let mut probed = 0;
        while asked.iter().any(|asked| !asked.is_finished()) {
            let is_noticed = asked.iter().any(ScopedJoinHandle::is_finished);
            assert_eq!(server.get("/livez", "").status, 200);
            let is_awaited = asked.iter().any(|asked| !asked.is_finished());
            probed += usize::from(is_noticed && is_awaited);
            thread::sleep(Duration::from_millis(20));
        }
        assert!(probed > 2 * asked.len(), "it waits for the database: {probed}");
        asked.into_iter().map(|asked| asked.join().unwrap()).collect::<Vec<_>>()
    });
    for (place, (took, answer)) in asked.iter().enumerate() {
        assert_eq!(answer.status, 503, "{place} {answer:?}");
        assert_eq!(answer.header("retry-after"), "1", "{place} {answer:?}");
        // Three, ten and twenty seconds, and what a busy machine adds. Without a bound, it is for ever.
        let limit = if place < 3 { 10 } else { 28 };
        assert!(*took < Duration::from_secs(limit), "{place} {took:?}");
    }
    wire.go_on();
    server.wait_until_ready();
    server.add_region("after", &key);
    assert!(server.region_names(&key).contains(&"after".to_owned()));
    server.stop();
}

#[test]
fn a_server_can_be_stopped_while_its_database_stands_still() {
    let database = postgres();
    let (wire, place, _) = behind_a_wire(&database);
    let server = place.ready();
    let key = place.first_token();
    server.add_region("before", &key);
    wire.stall();
    assert_eq!(server.get("/readyz", "").status, 503);
    server.signal(Signal::TERM);
    let ended = server.wait(Duration::from_mins(2));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
