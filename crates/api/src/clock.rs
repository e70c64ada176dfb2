//! The only place that reads the time.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};

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
