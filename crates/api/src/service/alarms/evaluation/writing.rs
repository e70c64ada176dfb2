//! Writing what becomes of alarms, together with what everybody has to be told.

use std::collections::HashMap;

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmSubject, Observed};
use cadastre_domain::id::{AlarmEventId, EnterpriseId, WebhookDeliveryId, WebhookId};
use cadastre_domain::webhook::{MOST_WEBHOOKS, WebhookDelivery};
use cadastre_storage::{Tx, WebhookFilter};
use chrono::{DateTime, Utc};

use crate::app::{App, Changed, Writer};
use crate::error::Error;
use crate::ids;
use crate::service::saved;

/// How many alarms are written in one transaction, which keeps other writers waiting.
const AT_ONCE: usize = 200;

/// A change of an alarm, with the identifiers of all that may have to be added for it.
#[derive(Clone)]
struct Change {
    observed: Observed,
    event: AlarmEventId,
    deliveries: Vec<WebhookDeliveryId>,
}

impl Change {
    fn new(observed: Observed) -> Self {
        let most = usize::try_from(MOST_WEBHOOKS).unwrap_or_default();
        let number = if observed.notice.is_some() { most } else { 0 };
        let deliveries = std::iter::repeat_with(ids::hex_id).take(number).collect();
        Self { observed, event: ids::hex_id(), deliveries }
    }
}

/// Writes these changes, but for those of alarms that somebody else changed meanwhile; how many.
pub(super) async fn write(
    app: &App,
    changes: Vec<Observed>,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let changes: Vec<_> = changes.into_iter().map(Change::new).collect();
    let mut written = 0;
    for some in changes.chunks(AT_ONCE) {
        let some = some.to_vec();
        // No audit entry tells of it: an alarm has a history of its own, and nobody did anything.
        let work = move |tx: &mut dyn Tx| write_some(tx, &some, now).map(Changed::nothing);
        written += app.write(Writer::Register, work).await?;
    }
    Ok(written)
}

fn write_some(tx: &mut dyn Tx, changes: &[Change], now: DateTime<Utc>) -> Result<usize, Error> {
    let current = still_judged(tx, changes)?;
    let alarms = |is_new: bool| {
        let all = current.iter().map(|change| &change.observed.alarm);
        all.filter(move |alarm| (alarm.version == 1) == is_new)
    };
    tx.insert_alarms(&alarms(true).cloned().collect::<Vec<_>>())?;
    for alarm in alarms(false) {
        saved(tx.save_alarm(alarm)?)?;
    }
    let events = current.iter().filter(|change| change.observed.is_event);
    let events: Vec<_> =
        events.map(|change| AlarmEvent::of(&change.observed.alarm, change.event)).collect();
    tx.insert_alarm_events(&events)?;
    let deliveries = deliveries(tx, &current, now)?;
    tx.insert_webhook_deliveries(&deliveries)?;
    Ok(current.len())
}

/// The changes of alarms that are still the ones that were judged.
fn still_judged<'a>(tx: &mut dyn Tx, changes: &'a [Change]) -> Result<Vec<&'a Change>, Error> {
    let alarms = changes.iter().map(|change| &change.observed.alarm);
    let subjects: Vec<_> = alarms.map(|alarm| alarm.subject.clone()).collect();
    let key = |alarm: &Alarm| (alarm.subject.clone(), alarm.kind);
    let stored = tx.alarms_about(&subjects)?;
    let versions: HashMap<(AlarmSubject, AlarmKind), i64> =
        stored.iter().map(|alarm| (key(alarm), alarm.version)).collect();
    let is_same = |change: &&Change| {
        let alarm = &change.observed.alarm;
        versions.get(&key(alarm)).copied().unwrap_or_default() + 1 == alarm.version
    };
    Ok(changes.iter().filter(is_same).collect())
}

/// What is on its way to everybody from now on.
fn deliveries(
    tx: &mut dyn Tx,
    changes: &[&Change],
    now: DateTime<Utc>,
) -> Result<Vec<WebhookDelivery>, Error> {
    let mut told: HashMap<EnterpriseId, Vec<WebhookId>> = HashMap::new();
    let mut deliveries = Vec::new();
    for change in changes.iter().filter(|change| change.observed.notice.is_some()) {
        let enterprise = change.observed.alarm.enterprise_id;
        let webhooks = match told.get(&enterprise) {
            Some(webhooks) => webhooks,
            None => told.entry(enterprise).or_insert(enabled_webhooks(tx, enterprise)?),
        };
        let to = webhooks.iter().zip(&change.deliveries);
        deliveries
            .extend(to.map(|(webhook, id)| WebhookDelivery::new(*id, *webhook, change.event, now)));
    }
    Ok(deliveries)
}

fn enabled_webhooks(tx: &mut dyn Tx, enterprise: EnterpriseId) -> Result<Vec<WebhookId>, Error> {
    let filter = WebhookFilter { enterprise: Some(enterprise), after: None };
    let all = tx.list_webhooks(&filter, MOST_WEBHOOKS)?;
    Ok(all.into_iter().filter(|webhook| webhook.is_enabled).map(|webhook| webhook.id).collect())
}
