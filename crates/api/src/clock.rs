//! The only place that reads the time.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

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
    fn it_is_time_at_first_and_after_each_interval() {
        let (done, start) = (LastDone::default(), DateTime::<Utc>::UNIX_EPOCH);
        let after =
            |seconds| done.is_due(start + TimeDelta::seconds(seconds), TimeDelta::minutes(1));
        assert_eq!([0, 59, 60, 119, 120].map(after), [true, false, true, false, true]);
        assert!(after(-600), "the clock was set back");
    }
}
