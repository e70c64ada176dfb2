//! Limits how many wrong tokens from one address are answered 401; those beyond are told to wait.
//! Right tokens are not counted and never refused, whatever else comes from their address. The
//! counts live in this process: with several servers, each counts for itself.
//!
//! The rule is GCRA: what is kept of an address is the moment at which its debt is paid off. A wrong
//! token adds to it what a token costs, a minute divided by the limit; one that would make the debt
//! larger than a minute is refused and costs nothing. governor has the same rule, but no bound on how
//! many addresses it keeps.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::MonotonicClock;
use crate::error::retry_after;

/// Within which the limit counts.
const MINUTE: Duration = Duration::from_mins(1);
/// The most addresses that are remembered.
const MOST: usize = 100_000;

/// Wrong tokens a minute from one address.
#[derive(Debug)]
pub struct WrongTokens {
    /// What one wrong token costs; nothing where there is no limit.
    cost: Option<Duration>,
    clock: MonotonicClock,
    debts: Mutex<Debts>,
}

/// When the debt of each address is paid off, by the clock.
///
/// A debt is paid off after a minute at most. So those that were changed in a minute are kept
/// for the next one, and are then forgotten all at once, which costs the same for any number.
#[derive(Debug, Default)]
struct Debts {
    /// Those that were changed last, since `since`.
    new: HashMap<IpAddr, Duration>,
    /// Those that were changed in the time before.
    old: HashMap<IpAddr, Duration>,
    since: Duration,
}

impl Debts {
    /// Forgets what is so old that it is paid off. So many addresses at once that there is no room
    /// for all of them cannot be held off by address; of those, the older half is forgotten.
    fn forget(&mut self, now: Duration) {
        if now.saturating_sub(self.since) >= MINUTE || self.new.len() >= MOST / 2 {
            self.old = std::mem::take(&mut self.new);
            self.since = now;
        }
    }

    fn paid_off(&self, from: &IpAddr) -> Duration {
        self.new.get(from).or_else(|| self.old.get(from)).copied().unwrap_or_default()
    }
}

impl WrongTokens {
    /// So many wrong tokens a minute; without a number, no limit.
    #[must_use]
    pub fn new(limit: Option<NonZeroU32>, clock: MonotonicClock) -> Self {
        let cost = limit.map(|limit| MINUTE / limit.get());
        Self { cost, clock, debts: Mutex::default() }
    }

    /// Counts a wrong token from this address. When it is one too many, it is not counted; the
    /// answer is after how many seconds to try again.
    #[must_use]
    pub fn count(&self, from: IpAddr) -> Option<u64> {
        self.count_at(from, self.clock.elapsed())
    }

    fn count_at(&self, from: IpAddr, now: Duration) -> Option<u64> {
        let cost = self.cost?;
        let mut debts = self.debts();
        let from = key(from);
        debts.forget(now);
        let then = debts.paid_off(&from).max(now) + cost;
        // One more must fit into a minute.
        let wait = then.saturating_sub(now + MINUTE);
        if wait.is_zero() {
            debts.new.insert(from, then);
            return None;
        }
        Some(retry_after(wait))
    }

    /// Whether wrong tokens from this address count at present.
    #[must_use]
    pub fn is_counted(&self, from: IpAddr) -> bool {
        self.debts().paid_off(&key(from)) > self.clock.elapsed()
    }

    fn debts(&self) -> MutexGuard<'_, Debts> {
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
