//! Computations that take long, such as reading a large task or the certificates of a region.
//!
//! They run on threads of their own: event loops, look-ups and writes go on meanwhile. An enterprise has
//! a share of these threads, so that the computations of one cannot hold up those of another.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use cadastre_domain::id::EnterpriseId;

use crate::error::Error;
use crate::fair_semaphore::FairSemaphore;
use crate::logging;
use crate::reads::acquire_in_time;
use crate::threads::{Priority, Threads};

/// How many threads are left for others when one enterprise has as many as it may have.
const FOR_OTHERS: usize = 1;

/// The threads of computations, and the shares of enterprises in them.
pub struct Computations {
    permits: FairSemaphore<EnterpriseId>,
    threads: Threads,
}

impl Computations {
    /// As many threads for one enterprise as there are processors, and one more for others.
    #[must_use]
    pub fn new() -> Self {
        let share = available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = Threads::new("computations", share + FOR_OTHERS, Priority::Low);
        Self { permits: FairSemaphore::new(share + FOR_OTHERS, share), threads }
    }

    /// Runs `work`, which touches neither database nor network, for this enterprise.
    ///
    /// # Errors
    /// Too many computations of this enterprise wait already, or this one waited for too long; that
    /// `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        enterprise: EnterpriseId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let permit = acquire_in_time(&self.permits, enterprise).await?;
        let context = logging::context();
        let done = self.threads.run(move || {
            let result = context.run(work);
            // Not before: the thread is taken for so long, even if the caller has gone.
            drop(permit);
            result
        });
        done.await.map_err(|_| Error::Internal("a computation ended without a result".into()))
    }
}

impl Default for Computations {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt as _;

    use super::*;

    fn enterprise(number: u8) -> EnterpriseId {
        EnterpriseId::from_bytes([number; 16])
    }

    #[tokio::test]
    async fn computations_of_one_enterprise_leave_a_thread_for_those_of_another() {
        let computations = Computations::new();
        let share = available_parallelism().map_or(1, NonZeroUsize::get);
        let mut held = Vec::new();
        let mut running = Vec::new();
        for _ in 0..=share {
            let (release, wait) = mpsc::channel::<()>();
            let work = move || wait.recv().is_err();
            let mut computation = Box::pin(computations.run(enterprise(1), work));
            assert!(computation.as_mut().now_or_never().is_none());
            held.push(release);
            running.push(computation);
        }
        let other = computations.run(enterprise(2), || 7).await;
        assert_eq!(other.expect("a result"), 7);
        drop(held);
        for computation in running {
            assert!(computation.await.expect("a result"));
        }
    }

    #[tokio::test]
    async fn a_computation_keeps_its_thread_when_its_caller_has_gone() {
        let computations = Computations::new();
        let share = available_parallelism().map_or(1, NonZeroUsize::get);
        let mut held = Vec::new();
        for _ in 0..share {
            let (release, wait) = mpsc::channel::<()>();
            let work = move || wait.recv().is_err();
            assert!(computations.run(enterprise(1), work).now_or_never().is_none());
            held.push(release);
        }
        let mut next = Box::pin(computations.run(enterprise(1), || 7));
        assert!(next.as_mut().now_or_never().is_none());
        drop(held);
        assert_eq!(next.await.expect("a result"), 7);
    }
}
