//! What is said of one enterprise beside another.

use super::{Aim, Line, line};
use crate::report::numbers::rate;
use crate::tenants::{
    CONNECTIONS, ENTRIES, FLOOR, HEAVY_CONNECTIONS, LOADS, POINTS, REQUESTS, TASKS, Tenants,
};

/// The measurements.
pub fn lines(tenants: &Tenants) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, what) in REQUESTS.into_iter().enumerate() {
        lines.push(line(what, CONNECTIONS, &tenants.quiet[place], String::new()));
        for (load, name) in LOADS.into_iter().enumerate() {
            let (quiet, own) = (tenants.slowdown(load, place), tenants.own_slowdown(load, place));
            let compared = format!("p99 {quiet:.1} × quiet, {own:.1} × what the machine takes");
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
pub fn aims(tenants: &Tenants) -> [Aim; 3] {
    let worst = |slowdown: fn(&Tenants, usize, usize) -> f64| {
        let places = (0..REQUESTS.len()).filter(|place| *place != FLOOR);
        let all = places.flat_map(|place| (0..LOADS.len()).map(move |load| (load, place)));
        all.map(|(load, place)| slowdown(tenants, load, place)).fold(0.0, f64::max)
    };
    let (to_quiet, own) = (worst(Tenants::slowdown), worst(Tenants::own_slowdown));
    let failed = tenants.loaded.as_flattened().iter().any(|runs| runs.failures() > 0);
    let answers: Vec<_> =
        tenants.ready.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    [
        Aim {
            what: "p99 of another enterprise beside 16 clients of one that does the worst it may, to quiet",
            wanted: "5 or less",
            measured: format!("{to_quiet:.1}"),
            met: to_quiet <= 5.0 && !failed,
        },
        Aim {
            what: "the same beyond the machine: to quiet, or to the floor beside the same if that is more",
            wanted: "5 or less",
            measured: format!("{own:.1}"),
            met: own <= 5.0 && !failed,
        },
        Aim {
            what: "answers of `/readyz` meanwhile",
            wanted: "200 always",
            measured: answers.join(", "),
            met: tenants.ready.keys().eq([&200]),
        },
    ]
}
