//! Rows and queries of the history of alarms.

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmState};
use cadastre_domain::id::{AlarmEventId, AlarmId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::{alarm_events, alarms};
use super::super::{Repository, Result};
use super::{AT_ONCE, AlarmRow};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = alarm_events, treat_none_as_default_value = false)]
struct EventRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: AlarmEventId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    alarm_id: AlarmId,
    at: DateTime<Utc>,
    #[diesel(serialize_as = String, deserialize_as = String)]
    state: AlarmState,
    reason: String,
    value: String,
    is_muted: bool,
}

impl From<EventRow> for AlarmEvent {
    fn from(row: EventRow) -> Self {
        let EventRow { id, alarm_id, at, state, reason, value, is_muted } = row;
        Self { id, alarm_id, at, state, reason, value, is_muted }
    }
}

impl From<AlarmEvent> for EventRow {
    fn from(event: AlarmEvent) -> Self {
        let AlarmEvent { id, alarm_id, at, state, reason, value, is_muted } = event;
        Self { id, alarm_id, at, state, reason, value, is_muted }
    }
}

impl Repository<'_> {
    pub(super) fn add_events(&mut self, events: &[AlarmEvent]) -> Result<()> {
        for some in events.chunks(AT_ONCE) {
            let rows: Vec<_> = some.iter().cloned().map(EventRow::from).collect();
            diesel::insert_into(alarm_events::table).values(rows).execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn events_of(&mut self, alarm: AlarmId, limit: i64) -> Result<Vec<AlarmEvent>> {
        let rows: Vec<EventRow> = alarm_events::table
            .filter(alarm_events::alarm_id.eq(alarm.to_string()))
            .order(alarm_events::id.desc())
            .limit(limit)
            .select(EventRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(AlarmEvent::from).collect())
    }

    pub(super) fn events_and_alarms(
        &mut self,
        ids: &[AlarmEventId],
    ) -> Result<Vec<(AlarmEvent, Alarm)>> {
        let mut found = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let rows: Vec<(EventRow, AlarmRow)> = alarm_events::table
                .inner_join(alarms::table.on(alarms::id.eq(alarm_events::alarm_id)))
                .filter(alarm_events::id.eq_any(some.iter().map(ToString::to_string)))
                .select((EventRow::as_select(), AlarmRow::as_select()))
                .load(self.conn()?)?;
            found.extend(rows.into_iter().map(|(event, alarm)| (event.into(), alarm.into())));
        }
        Ok(found)
    }

    pub(super) fn drop_events(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let old = alarm_events::table.filter(alarm_events::at.lt(before));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }
}
