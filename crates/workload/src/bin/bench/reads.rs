//! Lists of regions, against the floor.

use cadastre_testkit::Server;

use crate::footprint::Memory;
use crate::region::Material;
use crate::runs::Runs;
use crate::site::{Kind, Site, floor};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many connections ask.
pub const CONNECTIONS: [u32; 2] = [1, 64];
/// How many regions are listed.
pub const LENGTHS: [usize; 2] = [20, 500];

/// The outcome.
#[derive(Default)]
pub struct Reads {
    /// Runs of the floor, by place in [`CONNECTIONS`].
    pub floor: [Runs; 2],
    /// Runs of each list, by place in [`LENGTHS`] and [`CONNECTIONS`].
    pub lists: [[Runs; 2]; 2],
    /// Memory of a server that has done nothing yet, in KiB.
    pub idle: u64,
    /// The most memory of each server, by place in [`LENGTHS`], in KiB.
    pub peaks: [u64; 2],
}

struct Servers {
    wrk: Wrk,
    floor: Server,
    sites: [Site; 2],
}

/// Measures everything in turns.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Reads> {
    let start = || Site::start(&options.server, kind);
    let servers =
        Servers { wrk: Wrk::new(&options.wrk)?, floor: floor(1024)?, sites: [start()?, start()?] };
    let idle = Memory::of(&servers.sites[0].server)?.now;
    let material = Material::random();
    for (site, length) in servers.sites.iter().zip(LENGTHS) {
        site.fill(&material, length)?;
    }
    // The warm-up: its figures are not kept.
    round(&servers, 1, &mut Reads::default())?;
    let mut reads = Reads { idle, ..Reads::default() };
    for _ in 0..options.runs {
        round(&servers, options.seconds, &mut reads)?;
    }
    for (peak, site) in reads.peaks.iter_mut().zip(&servers.sites) {
        *peak = Memory::of(&site.server)?.most;
    }
    Ok(reads)
}

fn round(servers: &Servers, seconds: u32, reads: &mut Reads) -> Outcome {
    let Servers { wrk, floor, sites } = servers;
    for (place, connections) in CONNECTIONS.into_iter().enumerate() {
        let url = floor.url("/");
        reads.floor[place].add(&wrk.get(&url, connections, seconds)?);
        for (list, site) in reads.lists.iter_mut().zip(sites) {
            list[place].add(&wrk.get(&site.regions(), connections, seconds)?);
        }
    }
    Ok(())
}
