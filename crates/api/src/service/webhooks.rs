//! Webhooks: making, showing, changing and removing them. What is on its way to them is
//! in [`deliveries`], how it gets there in [`sending`].

pub mod deliveries;
pub mod sending;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{EnterpriseId, WebhookId};
use cadastre_domain::secret::Secret;
use cadastre_domain::token::Caller;
use cadastre_domain::webhook::{MOST_WEBHOOKS, Webhook, WebhookChange, WebhookName, WebhookUrl};
use cadastre_storage::{Tx, WebhookFilter};
use chrono::{DateTime, Utc};

use super::{Counted, Expected, saved};
use crate::app::Changed;
use crate::auth::Session;
use crate::error::{Error, Thing};

/// A request for a webhook.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// The enterprise whose alarms it is told of.
    pub enterprise: EnterpriseId,
    /// What people call it.
    pub name: WebhookName,
    /// Where it is.
    pub url: WebhookUrl,
    /// Whether it is told of anything.
    pub is_enabled: bool,
}

/// A webhook together with its secret, which is shown now and never again.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The webhook.
    pub webhook: Webhook,
    /// Its secret.
    pub secret: Secret,
}

/// Makes a webhook with this identifier and this secret.
///
/// # Errors
/// An enterprise that does not exist, or that has enough of them; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    session: &Session,
    request: &NewWebhook,
    (id, secret): (WebhookId, &Secret),
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let enterprise =
        tx.find_enterprise(request.enterprise)?.ok_or(Error::NotFound(Thing::Enterprise))?;
    let filter = WebhookFilter { enterprise: Some(enterprise.id), after: None };
    if tx.count_webhooks(&filter)?.count >= MOST_WEBHOOKS {
        return Err(Error::TooManyWebhooks);
    }
    let webhook = Webhook {
        id,
        enterprise_id: enterprise.id,
        name: request.name.clone(),
        url: request.url.clone(),
        is_enabled: request.is_enabled,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    tx.insert_webhook(&webhook, secret)?;
    let entry = Entry::done(&session.actor, now, None, Some(&webhook));
    let entry = entry.giving("secret", secret.clone());
    Ok(Changed::new(Shown { webhook, secret: secret.clone() }, entry))
}

/// The webhook, if it exists for the caller.
///
/// # Errors
/// No such webhook; failures of the storage.
pub fn find(tx: &mut dyn Tx, caller: &Caller, id: WebhookId) -> Result<Webhook, Error> {
    let found = tx.find_webhook(id)?.filter(|webhook| caller.reaches(webhook.enterprise_id));
    found.ok_or(Error::NotFound(Thing::Webhook))
}

/// At most `limit` webhooks, the oldest first, and if `counted`, how many there are on all pages.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &WebhookFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Webhook>, Error> {
    let webhooks = tx.list_webhooks(filter, limit)?;
    let total = counted.then(|| tx.count_webhooks(filter)).transpose()?;
    Ok(Counted::whole(webhooks, total))
}

/// Changes a webhook. When nothing changes, nothing is written.
///
/// # Errors
/// No such webhook, another version; failures of the storage.
pub fn change(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (WebhookId, &Expected),
    change: &WebhookChange,
    now: DateTime<Utc>,
) -> Result<Changed<Webhook>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let after = before.changed(change, now);
    if after == before {
        return Ok(Changed::nothing(before));
    }
    saved(tx.save_webhook(&after, None)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    Ok(Changed::new(after, entry))
}

/// Gives a webhook another secret, with which everything is signed from now on. What fails meanwhile,
/// because the webhook does not know it yet, is sent again.
///
/// # Errors
/// No such webhook, another version; failures of the storage.
pub fn rotate(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (WebhookId, &Expected),
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let after = before.rotated(now);
    saved(tx.save_webhook(&after, Some(secret))?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    let entry = entry.giving("secret", secret.clone());
    Ok(Changed::new(Shown { webhook: after, secret: secret.clone() }, entry))
}

/// Removes a webhook with all that was on its way to it.
///
/// # Errors
/// No such webhook, another version; failures of the storage.
pub fn remove(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (WebhookId, &Expected),
    now: DateTime<Utc>,
) -> Result<Changed<()>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    saved(tx.delete_webhook(id, before.version)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), None);
    Ok(Changed::new((), entry))
}
