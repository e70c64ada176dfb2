//! How watched regions stand, by what nodes post.

use cadastre_api::service::results::roll_up_all;
use cadastre_domain::id::NodeId;
use cadastre_storage::StorageError;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::native_watches::{watch, with_nodes};
use crate::rainbond_fixture::Fixture;

const AVAILABILITY: &str = "GET /cadastre/v1/regions/{r1}/availability";

/// The task that dials a part of `{r1}`.
fn task(fixture: &Fixture, part: &str) -> String {
    let watch = fixture.get("{KA}", "GET /cadastre/v1/regions/{r1}/watch").json();
    let tasks = watch["tasks"].as_array().unwrap();
    let found = tasks.iter().find(|task| task["part"] == part).unwrap();
    found["task_id"].as_str().unwrap().to_owned()
}

/// Posts what a node found when it dialled a part of `{r1}` so many seconds ago.
pub fn post(fixture: &Fixture, node: &str, part: &str, is_up: bool, ago: i64) {
    let (status, success) = if is_up { ("OK", 1) } else { ("FAIL", -1) };
    let micros = if node == "{n1}" { 1000 } else { 3000 };
    let fields = format!("success={success}i,response_time={micros}i");
    post_fields(fixture, node, part, "tcp_dial_testing", status, &fields, ago);
}

/// Posts a point of this measurement, status and fields about a part of `{r1}`.
pub fn post_fields(
    fixture: &Fixture,
    node: &str,
    part: &str,
    measurement: &str,
    status: &str,
    fields: &str,
    ago: i64,
) {
    let at = fixture.register.app.clock.now() - TimeDelta::seconds(ago);
    let nanos = at.timestamp_nanos_opt().unwrap();
    let line = format!("{measurement},name=x,status={status} {fields} {nanos}\n");
    let (node, task) = (fixture.fill(node), task(fixture, part));
    let token = fixture.register.result_token(&node, &task);
    let path = format!("/dial/{node}/{task}/v1/write/logging?token={token}");
    let answer =
        fixture.register.request("POST", &path).body("application/line-protocol", line).send();
    assert!((200..300).contains(&answer.status()), "{answer:?}");
}

pub fn roll_up(fixture: &Fixture) {
    let (app, now) = (fixture.register.app.clone(), fixture.register.app.clock.now());
    let work = async move { roll_up_all(&app, now).await };
    actix_web::rt::System::new().block_on(work).unwrap();
}

pub fn availability(fixture: &Fixture) -> Value {
    let answer = fixture.get("{KA}", AVAILABILITY);
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()
}

pub const PARTS: [&str; 4] = ["api", "http", "websocket", "tcp"];

pub fn all_up(fixture: &Fixture) {
    for node in ["{n1}", "{n2}"] {
        for part in PARTS {
            post(fixture, node, part, true, 30);
        }
    }
}

#[test]
fn what_was_never_dialled_is_not_known() {
    for fixture in with_nodes() {
        assert_eq!(fixture.get("{KA}", AVAILABILITY).status(), 404, "it is not watched");
        watch(&fixture);
        let found = availability(&fixture);
        let figures = &found["figures"];
        assert_eq!((&figures["state"], &figures["of_nodes"]), (&json!("unknown"), &json!(2)));
        assert_eq!(
            (&figures["newest_at"], &figures["oldest_age_seconds"]),
            (&Value::Null, &Value::Null)
        );
        for span in figures["over_time"].as_array().unwrap() {
            assert_eq!((&span["dials"], &span["availability"]), (&json!(0), &Value::Null));
        }
    }
}

#[test]
fn a_region_is_up_when_every_part_is_at_every_node_and_lately() {
    for fixture in with_nodes() {
        watch(&fixture);
        all_up(&fixture);
        let figures = availability(&fixture)["figures"].clone();
        assert_eq!((&figures["state"], &figures["up_nodes"]), (&json!("up"), &json!(2)));
        assert_eq!(figures["newest_age_seconds"], 30);
        assert_eq!(figures["oldest_age_seconds"], 30);
        // Five minutes after the dial, to the second, it is no longer known.
        fixture.register.pass(TimeDelta::seconds(270));
        assert_eq!(availability(&fixture)["figures"]["state"], "up");
        fixture.register.pass(TimeDelta::seconds(1));
        let figures = availability(&fixture)["figures"].clone();
        assert_eq!((&figures["state"], &figures["stale_nodes"]), (&json!("stale"), &json!(2)));
        assert_eq!(figures["newest_age_seconds"], 301);
    }
}

