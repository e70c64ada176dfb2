//! Windows of maintenance with several servers, and over a time in which none runs.

use std::thread;
use std::time::{Duration, SystemTime};

use cadastre_testkit::databases;
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

/// What servers did by themselves to things of this kind.
fn done(server: &Server, key: &str, kind: &str) -> usize {
    let path = format!("/cadastre/v1/audit?operation=run_maintenance&object_kind={kind}");
    get(server, key, &path)["items"].as_array().unwrap().len()
}

#[test]
fn of_two_servers_only_one_takes_each_step() {
    for database in databases() {
        println!("on {}", database.name());
        let (place, other_place) = (Place::on(&database), Place::on(&database));
        let (server, other) = (place.ready(), other_place.ready());
        let (key, now) = (place.first_token(), SystemTime::now());
        let mut windows = Vec::new();
        for name in ["one", "two", "three"] {
            let region = add_region(&server, &key, name);
            let times = (after(now, 12), after(now, 18));
            windows.push((plan(&server, &key, &region, times), region));
        }
        for (window, region) in &windows {
            eventually("a window begins", || is(&other, &key, window, "running"));
            assert_eq!(status(&server, &key, region), "maintenance");
        }
        for (window, region) in &windows {
            eventually("a window ends", || is(&other, &key, window, "ended"));
            assert_eq!(status(&server, &key, region), "enabled");
        }
        // Until the other has looked, too.
        thread::sleep(Duration::from_secs(6));
        assert_eq!(done(&server, &key, "maintenance_window"), 6);
        assert_eq!(done(&server, &key, "region"), 6);
        for server in [server, other] {
            assert!(!server.log().contains("ERROR"), "{}", server.log());
        }
    }
}

#[test]
fn a_server_that_was_down_catches_up_when_it_starts() {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        let server = place.ready();
        let (key, now) = (place.first_token(), SystemTime::now());
        let [missed, begun, running] =
            ["missed", "begun", "running"].map(|name| add_region(&server, &key, name));
        let windows = [
            plan(&server, &key, &missed, (after(now, 20), after(now, 24))),
            plan(&server, &key, &begun, (after(now, 20), after(now, 3600))),
            plan(&server, &key, &running, (after(SystemTime::now(), 0), after(now, 22))),
        ];
        assert_eq!(status(&server, &key, &running), "maintenance");
        assert_eq!(done(&server, &key, "maintenance_window"), 0);
        server.stop();
        thread::sleep(Duration::from_secs(26).saturating_sub(now.elapsed().unwrap()));
        let server = place.ready();
        for (window, state) in windows.iter().zip(["skipped", "running", "ended"]) {
            eventually(state, || is(&server, &key, window, state));
        }
        let statuses = [&missed, &begun, &running].map(|region| status(&server, &key, region));
        assert_eq!(statuses, ["enabled", "maintenance", "enabled"]);
        assert_eq!(done(&server, &key, "maintenance_window"), 3);
        assert_eq!(done(&server, &key, "region"), 2);
    }
}
