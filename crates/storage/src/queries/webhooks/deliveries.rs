//! Rows and queries of what is on its way to webhooks.

use cadastre_domain::id::{AlarmEventId, WebhookDeliveryId, WebhookId};
use cadastre_domain::webhook::{DeliveryState, LAST_TRY, WebhookDelivery};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::alarms::AT_ONCE;
use super::super::scan::{self, Fits, Looked, found_rows, look};
use super::super::schema::alarm_deliveries as deliveries;
use super::super::{Conn, Repository, Result, parsed};
use crate::{Found, MOST_SCANNED, Total, WebhookDeliveryFilter};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false, treat_none_as_null = true)]
struct DeliveryRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: WebhookDeliveryId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    webhook_id: WebhookId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    event_id: AlarmEventId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    state: DeliveryState,
    attempts: i32,
    next_at: DateTime<Utc>,
    gives_up_at: DateTime<Utc>,
    status: Option<i32>,
    error: Option<String>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow { id, webhook_id, event_id, state, attempts, .. } = row;
        let DeliveryRow { next_at, gives_up_at, status, error, created_at, version, .. } = row;
        Self {
            id,
            webhook_id,
            event_id,
            state,
            attempts,
            next_at,
            gives_up_at,
            status,
            error,
            created_at,
            version,
        }
    }
}

impl From<WebhookDelivery> for DeliveryRow {
    fn from(delivery: WebhookDelivery) -> Self {
        let WebhookDelivery { id, webhook_id, event_id, state, attempts, .. } = delivery;
        let WebhookDelivery { next_at, gives_up_at, status, error, created_at, version, .. } =
            delivery;
        Self {
            id,
            webhook_id,
            event_id,
            state,
            attempts,
            next_at,
            gives_up_at,
            status,
            error,
            created_at,
            version,
        }
    }
}

pub(super) const WAITING: &str = DeliveryState::Waiting.as_str();

/// A list of deliveries that is being narrowed down.
type Narrowed = deliveries::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The deliveries among which those that fit are, wherever a list of them goes on.
fn driven(filter: &WebhookDeliveryFilter) -> Narrowed {
    deliveries::table.filter(deliveries::webhook_id.eq(filter.webhook.to_string())).into_boxed()
}

/// What the filter asks for besides.
fn conditions(filter: &WebhookDeliveryFilter) -> Vec<Fits<'static, deliveries::table>> {
    let in_state = |state: DeliveryState| {
        Box::new(deliveries::state.eq(state.as_str()).nullable()) as Fits<'_, _>
    };
    filter.state.map(in_state).into_iter().collect()
}

impl Repository<'_> {
    pub(super) fn add_deliveries(&mut self, new: &[WebhookDelivery]) -> Result<()> {
        for some in new.chunks(AT_ONCE) {
            let rows: Vec<_> = some.iter().cloned().map(DeliveryRow::from).collect();
            diesel::insert_into(deliveries::table).values(rows).execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn delivery(&mut self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>> {
        let row = deliveries::table
            .find(id.to_string())
            .select(DeliveryRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(WebhookDelivery::from))
    }

    fn look_at_deliveries(
        &mut self,
        filter: &WebhookDeliveryFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), deliveries::id, conditions(filter), after, chunk)
    }

    pub(super) fn some_deliveries(
        &mut self,
        filter: &WebhookDeliveryFilter,
        limit: i64,
    ) -> Result<Found<WebhookDelivery, WebhookDeliveryId>> {
        let after = filter.after.map(|after| after.to_string());
        if conditions(filter).is_empty() {
            let mut query = driven(filter).select(DeliveryRow::as_select());
            if let Some(after) = after {
                query = query.filter(deliveries::id.gt(after));
            }
            let rows: Vec<DeliveryRow> =
                query.order(deliveries::id).limit(limit).load(self.conn()?)?;
            return Ok(Found::whole(rows.into_iter().map(WebhookDelivery::from).collect()));
        }
        let look = |after: Option<&String>, chunk| self.look_at_deliveries(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let id = deliveries::id;
        let rows = found_rows!(self, deliveries::table, id, found.items, DeliveryRow);
        let items = rows.into_iter().map(WebhookDelivery::from).collect();
        Ok(Found { items, rest: found.rest.map(|id| parsed(&id)).transpose()? })
    }

    pub(super) fn number_of_deliveries(&mut self, filter: &WebhookDeliveryFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_deliveries(filter, after, chunk))
    }

    pub(super) fn deliveries_due(
        &mut self,
        webhook: WebhookId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>> {
        let rows: Vec<DeliveryRow> = deliveries::table
            .filter(deliveries::webhook_id.eq(webhook.to_string()))
            .filter(deliveries::state.eq(WAITING).and(deliveries::next_at.le(now)))
            .order(deliveries::next_at)
            .limit(limit)
            .select(DeliveryRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(WebhookDelivery::from).collect())
    }

    pub(super) fn change_delivery(&mut self, delivery: &WebhookDelivery) -> Result<bool> {
        let changed = diesel::update(deliveries::table.find(delivery.id.to_string()))
            .filter(deliveries::version.eq(delivery.version - 1))
            .set(DeliveryRow::from(delivery.clone()))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    pub(super) fn deliveries_late(
        &mut self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>> {
        let rows: Vec<DeliveryRow> = deliveries::table
            .filter(deliveries::state.eq(WAITING).and(deliveries::next_at.le(now)))
            .filter(deliveries::gives_up_at.le(now - LAST_TRY))
            .limit(limit)
            .select(DeliveryRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(WebhookDelivery::from).collect())
    }

    pub(super) fn drop_deliveries(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let ended = [DeliveryState::Sent.as_str(), DeliveryState::Dead.as_str()];
        let old = deliveries::table
            .filter(deliveries::state.eq_any(ended).and(deliveries::next_at.lt(before)));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }
}
