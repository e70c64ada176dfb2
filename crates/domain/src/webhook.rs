//! Webhooks: where an enterprise wants to be told of its alarms, and how it is told until it hears.

mod delivery;
mod message;
mod signature;
mod url;

use chrono::{DateTime, Utc};

pub use delivery::{
    DeliveryState, DeliveryStateError, FIRST_DELAY, GIVEN_UP_AFTER, LAST_TRY, LEASE, LONGEST_DELAY,
    WebhookDelivery,
};
pub use message::{AlarmMessage, Message, MessageKind};
pub use signature::sign;
pub use url::{WebhookUrl, WebhookUrlError};

use crate::id::{EnterpriseId, WebhookId};
use crate::text::Line;

/// What people call a webhook: 1 to 64 characters on one line.
pub type WebhookName = Line<1, 64>;

/// How many webhooks an enterprise may have: each alarm is told to all of them.
pub const MOST_WEBHOOKS: i64 = 20;

/// A place that is told of the alarms of an enterprise. Its secret is kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its identifier.
    pub id: WebhookId,
    /// The enterprise whose alarms it is told of.
    pub enterprise_id: EnterpriseId,
    /// What people call it.
    pub name: WebhookName,
    /// Where it is.
    pub url: WebhookUrl,
    /// Whether it is told of anything.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. A new secret is one, too.
    pub version: i64,
}

/// What is to become of a webhook; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookChange {
    /// Another name.
    pub name: Option<WebhookName>,
    /// Another place.
    pub url: Option<WebhookUrl>,
    /// Whether it is told of anything.
    pub is_enabled: Option<bool>,
}

impl Webhook {
    /// The webhook as it is after a change at `now`; in the same version when nothing changes.
    #[must_use]
    pub fn changed(&self, change: &WebhookChange, now: DateTime<Utc>) -> Self {
        let after = Self {
            name: change.name.clone().unwrap_or_else(|| self.name.clone()),
            url: change.url.clone().unwrap_or_else(|| self.url.clone()),
            is_enabled: change.is_enabled.unwrap_or(self.is_enabled),
            ..self.clone()
        };
        if after == *self { after } else { after.next(now) }
    }

    /// The webhook with another secret.
    #[must_use]
    pub fn rotated(&self, now: DateTime<Utc>) -> Self {
        self.clone().next(now)
    }

    fn next(self, now: DateTime<Utc>) -> Self {
        Self { updated_at: now, version: self.version + 1, ..self }
    }
}
