//! A semaphore of which no party, such as an enterprise or an address, takes all permits, so that none
//! can hold up the others.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A semaphore whose permits are shared among parties. Waiters of a party are served in the order in which
/// they came.
#[derive(Clone)]
pub(crate) struct FairSemaphore<K: Clone + Eq + Hash> {
    all: Arc<Semaphore>,
    share: usize,
    parties: Arc<Mutex<HashMap<K, Party>>>,
}

/// The share of a party, kept for as long as it has users.
struct Party {
    permits: Arc<Semaphore>,
    users: usize,
}

/// A permit, which is given back when this is dropped.
pub struct Permit<K: Clone + Eq + Hash> {
    _of_all: OwnedSemaphorePermit,
    _of_party: OwnedSemaphorePermit,
    // Last: a party must not be forgotten while one of its permits is taken.
    _user: User<K>,
}

impl<K: Clone + Eq + Hash> FairSemaphore<K> {
    /// A semaphore with `all` permits, of which each party takes `share` at most.
    pub(crate) fn new(all: usize, share: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), share, parties: Arc::default() }
    }

    /// Waits for a permit. There is none when the semaphore is closed, which never happens.
    pub(crate) async fn acquire(&self, party: K) -> Option<Permit<K>> {
        let (user, permits) = self.enter(party);
        let of_party = permits.acquire_owned().await.ok()?;
        // Only then, so that one who waits for the share of his party keeps nothing from others.
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Permit { _of_all: of_all, _of_party: of_party, _user: user })
    }

    /// [`Self::acquire`], unless `most` of this party wait already.
    pub(crate) async fn acquire_unless_full(&self, party: K, most: usize) -> Option<Permit<K>> {
        let is_full = self.users_of(&party) >= self.share + most;
        if is_full { None } else { self.acquire(party).await }
    }

    /// How many of this party have a permit or wait for one.
    fn users_of(&self, party: &K) -> usize {
        let parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        parties.get(party).map_or(0, |party| party.users)
    }

    fn enter(&self, key: K) -> (User<K>, Arc<Semaphore>) {
        let mut parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Party { permits: Arc::new(Semaphore::new(self.share)), users: 0 };
        let party = parties.entry(key.clone()).or_insert_with(new);
        party.users += 1;
        let permits = Arc::clone(&party.permits);
        (User { semaphore: self.clone(), party: key }, permits)
    }
}

/// A user of the share of a party, who has a permit of it or waits for one.
struct User<K: Clone + Eq + Hash> {
    semaphore: FairSemaphore<K>,
    party: K,
}

impl<K: Clone + Eq + Hash> Drop for User<K> {
    fn drop(&mut self) {
        let mut parties = self.semaphore.parties.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(party) = parties.get_mut(&self.party) else { return };
        party.users -= 1;
        if party.users == 0 {
            parties.remove(&self.party);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// A permit, if there is one at once.
    fn now(semaphore: &FairSemaphore<u8>, party: u8) -> Option<Permit<u8>> {
        semaphore.acquire(party).now_or_never().flatten()
    }

    #[test]
    fn a_party_takes_its_share_at_most_and_others_find_permits() {
        let semaphore = FairSemaphore::new(5, 2);
        let first = [1, 1, 2, 2].map(|party| now(&semaphore, party));
        assert!(first.iter().all(Option::is_some));
        assert!(now(&semaphore, 1).is_none() && now(&semaphore, 2).is_none());
        let last = now(&semaphore, 3);
        assert!(last.is_some() && now(&semaphore, 4).is_none(), "all are taken");
        drop(first);
        assert!(now(&semaphore, 1).is_some());
    }

    #[test]
    fn those_who_wait_for_their_share_keep_nothing_from_others() {
        let semaphore = FairSemaphore::new(2, 1);
        let _taken = now(&semaphore, 1);
        let mut waits = Box::pin(semaphore.acquire(1));
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(now(&semaphore, 2).is_some());
    }

    #[test]
    fn one_more_than_may_wait_is_refused_at_once() {
        let semaphore = FairSemaphore::new(2, 1);
        let _taken = now(&semaphore, 1);
        let mut waits = Box::pin(semaphore.acquire_unless_full(1, 1));
        assert!(waits.as_mut().now_or_never().is_none());
        let refused = semaphore.acquire_unless_full(1, 1).now_or_never();
        assert!(refused.is_some_and(|permit| permit.is_none()));
    }

    #[test]
    fn nothing_is_kept_of_a_party_without_users() {
        let semaphore = FairSemaphore::new(2, 1);
        let known = || semaphore.parties.lock().expect("the parties").len();
        let taken = now(&semaphore, 1);
        {
            let mut waits = Box::pin(semaphore.acquire(1));
            assert!(waits.as_mut().now_or_never().is_none());
            drop(taken);
            assert_eq!(known(), 1, "one waits");
            assert!(waits.as_mut().now_or_never().is_some());
        }
        assert_eq!(known(), 0);
    }
}
