//! Sending what is on its way to webhooks.
//!
//! A server claims a delivery before it sends it, and the claim ends by itself, so that several
//! servers do not send the same one at once and none is lost with a server that dies. One that was
//! sent just before may then be sent twice. No audit entry tells of a try: the delivery itself does.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use cadastre_domain::id::{AlarmEventId, WebhookId};
use cadastre_domain::secret::Secret;
use cadastre_domain::webhook::{Message, Webhook, WebhookDelivery, sign};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::app::{App, Changed, Writer};
use crate::error::Error;
use crate::ids;
use crate::outbound::OutboundError;
use crate::reads::ReadClass;
use crate::service::saved;

/// How many deliveries are on their way to one webhook at once.
const LANES: usize = 4;

/// How many deliveries are given up in one transaction, which keeps other writers waiting.
const CHUNK: i64 = 200;

/// Why a delivery is given up that nobody tried for the last time.
const LATE: &str = "not tried in time: the webhook was disabled, or no server was free to try it";

/// A delivery that this server alone tries now.
struct Claimed {
    delivery: WebhookDelivery,
    webhook: Webhook,
    secret: Secret,
    message: Message,
}

/// The webhooks to which something is to be sent at `now`.
///
/// # Errors
/// Failures of the storage.
pub async fn due(app: &App, now: DateTime<Utc>) -> Result<Vec<Webhook>, Error> {
    app.read_as(ReadClass::BACKGROUND, move |tx| Ok(tx.due_webhooks(now)?)).await
}

/// Gives up what nobody tries although its time is over, as when its webhook is disabled; how much.
///
/// # Errors
/// Failures of the storage.
pub async fn give_up(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut given_up = 0;
    // Mostly there is nothing, and whoever writes keeps others waiting.
    while !app.read(move |tx| Ok(tx.late_deliveries(now, 1)?)).await?.is_empty() {
        given_up += app
            .write(Writer::Register, move |tx| give_up_some(tx, now).map(Changed::nothing))
            .await?;
    }
    Ok(given_up)
}

