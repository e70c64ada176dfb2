//! What this face shows of alarms.

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;

/// The fields that can be chosen in lists.
pub(super) const FIELDS: &[&str] = fields();

/// The fields that can be chosen of one alarm.
pub(super) const DETAIL_FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "kind",
    "node_id",
    "region_id",
    "state",
    "reason",
    "value",
    "since",
    "good_since",
    "stale_since",
    "is_muted",
    "is_announced",
    "created_at",
    "updated_at",
    "version",
    "events",
];

/// All but the history.
const fn fields() -> &'static [&'static str] {
    let (fields, _) = DETAIL_FIELDS.split_at(DETAIL_FIELDS.len() - 1);
    fields
}

/// An alarm.
#[derive(Serialize, ToSchema)]
#[schema(as = Alarm)]
pub(in crate::native) struct AlarmView {
    /// Its identifier.
    pub(super) id: String,
    /// The enterprise of what it is about.
    enterprise_id: String,
    /// The rule that raised it.
    #[schema(schema_with = kind)]
    kind: &'static str,
    /// The node that it is about, if it is about one.
    #[schema(required)]
    node_id: Option<String>,
    /// The region that it is about, if it is about one.
    #[schema(required)]
    region_id: Option<String>,
    /// `pending`: something is wrong, but not for long enough. `firing`: everybody was told, unless
    /// it is muted. `resolved`: it is over.
    #[schema(schema_with = state)]
    state: &'static str,
    /// What is or was wrong, in one word.
    #[schema(example = "silent")]
    reason: String,
    /// What was measured, for people.
    #[schema(example = "last accepted pull at 2026-11-24T08:00:00Z")]
    value: String,
    /// When it came into this state.
    since: DateTime<Utc>,
    /// Since when all is well, while it still fires: it is over when that has lasted.
    #[schema(required)]
    good_since: Option<DateTime<Utc>>,
    /// Since when nothing could be found out. That neither raises nor ends it.
    #[schema(required)]
    stale_since: Option<DateTime<Utc>>,
    /// Whether nobody is told for now, since the region is in maintenance.
    is_muted: bool,
    /// Whether everybody was told that it fires, and nobody yet that it is over.
    is_announced: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    version: i64,
    /// What happened to it, the latest first; a hundred at most. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    events: Option<Vec<AlarmEventView>>,
}

/// Something that happened to an alarm.
#[derive(Serialize, ToSchema)]
#[schema(as = AlarmEvent)]
pub(in crate::native) struct AlarmEventView {
    /// Its identifier, which webhooks are told.
    id: String,
    at: DateTime<Utc>,
    /// The state from then on.
    #[schema(schema_with = state)]
    state: &'static str,
    /// What was wrong, in one word.
    reason: String,
    /// What was measured.
    value: String,
    /// Whether nobody was told.
    is_muted: bool,
}

pub(super) fn kind() -> RefOr<Schema> {
    one_of(AlarmKind::ALL.map(AlarmKind::as_str))
}

pub(super) fn state() -> RefOr<Schema> {
    one_of(AlarmState::ALL.map(AlarmState::as_str))
}

impl From<Alarm> for AlarmView {
    fn from(alarm: Alarm) -> Self {
        let (node_id, region_id) = match &alarm.subject {
            AlarmSubject::Node(id) => (Some(id.to_string()), None),
            AlarmSubject::Region(id) => (None, Some(id.to_string())),
        };
        Self {
            id: alarm.id.to_string(),
            enterprise_id: alarm.enterprise_id.to_string(),
            kind: alarm.kind.as_str(),
            node_id,
            region_id,
            state: alarm.state.as_str(),
            reason: alarm.reason,
            value: alarm.value,
            since: alarm.since,
            good_since: alarm.good_since,
            stale_since: alarm.stale_since,
            is_muted: alarm.is_muted,
            is_announced: alarm.is_announced,
            created_at: alarm.created_at,
            updated_at: alarm.updated_at,
            version: alarm.version,
            events: None,
        }
    }
}

impl From<AlarmEvent> for AlarmEventView {
    fn from(event: AlarmEvent) -> Self {
        let AlarmEvent { id, at, state, reason, value, is_muted, .. } = event;
        Self { id: id.to_string(), at, state: state.as_str(), reason, value, is_muted }
    }
}

/// An alarm with its history.
impl From<(Alarm, Vec<AlarmEvent>)> for AlarmView {
    fn from((alarm, events): (Alarm, Vec<AlarmEvent>)) -> Self {
        let events = events.into_iter().map(AlarmEventView::from).collect();
        Self { events: Some(events), ..Self::from(alarm) }
    }
}
