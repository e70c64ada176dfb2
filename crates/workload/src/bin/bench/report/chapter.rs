//! What is said about one database.

mod life;
mod pulls;
mod results;
mod tenants;

use std::fmt;

use super::numbers::{megabytes, rate, time};
use crate::creation::{CLIENTS, Creation};
use crate::footprint::Starts;
use crate::guards::Guards;
use crate::life::Life;
use crate::pulls::Pulls;
use crate::reads::{CONNECTIONS, LENGTHS, Reads};
use crate::results::Plan;
use crate::runs::Runs;
use crate::site::Kind;
use crate::tenants::Tenants;

/// Everything that was measured with one database.
pub struct Measured {
    pub reads: Reads,
    pub life: Life,
    pub creation: Creation,
    pub guards: Guards,
    pub pulls: Pulls,
    pub posts: Runs,
    pub plan: Plan,
    pub tenants: Tenants,
    pub starts: Starts,
}

/// What is said of one database.
pub struct Chapter {
    name: &'static str,
    lines: Vec<Line>,
    needs: Vec<(String, String)>,
    aims: Vec<Aim>,
}

/// One measurement.
struct Line {
    what: String,
    clients: u32,
    runs: Runs,
    compared: String,
}

/// Something that was aimed at, and what became of it.
struct Aim {
    what: &'static str,
    wanted: &'static str,
    measured: String,
    met: bool,
}

impl Chapter {
    /// Puts together what was measured.
    pub fn new(kind: Kind, measured: &Measured) -> Self {
        let Measured { reads, life, creation, guards, pulls, posts, plan, tenants, starts } =
            measured;
        let mut lines = reading(reads);
        lines.extend(life::lines(life));
        lines.extend(creating(kind, creation));
        lines.extend(guarding(guards));
        lines.extend(pulls::lines(pulls));
        lines.extend(results::lines(posts));
        lines.extend(tenants::lines(tenants));
        let mut aims = aims(kind, reads, creation, starts);
        aims.extend(cost(guards));
        aims.extend(life::aims(kind, life));
        aims.extend(pulls::aims(pulls));
        aims.extend(results::aims(kind, posts));
        aims.extend(tenants::aims(tenants));
        let mut needs = needs(reads, creation, starts);
        needs.push(life::memory(life));
        needs.extend(pulls::needs(pulls));
        needs.extend(results::month(plan));
        Self { name: kind.name(), lines, needs, aims }
    }

    /// Puts together what was measured of pulls alone.
    pub fn of_pulls(kind: Kind, pulls: &Pulls) -> Self {
        let (lines, aims) = (pulls::lines(pulls).into(), pulls::aims(pulls).into());
        Self { name: kind.name(), lines, needs: pulls::needs(pulls).into(), aims }
    }

    /// Puts together what was measured of one enterprise beside another alone.
    pub fn of_tenants(kind: Kind, tenants: &Tenants) -> Self {
        let (lines, aims) = (tenants::lines(tenants), tenants::aims(tenants).into());
        Self { name: kind.name(), lines, needs: Vec::new(), aims }
    }

    /// Puts together what was measured of results alone.
    pub fn of_results(kind: Kind, posts: &Runs, plan: &Plan) -> Self {
        let (lines, aims) = (results::lines(posts), results::aims(kind, posts).into());
        Self { name: kind.name(), lines, needs: results::month(plan), aims }
    }
}

fn line(what: impl Into<String>, clients: u32, runs: &Runs, compared: String) -> Line {
    Line { what: what.into(), clients, runs: runs.clone(), compared }
}

fn reading(reads: &Reads) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, connections) in CONNECTIONS.into_iter().enumerate() {
        let floor = &reads.floor[place];
        lines.push(line(
            "floor: 1 KiB of JSON that is always the same",
            connections,
            floor,
            String::new(),
        ));
        for (runs, length) in reads.lists.iter().map(|list| &list[place]).zip(LENGTHS) {
            let compared = format!("{:.3} of the floor", runs.ratio_to(floor));
            lines.push(line(format!("list of {length} regions"), connections, runs, compared));
        }
    }
    lines
}

fn creating(kind: Kind, creation: &Creation) -> Vec<Line> {
    let Creation { one_by_one, at_once, http, .. } = creation;
    let [one, many] = CLIENTS;
    let by = if kind == Kind::Sqlite { "a loop" } else { "pgbench" };
    let bare = format!("bare commits of a row of 4 KiB, by {by}");
    let mut lines = vec![line(&bare, one, one_by_one, String::new())];
    let mut compared = vec![format!("{:.2} × one by one", http[1].ratio_to(one_by_one))];
    if let Some(at_once) = at_once {
        let gain = format!("{:.2} × one by one", at_once.ratio_to(one_by_one));
        lines.push(line(&bare, many, at_once, gain));
        compared.push(format!("{:.2} × pgbench with {many}", http[1].ratio_to(at_once)));
    }
    lines.extend(creating_directly(creation));
    lines.extend(creating_over_http(creation, compared.join(", ")));
    lines
}

fn creating_directly(creation: &Creation) -> [Line; 2] {
    let Creation { one_by_one, with_queue, without_queue, .. } = creation;
    let direct = "regions of 4 KiB created in the process";
    let bare = format!("{:.2} × one by one", without_queue.ratio_to(one_by_one));
    let queued = format!("{:.2} × without the queue", with_queue.ratio_to(without_queue));
    [
        line(format!("{direct}, without the queue"), CLIENTS[0], without_queue, bare),
        line(format!("{direct}, through the queue"), CLIENTS[0], with_queue, queued),
    ]
}

