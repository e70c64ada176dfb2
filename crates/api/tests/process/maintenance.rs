//! Windows of maintenance with several servers, and over a time in which none runs.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use cadastre_testkit::{TestDatabase, postgres, sqlite};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::support::{Place, Server, eventually};

const WINDOWS: &str = "/cadastre/v1/maintenance";

/// So many seconds after this time.
fn after(start: SystemTime, seconds: u64) -> String {
    let time = DateTime::<Utc>::from(start + Duration::from_secs(seconds));
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn get(server: &Server, key: &str, path: &str) -> Value {
    let answer = server.get(path, key);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Adds an enabled region; its identifier.
fn add_region(server: &Server, key: &str, name: &str) -> String {
    server.add_region(name, key);
    let found = get(server, key, &format!("/cadastre/v1/regions?q={name}"));
    let id = found["items"][0]["id"].as_str().unwrap().to_owned();
    let (path, headers) =
        (format!("/cadastre/v1/regions/{id}/status"), [("authorization", key), ("if-match", "*")]);
    let enabled = server.call("POST", &path, &headers, Some(&json!({"status": "enabled"})));
    assert_eq!(enabled.status, 200, "{enabled:?}");
    id
}

/// Plans a window between these times; its path.
fn plan(server: &Server, key: &str, region: &str, times: (String, String)) -> String {
    let (starts_at, ends_at) = times;
    let body = json!({
        "region_id": region, "starts_at": starts_at, "ends_at": ends_at, "owner": "ops",
        "reason": "new switches",
    });
    let answer = server.post(WINDOWS, key, &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").to_owned()
}

fn is(server: &Server, key: &str, window: &str, state: &str) -> bool {
    get(server, key, window)["state"] == state
}

fn status(server: &Server, key: &str, region: &str) -> Value {
    get(server, key, &format!("/cadastre/v1/regions/{region}"))["status"].clone()
}

/// What servers did by themselves to things of this kind: how often which state came of it.
fn done(server: &Server, key: &str, kind: &str) -> BTreeMap<String, usize> {
    let path = format!("/cadastre/v1/audit?operation=run_maintenance&object_kind={kind}");
    let mut counts = BTreeMap::new();
    for entry in get(server, key, &path)["items"].as_array().unwrap() {
        let mut changes = entry["changes"].as_array().unwrap().iter();
        let change =
            changes.find(|change| change["field"] == "state" || change["field"] == "status");
        let state = change.unwrap()["after"].as_str().unwrap().to_owned();
        *counts.entry(state).or_default() += 1;
    }
    counts
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.into_iter().map(|(state, count)| (state.to_owned(), count)).collect()
}

/// Two servers, of which both could begin and end the windows.
fn race(database: &TestDatabase) {
    let (place, other_place) = (Place::on(database), Place::on(database));
    let (server, other) = (place.ready(), other_place.ready());
    let key = place.first_token();
    let mut windows = Vec::new();
    for name in ["one", "two", "three"] {
        let region = add_region(&server, &key, name);
        let now = SystemTime::now();
        // So long that a server looks in between, however busy the machine is.
        windows.push((plan(&server, &key, &region, (after(now, 12), after(now, 32))), region));
    }
    for (window, region) in &windows {
        eventually("a window ends", || is(&other, &key, window, "ended"));
        assert_eq!(status(&server, &key, region), "enabled");
    }
    // Until the other has looked, too.
    thread::sleep(Duration::from_secs(6));
    let (steps, moves) = (done(&server, &key, "maintenance_window"), done(&server, &key, "region"));
    assert_eq!(steps, counts([("running", 3), ("ended", 3)]), "on {}", database.name());
    assert_eq!(moves, counts([("maintenance", 3), ("enabled", 3)]), "on {}", database.name());
    for server in [server, other] {
        assert!(!server.log().contains("ERROR"), "{}", server.log());
    }
}

/// Runs `test` on both databases at once: there is much to wait for.
fn on_both(test: impl Fn(fn() -> TestDatabase) + Sync) {
    thread::scope(|scope| {
        for make in [sqlite as fn() -> TestDatabase, postgres] {
            let test = &test;
            scope.spawn(move || test(make));
        }
    });
}

#[test]
fn of_two_servers_only_one_takes_each_step() {
    on_both(|make| race(&make()));
}

/// Plans windows that begin or end while no server runs, all times this many times as far away as they
/// have to be. Whether the machine was fast enough for that.
fn catch_up(database: &TestDatabase, slowness: u64) -> bool {
    let place = Place::on(database);
    let server = place.ready();
    let (key, now) = (place.first_token(), SystemTime::now());
    let after = |seconds: u64| after(now, seconds * slowness);
    let [missed, begun, running] =
        ["missed", "begun", "running"].map(|name| add_region(&server, &key, name));
    let windows = [
        plan(&server, &key, &missed, (after(20), after(24))),
        plan(&server, &key, &begun, (after(20), after(3600))),
        plan(&server, &key, &running, (self::after(SystemTime::now(), 0), after(22))),
    ];
    let (found, steps) =
        (status(&server, &key, &running), done(&server, &key, "maintenance_window"));
    server.stop();
    if now.elapsed().unwrap().as_secs() >= 20 * slowness {
        return false;
    }
    assert_eq!((found, steps), (json!("maintenance"), counts([])));
    let away = Duration::from_secs(26 * slowness);
    thread::sleep(away.saturating_sub(now.elapsed().unwrap()));
    let server = place.ready();
    for (window, state) in windows.iter().zip(["skipped", "running", "ended"]) {
        eventually(state, || is(&server, &key, window, state));
    }
    let statuses = [&missed, &begun, &running].map(|region| status(&server, &key, region));
    assert_eq!(statuses, ["enabled", "maintenance", "enabled"]);
    let steps = done(&server, &key, "maintenance_window");
    assert_eq!(steps, counts([("skipped", 1), ("running", 1), ("ended", 1)]));
    assert_eq!(done(&server, &key, "region"), counts([("maintenance", 1), ("enabled", 1)]));
    true
}

#[test]
fn a_server_that_was_down_catches_up_when_it_starts() {
    on_both(|make| {
        let in_time = [1, 5].into_iter().any(|slowness| catch_up(&make(), slowness));
        assert!(in_time, "too slow to be seen");
    });
}
