//! Room for so many things at once, of which no party, such as an enterprise or an address, takes
//! all, so that none can hold up the others.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for so many things at once, of which each party has its part.
#[derive(Clone)]
pub(crate) struct Room<K: Clone + Eq + Hash> {
    all: Arc<Semaphore>,
    part: usize,
    parts: Arc<Mutex<HashMap<K, Part>>>,
}

/// The part of a party, kept for as long as it has users.
struct Part {
    free: Arc<Semaphore>,
    users: usize,
}

/// A place in a room, which is free again when this is dropped.
pub struct Turn<K: Clone + Eq + Hash> {
    _of_all: OwnedSemaphorePermit,
    _of_part: OwnedSemaphorePermit,
    // Last: a part must not be forgotten while a place in it is taken.
    _user: User<K>,
}

impl<K: Clone + Eq + Hash> Room<K> {
    /// Room for `all` at once, of which each party takes `part` at most.
    pub(crate) fn new(all: usize, part: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), part, parts: Arc::default() }
    }

    /// Waits for a place. Those who wait longest come first.
    pub(crate) async fn turn(&self, party: K) -> Option<Turn<K>> {
        let (user, part) = self.enter(party);
        let of_part = part.acquire_owned().await.ok()?;
        // Only then, so that whoever waits for his own part keeps nothing from others.
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _of_all: of_all, _of_part: of_part, _user: user })
    }

    /// [`Self::turn`], unless `most` of this party wait already.
    pub(crate) async fn turn_among(&self, party: K, most: usize) -> Option<Turn<K>> {
        let is_full = {
            let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
            parts.get(&party).is_some_and(|part| part.users >= self.part + most)
        };
        if is_full { None } else { self.turn(party).await }
    }

    fn enter(&self, key: K) -> (User<K>, Arc<Semaphore>) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Part { free: Arc::new(Semaphore::new(self.part)), users: 0 };
        let part = parts.entry(key.clone()).or_insert_with(new);
        part.users += 1;
        let free = Arc::clone(&part.free);
        (User { room: self.clone(), party: key }, free)
    }
}

/// A user of the part of a party, who has a place in it or waits for one.
struct User<K: Clone + Eq + Hash> {
    room: Room<K>,
    party: K,
}

impl<K: Clone + Eq + Hash> Drop for User<K> {
    fn drop(&mut self) {
        let mut parts = self.room.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(part) = parts.get_mut(&self.party) else { return };
        part.users -= 1;
        if part.users == 0 {
            parts.remove(&self.party);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// A place, if there is one at once.
    fn now(room: &Room<u8>, number: u8) -> Option<Turn<u8>> {
        room.turn(number).now_or_never().flatten()
    }

    #[test]
    fn a_party_takes_its_part_at_most_and_others_find_room() {
        let room = Room::new(5, 2);
        let first = [now(&room, 1), now(&room, 1), now(&room, 2), now(&room, 2)];
        assert!(first.iter().all(Option::is_some));
        assert!(now(&room, 1).is_none() && now(&room, 2).is_none());
        let last = now(&room, 3);
        assert!(last.is_some() && now(&room, 4).is_none(), "all is taken");
        drop(first);
        assert!(now(&room, 1).is_some());
    }

    #[test]
    fn those_who_wait_for_their_part_keep_nothing_from_others() {
        let room = Room::new(2, 1);
        let _taken = now(&room, 1);
        let mut waits = Box::pin(room.turn(1));
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(now(&room, 2).is_some());
    }

    #[test]
    fn nothing_is_kept_of_those_who_are_gone() {
        let room = Room::new(2, 1);
        let known = || room.parts.lock().expect("the parts").len();
        let taken = now(&room, 1);
        {
            let mut waits = Box::pin(room.turn(1));
            assert!(waits.as_mut().now_or_never().is_none());
            drop(taken);
            assert_eq!(known(), 1, "somebody waits");
            assert!(waits.as_mut().now_or_never().is_some());
        }
        assert_eq!(known(), 0);
    }
}
