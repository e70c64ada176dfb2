//! Durable creation of regions, against the least that a durable commit costs.

use cadastre_testkit::TestDatabase;

use crate::bare::Bare;
use crate::direct::Direct;
use crate::footprint::Memory;
use crate::pgbench::Pgbench;
use crate::region::{Material, run_name};
use crate::runs::Runs;
use crate::site::{Kind, Site};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many clients create.
pub const CLIENTS: [u32; 2] = [1, 64];

/// The outcome.
#[derive(Default)]
pub struct Creation {
    /// Commits of one row, one after the other.
    pub one_by_one: Runs,
    /// The same by 64 clients of pgbench at once; not on SQLite, which has one writer.
    pub at_once: Option<Runs>,
    /// Creation over HTTP, by place in [`CLIENTS`].
    pub http: [Runs; 2],
    /// Creation over HTTP of regions without TLS material, by the last of [`CLIENTS`].
    pub without_tls: Runs,
    /// Creation by one writer in the process, through the write queue.
    pub with_queue: Runs,
    /// The same without it.
    pub without_queue: Runs,
    /// The most memory of the server, in KiB.
    pub peak: u64,
}

/// What commits single rows.
enum Floor {
    Sqlite(Bare),
    Postgres(Pgbench),
}

struct Parts {
    wrk: Wrk,
    site: Site,
    direct: Direct,
    body: String,
    body_without_tls: String,
    floor: Floor,
    _floor_database: TestDatabase,
}

/// Measures everything in turns.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Creation> {
    let floor_database = kind.database();
    let url = floor_database.url();
    let mut parts = Parts {
        wrk: Wrk::new(&options.wrk)?,
        site: Site::start(&options.server, kind)?,
        direct: Direct::new(kind)?,
        body: Material::random().body(),
        body_without_tls: Material::body_without_tls().to_string(),
        floor: match kind {
            Kind::Sqlite => Floor::Sqlite(Bare::new(url)?),
            Kind::Postgres => Floor::Postgres(Pgbench::new(&options.pgbench, url)?),
        },
        _floor_database: floor_database,
    };
    // The warm-up: its figures are not kept.
    round(&mut parts, 1, &mut Creation::default())?;
    let mut creation = Creation::default();
    for _ in 0..options.runs {
        round(&mut parts, options.seconds, &mut creation)?;
    }
    creation.peak = Memory::of(&parts.site.server)?.most;
    Ok(creation)
}

fn round(parts: &mut Parts, seconds: u32, creation: &mut Creation) -> Outcome {
    let [one, many] = CLIENTS;
    match &mut parts.floor {
        Floor::Sqlite(bare) => creation.one_by_one.add_rate(bare.rate(seconds)?),
        Floor::Postgres(pgbench) => {
            creation.one_by_one.add_rate(pgbench.rate(one, seconds)?);
            let at_once = creation.at_once.get_or_insert_default();
            at_once.add_rate(pgbench.rate(many, seconds)?);
        }
    }
    let url = parts.site.regions();
    for (runs, clients) in creation.http.iter_mut().zip(CLIENTS) {
        let load = parts.wrk.create(&url, clients, seconds, (&parts.body, &run_name()))?;
        runs.add(&load);
    }
    let bare = (parts.body_without_tls.as_str(), &*run_name());
    creation.without_tls.add(&parts.wrk.create(&url, many, seconds, bare)?);
    let rates = parts.direct.rates(seconds)?;
    creation.with_queue.add_rate(rates.with_queue);
    creation.without_queue.add_rate(rates.without_queue);
    Ok(())
}
