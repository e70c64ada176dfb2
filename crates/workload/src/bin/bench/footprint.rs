//! What the server needs: memory, time to start, room on the disk.

use std::fs;

use cadastre_testkit::{Server, interrupt};

use crate::median::median;
use crate::reads::LENGTHS;
use crate::region::Material;
use crate::site::{Kind, Site};
use crate::{Options, Outcome};

/// How often it is started.
const STARTS: usize = 5;

/// The memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Now.
    pub now: u64,
    /// The most it ever was.
    pub most: u64,
}

impl Memory {
    /// That of a server.
    pub fn of(server: &Server) -> Outcome<Self> {
        let status = fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
        let line = |name: &str| -> Outcome<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            Ok(number.ok_or_else(|| format!("the system does not tell {name}"))?.parse()?)
        };
        Ok(Self { now: line("VmRSS:")?, most: line("VmHWM:")? })
    }
}

/// The outcome.
pub struct Starts {
    /// Seconds until ready, on an empty database.
    pub empty: f64,
    /// Seconds until ready, on a database with the longer list of regions.
    pub filled: f64,
    /// The size of the program, in bytes.
    pub program: u64,
}

/// Starts the server again and again.
pub fn starts(options: &Options, kind: Kind) -> Outcome<Starts> {
    let program = &options.server;
    let (mut empty, mut filled) = (Vec::new(), Vec::new());
    let mut kept = Site::start(program, kind)?;
    kept.fill(&Material::random(), LENGTHS[1])?;
    for _ in 0..STARTS {
        interrupt::check()?;
        empty.push(Site::start(program, kind)?.server.start_time().as_secs_f64());
        kept = kept.restart(program)?;
        filled.push(kept.server.start_time().as_secs_f64());
    }
    let program = fs::metadata(program)?.len();
    Ok(Starts { empty: median(empty), filled: median(filled), program })
}
