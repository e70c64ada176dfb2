//! What can be done with alarms and webhooks.

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::node::Span;
use cadastre_domain::webhook::{DeliveryState, Webhook, WebhookDelivery};
use cadastre_storage::{AlarmFilter, Tx, WebhookDeliveryFilter, WebhookFilter};
use cadastre_testkit::sample::{self, hex};

use super::lists::{choices, only};
use super::walk::Result;

pub fn writes(tx: &mut dyn Tx) -> Result {
    let refused = Alarm { id: hex(94), kind: AlarmKind::NodeRefused, ..sample::alarm() };
    tx.save_listening(Span { since: sample::time(), until: sample::time() })?;
    // Several at once make another statement than one.
    tx.insert_alarms(&[sample::alarm()])?;
    tx.insert_alarms(&[refused, Alarm { id: hex(95), ..outdated() }])?;
    assert!(tx.save_alarm(&Alarm { version: 2, ..sample::alarm() })?);
    tx.insert_alarm_events(&[sample::alarm_event()])?;
    let another = |id| AlarmEvent { id: hex(id), ..sample::alarm_event() };
    tx.insert_alarm_events(&[another(96), another(97)])?;
    tx.insert_webhook(&sample::webhook(), &sample::webhook_secret())?;
    let changed = |version| Webhook { version, ..sample::webhook() };
    assert!(tx.save_webhook(&changed(2), None)?);
    assert!(tx.save_webhook(&changed(3), Some(&sample::webhook_secret()))?);
    tx.insert_webhook_deliveries(&[sample::webhook_delivery()])?;
    let another = |id| WebhookDelivery { id: hex(id), ..sample::webhook_delivery() };
    tx.insert_webhook_deliveries(&[another(98), another(99)])?;
    assert!(tx.save_webhook_delivery(&sample::webhook_delivery().claimed(sample::time()))?);
    Ok(())
}

fn outdated() -> Alarm {
    Alarm { kind: AlarmKind::AgentOutdated, ..sample::alarm() }
}

pub fn lists(tx: &mut dyn Tx) -> Result {
    let subject = AlarmSubject::Node(sample::node().id);
    for [home, state, kind, about, cursor] in choices() {
        let filter = AlarmFilter {
            enterprise: only(home, hex(1)),
            state: only(state, AlarmState::Firing),
            kind: only(kind, AlarmKind::NodeSilent),
            subject: only(about, subject.clone()),
            is_announced: false,
            after: only(cursor, hex(1)),
        };
        tx.list_alarms(&filter, 9)?;
        // Those of every enterprise are counted by reading all.
        if home || state || about {
            tx.count_alarms(&filter)?;
        }
    }
    for [cursor] in choices() {
        let (state, after) = (Some(AlarmState::Resolved), only(cursor, hex(1)));
        let filter = AlarmFilter { state, is_announced: true, after, ..AlarmFilter::default() };
        tx.list_alarms(&filter, 9)?;
    }
    for [home, cursor] in choices() {
        let filter = WebhookFilter { enterprise: only(home, hex(1)), after: only(cursor, hex(1)) };
        tx.list_webhooks(&filter, 9)?;
        // And so are all webhooks.
        if home {
            tx.count_webhooks(&filter)?;
        }
    }
    for [state, cursor] in choices() {
        let (state, after) = (only(state, DeliveryState::Dead), only(cursor, hex(1)));
        let filter = WebhookDeliveryFilter { webhook: hex(92), state, after };
        tx.list_webhook_deliveries(&filter, 9)?;
        tx.count_webhook_deliveries(&filter)?;
    }
    tx.listening()?;
    tx.nodes_with_valid_key(&[sample::node().id], sample::time())?;
    tx.alarms_about(&[subject])?;
    tx.find_alarm(hex(90))?;
    tx.list_alarm_events(hex(90), 9)?;
    tx.find_alarm_events(&[hex(91)])?;
    tx.find_webhook(hex(92))?;
    tx.webhook_secret(hex(92))?;
    tx.find_webhook_delivery(hex(93))?;
    tx.due_webhooks(sample::time())?;
    tx.late_deliveries(sample::time(), 9)?;
    tx.due_deliveries(hex(92), sample::time(), 9).map(drop)
}

pub fn deletions(tx: &mut dyn Tx) -> Result {
    tx.forget_webhook_deliveries(sample::time())?;
    tx.forget_alarm_events(sample::time())?;
    tx.forget_listening(sample::time())?;
    assert!(tx.delete_webhook(hex(92), 3)?);
    // For the rotation of keys that comes next.
    let webhook = Webhook { id: hex(100), ..sample::webhook() };
    tx.insert_webhook(&webhook, &sample::webhook_secret())
}
