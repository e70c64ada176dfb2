//! Rows and queries of alarms.

mod events;
mod listening;

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::id::{AlarmEventId, AlarmId, EnterpriseId, NodeId};
use cadastre_domain::node::Span;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::{alarms, node_keys};
use super::{Conn, Repository, Result, parsed};
use crate::{AlarmFilter, Alarms, Found, MOST_SCANNED, Total};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = alarms, treat_none_as_default_value = false, treat_none_as_null = true)]
struct AlarmRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: AlarmId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    kind: AlarmKind,
    #[diesel(serialize_as = String, deserialize_as = String)]
    subject_id: AlarmSubject,
    #[diesel(serialize_as = String, deserialize_as = String)]
    state: AlarmState,
    reason: String,
    value: String,
    since: DateTime<Utc>,
    good_since: Option<DateTime<Utc>>,
    stale_since: Option<DateTime<Utc>>,
    is_muted: bool,
    is_announced: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<AlarmRow> for Alarm {
    fn from(row: AlarmRow) -> Self {
        Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            kind: row.kind,
            subject: row.subject_id,
            state: row.state,
            reason: row.reason,
            value: row.value,
            since: row.since,
            good_since: row.good_since,
            stale_since: row.stale_since,
            is_muted: row.is_muted,
            is_announced: row.is_announced,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl From<Alarm> for AlarmRow {
    fn from(alarm: Alarm) -> Self {
        Self {
            id: alarm.id,
            enterprise_id: alarm.enterprise_id,
            kind: alarm.kind,
            subject_id: alarm.subject,
            state: alarm.state,
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
        }
    }
}

/// How many things are named in one statement, and how many rows one statement adds.
pub(super) const AT_ONCE: usize = 500;

/// A list of alarms that is being narrowed down.
type Narrowed = alarms::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// Which alarms an index leaves for a scan to look at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    Subject,
    Enterprise,
    State,
    Table,
}

impl Driver {
    const fn of(filter: &AlarmFilter) -> Self {
        if filter.subject.is_some() {
            Self::Subject
        } else if filter.is_announced {
            // The index of those that are announced begins with the state.
            Self::State
        } else if filter.enterprise.is_some() {
            Self::Enterprise
        } else if filter.state.is_some() {
            Self::State
        } else {
            Self::Table
        }
    }
}

/// The alarms among which those that fit are, wherever a list of them goes on.
fn driven(filter: &AlarmFilter) -> Narrowed {
    let mut query = alarms::table.into_boxed();
    match (Driver::of(filter), &filter.subject, filter.enterprise, filter.state) {
        (Driver::Subject, Some(subject), ..) => {
            query = query.filter(alarms::subject_id.eq(subject.to_string()));
        }
        (Driver::Enterprise, _, Some(enterprise), _) => {
            query = query.filter(alarms::enterprise_id.eq(enterprise.to_string()));
        }
        (Driver::State, .., Some(state)) => query = query.filter(alarms::state.eq(state.as_str())),
        _ => {}
    }
    if filter.is_announced {
        // Without a value to compare it with, as the index of these alarms has it.
        query = query.filter(alarms::is_announced);
    }
    query
}

/// What the filter asks for besides.
fn conditions(filter: &AlarmFilter) -> Vec<Fits<'static, alarms::table>> {
    let driver = Driver::of(filter);
    let mut conditions: Vec<Fits<'static, alarms::table>> = Vec::new();
    if let Some(enterprise) = filter.enterprise.filter(|_| driver != Driver::Enterprise) {
        conditions.push(Box::new(alarms::enterprise_id.eq(enterprise.to_string()).nullable()));
    }
    if let Some(state) = filter.state.filter(|_| driver != Driver::State) {
        conditions.push(Box::new(alarms::state.eq(state.as_str()).nullable()));
    }
    if let Some(kind) = filter.kind {
        conditions.push(Box::new(alarms::kind.eq(kind.as_str()).nullable()));
    }
    conditions
}

impl Repository<'_> {
    fn look_at_alarms(
        &mut self,
        filter: &AlarmFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), alarms::id, conditions(filter), after, chunk)
    }
}

