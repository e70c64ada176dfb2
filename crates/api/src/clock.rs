//! The only place that reads the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use rustix::time::{ClockId, clock_gettime};

/// Tells the time in whole microseconds, as both databases keep it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The time of the system.
    System,
    /// A time that moves only when a test moves it.
    Set(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the rule speaks of")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Set(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// The clock of [`BootInstant`].
#[cfg(any(target_os = "linux", target_os = "android"))]
const LEASES: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LEASES: ClockId = ClockId::Monotonic;

/// A moment on a clock that never goes back and goes on while the machine is suspended, unlike that of
/// `std::time::Instant`. What is trusted only for a while is timed by it: when a machine wakes up, the
/// while is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootInstant(Duration);

impl BootInstant {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        let time = clock_gettime(LEASES);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Self(Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default()))
    }

    /// The moment that came so long before; none where the clock had not begun.
    #[must_use]
    pub fn checked_sub(self, time: Duration) -> Option<Self> {
        self.0.checked_sub(time).map(Self)
    }

    /// How long ago it was.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

impl Clock {
    /// What measures the time from now on. It is not set back or forth with the time of the system.
    #[must_use]
    pub fn monotonic(&self) -> MonotonicClock {
        match self {
            Self::System => MonotonicClock::System(Instant::now()),
            Self::Set(_) => MonotonicClock::Set { clock: self.clone(), start: self.now() },
        }
    }
}

/// Tells how much time has passed since it was made.
#[derive(Debug, Clone)]
pub enum MonotonicClock {
    /// By the steady time of the system.
    System(Instant),
    /// By a time that moves only when a test moves it.
    Set {
        /// Tells that time.
        clock: Clock,
        /// What it told at the start.
        start: DateTime<Utc>,
    },
}

impl MonotonicClock {
    /// How much time has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match self {
            Self::System(start) => start.elapsed(),
            Self::Set { clock, start } => (clock.now() - start).to_std().unwrap_or_default(),
        }
    }
}

impl governor::clock::Clock for MonotonicClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.elapsed()
    }
}

/// When something was done last that is done now and then.
#[derive(Debug, Default)]
pub struct LastDone(Mutex<Option<DateTime<Utc>>>);

impl LastDone {
    /// Whether it is time to do it again, so long after the last time; then it counts as done now. A
    /// clock that was set back makes it time, too.
    pub fn is_due(&self, now: DateTime<Utc>, interval: TimeDelta) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| (now - last).abs() >= interval);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_timed_by_a_clock_that_goes_on_while_the_machine_is_suspended() {
        let boottime = || {
            let time = clock_gettime(ClockId::Boottime);
            (time.tv_sec, time.tv_nsec)
        };
        let parts = |moment: BootInstant| {
            (i64::try_from(moment.0.as_secs()).expect("small"), i64::from(moment.0.subsec_nanos()))
        };
        let (before, moment, after) = (boottime(), BootInstant::now(), boottime());
        assert!(before <= parts(moment) && parts(moment) <= after);
        assert!(moment.elapsed() < Duration::from_hours(1) && moment <= BootInstant::now());
    }

    #[test]
    fn a_clock_that_tests_move_measures_what_they_let_pass() {
        let time = Arc::new(Mutex::new(DateTime::<Utc>::UNIX_EPOCH));
        let clock = Clock::Set(Arc::clone(&time)).monotonic();
        let after = |seconds| {
            *time.lock().expect("a time") = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            clock.elapsed().as_secs()
        };
        assert_eq!([0, 7, 60, -1].map(after), [0, 7, 60, 0]);
    }

    #[test]
    fn it_is_time_at_first_and_after_each_interval() {
        let (done, start) = (LastDone::default(), DateTime::<Utc>::UNIX_EPOCH);
        let after =
            |seconds| done.is_due(start + TimeDelta::seconds(seconds), TimeDelta::minutes(1));
        assert_eq!([0, 59, 60, 119, 120].map(after), [true, false, true, false, true]);
        assert!(after(-600), "the clock was set back");
    }
}
