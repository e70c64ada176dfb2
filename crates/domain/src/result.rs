//! Results: what nodes found when they dialled.
//!
//! A node posts a [`line::Line`] per dial (dialing contract, section 3.5). [`DialPoint::read`] takes
//! out of it what is kept: whether the dial succeeded, how long it and its parts took, why it failed,
//! and its tags within bounds. Not kept are `message`, `task`, `config_vars`, `steps`, `traceroute`
//! and every other field: they can be 100 KiB long and hold what a target answered, or secrets.
//!
//! [`Rollup`] is what remains of the points of an hour or a day, and [`LastSeen`] is how a series of
//! points stands now.

mod class;
pub mod line;
mod point;
mod rollup;
mod seen;
mod shares;
mod tags;

pub use class::{Class, Measurement, MeasurementError};
pub use point::{DialPoint, LARGEST_MICROS, LONGEST_FAIL_REASON, Outcome, OutcomeError, Timings};
pub use rollup::{BrokenSketch, Percentiles, Rollup, Step};
pub use seen::{LastSeen, SeenPoint, ShownCertificate};
pub use shares::excesses;
pub use tags::{AGENT_VERSION, LONGEST_TAG_VALUE, MOST_TAGS, PointTags};
