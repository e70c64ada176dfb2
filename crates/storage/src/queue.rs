//! The write queue: callers leave their work, one of them commits for all.
//!
//! The queue has no thread of its own. A caller that finds it idle is told to drain it, and does so
//! until it is empty; callers that come meanwhile only leave their work and wait. A lone writer
//! therefore pays nothing for the queue, and many writers share one commit (ADR 0002).
//!
//! Bulk work, of which one caller can bring any amount, waits apart. Of it, a batch takes no more than
//! others like to wait for, from each owner in turn; so neither ordinary work nor the bulk work of one
//! owner waits behind all that another owner brings (ADR 0026).

use std::collections::{BTreeMap, VecDeque};
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
    waiting: VecDeque<J>,
    bulk: BulkLanes<J>,
    draining: bool,
}

/// Whose bulk work it is: that of an enterprise, or the register's own.
pub type BulkOwner = Option<EnterpriseId>;

/// Bulk work by its owner.
struct BulkLanes<J> {
    lanes: BTreeMap<BulkOwner, VecDeque<(usize, J)>>,
    /// The owner whose work was taken last.
    last: Option<BulkOwner>,
    count: usize,
}

/// The most callers whose work goes into one transaction. Beyond that, latency grows and the rate
/// does not.
const LARGEST_BATCH: usize = 128;
/// How many points or rows of bulk work go into one transaction when nothing else waits: ten
/// milliseconds or so.
const BULK_ALONE: usize = 1000;
/// The same when ordinary work is in the transaction.
const BULK_BESIDE: usize = 250;

impl<J> BulkLanes<J> {
    const fn new() -> Self {
        Self { lanes: BTreeMap::new(), last: None, count: 0 }
    }

    fn push(&mut self, owner: BulkOwner, weight: usize, job: J) {
        self.lanes.entry(owner).or_default().push_back((weight, job));
        self.count += 1;
    }

    fn len_of(&self, owner: BulkOwner) -> usize {
        self.lanes.get(&owner).map_or(0, VecDeque::len)
    }

    /// The next job: the first of the owner that follows the last one.
    fn pop(&mut self) -> Option<(usize, J)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let next = self.last.and_then(|last| {
            let behind = self.lanes.range((Excluded(last), Unbounded)).next();
            behind.map(|(owner, _)| *owner)
        });
        let owner = next.or_else(|| self.lanes.keys().next().copied())?;
        let lane = self.lanes.get_mut(&owner)?;
        let job = lane.pop_front();
        if lane.is_empty() {
            self.lanes.remove(&owner);
        }
        self.last = Some(owner);
        self.count -= usize::from(job.is_some());
        job
    }

    /// Moves jobs to `batch` until they weigh this much: at least one, if there is any.
    fn take(&mut self, batch: &mut Vec<J>, most: usize) {
        let mut taken = 0;
        for _ in 0..LARGEST_BATCH {
            if taken >= most {
                break;
            }
            let Some((weight, job)) = self.pop() else { break };
            batch.push(job);
            taken += weight;
        }
    }
}

