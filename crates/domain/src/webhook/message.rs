//! What a webhook is told.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::alarm::{Alarm, AlarmEvent};
use crate::id::AlarmEventId;

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Something happened to an alarm.
    Alarm,
    /// Nothing happened: somebody tries the webhook out.
    Test,
}

/// The body of a message, field by field in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// What it tells. A message that comes twice has the same one, so that it can be dropped.
    pub event_id: String,
    /// What kind of message.
    pub kind: MessageKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The enterprise.
    pub enterprise_id: String,
    /// The alarm, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm: Option<AlarmMessage>,
}

/// An alarm in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlarmMessage {
    /// Its identifier.
    pub id: String,
    /// The rule.
    pub kind: &'static str,
    /// `firing` or `resolved`.
    pub state: &'static str,
    /// `node` or `region`.
    pub subject_kind: &'static str,
    /// The identifier of the node or region.
    pub subject_id: String,
    /// What was wrong, in one word.
    pub reason: String,
    /// What was measured.
    pub value: String,
}

impl Message {
    /// What is told of something that happened to an alarm.
    #[must_use]
    pub fn of(alarm: &Alarm, event: &AlarmEvent) -> Self {
        Self {
            event_id: event.id.to_string(),
            kind: MessageKind::Alarm,
            at: event.at,
            enterprise_id: alarm.enterprise_id.to_string(),
            alarm: Some(AlarmMessage {
                id: alarm.id.to_string(),
                kind: alarm.kind.as_str(),
                state: event.state.as_str(),
                subject_kind: alarm.subject.kind().as_str(),
                subject_id: alarm.subject.to_string(),
                reason: event.reason.clone(),
                value: event.value.clone(),
            }),
        }
    }

    /// What is told to try a webhook out.
    #[must_use]
    pub fn test(
        id: AlarmEventId,
        enterprise_id: crate::id::EnterpriseId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            event_id: id.to_string(),
            kind: MessageKind::Test,
            at: now,
            enterprise_id: enterprise_id.to_string(),
            alarm: None,
        }
    }
}
