//! What is said of single regions, pages, copies and changes.

use super::{Aim, Line, line};
use crate::life::{CONNECTIONS, LIST, Life, OPENINGS, SIZES};
use crate::report::numbers::megabytes;
use crate::runs::Runs;
use crate::site::Kind;

/// The measurements.
pub fn lines(life: &Life) -> Vec<Line> {
    let of_floor = |what: String, runs: &Runs| {
        line(what, CONNECTIONS, runs, format!("{:.3} of the floor", runs.ratio_to(&life.floor)))
    };
    let [small, large] = SIZES;
    let of_small = format!("{:.3} × the same of {small}", life.pages[1].ratio_to(&life.pages[0]));
    let of_memory = format!("{:.3} of the floor of its size", life.list.ratio_to(&life.long_floor));
    let floor = "floor: as many bytes as the list of 500";
    vec![
        line("floor: 1 KiB, measured with what follows", CONNECTIONS, &life.floor, String::new()),
        of_floor("single region by identifier, native".to_owned(), &life.by_id),
        of_floor("single region by name, rainbond".to_owned(), &life.by_name),
        of_floor("single region, 304".to_owned(), &life.same_region),
        of_floor("list of 20, 304".to_owned(), &life.same_lists[0]),
        of_floor(format!("list of {LIST}, 304"), &life.same_lists[1]),
        line(floor, CONNECTIONS, &life.long_floor, String::new()),
        line(format!("list of {LIST}"), CONNECTIONS, &life.list, of_memory),
        line(format!("page of 100 of {small}"), CONNECTIONS, &life.pages[0], String::new()),
        line(format!("page of 100 of {large}"), CONNECTIONS, &life.pages[1], of_small),
        of_floor(format!("page of 100 of {OPENINGS} open for a team"), &life.open),
        line("changes of one region, If-Match", 1, &life.changes, String::new()),
    ]
}

/// The memory that many regions take.
pub fn memory(life: &Life) -> (String, String) {
    let what = format!("memory with {} regions, after all of this", SIZES[1]);
    (what, format!("{:.1} MB", megabytes(life.memory * 1024)))
}

/// What was aimed at. What a single answer takes was aimed at on SQLite alone: on PostgreSQL, a
/// round trip to another process is part of each.
pub fn aims(kind: Kind, life: &Life) -> Vec<Aim> {
    let single = [
        ("single region by identifier, to the floor", &life.by_id),
        ("single region by name, to the floor", &life.by_name),
        ("single region, 304, to the floor", &life.same_region),
        ("list of 500, 304, to the floor", &life.same_lists[1]),
    ];
    let single = single.into_iter().filter(|_| kind == Kind::Sqlite);
    let aim = |runs: &Runs| runs.ratio_to(&life.floor);
    let mut aims: Vec<_> =
        single.map(|(what, runs)| at_least(what, ("0.6 or more", 0.6), aim(runs))).collect();
    let list = "list of 500, to the same bytes from memory";
    aims.push(at_least(list, ("0.7 or more", 0.7), life.list.ratio_to(&life.long_floor)));
    let slower = 1.0 / life.pages[1].ratio_to(&life.pages[0]);
    aims.push(Aim {
        what: "time of a page of 100 of 10,000, to one of 100",
        wanted: "below 1.2",
        measured: format!("{slower:.2}"),
        met: slower < 1.2,
    });
    let memory = megabytes(life.memory * 1024);
    aims.push(Aim {
        what: "memory with 10,000 regions of 4 KiB",
        wanted: "below 150 MB",
        measured: format!("{memory:.1} MB"),
        met: memory < 150.0,
    });
    aims
}

fn at_least(what: &'static str, (wanted, least): (&'static str, f64), ratio: f64) -> Aim {
    Aim { what, wanted, measured: format!("{ratio:.2}"), met: ratio >= least }
}