fn creating_over_http(creation: &Creation, compared: String) -> [Line; 3] {
    let Creation { one_by_one, http, without_tls, without_queue, .. } = creation;
    let [one, many] = CLIENTS;
    let what = "regions of 4 KiB created over HTTP";
    let lone = format!(
        "{:.2} × one by one, {:.2} × in the process without the queue",
        http[0].ratio_to(one_by_one),
        http[0].ratio_to(without_queue),
    );
    let bare = format!(
        "{:.2} × one by one, {:.2} × with it",
        without_tls.ratio_to(one_by_one),
        without_tls.ratio_to(&http[1]),
    );
    [
        line(what, one, &http[0], lone),
        line(what, many, &http[1], compared),
        line("regions without TLS material created over HTTP", many, without_tls, bare),
    ]
}

/// The two figures that guards cost something, and how to call them.
fn pairs(guards: &Guards) -> [(&'static str, &[Runs; 2]); 2] {
    [("list of 20 regions", &guards.lists), ("creation over HTTP", &guards.creation)]
}

fn guarding(guards: &Guards) -> Vec<Line> {
    let lines = pairs(guards).into_iter().flat_map(|(what, [with, without])| {
        let compared = format!("{:.3} × without", with.ratio_to(without));
        let bare = format!("{what}, nobody authenticated and nothing sealed");
        [line(bare, 64, without, String::new()), line(what, 64, with, compared)]
    });
    lines.collect()
}

/// What authentication and sealing cost, in the time of a request.
fn cost(guards: &Guards) -> [Aim; 2] {
    let names = [
        "authentication and sealing, added to a list of 20",
        "authentication and sealing, added to a creation",
    ];
    let pairs = pairs(guards).map(|(_, [with, without])| without.ratio_to(with) - 1.0);
    let aim = |(what, added): (&'static str, f64)| Aim {
        what,
        wanted: "below 10 %",
        measured: format!("{:.1} %", added * 100.0),
        met: added < 0.1,
    };
    let [list, creation] = pairs;
    [aim((names[0], list)), aim((names[1], creation))]
}

fn needs(reads: &Reads, creation: &Creation, starts: &Starts) -> Vec<(String, String)> {
    let memory = |kibibytes: u64| format!("{:.1} MB", megabytes(kibibytes * 1024));
    let [short, long] = LENGTHS;
    let peak = |what: String| format!("most memory, after {what}");
    vec![
        ("memory, idle after the start".to_owned(), memory(reads.idle)),
        (peak(format!("lists of {short}")), memory(reads.peaks[0])),
        (peak(format!("lists of {long}")), memory(reads.peaks[1])),
        (peak("creation".to_owned()), memory(creation.peak)),
        ("start until ready, empty database".to_owned(), time(starts.empty)),
        (format!("start until ready, {long} regions"), time(starts.filled)),
        ("size of the program".to_owned(), format!("{:.1} MB", megabytes(starts.program))),
    ]
}

fn aims(kind: Kind, reads: &Reads, creation: &Creation, starts: &Starts) -> Vec<Aim> {
    let gain = creation.http[1].ratio_to(&creation.one_by_one);
    let (what, wanted, least) = match kind {
        Kind::Sqlite => ("creation by 64 clients, to bare commits one by one", "2 or more", 2.0),
        Kind::Postgres => ("creation by 64 clients, to pgbench with 1 client", "1 or more", 1.0),
    };
    let met = gain >= least && creation.http[1].failures() == 0;
    let lone = creation.with_queue.ratio_to(&creation.without_queue);
    let start = starts.empty.max(starts.filled);
    let idle = megabytes(reads.idle * 1024);
    vec![
        Aim { what, wanted, measured: format!("{gain:.2}"), met },
        Aim {
            what: "creation by 1 writer through the queue, to the same without it",
            wanted: "0.95 or more",
            measured: format!("{lone:.2}"),
            met: lone >= 0.95,
        },
        Aim {
            what: "start until ready",
            wanted: "below 300 ms",
            measured: time(start),
            met: start < 0.3,
        },
        Aim {
            what: "memory, idle after the start",
            wanted: "below 40 MB",
            measured: format!("{idle:.1} MB"),
            met: idle < 40.0,
        },
    ]
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.name)?;
        writeln!(f, "| what | clients | a second | p50 | p99 | compared |")?;
        writeln!(f, "|---|--:|--:|--:|--:|---|")?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        if !self.needs.is_empty() {
            writeln!(f, "\n| needs | |\n|---|--:|")?;
        }
        for (what, value) in &self.needs {
            writeln!(f, "| {what} | {value} |")?;
        }
        writeln!(f, "\n| aim | wanted | measured | |\n|---|--:|--:|---|")?;
        for aim in &self.aims {
            writeln!(f, "{aim}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, clients, runs, compared } = self;
        let (p50, p99) =
            runs.latencies().map_or_else(Default::default, |(p50, p99)| (time(p50), time(p99)));
        write!(f, "| {what} | {clients} | {} | {p50} | {p99} | {compared}", rate(runs.rate()))?;
        if runs.failures() > 0 {
            write!(f, " **{} requests failed: this row does not count**", runs.failures())?;
        }
        write!(f, " |")
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, wanted, measured, met } = self;
        let verdict = if *met { "met" } else { "**missed**" };
        write!(f, "| {what} | {wanted} | {measured} | {verdict} |")
    }
}
