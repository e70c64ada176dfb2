//! Results: taking them, rolling them up, keeping them for as long as the settings say, and reading
//! them.

mod access;
mod budget;
mod ingest;
mod keeping;
mod memory;
mod reading;
mod rolling;

use access::SharedTokens;
pub use access::{NodeGrant, Poster, poster};
use budget::PointBudget;
pub use ingest::{Posted, check_limits, count_refused, keep};
pub use keeping::forget;
use memory::ResultMemory;
pub use reading::{ListedPoint, ListedRollup, ResultFilter, points, rollups};
pub use rolling::{roll_up, roll_up_all};

use crate::clock::MonotonicClock;
use crate::config::ResultsConfig;

/// How much is kept apart of what an agent can name as it likes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Series of an enterprise that do not name both node and task, or are of no known class. What
    /// is beyond is kept as of one more.
    pub series: i64,
    /// Sets of tags of an enterprise. Of points beyond, only the version of the agent is kept.
    pub tag_sets: i64,
}

/// What is needed to take and keep results.
#[derive(Debug)]
pub struct Keeper {
    /// For how long, and how much.
    pub settings: ResultsConfig,
    /// How much is kept apart.
    pub limits: Limits,
    memory: ResultMemory,
    shared_tokens: SharedTokens,
    budget: PointBudget,
}

/// What was done at one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How many points or roll-ups it was.
    pub count: usize,
    /// Whether that was all there was to do.
    pub is_all: bool,
}

impl std::ops::Add for Part {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, is_all: self.is_all && other.is_all }
    }
}

/// How many series of an enterprise there are at most of which there could be any number.
const MOST_SERIES: i64 = 1000;

impl Keeper {
    /// With these settings.
    #[must_use]
    pub fn new(settings: &ResultsConfig, clock: MonotonicClock) -> Self {
        let limits = Limits { series: MOST_SERIES, tag_sets: settings.tag_sets };
        Self {
            settings: settings.clone(),
            limits,
            memory: ResultMemory::default(),
            shared_tokens: SharedTokens::default(),
            budget: PointBudget::new(settings.node_limit, settings.enterprise_limit, clock),
        }
    }
}
