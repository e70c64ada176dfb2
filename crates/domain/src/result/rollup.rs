//! What remains of the points of an hour or a day.

use sketches_ddsketch::{Config, DDSketch};

use super::{Outcome, SeenPoint};

/// Over how much time points are rolled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An hour of UTC.
    Hour,
    /// A day of UTC.
    Day,
}

const NANOS: i64 = 1_000_000_000;

impl Step {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// A number for it, which never changes.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Hour => 1,
            Self::Day => 2,
        }
    }

    /// How long it is, in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Which one holds this time, counted from that which begins with 1970. The time is in
    /// nanoseconds since 1970, and may be before.
    #[must_use]
    pub const fn of(self, at_ns: i64) -> i64 {
        at_ns.div_euclid(self.seconds() * NANOS)
    }

    /// When the one of this number begins, in seconds since 1970.
    #[must_use]
    pub const fn start(self, number: i64) -> i64 {
        number.saturating_mul(self.seconds())
    }
}

/// How late a point may come and still be counted, in days: as long as hours are kept at first.
const LATEST: i64 = 35;

impl SeenPoint {
    /// At which time a roll-up counts it, in nanoseconds since 1970. One whose time lies ahead of when
    /// it was received counts as of that moment; one that comes more than 35 days late is not counted:
    /// so a clock that is wrong, or a made-up time, makes no hours and days without end.
    #[must_use]
    pub fn counted_ns(&self) -> Option<i64> {
        let received = self.received_us.saturating_mul(1000);
        let late = received.saturating_sub(self.at_ns);
        (late <= LATEST * Step::Day.seconds() * NANOS).then(|| self.at_ns.min(received))
    }
}

/// The bytes of a sketch do not read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sketch does not read: {0}")]
pub struct BrokenSketch(String);

/// Times below which given parts of all times are, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentiles {
    /// Half of them.
    pub p50: i64,
    /// 95 of 100.
    pub p95: i64,
    /// 99 of 100.
    pub p99: i64,
}

/// How many points there were, how many of them were failures, and how long those took that were
/// none and tell it. Points that do not say how they ended are left out: they are no dials that were
/// answered, and would make whatever is reckoned of these numbers look better than is known.
///
/// Roll-ups can be merged in any order: points that come late are no trouble. Percentiles are wrong
/// by at most 1 of 100.
#[derive(Clone)]
pub struct Rollup {
    /// All points that say whether they succeeded.
    pub count: i64,
    /// Points that tell a failure.
    pub failures: i64,
    times: DDSketch,
}

impl Default for Rollup {
    fn default() -> Self {
        // An error of 1 in 100, in at most 2048 bins: enough for every time that is kept.
        Self { count: 0, failures: 0, times: DDSketch::new(Config::defaults()) }
    }
}

impl std::fmt::Debug for Rollup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rollup")
            .field("count", &self.count)
            .field("failures", &self.failures)
            .field("times", &self.times())
            .finish_non_exhaustive()
    }
}

impl Rollup {
    /// Adds a point, if it says whether it succeeded.
    pub fn add(&mut self, outcome: Outcome, response_us: Option<i64>) {
        let Some(has_succeeded) = outcome.verdict() else { return };
        self.count += 1;
        self.failures += i64::from(!has_succeeded);
        if let Some(micros) = response_us.filter(|_| has_succeeded) {
            self.times.add(exact(micros));
        }
    }

    /// Adds all that `other` tells of.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.failures += other.failures;
        // Both have the same error, so this does not fail.
        let _ = self.times.merge(&other.times);
    }

    /// How many times there are.
    #[must_use]
    pub fn times(&self) -> usize {
        self.times.count()
    }

    /// The shortest time, in microseconds.
    #[must_use]
    pub fn shortest(&self) -> Option<i64> {
        self.times.min().map(whole)
    }

    /// The longest time, in microseconds.
    #[must_use]
    pub fn longest(&self) -> Option<i64> {
        self.times.max().map(whole)
    }

    /// The percentiles, when there is any time.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        let (shortest, longest) = (self.shortest()?, self.longest()?);
        let part = |part| {
            let found = self.times.quantile(part).ok().flatten().map(whole);
            found.map(|micros| micros.clamp(shortest, longest))
        };
        Some(Percentiles { p50: part(0.5)?, p95: part(0.95)?, p99: part(0.99)? })
    }

    /// The times as bytes, in the form that other libraries of `DDSketch` read, too.
    #[must_use]
    pub fn sketch(&self) -> Vec<u8> {
        if self.times.count() == 0 { Vec::new() } else { self.times.to_java_bytes() }
    }

    /// The roll-up of these numbers and the bytes of [`Self::sketch`].
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn new(count: i64, failures: i64, sketch: &[u8]) -> Result<Self, BrokenSketch> {
        let mut rollup = Self { count, failures, ..Self::default() };
        if !sketch.is_empty() {
            let times = DDSketch::from_java_bytes(sketch);
            let times = times.map_err(|error| BrokenSketch(error.to_string()))?;
            let merged = rollup.times.merge(&times);
            merged.map_err(|error| BrokenSketch(error.to_string()))?;
        }
        Ok(rollup)
    }
}

#[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 microseconds")]
const fn exact(micros: i64) -> f64 {
    micros as f64
}

#[expect(clippy::cast_possible_truncation, reason = "times are far below 2^53 microseconds")]
fn whole(micros: f64) -> i64 {
    micros.round() as i64
}

#[cfg(test)]
mod tests;