#[test]
fn a_failure_shows_where_it_was_found() {
    for fixture in with_nodes() {
        watch(&fixture);
        let other: NodeId = fixture.fill("{n2}").parse().unwrap();
        let moved: Result<_, StorageError> = fixture.register.app.store.write(move |tx| {
            let node = tx.find_nodes(std::slice::from_ref(&other))?.remove(0);
            let mut after = node.changed(node.updated_at);
            after.profile.isp = cadastre_testkit::sample::text("unicom");
            after.profile.city = cadastre_testkit::sample::text("Wuhan");
            tx.save_node(&after)
        });
        assert!(moved.unwrap());
        all_up(&fixture);
        post(&fixture, "{n2}", "api", false, 10);
        let found = availability(&fixture);
        assert_eq!(found["figures"]["state"], "partial");
        let state = |group: &str, key: &str, value: &str| {
            let groups = found[group].as_array().unwrap();
            let of = groups.iter().find(|group| group[key] == value).unwrap();
            of["figures"]["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state("parts", "part", "api"), "partial");
        assert_eq!(state("parts", "part", "http"), "up");
        assert_eq!(state("carriers", "isp", "telecom"), "up");
        assert_eq!(state("carriers", "isp", "unicom"), "partial");
        assert_eq!(state("places", "city", "Wuhan"), "partial");
        let nodes = found["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["node_id"] == fixture.fill("{n2}")).unwrap();
        let part = node["parts"].as_array().unwrap()[0].clone();
        assert_eq!((&part["part"], &part["state"]), (&json!("api"), &json!("down")));
        assert_eq!(
            (&part["age_seconds"], &part["task_id"]),
            (&json!(10), &json!(task(&fixture, "api")))
        );
        // All of a part: it is down, whatever else is up.
        post(&fixture, "{n1}", "api", false, 5);
        let found = availability(&fixture);
        assert_eq!(found["parts"][0]["figures"]["state"], "down");
        assert_eq!(found["parts"][0]["figures"]["down_nodes"], 2);
    }
}

#[test]
fn time_past_is_told_by_roll_ups() {
    for fixture in with_nodes() {
        watch(&fixture);
        all_up(&fixture);
        post(&fixture, "{n1}", "api", false, 10);
        // One of yesterday is in the week, and not in the day.
        post(&fixture, "{n1}", "api", true, 25 * 3600);
        roll_up(&fixture);
        let found = availability(&fixture);
        let spans = found["figures"]["over_time"].as_array().unwrap().clone();
        let told: Vec<_> = spans
            .iter()
            .map(|span| (span["span"].clone(), span["dials"].clone(), span["failures"].clone()))
            .collect();
        let expected = [("24h", 9, 1), ("7d", 10, 1), ("30d", 10, 1)];
        assert_eq!(
            told,
            expected.map(|(span, dials, failures)| (json!(span), json!(dials), json!(failures)))
        );
        assert_eq!(spans[1]["availability"], 0.9);
        assert_eq!(
            (&spans[0]["source"], &spans[1]["source"]),
            (&json!("hourly_rollups"), &json!("daily_rollups"))
        );
        // Four answers of 1,000 and four of 3,000 microseconds, each wrong by 1 of 100 at most.
        let near =
            |value: &Value, wanted: i64| (value.as_i64().unwrap() - wanted).abs() * 50 <= wanted;
        assert!(near(&spans[0]["p99_us"], 3000), "{}", spans[0]);
    }
}

#[test]
fn what_a_node_posts_under_another_node_or_region_does_not_count() {
    for fixture in with_nodes() {
        watch(&fixture);
        let task = task(&fixture, "api");
        let token = fixture.register.result_token(&fixture.fill("{n1}"), &task);
        let foreign = fixture.fill("{n-of-E2}");
        let path = format!("/dial/{foreign}/{task}/v1/write/logging?token={token}");
        let line = b"tcp_dial_testing,status=OK success=1i 1795306140710624107\n";
        assert_eq!(
            fixture.register.request("POST", &path).body("text/plain", *line).send().status(),
            403
        );
        assert_eq!(availability(&fixture)["figures"]["state"], "unknown");
    }
}
