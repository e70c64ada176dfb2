//! What this face shows of deliveries, and which it is asked for.

use cadastre_domain::webhook::{DeliveryState, WebhookDelivery};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::openapi::one_of;

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "webhook_id",
    "event_id",
    "state",
    "attempts",
    "next_at",
    "ended_at",
    "gives_up_at",
    "status",
    "error",
    "created_at",
];

/// A message on its way to a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(in crate::native) struct DeliveryView {
    /// Its identifier.
    pub(super) id: String,
    webhook_id: String,
    /// What it tells: something that happened to an alarm.
    event_id: String,
    /// `waiting`: it is tried again. `sent`: the webhook took it. `dead`: it was given up.
    #[schema(schema_with = state)]
    state: &'static str,
    /// How often it was tried since it was made or sent again.
    attempts: i32,
    /// When it is tried next, if it waits.
    #[schema(required)]
    next_at: Option<DateTime<Utc>>,
    /// When it was sent or given up, if it was.
    #[schema(required)]
    ended_at: Option<DateTime<Utc>>,
    /// When it is given up.
    gives_up_at: DateTime<Utc>,
    /// The status of the last answer, if there was one.
    #[schema(required)]
    status: Option<i32>,
    /// Why the last try failed, if it did.
    #[schema(required)]
    error: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(delivery: WebhookDelivery) -> Self {
        let waits = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.to_string(),
            webhook_id: delivery.webhook_id.to_string(),
            event_id: delivery.event_id.to_string(),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            next_at: waits.then_some(delivery.next_at),
            ended_at: (!waits).then_some(delivery.next_at),
            gives_up_at: delivery.gives_up_at,
            status: delivery.status,
            error: delivery.error,
            created_at: delivery.created_at,
        }
    }
}

fn state() -> RefOr<Schema> {
    one_of(DeliveryState::ALL.map(DeliveryState::as_str))
}

/// Which deliveries are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(in crate::native) struct DeliveryQuery {
    /// Those in this state.
    #[param(required = false, schema_with = state)]
    state: Option<String>,
}
