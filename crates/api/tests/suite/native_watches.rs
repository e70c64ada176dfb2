//! Watching regions on the native face: the watch, and the dial tasks that follow from it.

use cadastre_domain::task::{Task, TaskClass};
use cadastre_storage::StorageError;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::native_maintenance::{plan, run_due, window};
use crate::native_maintenance_course::go_to;
use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::Answer;

pub const WATCH: &str = "/cadastre/v1/regions/{r1}/watch";

/// Registers a node, called `name` in braces.
pub fn add_node(fixture: &mut Fixture, key: &str, name: &str) {
    let body = json!({"internal": true, "isp": "telecom", "country": "China", "keycode": name});
    let path = "/api/v1/dialing_region/regist";
    let key = fixture.fill(key);
    let answer = fixture.register.request("POST", path).api_key(&key).json(&body).send();
    assert_eq!(answer.status(), 200, "{answer:?}");
    fixture.call_it(name, &answer.json()["content"]["regionInfo"]["uuid"]);
}

/// The fixture with the nodes `{n1}` and `{n2}`, and `{n-of-E2}`.
pub fn with_nodes() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        add_node(&mut fixture, "{KA}", "n1");
        add_node(&mut fixture, "{KA}", "n2");
        add_node(&mut fixture, "{KO}", "n-of-E2");
        fixture
    })
}

/// Watches `{r1}` from both nodes, for a minute already: what was found before that counts as nothing.
pub fn watch(fixture: &Fixture) -> Answer {
    let answer =
        fixture.send("{KA}", &format!("POST {WATCH}"), &json!({"nodes": ["{n1}", "{n2}"]}));
    assert_eq!(answer.status(), 201, "{answer:?}");
    fixture.register.pass(TimeDelta::minutes(1));
    answer
}

/// The tasks that watch a region: how they are dialled, where, and whether they are.
fn tasks(fixture: &Fixture, region: &str) -> Vec<(String, String, String)> {
    let stored = stored(fixture, region);
    let told = stored.iter().map(|task| {
        let content = task.dial.content();
        let text = |key: &str| content.get(key).and_then(Value::as_str).unwrap_or_default();
        let place = match task.dial.class() {
            TaskClass::Tcp => format!("{}:{}", text("host"), text("port")),
            TaskClass::Icmp => text("host").to_owned(),
            _ => text("url").to_owned(),
        };
        (task.dial.class().to_string(), place, task.dial.status().as_str().to_owned())
    });
    told.collect()
}

pub fn stored(fixture: &Fixture, region: &str) -> Vec<Task> {
    let id = fixture.fill(region).parse().unwrap();
    let found: Result<_, StorageError> =
        fixture.register.app.store.read(|tx| tx.tasks_of_region(id));
    found.unwrap()
}

/// What is expected of [`tasks`] of a region of the fixture.
fn expected(status: &str) -> Vec<(String, String, String)> {
    [
        ("tcp", "127.0.0.1:18080"),
        ("http", "https://h.example.com/"),
        ("websocket", "ws://127.0.0.1:6060"),
        ("icmp", "1.2.3.4"),
    ]
    .map(|(class, place)| (class.to_owned(), place.to_owned(), status.to_owned()))
    .to_vec()
}

/// How far a node's deliveries have come.
pub fn update_time(fixture: &Fixture, node: &str) -> i64 {
    let ids = [fixture.fill(node).parse().unwrap()];
    let found: Result<_, StorageError> =
        fixture.register.app.store.read(|tx| tx.update_times(&ids));
    found.unwrap()[0].1
}

#[test]
fn one_call_makes_the_tasks_that_watch_a_region() {
    for fixture in with_nodes() {
        let made = watch(&fixture);
        assert_eq!(tasks(&fixture, "{r1}"), expected("ok"));
        for task in stored(&fixture, "{r1}") {
            let mut nodes = [fixture.fill("{n1}"), fixture.fill("{n2}")];
            nodes.sort();
            assert_eq!(task.nodes.iter().map(ToString::to_string).collect::<Vec<_>>(), nodes);
        }
        let body = made.json();
        assert_eq!(body["down_from"], 2, "a majority");
        let parts: Vec<_> = body["tasks"].as_array().unwrap().iter().map(|t| &t["part"]).collect();
        assert_eq!(parts, ["api", "http", "websocket", "tcp"]);
        assert_eq!(made.header("location"), fixture.fill(WATCH));
        assert_eq!(fixture.get("{KA}", &format!("GET {WATCH}")).json(), body);
        // A second one is refused, and changes nothing.
        let again = fixture.send("{KA}", &format!("POST {WATCH}"), &json!({"nodes": ["{n1}"]}));
        assert_eq!((again.status(), &again.json()["code"]), (409, &"taken".into()));
        assert_eq!(fixture.get("{KA}", &format!("GET {WATCH}")).json(), body);
    }
}

