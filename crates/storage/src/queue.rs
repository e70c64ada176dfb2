//! The write queue: callers leave their work, one of them commits for all.
//!
//! The queue has no thread of its own. A caller that finds it idle is told to drain it, and does so
//! until it is empty; callers that come meanwhile only leave their work and wait. A lone writer
//! therefore pays nothing for the queue, and many writers share one commit (ADR 0002).
//!
//! Owners take turns, so the work of one does not wait behind all that another brings (ADR 0025). Bulk
//! work, of which one caller can bring any amount, waits apart; of it, a batch takes no more than
//! others like to wait for (ADR 0026).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cadastre_domain::id::EnterpriseId;

/// A bounded queue of work of type `J`.
pub(crate) struct WriteQueue<J> {
    state: Mutex<State<J>>,
    idle: Condvar,
    capacity: usize,
}

struct State<J> {
    ordinary: Lanes<J>,
    bulk: Lanes<J>,
    draining: bool,
}

/// Whose work it is: that of an enterprise, or the register's own.
pub type WriteOwner = Option<EnterpriseId>;

/// Work that waits, with what is needed to put it back.
struct QueuedJob<J> {
    owner: WriteOwner,
    weight: usize,
    job: J,
}

/// Work that waits, by its owner.
struct Lanes<J> {
    by_owner: BTreeMap<WriteOwner, VecDeque<QueuedJob<J>>>,
    /// The owner whose work was taken last.
    last: Option<WriteOwner>,
    count: usize,
}

/// Work that is to be done in one transaction: bulk work first, and then the owners' ordinary work in turn.
pub(crate) struct Batch<J> {
    pub(crate) jobs: Vec<J>,
    /// How many of them are bulk work.
    pub(crate) bulk: usize,
    /// The owners of the others.
    owners: Vec<WriteOwner>,
}

/// The most callers whose work goes into one transaction. Beyond that, latency grows and the rate
/// does not.
const LARGEST_BATCH: usize = 128;
/// How many points or rows of bulk work go into one transaction when nothing else waits: ten
/// milliseconds or so.
const BULK_ALONE: usize = 1000;
/// The same when ordinary work is in the transaction.
const BULK_BESIDE: usize = 250;

impl<J> Lanes<J> {
    const fn new() -> Self {
        Self { by_owner: BTreeMap::new(), last: None, count: 0 }
    }

    /// Adds work, unless so many jobs wait already, or half as many of this owner.
    fn push(&mut self, waiting: QueuedJob<J>, capacity: usize) -> bool {
        let of_owner = self.by_owner.get(&waiting.owner).map_or(0, VecDeque::len);
        if self.count >= capacity || of_owner >= capacity.div_ceil(2) {
            return false;
        }
        self.by_owner.entry(waiting.owner).or_default().push_back(waiting);
        self.count += 1;
        true
    }

    /// Puts a job back where it was taken from.
    fn put_back(&mut self, waiting: QueuedJob<J>) {
        self.by_owner.entry(waiting.owner).or_default().push_front(waiting);
        self.count += 1;
    }

    /// The next job: the first of the owner that follows the last one.
    fn pop(&mut self) -> Option<QueuedJob<J>> {
        let next = self.last.and_then(|last| {
            let behind = self.by_owner.range((Excluded(last), Unbounded)).next();
            behind.map(|(owner, _)| *owner)
        });
        let owner = next.or_else(|| self.by_owner.keys().next().copied())?;
        let lane = self.by_owner.get_mut(&owner)?;
        let waiting = lane.pop_front();
        if lane.is_empty() {
            self.by_owner.remove(&owner);
        }
        self.last = Some(owner);
        self.count -= usize::from(waiting.is_some());
        waiting
    }

    /// Takes jobs until they weigh this much: at least one, if there is any.
    fn take(&mut self, most: usize) -> Vec<QueuedJob<J>> {
        let (mut batch, mut taken) = (Vec::new(), 0);
        while taken < most && batch.len() < LARGEST_BATCH {
            let Some(waiting) = self.pop() else { break };
            taken += waiting.weight;
            batch.push(waiting);
        }
        batch
    }
}

