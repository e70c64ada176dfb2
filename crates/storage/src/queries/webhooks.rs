//! Rows and queries of webhooks. Their secrets are sealed.

mod deliveries;

use cadastre_domain::id::{EnterpriseId, WebhookDeliveryId, WebhookId};
use cadastre_domain::secret::Secret;
use cadastre_domain::webhook::{Webhook, WebhookDelivery, WebhookName, WebhookUrl};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, look};
use super::schema::{alarm_deliveries, webhooks};
use super::{Conn, Repository, Result, twice};
use crate::vault::{KeyId, Place};
use crate::{Found, Total, WebhookDeliveryFilter, WebhookFilter, Webhooks};

/// A webhook without its secret.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false)]
struct WebhookRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: WebhookId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: WebhookName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    url: WebhookUrl,
    is_enabled: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        let WebhookRow { id, enterprise_id, name, url, is_enabled, .. } = row;
        let WebhookRow { created_at, updated_at, version, .. } = row;
        Self { id, enterprise_id, name, url, is_enabled, created_at, updated_at, version }
    }
}

impl From<Webhook> for WebhookRow {
    fn from(webhook: Webhook) -> Self {
        let Webhook { id, enterprise_id, name, url, is_enabled, .. } = webhook;
        let Webhook { created_at, updated_at, version, .. } = webhook;
        Self { id, enterprise_id, name, url, is_enabled, created_at, updated_at, version }
    }
}

/// Where the secret of a webhook stands.
pub(super) const fn place(row: &str) -> Place<'_> {
    Place { table: "webhooks", row, column: "secret" }
}

/// A list of webhooks that is being narrowed down.
type Narrowed = webhooks::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The webhooks that fit the filter, wherever a list of them goes on.
fn fitting(filter: &WebhookFilter) -> Narrowed {
    let query = webhooks::table.into_boxed();
    match filter.enterprise {
        Some(enterprise) => query.filter(webhooks::enterprise_id.eq(enterprise.to_string())),
        None => query,
    }
}

impl Repository<'_> {
    /// A secret as it is stored, and the key that it is sealed with.
    fn sealed_secret(&mut self, id: WebhookId, secret: &Secret) -> Result<(Vec<u8>, String)> {
        let (key, row) = (self.sealing_key()?, id.to_string());
        let sealed = self.safe.vault.seal(&key, place(&row), secret.reveal().as_bytes())?;
        Ok((sealed, key.to_string()))
    }
}

impl Webhooks for Repository<'_> {
    fn insert_webhook(&mut self, webhook: &Webhook, secret: &Secret) -> Result<()> {
        let (sealed, key) = self.sealed_secret(webhook.id, secret)?;
        let row = WebhookRow::from(webhook.clone());
        diesel::insert_into(webhooks::table)
            .values((row, webhooks::secret.eq(sealed), webhooks::key_id.eq(key)))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn find_webhook(&mut self, id: WebhookId) -> Result<Option<Webhook>> {
        let row = webhooks::table
            .find(id.to_string())
            .select(WebhookRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Webhook::from))
    }

    fn webhook_secret(&mut self, id: WebhookId) -> Result<Option<Secret>> {
        let (row, safe) = (id.to_string(), self.safe);
        twice(|| {
            let found: Option<(Vec<u8>, String)> = webhooks::table
                .find(&row)
                .select((webhooks::secret, webhooks::key_id))
                .get_result(self.conn()?)
                .optional()?;
            let Some((sealed, key)) = found else { return Ok(None) };
            safe.open_text(&KeyId::try_from(key)?, place(&row), &sealed).map(Some)
        })
    }

    fn list_webhooks(&mut self, filter: &WebhookFilter, limit: i64) -> Result<Vec<Webhook>> {
        let mut query = fitting(filter).select(WebhookRow::as_select());
        if let Some(after) = filter.after {
            query = query.filter(webhooks::id.gt(after.to_string()));
        }
        let rows: Vec<WebhookRow> = query.order(webhooks::id).limit(limit).load(self.conn()?)?;
        Ok(rows.into_iter().map(Webhook::from).collect())
    }

    fn count_webhooks(&mut self, filter: &WebhookFilter) -> Result<Total> {
        scan::count(|after: Option<&String>, chunk| {
            look!(self, fitting(filter), webhooks::id, Vec::new(), after, chunk)
        })
    }

    fn save_webhook(&mut self, webhook: &Webhook, secret: Option<&Secret>) -> Result<bool> {
        let sealed = secret.map(|secret| self.sealed_secret(webhook.id, secret)).transpose()?;
        let row = WebhookRow::from(webhook.clone());
        let before = webhooks::version.eq(webhook.version - 1);
        let place = webhooks::table.find(webhook.id.to_string()).filter(before);
        let changed = match sealed {
            Some((sealed, key)) => diesel::update(place)
                .set((row, webhooks::secret.eq(sealed), webhooks::key_id.eq(key)))
                .execute(self.conn()?)?,
            None => diesel::update(place).set(row).execute(self.conn()?)?,
        };
        Ok(changed == 1)
    }

    fn delete_webhook(&mut self, id: WebhookId, version: i64) -> Result<bool> {
        let row = webhooks::table.find(id.to_string()).filter(webhooks::version.eq(version));
        Ok(diesel::delete(row).execute(self.conn()?)? == 1)
    }

    fn insert_webhook_deliveries(&mut self, deliveries: &[WebhookDelivery]) -> Result<()> {
        self.add_deliveries(deliveries)
    }

    fn find_webhook_delivery(&mut self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>> {
        self.delivery(id)
    }

    fn list_webhook_deliveries(
        &mut self,
        filter: &WebhookDeliveryFilter,
        limit: i64,
    ) -> Result<Found<WebhookDelivery, WebhookDeliveryId>> {
        self.some_deliveries(filter, limit)
    }

    fn count_webhook_deliveries(&mut self, filter: &WebhookDeliveryFilter) -> Result<Total> {
        self.number_of_deliveries(filter)
    }

    fn due_webhooks(&mut self, now: DateTime<Utc>) -> Result<Vec<Webhook>> {
        let due = alarm_deliveries::table
            .filter(alarm_deliveries::state.eq(deliveries::WAITING))
            .filter(alarm_deliveries::next_at.le(now))
            .select(alarm_deliveries::webhook_id);
        let rows: Vec<WebhookRow> = webhooks::table
            .filter(webhooks::is_enabled.and(webhooks::id.eq_any(due)))
            .select(WebhookRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Webhook::from).collect())
    }

    fn due_deliveries(
        &mut self,
        webhook: WebhookId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>> {
        self.deliveries_due(webhook, now, limit)
    }

    fn save_webhook_delivery(&mut self, delivery: &WebhookDelivery) -> Result<bool> {
        self.change_delivery(delivery)
    }

    fn late_deliveries(&mut self, now: DateTime<Utc>, limit: i64) -> Result<Vec<WebhookDelivery>> {
        self.deliveries_late(now, limit)
    }

    fn forget_webhook_deliveries(&mut self, before: DateTime<Utc>) -> Result<usize> {
        self.drop_deliveries(before)
    }
}
