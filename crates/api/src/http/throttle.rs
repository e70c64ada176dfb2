//! Whoever tries tokens out is told to wait. The counts live in this process: with several servers,
//! each counts for itself.
//!
//! governor, which counts requests elsewhere, cannot be asked without counting, and a caller whose
//! token is right must not be counted. So the same rule (GCRA) stands here by itself: what is kept
//! of an address is the moment at which its debt is paid off. A wrong token adds to it what a token
//! costs, a minute divided by the limit; and an address that owes a whole minute has to wait.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Within which the limit counts.
const MINUTE: Duration = Duration::from_mins(1);
/// The most that an address can owe. Requests that come at once may each be let in before the first
/// is counted; they are owed, too, but nobody is locked out for longer than a minute.
const LARGEST_DEBT: Duration = Duration::from_mins(2);
/// The most addresses that are remembered.
const MOST: usize = 100_000;

/// Wrong tokens a minute from one address.
#[derive(Debug)]
pub struct WrongTokens {
    /// What one wrong token costs; nothing where there is no limit.
    cost: Option<Duration>,
    start: Instant,
    /// When the debt of an address is paid off, since `start`.
    debts: Mutex<HashMap<IpAddr, Duration>>,
}

impl WrongTokens {
    /// So many wrong tokens a minute; without a number, no limit.
    #[must_use]
    pub fn new(limit: Option<NonZeroU32>) -> Self {
        let cost = limit.map(|limit| MINUTE / limit.get());
        Self { cost, start: Instant::now(), debts: Mutex::default() }
    }

    /// After how many seconds to try again, when there were too many wrong tokens from this
    /// address. Asking counts nothing.
    #[must_use]
    pub fn refused(&self, from: IpAddr) -> Option<u64> {
        self.refused_at(from, self.start.elapsed())
    }

    /// Counts a wrong token from this address.
    pub fn count(&self, from: IpAddr) {
        self.count_at(from, self.start.elapsed());
    }

    fn refused_at(&self, from: IpAddr, now: Duration) -> Option<u64> {
        let cost = self.cost?;
        let paid_off = *self.debts().get(&key(from))?;
        // One more must fit into a minute.
        let wait = (paid_off + cost).saturating_sub(now + MINUTE);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        (seconds > 0).then_some(seconds)
    }

    fn count_at(&self, from: IpAddr, now: Duration) {
        let Some(cost) = self.cost else { return };
        let mut debts = self.debts();
        let from = key(from);
        if debts.len() >= MOST && !debts.contains_key(&from) {
            debts.retain(|_, paid_off| *paid_off > now);
            // So many at once are no mistakes of somebody, and cannot be held off by address.
            if debts.len() >= MOST {
                debts.clear();
            }
        }
        let paid_off = debts.entry(from).or_default();
        *paid_off = ((*paid_off).max(now) + cost).min(now + LARGEST_DEBT);
    }

    fn debts(&self) -> MutexGuard<'_, HashMap<IpAddr, Duration>> {
        self.debts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is counted as one: an IPv4 address, or a network of IPv6, as a single customer is given at
/// least 2^64 addresses.
pub(crate) fn key(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