impl<J> WriteQueue<J> {
    /// A queue in which at most `capacity` callers with ordinary work wait, and as many with bulk work,
    /// half of them of one owner.
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { ordinary: Lanes::new(), bulk: Lanes::new(), draining: false };
        Self { state: Mutex::new(state), idle: Condvar::new(), capacity }
    }

    /// Leaves a job of this owner; `Some(true)` asks the caller to [`Self::drain`], `None` means full.
    pub(crate) fn push(&self, owner: WriteOwner, job: J) -> Option<bool> {
        let mut state = self.lock();
        let is_taken = state.ordinary.push(QueuedJob { owner, weight: 1, job }, self.capacity);
        is_taken.then(|| !std::mem::replace(&mut state.draining, true))
    }

    /// Leaves bulk work of this owner, which writes so many points or rows; the answer is that of
    /// [`Self::push`].
    pub(crate) fn push_bulk(&self, owner: WriteOwner, weight: usize, job: J) -> Option<bool> {
        let mut state = self.lock();
        let is_taken = state.bulk.push(QueuedJob { owner, weight, job }, self.capacity);
        is_taken.then(|| !std::mem::replace(&mut state.draining, true))
    }

    /// Hands over what waits, in batches, until nothing does. `commit` answers the jobs that it did not
    /// come to, from the end of the ordinary work: they are the first of their owners' again. A panic in
    /// `commit` costs that batch, not the queue.
    pub(crate) fn drain(&self, commit: impl Fn(Vec<J>, usize) -> Vec<J>) {
        while let Some(Batch { jobs, bulk, owners }) = self.next_batch() {
            match catch_unwind(AssertUnwindSafe(|| commit(jobs, bulk))) {
                Ok(left) => self.put_back(&owners, left),
                Err(_) => {
                    log::error!("a batch of writes was lost to a panic; its callers were told");
                }
            }
        }
    }

    fn next_batch(&self) -> Option<Batch<J>> {
        let mut state = self.lock();
        let ordinary = state.ordinary.take(LARGEST_BATCH);
        let most = if ordinary.is_empty() { BULK_ALONE } else { BULK_BESIDE };
        let bulk = state.bulk.take(most);
        if ordinary.is_empty() && bulk.is_empty() {
            state.draining = false;
            self.idle.notify_all();
            return None;
        }
        let owners = ordinary.iter().map(|waiting| waiting.owner).collect();
        let count = bulk.len();
        let jobs = bulk.into_iter().chain(ordinary).map(|waiting| waiting.job).collect();
        Some(Batch { jobs, bulk: count, owners })
    }

    /// Puts the last jobs of a batch back whose ordinary work had these owners.
    fn put_back(&self, owners: &[WriteOwner], left: Vec<J>) {
        if left.is_empty() {
            return;
        }
        let done = owners.len().saturating_sub(left.len());
        let mut state = self.lock();
        for (owner, job) in owners.iter().rev().zip(left.into_iter().rev()) {
            state.ordinary.put_back(QueuedJob { owner: *owner, weight: 1, job });
        }
        // The turn is that of the owner whose job comes next.
        state.ordinary.last = owners[..done].last().copied();
    }

    /// Waits until nothing waits and nothing is being committed; `false` when that took longer
    /// than `limit`.
    pub(crate) fn wait_until_idle(&self, limit: Duration) -> bool {
        let state = self.lock();
        let waited = self.idle.wait_timeout_while(state, limit, |state| state.draining);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn only_the_caller_that_finds_the_queue_idle_drains() {
        let queue = WriteQueue::new(8);
        assert_eq!(queue.push(None, 1), Some(true));
        assert_eq!(queue.push(None, 2), Some(false));
        let seen = Mutex::new(Vec::new());
        queue.drain(|batch, _| {
            seen.lock().expect("no panic").push(batch);
            Vec::new()
        });
        assert_eq!(*seen.lock().expect("no panic"), [vec![1, 2]]);
        assert_eq!(queue.push(None, 3), Some(true));
    }

    #[test]
    fn a_full_queue_takes_no_more() {
        let queue = WriteQueue::new(2);
        let (one, other) = (Some(owner(1)), Some(owner(2)));
        let pushed = [queue.push(one, 1), queue.push(other, 2), queue.push(None, 3)];
        assert_eq!(pushed, [Some(true), Some(false), None]);
        queue.drain(|_, _| Vec::new());
        assert_eq!(queue.push(None, 4), Some(true));
    }

    #[test]
    fn batches_are_bounded_and_in_order() {
        let queue = WriteQueue::new(1000);
        for n in 0..300 {
            queue.push(None, n);
        }
        let sizes = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        queue.drain(|batch, _| {
            sizes.lock().expect("no panic").push(batch.len());
            for n in batch {
                assert_eq!(n, next.fetch_add(1, Ordering::Relaxed));
            }
            Vec::new()
        });
        assert_eq!(*sizes.lock().expect("no panic"), [128, 128, 44]);
    }

    fn owner(byte: u8) -> EnterpriseId {
        EnterpriseId::from_bytes([byte; 16])
    }

    /// The batches into which all that waits is divided.
    fn batches<J: Clone>(queue: &WriteQueue<J>) -> Vec<Vec<J>> {
        let seen = Mutex::new(Vec::new());
        queue.drain(|batch, _| {
            seen.lock().expect("no panic").push(batch);
            Vec::new()
        });
        seen.into_inner().expect("no panic")
    }

    #[test]
    fn ordinary_work_comes_before_bulk_work_that_waited_longer() {
        let queue = WriteQueue::new(1000);
        for n in 0..20 {
            queue.push_bulk(Some(owner(1)), 200, ('b', n));
        }
        for n in 0..130 {
            queue.push(None, ('o', n));
        }
        let batches = batches(&queue);
        let kinds = |batch: &Vec<(char, i32)>| {
            let bulk = batch.iter().take_while(|(kind, _)| *kind == 'b').count();
            (batch.len() - bulk, bulk)
        };
        let counts: Vec<_> = batches.iter().map(kinds).collect();
        // Two times 200 rows are the first to reach 250, and five times 200 reach 1,000.
        assert_eq!(counts, [(128, 2), (2, 2), (0, 5), (0, 5), (0, 5), (0, 1)]);
    }

    #[test]
    fn owners_of_bulk_work_take_turns() {
        let queue = WriteQueue::new(1000);
        for n in 0..6 {
            queue.push_bulk(Some(owner(1)), 500, (1, n));
        }
        queue.push_bulk(None, 500, (0, 0));
        queue.push_bulk(Some(owner(2)), 500, (2, 0));
        let batches = batches(&queue);
        let expected = [
            vec![(0, 0), (1, 0)],
            vec![(2, 0), (1, 1)],
            vec![(1, 2), (1, 3)],
            vec![(1, 4), (1, 5)],
        ];
        assert_eq!(batches, expected);
    }

    #[test]
    fn owners_of_ordinary_work_take_turns_and_what_is_left_comes_first() {
        let queue = WriteQueue::new(1000);
        for n in 0..5 {
            queue.push(Some(owner(1)), (1, n));
        }
        queue.push(Some(owner(2)), (2, 0));
        let seen = Mutex::new(Vec::new());
        queue.drain(|mut batch, _| {
            // There was time for two.
            let left = batch.split_off(batch.len().min(2));
            if seen.lock().expect("no panic").is_empty() {
                queue.push(Some(owner(2)), (2, 1));
                queue.push(None, (0, 0));
            }
            seen.lock().expect("no panic").push(batch);
            left
        });
        let expected = [
            vec![(1, 0), (2, 0)],
            vec![(0, 0), (1, 1)],
            vec![(2, 1), (1, 2)],
            vec![(1, 3), (1, 4)],
        ];
        assert_eq!(*seen.lock().expect("no panic"), expected);
    }

    #[test]
    fn light_bulk_work_shares_a_batch_with_as_many_as_ordinary_work_does() {
        let queue = WriteQueue::new(1000);
        for n in 0..300 {
            assert!(queue.push_bulk(Some(owner(1)), 1, n).is_some());
        }
        let sizes: Vec<_> = batches(&queue).iter().map(Vec::len).collect();
        assert_eq!(sizes, [128, 128, 44]);
    }

    #[test]
    fn one_owner_fills_neither_the_queue_nor_the_room_of_other_owners() {
        let queue = WriteQueue::new(4);
        let took = |owner, count: usize| {
            (0..count).filter(|_| queue.push_bulk(Some(owner), 1, ()).is_some()).count()
        };
        assert_eq!([took(owner(1), 9), took(owner(2), 9), took(owner(3), 9)], [2, 2, 0]);
        let ordinary = |owner| (0..9).filter(|_| queue.push(owner, ()).is_some()).count();
        assert_eq!([ordinary(None), ordinary(Some(owner(1))), ordinary(Some(owner(2)))], [2, 2, 0]);
        queue.drain(|_, _| Vec::new());
        assert_eq!(took(owner(3), 1), 1);
    }

    #[test]
    fn a_panic_in_a_batch_leaves_the_queue_usable() {
        let queue = WriteQueue::new(8);
        queue.push(None, 1);
        queue.drain(|_, _| panic!("a bad batch"));
        assert_eq!(queue.push(None, 2), Some(true));
        assert!(!queue.wait_until_idle(Duration::from_millis(1)));
        queue.drain(|_, _| Vec::new());
        assert!(queue.wait_until_idle(Duration::from_millis(1)));
    }
}
