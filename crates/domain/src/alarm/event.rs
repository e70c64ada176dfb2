//! The history of alarms.

use chrono::{DateTime, Utc};

use super::{Alarm, AlarmState};
use crate::id::{AlarmEventId, AlarmId};

/// Something that happened to an alarm: it came into a state, or everybody was told of the state that
/// it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmEvent {
    /// Its identifier, which everybody is told with it: what is told twice has the same one.
    pub id: AlarmEventId,
    /// The alarm.
    pub alarm_id: AlarmId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The state of the alarm from then on.
    pub state: AlarmState,
    /// What was wrong, in one word.
    pub reason: String,
    /// What was measured.
    pub value: String,
    /// Whether nobody was told, since alarms of the subject were muted.
    pub is_muted: bool,
}

impl AlarmEvent {
    /// What happened to the alarm when it became what it is.
    #[must_use]
    pub fn of(alarm: &Alarm, id: AlarmEventId) -> Self {
        Self {
            id,
            alarm_id: alarm.id,
            at: alarm.updated_at,
            state: alarm.state,
            reason: alarm.reason.clone(),
            value: alarm.value.clone(),
            is_muted: alarm.is_muted,
        }
    }
}
