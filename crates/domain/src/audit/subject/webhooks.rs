//! What entries tell of webhooks and of what is on its way to them.

use super::{Subject, text};
use crate::audit::Value;
use crate::id::EnterpriseId;
use crate::webhook::{Webhook, WebhookDelivery};

impl Subject for Webhook {
    const KIND: &'static str = "webhook";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        // Whoever knows the whole URL can often post there: its fingerprint tells that it changed.
        vec![
            ("name", text(self.name.as_ref())),
            ("origin", text(&self.url.origin())),
            ("url", Some(Value::Secret(self.url.reveal().to_owned().into()))),
            ("is_enabled", text(&self.is_enabled)),
        ]
    }
}

/// A delivery together with the enterprise of its webhook.
impl Subject for (WebhookDelivery, EnterpriseId) {
    const KIND: &'static str = "webhook_delivery";

    fn object_id(&self) -> String {
        self.0.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.1)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let delivery = &self.0;
        vec![
            ("webhook_id", text(&delivery.webhook_id)),
            ("event_id", text(&delivery.event_id)),
            ("state", text(delivery.state.as_str())),
        ]
    }
}
