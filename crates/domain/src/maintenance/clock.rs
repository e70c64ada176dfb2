//! A clock that does not jump when the machine's does.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How far the wall clock may be from what is expected of it and still be believed.
pub const TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// How long a wall clock that has jumped must go steadily before it is believed again.
pub const SETTLE: Duration = Duration::from_mins(10);

/// Tells the time by the wall clock, as long as that goes like a clock.
///
/// A wall clock may be set wrong by an hour and back again, and whatever starts at a certain time
/// would start far too early. So every reading is compared with the time that has elapsed since
/// the reading before, which nobody can set. While the two agree to within [`TOLERANCE`], the wall
/// clock is believed. After a jump this clock goes on by elapsed time alone, until the wall clock
/// either is back where it is expected, or has gone steadily for [`SETTLE`] and so was put right
/// for good.
///
/// The clock never runs backwards, with one exception: when a wall clock that was put back has
/// settled, it is taken over as it is.
///
/// There is nothing to compare the first reading with; it is believed. If elapsed time stands still
/// while the machine sleeps, waking up looks like a jump, and the clock is behind by the length of
/// the sleep until the wall clock has settled: what is due comes later, never earlier.
#[derive(Debug, Clone)]
pub struct SteadyClock {
    time: DateTime<Utc>,
    elapsed: Duration,
    /// The first reading since the wall clock jumped.
    suspect: Option<Reading>,
}

/// A reading of both.
#[derive(Debug, Clone, Copy)]
struct Reading {
    wall: DateTime<Utc>,
    elapsed: Duration,
}

impl Reading {
    /// What the wall clock must show by now if it goes steadily.
    fn expected(self, elapsed: Duration) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(elapsed.saturating_sub(self.elapsed)).ok();
        let expected = passed.and_then(|passed| self.wall.checked_add_signed(passed));
        expected.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn agrees_with(self, wall: DateTime<Utc>, elapsed: Duration) -> bool {
        (wall - self.expected(elapsed)).abs() <= TOLERANCE
    }
}

impl SteadyClock {
    /// A clock that starts with this reading of the wall clock, when `elapsed` had elapsed since
    /// some moment of the caller's choice.
    #[must_use]
    pub const fn new(wall: DateTime<Utc>, elapsed: Duration) -> Self {
        Self { time: wall, elapsed, suspect: None }
    }

    /// The time, at this reading of the wall clock, when `elapsed` has elapsed since the same
    /// moment. Readings should be less than [`SETTLE`] apart.
    pub fn read(&mut self, wall: DateTime<Utc>, elapsed: Duration) -> DateTime<Utc> {
        let elapsed = elapsed.max(self.elapsed);
        let last = Reading { wall: self.time, elapsed: self.elapsed };
        if last.agrees_with(wall, elapsed) {
            self.time = wall.max(self.time);
            self.suspect = None;
        } else if self.settled(wall, elapsed) {
            self.time = wall;
            self.suspect = None;
        } else {
            self.time = last.expected(elapsed);
        }
        self.elapsed = elapsed;
        self.time
    }

    /// Whether a wall clock that has jumped has gone steadily for long enough since. If it has
    /// jumped again, the wait begins anew.
    fn settled(&mut self, wall: DateTime<Utc>, elapsed: Duration) -> bool {
        let suspect = self.suspect.filter(|first| first.agrees_with(wall, elapsed));
        let first = *self.suspect.insert(suspect.unwrap_or(Reading { wall, elapsed }));
        elapsed.saturating_sub(first.elapsed) >= SETTLE
    }
}
