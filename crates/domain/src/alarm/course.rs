//! How findings move an alarm: pending, firing, resolved.
//!
//! | state | bad | good | unknown | void |
//! |---|---|---|---|---|
//! | resolved | pending | stays | stays | stays |
//! | pending | fires once it has been so for [`AlarmKind::fire_after`] | resolved | stays | resolved |
//! | firing | stays, and what was good is forgotten | resolved once all findings were good for [`AlarmKind::resolve_after`] | stays, and what was good is forgotten | resolved |
//!
//! Each call moves it by one state at most.
//!
//! [`AlarmKind::fire_after`]: super::AlarmKind::fire_after
//! [`AlarmKind::resolve_after`]: super::AlarmKind::resolve_after

use chrono::{DateTime, TimeDelta, Utc};

use super::{Alarm, AlarmState, Finding};

/// What everybody has to be told of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It fires.
    Firing,
    /// It is over.
    Resolved,
}

/// An alarm after a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The alarm as it is now.
    pub alarm: Alarm,
    /// Whether anything of it changed, so that it has to be written.
    pub is_changed: bool,
    /// Whether this belongs into its history: it has another state, or everybody is told something.
    pub is_event: bool,
    /// What everybody has to be told.
    pub notice: Option<Notice>,
}

impl Alarm {
    /// What a finding of `now` makes of it.
    ///
    /// While it is muted it moves on, but nobody is told. When that is over, everybody is told what
    /// is then so: that it fires, if nobody was told yet, or that it is over, if they were told that
    /// it fires. What came and went meanwhile stays in its history alone.
    #[must_use]
    pub fn observe(self, finding: &Finding, is_muted: bool, now: DateTime<Utc>) -> Observed {
        let before = self.clone();
        let mut alarm = self.moved(finding, now);
        alarm.is_muted = is_muted && alarm.is_noteworthy();
        let notice = if is_muted { None } else { alarm.due_notice() };
        if let Some(notice) = notice {
            alarm.is_announced = notice == Notice::Firing;
        }
        let is_changed = alarm != before;
        let is_event = alarm.state != before.state || notice.is_some();
        if is_changed {
            alarm.updated_at = now;
            alarm.version = before.version + 1;
        }
        Observed { alarm, is_changed, is_event, notice }
    }

    /// Whether there is anything that somebody might have to be told of.
    const fn is_noteworthy(&self) -> bool {
        !matches!(self.state, AlarmState::Resolved) || self.is_announced
    }

    /// What everybody would have to be told now.
    const fn due_notice(&self) -> Option<Notice> {
        match (self.state, self.is_announced) {
            (AlarmState::Firing, false) => Some(Notice::Firing),
            (AlarmState::Resolved, true) => Some(Notice::Resolved),
            _ => None,
        }
    }

    fn moved(self, finding: &Finding, now: DateTime<Utc>) -> Self {
        match (finding, self.state) {
            (Finding::Bad { reason, value }, _) => self.found_bad(reason, value, now),
            (Finding::Good | Finding::Void | Finding::Unknown, AlarmState::Resolved) => self,
            (Finding::Unknown, _) => {
                let stale_since = self.stale_since.or(Some(now));
                Self { stale_since, good_since: None, ..self }
            }
            (Finding::Void, _) | (Finding::Good, AlarmState::Pending) => {
                self.entering(AlarmState::Resolved, now)
            }
            (Finding::Good, AlarmState::Firing) => self.found_good(now),
        }
    }

    fn found_bad(self, reason: &str, value: &str, now: DateTime<Utc>) -> Self {
        let told = Self {
            reason: reason.to_owned(),
            value: value.to_owned(),
            good_since: None,
            stale_since: None,
            ..self
        };
        match told.state {
            AlarmState::Resolved => told.entering(AlarmState::Pending, now),
            AlarmState::Pending if has_lasted(told.since, told.kind.fire_after(), now) => {
                told.entering(AlarmState::Firing, now)
            }
            AlarmState::Pending | AlarmState::Firing => told,
        }
    }

    /// A good finding while it fires.
    fn found_good(self, now: DateTime<Utc>) -> Self {
        let good_since = self.good_since.unwrap_or(now);
        if has_lasted(good_since, self.kind.resolve_after(), now) {
            self.entering(AlarmState::Resolved, now)
        } else {
            Self { good_since: Some(good_since), stale_since: None, ..self }
        }
    }

    fn entering(self, state: AlarmState, now: DateTime<Utc>) -> Self {
        Self { state, since: now, good_since: None, stale_since: None, ..self }
    }
}

/// Whether something has lasted for so long. A clock that was set back makes it last longer, never
/// shorter.
fn has_lasted(since: DateTime<Utc>, long: TimeDelta, now: DateTime<Utc>) -> bool {
    now.signed_duration_since(since) >= long
}
