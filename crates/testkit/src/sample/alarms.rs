//! One valid alarm, and who is told of it.

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::secret::Secret;
use cadastre_domain::webhook::{Webhook, WebhookDelivery};

use super::{enterprise, hex, node, text, time};

/// That the node is silent, which everybody was told.
#[must_use]
pub fn alarm() -> Alarm {
    Alarm {
        state: AlarmState::Firing,
        reason: "silent".to_owned(),
        value: "last accepted pull at 2026-11-22T08:00:00Z".to_owned(),
        is_announced: true,
        version: 1,
        ..Alarm::quiet(
            hex(90),
            enterprise().id,
            AlarmKind::NodeSilent,
            AlarmSubject::Node(node().id),
            time(),
        )
    }
}

/// That the alarm fires.
#[must_use]
pub fn alarm_event() -> AlarmEvent {
    AlarmEvent::of(&alarm(), hex(91))
}

/// A webhook.
#[must_use]
pub fn webhook() -> Webhook {
    Webhook {
        id: hex(92),
        enterprise_id: enterprise().id,
        name: text("on call"),
        url: text("https://hooks.example.com/cadastre?key=a-key"),
        is_enabled: true,
        created_at: time(),
        updated_at: time(),
        version: 1,
    }
}

/// The secret of the webhook.
#[must_use]
pub fn webhook_secret() -> Secret {
    Secret::from("whsec_secret of the webhook".to_owned())
}

/// The event on its way to the webhook.
#[must_use]
pub fn webhook_delivery() -> WebhookDelivery {
    WebhookDelivery::new(hex(93), webhook().id, alarm_event().id, time())
}
