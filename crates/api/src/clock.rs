//! The only place that reads the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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

    /// How long ago it was.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
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
    fn it_is_time_at_first_and_after_each_interval() {
        let (done, start) = (LastDone::default(), DateTime::<Utc>::UNIX_EPOCH);
        let after =
            |seconds| done.is_due(start + TimeDelta::seconds(seconds), TimeDelta::minutes(1));
        assert_eq!([0, 59, 60, 119, 120].map(after), [true, false, true, false, true]);
        assert!(after(-600), "the clock was set back");
    }
}
