//! Limits on how often one key and one workspace may call. They live in this process: with several
//! servers, each counts for itself.

use std::num::NonZeroU32;

use cadastre_domain::id::{EnterpriseId, TokenId};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Error, RateLimited};

/// Requests a minute, per key and per workspace; without a number, no limit.
pub struct RateLimits {
    key: Option<DefaultKeyedRateLimiter<TokenId>>,
    workspace: Option<DefaultKeyedRateLimiter<EnterpriseId>>,
}

impl RateLimits {
    /// Limits of so many requests a minute.
    #[must_use]
    pub fn new(per_key: Option<NonZeroU32>, per_workspace: Option<NonZeroU32>) -> Self {
        Self {
            key: per_key.map(|n| RateLimiter::keyed(Quota::per_minute(n))),
            workspace: per_workspace.map(|n| RateLimiter::keyed(Quota::per_minute(n))),
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

fn check<K: Clone + Eq + std::hash::Hash>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: &K,
    workspace: bool,
) -> Result<(), Error> {
    let Some(limiter) = limiter else { return Ok(()) };
    // Those that called long ago need not be remembered.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Error::RateLimited(RateLimited { workspace, retry_after: wait.as_secs() + 1 })
    })
}