impl Alarms for Repository<'_> {
    fn listening(&mut self) -> Result<Vec<Span>> {
        self.spans()
    }

    fn save_listening(&mut self, span: Span) -> Result<()> {
        self.put_span(span)
    }

    fn forget_listening(&mut self, before: DateTime<Utc>) -> Result<usize> {
        self.drop_spans(before)
    }

    fn nodes_with_valid_key(
        &mut self,
        nodes: &[NodeId],
        now: DateTime<Utc>,
    ) -> Result<Vec<NodeId>> {
        let mut found = Vec::new();
        for some in nodes.chunks(AT_ONCE) {
            let ids: Vec<String> = node_keys::table
                .filter(node_keys::node_id.eq_any(some.iter().map(AsRef::<str>::as_ref)))
                .filter(node_keys::revoked_at.is_null())
                .filter(node_keys::valid_until.is_null().or(node_keys::valid_until.gt(now)))
                .filter(node_keys::secret.is_not_null())
                .select(node_keys::node_id)
                .load(self.conn()?)?;
            for id in ids {
                found.push(parsed(&id)?);
            }
        }
        Ok(found)
    }

    fn alarms_about(&mut self, subjects: &[AlarmSubject]) -> Result<Vec<Alarm>> {
        let mut found = Vec::new();
        for some in subjects.chunks(AT_ONCE) {
            let rows: Vec<AlarmRow> = alarms::table
                .filter(alarms::subject_id.eq_any(some.iter().map(ToString::to_string)))
                .select(AlarmRow::as_select())
                .load(self.conn()?)?;
            found.extend(rows.into_iter().map(Alarm::from));
        }
        Ok(found)
    }

    fn find_alarm(&mut self, id: AlarmId) -> Result<Option<Alarm>> {
        let row = alarms::table
            .find(id.to_string())
            .select(AlarmRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Alarm::from))
    }

    fn list_alarms(&mut self, filter: &AlarmFilter, limit: i64) -> Result<Found<Alarm, AlarmId>> {
        let after = filter.after.map(|after| after.to_string());
        if conditions(filter).is_empty() {
            let mut query = driven(filter).select(AlarmRow::as_select());
            if let Some(after) = after {
                query = query.filter(alarms::id.gt(after));
            }
            let rows: Vec<AlarmRow> = query.order(alarms::id).limit(limit).load(self.conn()?)?;
            return Ok(Found::whole(rows.into_iter().map(Alarm::from).collect()));
        }
        let look = |after: Option<&String>, chunk| self.look_at_alarms(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let rows = found_rows!(self, alarms::table, alarms::id, found.items, AlarmRow);
        let items = rows.into_iter().map(Alarm::from).collect();
        Ok(Found { items, rest: found.rest.map(|id| parsed(&id)).transpose()? })
    }

    fn count_alarms(&mut self, filter: &AlarmFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_alarms(filter, after, chunk))
    }

    fn insert_alarms(&mut self, alarms: &[Alarm]) -> Result<()> {
        for some in alarms.chunks(AT_ONCE) {
            let rows: Vec<_> = some.iter().cloned().map(AlarmRow::from).collect();
            diesel::insert_into(alarms::table).values(rows).execute(self.conn()?)?;
        }
        Ok(())
    }

    fn save_alarm(&mut self, alarm: &Alarm) -> Result<bool> {
        let changed = diesel::update(alarms::table.find(alarm.id.to_string()))
            .filter(alarms::version.eq(alarm.version - 1))
            .set(AlarmRow::from(alarm.clone()))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn insert_alarm_events(&mut self, events: &[AlarmEvent]) -> Result<()> {
        self.add_events(events)
    }

    fn list_alarm_events(&mut self, alarm: AlarmId, limit: i64) -> Result<Vec<AlarmEvent>> {
        self.events_of(alarm, limit)
    }

    fn find_alarm_events(&mut self, ids: &[AlarmEventId]) -> Result<Vec<(AlarmEvent, Alarm)>> {
        self.events_and_alarms(ids)
    }

    fn forget_alarm_events(&mut self, before: DateTime<Utc>) -> Result<usize> {
        self.drop_events(before)
    }
}
