//! What is on its way to a webhook, was taken by it, or was given up.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{WebhookDeliveryId, WebhookId};
use cadastre_domain::token::Caller;
use cadastre_domain::webhook::WebhookDelivery;
use cadastre_storage::{Tx, WebhookDeliveryFilter};
use chrono::{DateTime, Utc};

use super::super::{Counted, saved};
use super::find;
use crate::app::Changed;
use crate::auth::Session;
use crate::error::{Error, Thing};

/// At most `limit` deliveries of a webhook, the oldest first, and if `counted`, how many there are on
/// all pages.
///
/// # Errors
/// No such webhook for the caller; failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    caller: &Caller,
    filter: &WebhookDeliveryFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<WebhookDelivery>, Error> {
    find(tx, caller, filter.webhook)?;
    let deliveries = tx.list_webhook_deliveries(filter, limit)?;
    let total = counted.then(|| tx.count_webhook_deliveries(filter)).transpose()?;
    Ok(Counted::found(deliveries, total))
}

/// Has a delivery sent once more, whether it was sent, given up, or waits.
///
/// # Errors
/// No such delivery of such a webhook for the caller; failures of the storage.
pub fn replay(
    tx: &mut dyn Tx,
    session: &Session,
    (webhook, id): (WebhookId, WebhookDeliveryId),
    now: DateTime<Utc>,
) -> Result<Changed<WebhookDelivery>, Error> {
    let webhook = find(tx, &session.caller, webhook)?;
    let found = tx.find_webhook_delivery(id)?.filter(|found| found.webhook_id == webhook.id);
    let before = found.ok_or(Error::NotFound(Thing::WebhookDelivery))?;
    let after = before.clone().replayed(now);
    saved(tx.save_webhook_delivery(&after)?)?;
    let of = (before, webhook.enterprise_id);
    let entry = Entry::done(&session.actor, now, Some(&of), Some(&(after.clone(), of.1)));
    Ok(Changed::new(after, entry))
}