#[test]
fn tasks_follow_the_addresses_and_the_status_of_the_region() {
    for fixture in with_nodes() {
        watch(&fixture);
        let before = update_time(&fixture, "{n1}");
        let path = "/cadastre/v1/regions/{r1}";
        let change = json!({"addresses": {"tcp_address": "192.0.2.11:3306"}});
        let call = fixture.call("{KA}", &format!("PATCH {path}"));
        assert_eq!(call.header("if-match", "*").json(&change).send().status(), 200);
        let now = tasks(&fixture, "{r1}");
        let icmp = ("icmp".to_owned(), "1.2.3.4".to_owned(), "stop".to_owned());
        let tcp = ("tcp".to_owned(), "192.0.2.11:3306".to_owned(), "ok".to_owned());
        assert!(now.contains(&icmp) && now.contains(&tcp) && now.len() == 5, "{now:?}");
        assert!(update_time(&fixture, "{n1}") > before);
        // A change that does not touch them leaves them as they are.
        let same = update_time(&fixture, "{n1}");
        let call = fixture.call("{KA}", &format!("PATCH {path}"));
        let other = json!({"description": "another"});
        assert_eq!(call.header("if-match", "*").json(&other).send().status(), 200);
        assert_eq!(update_time(&fixture, "{n1}"), same);
        let status = |to: &str| {
            let call = fixture.call("{KA}", &format!("POST {path}/status"));
            let answer = call.header("if-match", "*").json(&json!({"status": to})).send();
            assert_eq!(answer.status(), 200, "{answer:?}");
            tasks(&fixture, "{r1}").iter().filter(|task| task.2 == "ok").count()
        };
        assert_eq!(status("maintenance"), 4, "they run on");
        for task in
            stored(&fixture, "{r1}").iter().filter(|task| task.dial.status().as_str() == "ok")
        {
            assert_eq!(task.dial.content()["tags"]["region_status"], "maintenance");
        }
        assert_eq!(status("disabled"), 0);
        assert_eq!(status("enabled"), 4);
    }
}

#[test]
fn tasks_follow_a_window_of_maintenance() {
    for fixture in with_nodes() {
        watch(&fixture);
        plan(&fixture, &window("{r1}", 1, 2));
        let marks = || {
            let mut marks: Vec<_> = stored(&fixture, "{r1}")
                .iter()
                .map(|task| task.dial.content()["tags"]["region_status"].to_string())
                .collect();
            marks.dedup();
            marks
        };
        for (hour, status) in [(1, "\"maintenance\""), (2, "\"enabled\"")] {
            go_to(&fixture, hour);
            run_due(&fixture);
            assert_eq!(marks(), [status]);
        }
    }
}

#[test]
fn a_watch_is_changed_and_removed_with_its_tasks() {
    for fixture in with_nodes() {
        watch(&fixture);
        let change = |tag: &str, body: &Value| {
            let body: Value = fixture.fill(&body.to_string()).parse().unwrap();
            fixture
                .call("{KA}", &format!("PATCH {WATCH}"))
                .header("if-match", tag)
                .json(&body)
                .send()
        };
        let changed = change("\"1\"", &json!({"nodes": ["{n2}"], "frequency": "5m"}));
        assert_eq!((changed.status(), changed.header("etag")), (200, "\"2\""));
        for task in stored(&fixture, "{r1}") {
            assert_eq!(task.nodes, [fixture.fill("{n2}").parse().unwrap()]);
            assert_eq!(task.dial.content()["frequency"], "5m");
        }
        // The node that is out of it is told to stop.
        let node = fixture.fill("{n1}").parse().unwrap();
        let told: Result<_, StorageError> =
            fixture.register.app.store.read(|tx| tx.deliveries(&node, 0, 99));
        assert!(told.unwrap().iter().all(|delivery| delivery.is_tombstone));
        assert_eq!(change("\"1\"", &json!({"frequency": "1m"})).status(), 412);
        let remove = |tag: &str| {
            fixture.call("{KA}", &format!("DELETE {WATCH}")).header("if-match", tag).send().status()
        };
        assert_eq!([remove("\"1\""), remove("\"2\""), remove("*")], [412, 204, 404]);
        assert_eq!(tasks(&fixture, "{r1}"), []);
        assert_eq!(fixture.get("{KA}", &format!("GET {WATCH}")).status(), 404);
        // It can be watched again.
        watch(&fixture);
        assert_eq!(tasks(&fixture, "{r1}"), expected("ok"));
    }
}

#[test]
fn a_watch_and_its_tasks_go_with_the_region() {
    for fixture in with_nodes() {
        let path = "/cadastre/v1/regions/{r2}";
        let body = json!({"nodes": ["{n1}"]});
        assert_eq!(fixture.send("{KA}", &format!("POST {path}/watch"), &body).status(), 201);
        assert_eq!(tasks(&fixture, "{r2}"), expected("stop"));
        let call = fixture.call("{KA}", &format!("DELETE {path}"));
        assert_eq!(call.header("if-match", "*").send().status(), 204);
        assert_eq!(tasks(&fixture, "{r2}"), []);
    }
}

#[test]
fn what_cannot_be_watched_is_refused_naming_the_field() {
    for fixture in with_nodes() {
        let wrong = [
            (json!({}), "/nodes"),
            (json!({"nodes": []}), "/nodes"),
            (json!({"nodes": ["{n-of-E2}"]}), "/nodes"),
            (json!({"nodes": ["{n1}", "reg_cg2britepb7e977fpm8g"]}), "/nodes"),
            (json!({"nodes": ["nowhere"]}), "/nodes"),
            (json!({"nodes": ["{n1}"], "frequency": "2m"}), "/frequency"),
            (json!({"nodes": ["{n1}"], "down_from": 0}), "/down_from"),
            (json!({"nodes": ["{n1}"], "verifies_tls": "yes"}), "/verifies_tls"),
            (json!({"nodes": ["{n1}"], "colour": "red"}), "/colour"),
        ];
        for (body, field) in wrong {
            let answer = fixture.send("{KA}", &format!("POST {WATCH}"), &body);
            assert_eq!(answer.status(), 400, "{body} {answer:?}");
            assert!(
                wrong_fields(&answer).iter().all(|wrong| wrong.0 == field),
                "{body} {answer:?}"
            );
        }
        assert_eq!(tasks(&fixture, "{r1}"), []);
        let foreign = "POST /cadastre/v1/regions/{foreign}/watch";
        assert_eq!(fixture.send("{KA}", foreign, &json!({"nodes": ["{n1}"]})).status(), 404);
    }
}
