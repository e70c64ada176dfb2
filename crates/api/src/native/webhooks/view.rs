//! What this face shows of webhooks.

use cadastre_domain::webhook::Webhook;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::webhooks::Shown;

/// The fields of a webhook, but for its secret, which no list shows.
pub(super) const FIELDS: &[&str] =
    &["id", "enterprise_id", "name", "url", "is_enabled", "created_at", "updated_at", "version"];

/// A webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(in crate::native) struct WebhookView {
    /// Its identifier.
    pub(super) id: String,
    /// The enterprise whose alarms it is told of.
    enterprise_id: String,
    /// What people call it.
    name: String,
    /// Where it is.
    url: String,
    /// Whether it is told of anything.
    is_enabled: bool,
    created_at: DateTime<Utc>,
    /// When it was last changed, its secret included; before that, when it was made.
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
    /// With what messages are signed. Only in the answers that make it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            enterprise_id: webhook.enterprise_id.to_string(),
            name: webhook.name.into(),
            url: webhook.url.into(),
            is_enabled: webhook.is_enabled,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            version: webhook.version,
            secret: None,
        }
    }
}

impl WebhookView {
    /// The webhook with its secret.
    pub(super) fn shown(shown: Shown) -> Self {
        let secret = Some(shown.secret.reveal().to_owned());
        Self { secret, ..Self::from(shown.webhook) }
    }
}
