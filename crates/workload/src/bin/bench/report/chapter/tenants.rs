//! What is said of one enterprise beside another.

use super::{Aim, Line, line};
use crate::report::numbers::rate;
use crate::tenants::{CONNECTIONS, ENTRIES, HEAVY_CONNECTIONS, POINTS, REQUESTS, Tenants};

/// The measurements.
pub fn lines(tenants: &Tenants) -> Vec<Line> {
    let pair = |(place, what): (usize, &str)| {
        let compared = format!("p99 {:.1} × quiet", tenants.slowdown(place));
        let beside = format!("{what}, beside the scans of another enterprise");
        [
            line(what, CONNECTIONS, &tenants.quiet[place], String::new()),
            line(beside, CONNECTIONS, &tenants.loaded[place], compared),
        ]
    };
    let mut lines: Vec<_> = REQUESTS.into_iter().enumerate().flat_map(pair).collect();
    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    let (entries, points) = (rate(ENTRIES as f64), rate(POINTS as f64));
    let what = format!("scans of {entries} audit entries and {points} results, refusals included");
    lines.push(line(what, HEAVY_CONNECTIONS, &tenants.heavy, String::new()));
    lines
}

/// What was aimed at.
pub fn aims(tenants: &Tenants) -> [Aim; 2] {
    let places = 0..REQUESTS.len();
    let worst = places.map(|place| tenants.slowdown(place)).fold(0.0, f64::max);
    let failed = tenants.loaded.iter().any(|runs| runs.failures() > 0);
    let answers: Vec<_> =
        tenants.ready.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    [
        Aim {
            what: "p99 of another enterprise beside 16 clients that scan, to quiet",
            wanted: "5 or less",
            measured: format!("{worst:.1}"),
            met: worst <= 5.0 && !failed,
        },
        Aim {
            what: "answers of `/readyz` meanwhile",
            wanted: "200 always",
            measured: answers.join(", "),
            met: tenants.ready.keys().eq([&200]),
        },
    ]
}
