//! Several runs of one measurement, and how they compare with those of another.

use std::time::Duration;

use crate::median::median;
use crate::wrk::Load;

/// The runs of one measurement, in the order of time.
#[derive(Debug, Default, Clone)]
pub struct Runs {
    rates: Vec<f64>,
    latencies: Vec<(Duration, Duration)>,
    failures: u64,
}

impl Runs {
    /// Adds what wrk measured.
    pub fn add(&mut self, load: &Load) {
        self.rates.push(load.rate);
        self.latencies.push((load.p50, load.p99));
        self.failures += load.failures;
    }

    /// Adds a rate of which no more is known.
    pub fn add_rate(&mut self, rate: f64) {
        self.rates.push(rate);
    }

    /// Adds the runs of the same measurement that were made later.
    pub fn append(&mut self, later: &Self) {
        self.rates.extend(&later.rates);
        self.latencies.extend(&later.latencies);
        self.failures += later.failures;
    }

    /// The median of the rates.
    pub fn rate(&self) -> f64 {
        median(self.rates.iter().copied())
    }

    /// The medians of p50 and p99, in seconds, where they were measured.
    pub fn latencies(&self) -> Option<(f64, f64)> {
        let all = |part: fn(&(Duration, Duration)) -> Duration| {
            median(self.latencies.iter().map(|pair| part(pair).as_secs_f64()))
        };
        (!self.latencies.is_empty()).then(|| (all(|pair| pair.0), all(|pair| pair.1)))
    }

    /// How many answers were not what they should be, in all runs.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// The median of the ratios to what was measured in the same round.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        median(self.rates.iter().zip(&other.rates).map(|(ours, theirs)| ours / theirs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_compares_what_was_measured_together() {
        let runs = |rates: [f64; 3]| Runs { rates: rates.into(), ..Runs::default() };
        // The machine was three times as fast in the last round.
        let (ours, theirs) = (runs([50.0, 60.0, 150.0]), runs([100.0, 100.0, 300.0]));
        assert!((ours.ratio_to(&theirs) - 0.5).abs() < f64::EPSILON);
    }
}
