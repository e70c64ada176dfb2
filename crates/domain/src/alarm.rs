//! Alarms: what the register watches by itself, for whom, and how an alarm comes and goes.
//!
//! A rule looks at facts and makes a [`Finding`] of them ([`NodeFacts`], [`RegionFacts`]); findings
//! move an [`Alarm`] through its states ([`Alarm::observe`]). Both are total functions of what they
//! are given. There is at most one alarm for each rule and subject, and it is used again when the
//! same thing goes wrong later.

mod agent_version;
mod course;
mod event;
mod kind;
mod node;
mod region;
mod subject;

use chrono::{DateTime, Utc};

pub use agent_version::{AgentVersion, AgentVersionError};
pub use course::{Notice, Observed};
pub use event::AlarmEvent;
pub use kind::{AlarmKind, AlarmKindError, SubjectKind};
pub use node::{AGENT_FRESHNESS, AgentSeen, NodeFacts};
pub use region::{
    CERTIFICATE_FRESHNESS, CERTIFICATE_NOTICE, EndpointCertificate, Latency, NodeCheck,
    RECENT_SAMPLES, RegionFacts, SLOWER_BY, USUAL_SAMPLES,
};
pub use subject::{AlarmSubject, AlarmSubjectError};

use crate::id::{AlarmId, EnterpriseId};

/// What a rule finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Something is wrong.
    Bad {
        /// What, in one word that does not change.
        reason: &'static str,
        /// What was measured, for people. It must not change from one look to the next while nothing
        /// else does: an alarm is written whenever it does.
        value: String,
    },
    /// All is well.
    Good,
    /// There is nothing to judge by, or what there is is too old. Nothing is raised or resolved.
    Unknown,
    /// The rule does not apply, or not any more: the subject is gone, was disabled, or is not
    /// watched. An alarm that is open ends at once.
    Void,
}

/// How far an alarm has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlarmState {
    /// Something is wrong, but not for long enough to wake anybody.
    Pending,
    /// Something is wrong.
    Firing,
    /// It is over.
    Resolved,
}

/// An alarm: what one rule says of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its identifier.
    pub id: AlarmId,
    /// The enterprise to which the subject belongs.
    pub enterprise_id: EnterpriseId,
    /// The rule.
    pub kind: AlarmKind,
    /// What it is about.
    pub subject: AlarmSubject,
    /// How far it has come.
    pub state: AlarmState,
    /// What is or was wrong, in one word.
    pub reason: String,
    /// What was measured when that was found.
    pub value: String,
    /// When it came into this state.
    pub since: DateTime<Utc>,
    /// Since when all findings were good, while it still fires.
    pub good_since: Option<DateTime<Utc>>,
    /// Since when nothing could be found out.
    pub stale_since: Option<DateTime<Utc>>,
    /// Whether nobody is told of it for now.
    pub is_muted: bool,
    /// Whether everybody was told that it fires, and nobody yet that it is over.
    pub is_announced: bool,
    /// When it was raised for the first time.
    pub created_at: DateTime<Utc>,
    /// When anything of it changed.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. 0 is that of one that was never raised.
    pub version: i64,
}

impl Alarm {
    /// The alarm of a rule that has found nothing wrong with the subject so far.
    #[must_use]
    pub const fn quiet(
        id: AlarmId,
        enterprise_id: EnterpriseId,
        kind: AlarmKind,
        subject: AlarmSubject,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            enterprise_id,
            kind,
            subject,
            state: AlarmState::Resolved,
            reason: String::new(),
            value: String::new(),
            since: now,
            good_since: None,
            stale_since: None,
            is_muted: false,
            is_announced: false,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }
}

impl AlarmState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Firing, Self::Resolved];

    /// The state in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// The text names no state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a state of an alarm is one of pending, firing, resolved")]
pub struct AlarmStateError;

impl std::str::FromStr for AlarmState {
    type Err = AlarmStateError;

    fn from_str(text: &str) -> Result<Self, AlarmStateError> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(AlarmStateError)
    }
}

impl TryFrom<String> for AlarmState {
    type Error = AlarmStateError;

    fn try_from(text: String) -> Result<Self, AlarmStateError> {
        text.parse()
    }
}

impl From<AlarmState> for String {
    fn from(state: AlarmState) -> Self {
        state.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
