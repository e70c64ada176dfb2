//! What agents can make up is bounded.

use serde_json::json;

use super::{World, of, worlds, worlds_with};
use crate::support::Answer;

fn count(world: &World, table: &str) -> String {
    let sql = format!("SELECT CAST(count(*) AS TEXT) AS value FROM {table}");
    cadastre_testkit::raw::column(&world.register.database, &sql).remove(0)
}

fn post(world: &World, body: String) -> Answer {
    let path = format!("/v1/write/logging?token={}", world.token);
    world.call(&path, body).send()
}

#[test]
fn sets_of_tags_are_bounded_and_no_point_is_lost() {
    for world in worlds_with(|options| options.results_tag_sets = Some("20".to_owned())) {
        for n in 0..200 {
            let version = if n % 2 == 0 { ",datakit_version=1.84.1" } else { "" };
            let line = format!("http_dial_testing,status=OK,made_up=x{n}{version} f=1 {n}\n");
            assert_eq!(post(&world, line).status(), 204);
        }
        let found = world.results("limit=1000");
        assert_eq!(found.len(), 200, "{}", world.register.name);
        // Newest first: the bound was reached soon.
        let versions = json!([[null, {}], ["1.84.1", {"datakit_version": "1.84.1"}]]);
        assert_eq!(of(&found[..2], &["agent_version", "tags"]), versions);
        assert_eq!(found[199]["tags"]["made_up"], json!("x0"));
        assert_eq!(count(&world, "result_tags"), "21");
    }
}

#[test]
fn series_of_made_up_measurements_are_bounded_and_no_point_is_lost() {
    for world in worlds() {
        for part in 0..3 {
            let line = |n| format!("made_up_{n} f=1 {n}\n");
            let body: String = (part * 400..(part + 1) * 400).map(line).collect();
            assert_eq!(post(&world, body).status(), 204);
        }
        world.post("http_dial_testing,status=OK f=1 5000\n");
        assert_eq!(count(&world, "result_points"), "1201", "{}", world.register.name);
        assert_eq!(count(&world, "result_series"), "1002");
        let found = world.results("limit=202");
        let names = of(&[found[0].clone(), found[1].clone(), found[201].clone()], &["measurement"]);
        assert_eq!(names, json!([["http_dial_testing"], ["other"], ["made_up_999"]]));
    }
}

#[test]
fn times_years_off_are_kept_as_they_are_and_make_no_roll_ups_far_away() {
    for world in worlds() {
        for at in [i64::MIN, -1, 0, i64::MAX] {
            world.post(&format!("http_dial_testing,status=OK response_time=5i {at}\n"));
        }
        let expected = json!([
            [i64::MAX, "2262-04-11T23:47:16.854775807Z"],
            [0, "1970-01-01T00:00:00.000000000Z"],
            [-1, "1969-12-31T23:59:59.999999999Z"],
            [i64::MIN, "1677-09-21T00:12:43.145224192Z"],
        ]);
        assert_eq!(of(&world.results(""), &["time_ns", "at"]), expected);
        assert_eq!(world.roll_up(), 4);
        assert_eq!(world.forget(), 0, "they were just received");
        // What is ahead counts as of when it was received, what is years late not at all.
        let days = json!([["2026-11-22T00:00:00.000000Z", 1]]);
        assert_eq!(of(&world.rollups("step=day"), &["starts_at", "count"]), days);
        assert_eq!(world.results("since=1969-12-31T23:59:59Z&until=1970-01-01T00:00:01Z").len(), 2);
    }
}

#[test]
fn a_measurement_that_cannot_be_kept_is_refused_with_its_body() {
    for world in worlds() {
        let answer = post(&world, format!("m f=1\n{} f=1\n", "x".repeat(129)));
        assert_eq!(answer.status(), 400);
        assert!(answer.text.contains("point 2: "), "{answer:?}");
        assert_eq!(world.results("").len(), 0);
    }
}

#[test]
fn the_oldest_points_go_when_all_together_are_too_large() {
    for world in worlds_with(|options| options.results_max_size = Some("1MiB".to_owned())) {
        let start = world.register.app.clock.now().timestamp_nanos_opt().unwrap() - 1500;
        let reason = "r".repeat(1000);
        for part in 0..3 {
            let line = |n: i64| format!("m,status=FAIL fail_reason=\"{reason}\" {}\n", start + n);
            world.post(&(part * 500..(part + 1) * 500).map(line).collect::<String>());
        }
        assert_eq!(world.roll_up(), 1500);
        // What each takes up, with its reason.
        let bytes = if world.register.name == "sqlite" { 1120 } else { 1240 };
        let room = 1024 * 1024 / bytes;
        assert_eq!(world.forget(), 1500 - room);
        let left = world.results("limit=1000");
        assert_eq!(left.len(), room, "{}", world.register.name);
        let ends = [&left[0]["time_ns"], &left[room - 1]["time_ns"]];
        assert_eq!(ends, [start + 1499, start + 1500 - i64::try_from(room).unwrap()]);
        assert_eq!(world.forget(), 0);
        assert_eq!(of(&world.rollups(""), &["count", "failures"]), json!([[1500, 1500]]));
    }
}
