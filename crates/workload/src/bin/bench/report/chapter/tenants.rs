//! What is said of one enterprise beside another.

use super::{Aim, Line, line};
use crate::report::numbers::rate;
use crate::tenants::{
    CONNECTIONS, ENTRIES, HEAVY_CONNECTIONS, LOADS, POINTS, REQUESTS, TASKS, Tenants,
};

/// The measurements.
pub fn lines(tenants: &Tenants) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, what) in REQUESTS.into_iter().enumerate() {
        lines.push(line(what, CONNECTIONS, &tenants.quiet[place], String::new()));
        for (load, name) in LOADS.into_iter().enumerate() {
            let compared = format!("p99 {:.1} × quiet", tenants.slowdown(load, place));
            let beside = format!("{what}, beside another enterprise's {name}");
            lines.push(line(beside, CONNECTIONS, &tenants.loaded[load][place], compared));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    let [entries, points, tasks] = [ENTRIES as f64, POINTS as f64, TASKS as f64].map(rate);
    let loads = [
        format!("scans of {entries} audit entries and {points} results, refusals included"),
        format!("first pulls of {tasks} tasks of 64 KiB, refusals included"),
        "changes of such a task, posts of results and totals, refusals included".to_owned(),
    ];
    for (what, runs) in loads.into_iter().zip(&tenants.heavy) {
        lines.push(line(what, HEAVY_CONNECTIONS, runs, String::new()));
    }
    lines
}

/// What was aimed at.
pub fn aims(tenants: &Tenants) -> [Aim; 2] {
    let all = (0..LOADS.len()).flat_map(|load| (0..REQUESTS.len()).map(move |place| (load, place)));
    let worst = all.map(|(load, place)| tenants.slowdown(load, place)).fold(0.0, f64::max);
    let failed = tenants.loaded.as_flattened().iter().any(|runs| runs.failures() > 0);
    let answers: Vec<_> =
        tenants.ready.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    [
        Aim {
            what: "p99 of another enterprise beside 16 clients of one that does the worst it may, to quiet",
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
