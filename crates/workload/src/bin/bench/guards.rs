//! What authentication and sealing cost: the register beside one without them, in turns.

use crate::region::{Material, run_name};
use crate::runs::Runs;
use crate::site::{Kind, Site};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many clients ask and create.
const CLIENTS: u32 = 64;
/// How many regions are listed.
const LENGTH: usize = 20;

/// Runs with and without the guards.
#[derive(Default)]
pub struct Guards {
    /// Lists of 20 regions: with, without.
    pub lists: [Runs; 2],
    /// Creation over HTTP: with, without.
    pub creation: [Runs; 2],
}

/// Measures in turns: first one, then the other.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Guards> {
    let wrk = Wrk::new(&options.wrk)?;
    let start = || {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>([
            Site::start(&options.server, kind)?,
            Site::unguarded(kind)?,
        ])
    };
    // Lists on sites of their own: creation would make them longer.
    let (readers, writers) = (start()?, start()?);
    let material = Material::random();
    for site in &readers {
        site.fill(&material, LENGTH)?;
    }
    let body = material.body();
    let mut guards = Guards::default();
    for round in 0..=options.runs {
        // The warm-up: its figures are not kept.
        let (seconds, warm) = if round == 0 { (1, false) } else { (options.seconds, true) };
        let mut figures = Guards::default();
        // Who begins changes from round to round.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for place in order {
            let load = wrk.get(&readers[place].regions(), CLIENTS, seconds)?;
            figures.lists[place].add(&load);
        }
        for place in order {
            let url = writers[place].regions();
            let load = wrk.create(&url, CLIENTS, seconds, (&body, &run_name()))?;
            figures.creation[place].add(&load);
        }
        if warm {
            guards.append(&figures);
        }
    }
    Ok(guards)
}

impl Guards {
    fn append(&mut self, other: &Self) {
        for place in [0, 1] {
            self.lists[place].append(&other.lists[place]);
            self.creation[place].append(&other.creation[place]);
        }
    }
}