fn give_up_some(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<usize, Error> {
    let late = tx.late_deliveries(now, CHUNK)?;
    let count = late.len();
    for delivery in late {
        saved(tx.save_webhook_delivery(&delivery.given_up(LATE.to_owned(), now))?)?;
    }
    Ok(count)
}

/// Sends to a webhook until nothing is due; how many deliveries were tried. Slow webhooks hold up
/// none of other enterprises.
///
/// # Errors
/// Failures of the storage. A delivery that is being tried then is tried again later.
pub async fn serve(app: &App, webhook: &Webhook) -> Result<usize, Error> {
    let lanes = join_all((0..LANES).map(|_| lane(app, webhook))).await;
    lanes.into_iter().sum()
}

/// Gives up what is late, sends all that is due, and waits until that is done; how many deliveries
/// were tried.
///
/// # Errors
/// Failures of the storage.
pub async fn send_due(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    give_up(app, now).await?;
    let due = due(app, now).await?;
    let served = join_all(due.iter().map(|webhook| serve(app, webhook))).await;
    served.into_iter().sum()
}

/// Sends one delivery after the other.
async fn lane(app: &App, webhook: &Webhook) -> Result<usize, Error> {
    let (mut tried, id) = (0, webhook.id);
    loop {
        // Before the claim, which must not end while others are waited for.
        let _permit = app.outbound.acquire(webhook.enterprise_id).await;
        let now = app.clock.now();
        let claimed =
            app.write(Writer::Register, move |tx| claim(tx, id, now).map(Changed::nothing)).await?;
        let Some(claimed) = claimed else { return Ok(tried) };
        let outcome = post(app, &claimed.webhook, &claimed.secret, &claimed.message).await;
        settle(app, claimed.delivery, outcome).await?;
        tried += 1;
    }
}

/// Takes the delivery that is due longest.
fn claim(
    tx: &mut dyn Tx,
    webhook: WebhookId,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>, Error> {
    let found = tx.find_webhook(webhook)?.filter(|webhook| webhook.is_enabled);
    let (Some(webhook), Some(secret)) = (found, tx.webhook_secret(webhook)?) else {
        return Ok(None);
    };
    while let Some(before) = tx.due_deliveries(webhook.id, now, 1)?.pop() {
        let found = tx.find_alarm_events(&[before.event_id])?.pop();
        let delivery = match found {
            Some(_) => before.claimed(now),
            // Whoever deleted it by hand must not keep all others from being told.
            None => before.given_up("what it tells is gone".to_owned(), now),
        };
        saved(tx.save_webhook_delivery(&delivery)?)?;
        if let Some((event, alarm)) = found {
            let message = Message::of(&alarm, &event);
            return Ok(Some(Claimed { delivery, webhook, secret, message }));
        }
    }
    Ok(None)
}

/// Notes what became of a try, unless the delivery is not the one any more that was claimed for it.
async fn settle(
    app: &App,
    delivery: WebhookDelivery,
    outcome: Result<u16, OutboundError>,
) -> Result<(), Error> {
    let now = app.clock.now();
    let after = match outcome {
        Ok(status) => delivery.taken(status.into(), now),
        Err(error) => {
            let status = error.status().map(i32::from);
            delivery.failed(status, error.to_string(), rand::random(), now)
        }
    };
    let save = move |tx: &mut dyn Tx| Ok(Changed::nothing(tx.save_webhook_delivery(&after)?));
    app.write(Writer::Register, save).await.map(drop)
}

/// Tells a webhook something, signed with its secret, and answers the status of its answer.
async fn post(
    app: &App,
    webhook: &Webhook,
    secret: &Secret,
    message: &Message,
) -> Result<u16, OutboundError> {
    let body = serde_json::to_vec(message).map_err(|_| OutboundError::Exchange)?;
    let seconds = app.clock.now().timestamp();
    let headers = [
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", concat!("cadastre/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("Cadastre-Event", message.event_id.clone()),
        ("Cadastre-Signature", sign(secret, seconds, &body)),
    ];
    app.outbound.post(webhook.enterprise_id, &webhook.url, &headers, body).await
}

/// Tries a webhook out: tells it something that it can drop. What happened is answered, and nothing
/// is sent again.
///
/// # Errors
/// Failures of the storage, such as that the webhook is gone.
pub async fn test(app: &App, webhook: &Webhook) -> Result<Result<u16, OutboundError>, Error> {
    let id = webhook.id;
    let secret = app.read(move |tx| Ok(tx.webhook_secret(id)?)).await?;
    let secret = secret.ok_or(Error::NotFound(crate::error::Thing::Webhook))?;
    let event: AlarmEventId = ids::hex_id();
    let message = Message::test(event, webhook.enterprise_id, app.clock.now());
    let _permit = app.outbound.acquire(webhook.enterprise_id).await;
    Ok(post(app, webhook, &secret, &message).await)
}

/// The webhooks that this server sends to at the moment.
#[derive(Debug, Clone, Default)]
pub struct Served(Arc<Mutex<HashSet<WebhookId>>>);

impl Served {
    /// Sends to a webhook in the background, unless that is being done.
    pub fn serve(&self, app: &App, webhook: Webhook) {
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook.id) {
            return;
        }
        let (app, done) = (app.clone(), Done { served: self.clone(), webhook: webhook.id });
        actix_web::rt::spawn(async move {
            let _done = done;
            if let Err(error) = serve(&app, &webhook).await {
                log::warn!("what is on its way to the webhook {} waits: {error}", webhook.id);
            }
        });
    }
}

/// Takes a webhook out again when it was served, however that ended.
struct Done {
    served: Served,
    webhook: WebhookId,
}

impl Drop for Done {
    fn drop(&mut self) {
        let mut served = self.served.0.lock().unwrap_or_else(PoisonError::into_inner);
        served.remove(&self.webhook);
    }
}
