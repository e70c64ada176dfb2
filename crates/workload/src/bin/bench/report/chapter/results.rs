//! What is said of results.

use super::{Aim, Line, line};
use crate::report::numbers::{rate, time};
use crate::results::{CONNECTIONS, NODES, Plan, TASKS};
use crate::runs::Runs;
use crate::site::Kind;

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// Days of a month.
const MONTH: f64 = 30.0;
/// How large all points may be, unless settings say otherwise, in bytes.
const LARGEST: f64 = 4.0 * 1024.0 * 1024.0 * 1024.0;

/// The measurement.
pub fn lines(posts: &Runs) -> Vec<Line> {
    let what = format!("results posted one by one, of {NODES} nodes with {TASKS} tasks");
    vec![line(what, CONNECTIONS, posts, "each kept before it is answered".to_owned())]
}

/// What was aimed at.
pub fn aims(kind: Kind, posts: &Runs) -> [Aim; 1] {
    let (wanted, least) = match kind {
        Kind::Sqlite => ("10,000 a second", 10_000.0),
        Kind::Postgres => ("4,000 a second", 4_000.0),
    };
    let met = posts.rate() >= least && posts.failures() == 0;
    [Aim { what: "results kept", wanted, measured: rate(posts.rate()), met }]
}

fn gigabytes(bytes: f64) -> String {
    format!("{:.2} GB", bytes / 1e9)
}

/// What a month takes, of a point a minute of each task at each node.
pub fn month(plan: &Plan) -> Vec<(String, String)> {
    let bytes = |bytes: f64| format!("{bytes:.0} bytes");
    let series = f64::from(u32::try_from(NODES * TASKS).unwrap_or(u32::MAX));
    let points = series * DAY / 60.0;
    let mut needs = vec![
        ("a result, with its index".to_owned(), bytes(plan.point)),
        ("what an hour of a series came to".to_owned(), bytes(plan.hour)),
        ("what a day of a series came to".to_owned(), bytes(plan.day)),
    ];
    needs.extend([
        ("results of a day, one a minute of each".to_owned(), gigabytes(points * plan.point)),
        (
            "days of results that 4 GiB hold".to_owned(),
            format!("{:.1}", LARGEST / (points * plan.point)),
        ),
        ("hours of a month".to_owned(), gigabytes(series * 24.0 * MONTH * plan.hour)),
        ("days of a month".to_owned(), gigabytes(series * MONTH * plan.day)),
        ("time to roll a day of results up".to_owned(), time(points * plan.roll_up)),
        ("time to forget a day of results".to_owned(), time(points * plan.forget)),
    ]);
    needs
}
