//! One message on its way to one webhook: tried again until it is taken or given up.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::{AlarmEventId, WebhookDeliveryId, WebhookId};

/// How long after the first failure a delivery is tried again; the time doubles with each failure.
pub const FIRST_DELAY: TimeDelta = TimeDelta::seconds(10);

/// The longest time between two tries.
pub const LONGEST_DELAY: TimeDelta = TimeDelta::hours(1);

/// For how long a delivery is tried. The last try is at the end of it.
pub const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// How long a delivery waits for its last try. If nobody makes it, because the webhook is disabled or
/// no server runs, it is given up without.
pub const LAST_TRY: TimeDelta = TimeDelta::minutes(1);

/// For how long a delivery belongs to the server that tries it: longer than a try can take. If that
/// server dies meanwhile, another one tries it then.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It waits to be tried, for the first time or again.
    Waiting,
    /// The webhook took it.
    Sent,
    /// It was given up.
    Dead,
}

/// A message on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its identifier.
    pub id: WebhookDeliveryId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// What it tells.
    pub event_id: AlarmEventId,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was tried since it was made or sent again, a try that is under way included.
    pub attempts: i32,
    /// When it is tried next. Of one that is sent or dead, when that came to be.
    pub next_at: DateTime<Utc>,
    /// When it is given up.
    pub gives_up_at: DateTime<Utc>,
    /// The status of the last answer, if there was one.
    pub status: Option<i32>,
    /// Why the last try failed, if it did.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Counts its changes, from 1. Who tries it notes what became of that only if nothing else did
    /// meanwhile: if it began anew, somebody else may be trying it, or may have been heard.
    pub version: i64,
}

impl WebhookDelivery {
    /// A delivery that is to be tried at once.
    #[must_use]
    pub fn new(
        id: WebhookDeliveryId,
        webhook_id: WebhookId,
        event_id: AlarmEventId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            webhook_id,
            event_id,
            state: DeliveryState::Waiting,
            attempts: 0,
            next_at: now,
            gives_up_at: now + GIVEN_UP_AFTER,
            status: None,
            error: None,
            created_at: now,
            version: 1,
        }
    }

    /// Whether it is to be tried now.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.state == DeliveryState::Waiting && self.next_at <= now
    }

    /// The delivery while somebody tries it, who is left alone for [`LEASE`].
    #[must_use]
    pub fn claimed(self, now: DateTime<Utc>) -> Self {
        let attempts = self.attempts.saturating_add(1);
        Self { attempts, next_at: now + LEASE, ..self }.next()
    }

    /// The delivery after the webhook took it.
    #[must_use]
    pub fn taken(self, status: i32, now: DateTime<Utc>) -> Self {
        let (state, status) = (DeliveryState::Sent, Some(status));
        Self { state, next_at: now, status, error: None, ..self }.next()
    }

    /// The delivery after a try that failed. `chance` is a number of 32 bits at random, which spreads
    /// the tries of many deliveries: each waits for half to all of its delay.
    #[must_use]
    pub fn failed(
        self,
        status: Option<i32>,
        error: String,
        chance: u32,
        now: DateTime<Utc>,
    ) -> Self {
        let told = Self { status, ..self };
        if now >= told.gives_up_at {
            return told.given_up(error, now);
        }
        let next_at = (now + delay(told.attempts, chance)).min(told.gives_up_at);
        Self { next_at, error: Some(error), ..told }.next()
    }

    /// The delivery after it turned out that trying it is of no use.
    #[must_use]
    pub fn given_up(self, error: String, now: DateTime<Utc>) -> Self {
        Self { state: DeliveryState::Dead, next_at: now, error: Some(error), ..self }.next()
    }

    /// The delivery as it is tried once more, from the beginning, when somebody asks for that. One
    /// that waits is tried at once and given up when it would have been.
    #[must_use]
    pub fn replayed(self, now: DateTime<Utc>) -> Self {
        let gives_up_at = match self.state {
            DeliveryState::Waiting => self.gives_up_at,
            DeliveryState::Sent | DeliveryState::Dead => now + GIVEN_UP_AFTER,
        };
        let state = DeliveryState::Waiting;
        Self { state, attempts: 0, next_at: now, gives_up_at, ..self }.next()
    }

    fn next(self) -> Self {
        Self { version: self.version + 1, ..self }
    }
}

/// How long to wait after so many tries.
fn delay(attempts: i32, chance: u32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let longest = LONGEST_DELAY.num_milliseconds();
    let whole = FIRST_DELAY.num_milliseconds().saturating_mul(1 << doublings).min(longest);
    let spread = whole / 2 * i64::from(chance) / i64::from(u32::MAX);
    TimeDelta::milliseconds(whole - whole / 2 + spread)
}

impl DeliveryState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Dead];

    /// The state in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }
}

/// The text names no state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a state of a delivery is one of waiting, sent, dead")]
pub struct DeliveryStateError;

impl FromStr for DeliveryState {
    type Err = DeliveryStateError;

    fn from_str(text: &str) -> Result<Self, DeliveryStateError> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(DeliveryStateError)
    }
}

impl TryFrom<String> for DeliveryState {
    type Error = DeliveryStateError;

    fn try_from(text: String) -> Result<Self, DeliveryStateError> {
        text.parse()
    }
}

impl From<DeliveryState> for String {
    fn from(state: DeliveryState) -> Self {
        state.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
