//! The write queue: callers leave their work, one of them commits for all.
//!
//! The queue has no thread of its own. A caller that finds it idle is told to drain it, and does so
//! until it is empty; callers that come meanwhile only leave their work and wait. A lone writer
//! therefore pays nothing for the queue, and many writers share one commit (ADR 0002).

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bounded queue of work of type `J`.
pub(crate) struct WriteQueue<J> {
    state: Mutex<State<J>>,
    idle: Condvar,
    capacity: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    draining: bool,
}

/// The most callers whose work goes into one transaction. Beyond that, latency grows and the rate
/// does not.
const LARGEST_BATCH: usize = 128;

impl<J> WriteQueue<J> {
    /// A queue in which at most `capacity` callers wait.
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), draining: false };
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
        if size == 0 {
            state.draining = false;
            self.idle.notify_all();
            return None;
        }
        Some(state.waiting.drain(..size).collect())
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
