//! From the post to the roll-up that is left.

use chrono::TimeDelta;
use serde_json::json;

use super::{NODE, line, of, task, worlds};

#[test]
fn points_are_rolled_up_once_and_roll_ups_are_left_when_they_are_forgotten() {
    for world in worlds() {
        world.post(&(line(0, "OK", 1000) + &line(1, "FAIL", 9) + &line(2, "OK", 3000)));
        assert_eq!(world.rollups(""), [json!(null); 0]);
        assert_eq!((world.roll_up(), world.roll_up()), (3, 0));
        // Late, and of the hour before.
        world.post(&line(-3600, "OK", 500));
        world.post(&line(3, "OK", 3000));
        assert_eq!((world.roll_up(), world.roll_up()), (2, 0));
        let times = |count, p50, p99, shortest, longest| {
            json!({
                "count": count, "p50": p50, "p95": p99, "p99": p99,
                "shortest": shortest, "longest": longest,
            })
        };
        let hours = world.rollups("step=hour");
        let fields = ["starts_at", "count", "failures", "response_time_us"];
        let expected = json!([
            ["2026-11-22T08:00:00.000000Z", 4, 1, times(3, 3000, 3000, 1000, 3000)],
            ["2026-11-22T07:00:00.000000Z", 1, 0, times(1, 500, 500, 500, 500)],
        ]);
        assert_eq!(of(&hours, &fields), expected, "{}", world.register.name);
        let days = world.rollups("step=day");
        let expected =
            json!([
                ["2026-11-22T00:00:00.000000Z", "day", 5, 1, NODE, task().to_string(), "http",]
            ]);
        let flat: Vec<_> = days
            .iter()
            .map(|day| {
                let node = &day["node"]["id"];
                json!([
                    day["starts_at"],
                    day["step"],
                    day["count"],
                    day["failures"],
                    node,
                    day["task_id"],
                    day["class"]
                ])
            })
            .collect();
        assert_eq!(json!(flat), expected);

        assert_eq!(world.results("").len(), 5);
        world.register.pass(TimeDelta::hours(2));
        world.post(&line(7200, "OK", 1));
        assert_eq!(world.roll_up(), 1);
        world.register.pass(TimeDelta::seconds(1));
        assert_eq!(world.forget(), 5, "{}", world.register.name);
        assert_eq!(of(&world.results(""), &["response_time_us"]), json!([[1]]));
        assert_eq!(of(&world.rollups(""), &["count"]), json!([[1], [4], [1]]));
        assert_eq!((world.roll_up(), world.forget()), (0, 0));
    }
}

#[test]
fn points_that_are_not_rolled_up_are_not_forgotten() {
    for world in worlds() {
        world.post(&line(0, "OK", 1));
        world.register.pass(TimeDelta::hours(3));
        assert_eq!(world.forget(), 0);
        assert_eq!(world.results("").len(), 1);
        assert_eq!((world.roll_up(), world.forget()), (1, 1));
        assert_eq!(world.results("").len(), 0);
    }
}
