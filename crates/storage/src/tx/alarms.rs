//! Alarms, their history, and who is told of them.

use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::id::{
    AlarmEventId, AlarmId, EnterpriseId, NodeId, WebhookDeliveryId, WebhookId,
};
use cadastre_domain::node::Span;
use cadastre_domain::secret::Secret;
use cadastre_domain::webhook::{DeliveryState, Webhook, WebhookDelivery};
use chrono::{DateTime, Utc};

use super::{Found, Result, Total};

/// Which alarms to list.
#[derive(Debug, Clone, Default)]
pub struct AlarmFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those in this state.
    pub state: Option<AlarmState>,
    /// Those of this rule.
    pub kind: Option<AlarmKind>,
    /// Those about this node or region.
    pub subject: Option<AlarmSubject>,
    /// Only those of which everybody was told that they fire, and nobody yet that they are over.
    pub is_announced: bool,
    /// Those behind this one.
    pub after: Option<AlarmId>,
}

/// Alarms and their history.
pub trait Alarms {
    /// The spans in which nodes could be heard, the earliest first.
    fn listening(&mut self) -> Result<Vec<Span>>;
    /// Adds a span, or prolongs the one that begins as this one does.
    fn save_listening(&mut self, span: Span) -> Result<()>;
    /// Forgets spans that ended before this time; how many.
    fn forget_listening(&mut self, before: DateTime<Utc>) -> Result<usize>;
    /// Those of these nodes that have a key with which they can pull at `now`.
    fn nodes_with_valid_key(&mut self, nodes: &[NodeId], now: DateTime<Utc>)
    -> Result<Vec<NodeId>>;
    /// All alarms about these nodes and regions.
    fn alarms_about(&mut self, subjects: &[AlarmSubject]) -> Result<Vec<Alarm>>;
    /// The alarm with this identifier.
    fn find_alarm(&mut self, id: AlarmId) -> Result<Option<Alarm>>;
    /// At most `limit` alarms, the oldest first.
    fn list_alarms(&mut self, filter: &AlarmFilter, limit: i64) -> Result<Found<Alarm, AlarmId>>;
    /// How many alarms fit the filter, wherever a list of them goes on.
    fn count_alarms(&mut self, filter: &AlarmFilter) -> Result<Total>;
    /// Adds alarms. There must be none of the same rule about the same subject.
    fn insert_alarms(&mut self, alarms: &[Alarm]) -> Result<()>;
    /// Saves a changed alarm; `false` when the stored version is not the one before.
    fn save_alarm(&mut self, alarm: &Alarm) -> Result<bool>;
    /// Adds to the history of alarms.
    fn insert_alarm_events(&mut self, events: &[AlarmEvent]) -> Result<()>;
    /// At most `limit` things that happened to an alarm, the latest first.
    fn list_alarm_events(&mut self, alarm: AlarmId, limit: i64) -> Result<Vec<AlarmEvent>>;
    /// Those of these events that there are, each with its alarm.
    fn find_alarm_events(&mut self, ids: &[AlarmEventId]) -> Result<Vec<(AlarmEvent, Alarm)>>;
    /// Forgets what happened before this time; how much.
    fn forget_alarm_events(&mut self, before: DateTime<Utc>) -> Result<usize>;
}

/// Which webhooks to list.
#[derive(Debug, Clone, Default)]
pub struct WebhookFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those behind this one.
    pub after: Option<WebhookId>,
}

/// Which deliveries of a webhook to list.
#[derive(Debug, Clone)]
pub struct WebhookDeliveryFilter {
    /// The webhook.
    pub webhook: WebhookId,
    /// Those in this state.
    pub state: Option<DeliveryState>,
    /// Those behind this one.
    pub after: Option<WebhookDeliveryId>,
}

/// Webhooks and what is on its way to them.
pub trait Webhooks {
    /// Adds a webhook with its secret.
    fn insert_webhook(&mut self, webhook: &Webhook, secret: &Secret) -> Result<()>;
    /// The webhook with this identifier.
    fn find_webhook(&mut self, id: WebhookId) -> Result<Option<Webhook>>;
    /// The secret of a webhook.
    fn webhook_secret(&mut self, id: WebhookId) -> Result<Option<Secret>>;
    /// At most `limit` webhooks, the oldest first.
    fn list_webhooks(&mut self, filter: &WebhookFilter, limit: i64) -> Result<Vec<Webhook>>;
    /// How many webhooks fit the filter, wherever a list of them goes on.
    fn count_webhooks(&mut self, filter: &WebhookFilter) -> Result<Total>;
    /// Saves a changed webhook, with another secret if there is one; `false` when the stored version
    /// is not the one before.
    fn save_webhook(&mut self, webhook: &Webhook, secret: Option<&Secret>) -> Result<bool>;
    /// Deletes a webhook with all that was on its way to it; `false` when it has another version.
    fn delete_webhook(&mut self, id: WebhookId, version: i64) -> Result<bool>;

    /// Adds deliveries.
    fn insert_webhook_deliveries(&mut self, deliveries: &[WebhookDelivery]) -> Result<()>;
    /// The delivery with this identifier.
    fn find_webhook_delivery(&mut self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>>;
    /// At most `limit` deliveries of a webhook, the oldest first.
    fn list_webhook_deliveries(
        &mut self,
        filter: &WebhookDeliveryFilter,
        limit: i64,
    ) -> Result<Found<WebhookDelivery, WebhookDeliveryId>>;
    /// How many deliveries fit the filter, wherever a list of them goes on.
    fn count_webhook_deliveries(&mut self, filter: &WebhookDeliveryFilter) -> Result<Total>;
    /// The webhooks that are enabled and to which something is due at `now`.
    fn due_webhooks(&mut self, now: DateTime<Utc>) -> Result<Vec<Webhook>>;
    /// At most `limit` deliveries of a webhook that are due at `now`, the longest due first.
    fn due_deliveries(
        &mut self,
        webhook: WebhookId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>>;
    /// Saves a changed delivery; `false` when the stored version is not the one before: somebody else
    /// has tried it meanwhile, or had it begin anew.
    fn save_webhook_delivery(&mut self, delivery: &WebhookDelivery) -> Result<bool>;
    /// At most `limit` deliveries that nobody tried for the last time when they were to be given up,
    /// and that nobody tries at `now`.
    fn late_deliveries(&mut self, now: DateTime<Utc>, limit: i64) -> Result<Vec<WebhookDelivery>>;
    /// Forgets deliveries that were sent or given up before this time; how many.
    fn forget_webhook_deliveries(&mut self, before: DateTime<Utc>) -> Result<usize>;
}