impl<J> WriteQueue<J> {
    /// A queue in which at most `capacity` callers with ordinary work wait, and as many with bulk work,
    /// half of them of one owner.
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), bulk: BulkLanes::new(), draining: false };
        Self { state: Mutex::new(state), idle: Condvar::new(), capacity }
    }

    /// Leaves `job`; `Some(true)` asks the caller to [`Self::drain`], `None` means full.
    pub(crate) fn push(&self, job: J) -> Option<bool> {
        let mut state = self.lock();
        if state.waiting.len() >= self.capacity {
            return None;
        }
        state.waiting.push_back(job);
        Some(!std::mem::replace(&mut state.draining, true))
    }

    /// Leaves bulk work of this owner, which writes so many points or rows; the answer is that of
    /// [`Self::push`].
    pub(crate) fn push_bulk(&self, owner: BulkOwner, weight: usize, job: J) -> Option<bool> {
        let mut state = self.lock();
        let of_owner = state.bulk.len_of(owner);
        if state.bulk.count >= self.capacity || of_owner >= self.capacity.div_ceil(2) {
            return None;
        }
        state.bulk.push(owner, weight, job);
        Some(!std::mem::replace(&mut state.draining, true))
    }

    /// Hands over what waits, in batches, until nothing does. A panic in `commit` costs that
    /// batch, not the queue.
    pub(crate) fn drain(&self, commit: impl Fn(Vec<J>)) {
        while let Some(batch) = self.next_batch() {
            if catch_unwind(AssertUnwindSafe(|| commit(batch))).is_err() {
                log::error!("a batch of writes was lost to a panic; its callers were told");
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<J>> {
        let mut state = self.lock();
        let size = state.waiting.len().min(LARGEST_BATCH);
        let mut batch: Vec<J> = state.waiting.drain(..size).collect();
        let beside = if batch.is_empty() { BULK_ALONE } else { BULK_BESIDE };
        state.bulk.take(&mut batch, beside);
        if batch.is_empty() {
            state.draining = false;
            self.idle.notify_all();
            return None;
        }
        Some(batch)
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
        assert_eq!(queue.push(1), Some(true));
        assert_eq!(queue.push(2), Some(false));
        let seen = Mutex::new(Vec::new());
        queue.drain(|batch| seen.lock().expect("no panic").push(batch));
        assert_eq!(*seen.lock().expect("no panic"), [vec![1, 2]]);
        assert_eq!(queue.push(3), Some(true));
    }

    #[test]
    fn a_full_queue_takes_no_more() {
        let queue = WriteQueue::new(2);
        assert_eq!([queue.push(1), queue.push(2), queue.push(3)], [Some(true), Some(false), None]);
        queue.drain(|_| {});
        assert_eq!(queue.push(4), Some(true));
    }

    #[test]
    fn batches_are_bounded_and_in_order() {
        let queue = WriteQueue::new(1000);
        for n in 0..300 {
            queue.push(n);
        }
        let sizes = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        queue.drain(|batch| {
            sizes.lock().expect("no panic").push(batch.len());
            for n in batch {
                assert_eq!(n, next.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!(*sizes.lock().expect("no panic"), [128, 128, 44]);
    }

    fn owner(byte: u8) -> EnterpriseId {
        EnterpriseId::from_bytes([byte; 16])
    }

    /// The batches into which all that waits is divided.
    fn batches<J: Clone>(queue: &WriteQueue<J>) -> Vec<Vec<J>> {
        let seen = Mutex::new(Vec::new());
        queue.drain(|batch| seen.lock().expect("no panic").push(batch));
        seen.into_inner().expect("no panic")
    }

    #[test]
    fn ordinary_work_comes_before_bulk_work_that_waited_longer() {
        let queue = WriteQueue::new(1000);
        for n in 0..20 {
            queue.push_bulk(Some(owner(1)), 200, ('b', n));
        }
        for n in 0..130 {
            queue.push(('o', n));
        }
        let batches = batches(&queue);
        let kinds = |batch: &Vec<(char, i32)>| {
            let ordinary = batch.iter().take_while(|(kind, _)| *kind == 'o').count();
            (ordinary, batch.len() - ordinary)
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
        let ordinary = (0..9).filter(|_| queue.push(()).is_some()).count();
        assert_eq!(ordinary, 4);
        queue.drain(|_| {});
        assert_eq!(took(owner(3), 1), 1);
    }

    #[test]
    fn a_panic_in_a_batch_leaves_the_queue_usable() {
        let queue = WriteQueue::new(8);
        queue.push(1);
        queue.drain(|_| panic!("a bad batch"));
        assert_eq!(queue.push(2), Some(true));
        assert!(!queue.wait_until_idle(Duration::from_millis(1)));
        queue.drain(|_| {});
        assert!(queue.wait_until_idle(Duration::from_millis(1)));
    }
}
