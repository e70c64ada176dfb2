//! Limits on how often one key and one workspace may call. They live in this process: with several
//! servers, each counts for itself.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use cadastre_domain::id::{EnterpriseId, TokenId};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::MonotonicClock;
use crate::error::{Error, RateLimited};

/// How often each key of this type may call.
type Limiter<K> =
    RateLimiter<K, DefaultKeyedStateStore<K>, MonotonicClock, NoOpMiddleware<Duration>>;

/// Requests a minute, per key and per workspace; without a number, no limit.
pub struct RateLimits {
    key: Option<Limiter<TokenId>>,
    workspace: Option<Limiter<EnterpriseId>>,
}

impl RateLimits {
    /// Limits of so many requests a minute.
    #[must_use]
    pub fn new(
        per_key: Option<NonZeroU32>,
        per_workspace: Option<NonZeroU32>,
        clock: &MonotonicClock,
    ) -> Self {
        Self {
            key: per_key.map(|limit| limiter(limit, clock)),
            workspace: per_workspace.map(|limit| limiter(limit, clock)),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when it is one too many.
    pub fn count(&self, key: TokenId, workspace: EnterpriseId) -> Result<(), Error> {
        check(self.key.as_ref(), &key, false)?;
        check(self.workspace.as_ref(), &workspace, true)
    }
}

fn limiter<K: Clone + Eq + Hash>(limit: NonZeroU32, clock: &MonotonicClock) -> Limiter<K> {
    let counts = DefaultKeyedStateStore::default();
    RateLimiter::new(Quota::per_minute(limit), counts, clock.clone())
}

fn check<K: Clone + Eq + Hash>(
    limiter: Option<&Limiter<K>>,
    key: &K,
    workspace: bool,
) -> Result<(), Error> {
    let Some(limiter) = limiter else { return Ok(()) };
    // Those that called long ago need not be remembered.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(limiter.clock().elapsed());
        Error::RateLimited(RateLimited::after(wait, workspace))
    })
}
