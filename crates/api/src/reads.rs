//! Which reads wait for which others, so that none of one enterprise can stop those of another.
//!
//! The cost of a look-up does not depend on the caller: it has connections and the threads of the workers to
//! itself. A list costs more, a scan costs what its client decides, and a delivery to a node costs what its
//! agent does not know yet. These three wait for a turn, of which an enterprise has a share, and run on
//! threads of their own: so there is always a connection and a thread for look-ups, however many lists there
//! are.

use std::future::Future;
use std::time::Duration;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::token::Caller;
use cadastre_storage::StorageError;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::{Error, RateLimited};
use crate::fair_semaphore::{FairSemaphore, Permit};
use crate::threads::{Priority, Threads};

/// How many connections look-ups have to themselves: one for those on threads, and one that tells whether
/// the regions in memory are fresh.
const FOR_LOOK_UPS: usize = 2;

/// How many connections are left for lists of others when one enterprise has as many as it may have.
const FOR_OTHERS: usize = 1;

/// How many lists of one enterprise wait for a turn at most.
const MOST_WAITING: usize = 128;

/// How long a list waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// After how many seconds a caller may come again whose enterprise has too many lists waiting.
const RETRY_AFTER: u64 = 1;

/// What decides how much a read costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadClass {
    /// The keys of a few rows.
    LookUp,
    /// A page in the order of an index, which this enterprise asks for.
    Page(EnterpriseId),
    /// How many rows have to be looked at for a filter or a total, which this enterprise asks for.
    Scan(EnterpriseId),
    /// What is new for a node of this enterprise. All agents may ask at once after a start, so any number
    /// of these reads waits.
    Delivery(EnterpriseId),
}

impl ReadClass {
    /// The class of what the register reads by itself, which waits as if it were an enterprise.
    pub const BACKGROUND: Self = Self::Page(EnterpriseId::from_bytes([0; 16]));

    /// The class of a list for this caller, which is a scan when it has a filter or a total.
    #[must_use]
    pub const fn of_list(caller: &Caller, is_scan: bool) -> Self {
        if is_scan { Self::Scan(caller.enterprise_id) } else { Self::Page(caller.enterprise_id) }
    }
}

/// Leave to run a list, for as long as this is held.
pub struct ListTurn {
    /// None for a page, which needs no more than `_of_pages`.
    of_class: Option<Permit<EnterpriseId>>,
    _of_pages: Permit<EnterpriseId>,
}

/// Turns of lists, and the threads on which lists run.
pub struct ListReads {
    pages: FairSemaphore<EnterpriseId>,
    scans: FairSemaphore<EnterpriseId>,
    deliveries: FairSemaphore<EnterpriseId>,
    /// For pages.
    threads: Threads,
    /// For what costs as much as there is.
    low_threads: Threads,
    longest_wait: Duration,
}

impl ListReads {
    /// Turns for so many lists of one enterprise at a time, and one more for others. Scans of one enterprise
    /// have half of them at most.
    #[must_use]
    pub fn new(readers: usize) -> Self {
        Self {
            pages: FairSemaphore::new(readers + FOR_OTHERS, readers),
            scans: FairSemaphore::new(readers, (readers / 2).max(1)),
            deliveries: FairSemaphore::new(readers + FOR_OTHERS, readers),
            threads: Threads::new("pages", readers + FOR_OTHERS, Priority::Normal),
            low_threads: Threads::new("scans", readers + FOR_OTHERS, Priority::Low),
            longest_wait: LONGEST_WAIT,
        }
    }

    /// How many connections that read there must be, for so many lists of one enterprise at a time.
    #[must_use]
    pub const fn connections(readers: usize) -> usize {
        readers + FOR_OTHERS + FOR_LOOK_UPS
    }

    /// Waits for a turn, if reads of this class need one.
    ///
    /// # Errors
    /// Too many of this enterprise wait already; none came in time.
    pub async fn turn(&self, class: ReadClass) -> Result<Option<ListTurn>, Error> {
        let turn = match class {
            ReadClass::LookUp => return Ok(None),
            ReadClass::Page(enterprise) => {
                let page = in_time(self.longest_wait, acquire(&self.pages, enterprise)).await?;
                ListTurn { of_class: None, _of_pages: page }
            }
            ReadClass::Scan(enterprise) => {
                in_time(self.longest_wait, self.scan(enterprise)).await?
            }
            // Its agent's patience is the limit.
            ReadClass::Delivery(enterprise) => self.delivery(enterprise).await?,
        };
        Ok(Some(turn))
    }

    async fn scan(&self, enterprise: EnterpriseId) -> Result<ListTurn, Error> {
        let scan = acquire(&self.scans, enterprise).await?;
        // Only then, so that a scan that waits for its turn among scans keeps nothing from pages.
        let page = acquire(&self.pages, enterprise).await?;
        Ok(ListTurn { of_class: Some(scan), _of_pages: page })
    }

    async fn delivery(&self, enterprise: EnterpriseId) -> Result<ListTurn, Error> {
        let closed = || Error::Internal("the turns of lists are closed".into());
        let delivery = self.deliveries.acquire(enterprise).await.ok_or_else(closed)?;
        // Only then, so that a page finds a few deliveries of its enterprise before it, and not all.
        let page = self.pages.acquire(enterprise).await.ok_or_else(closed)?;
        Ok(ListTurn { of_class: Some(delivery), _of_pages: page })
    }

    /// Runs a list on a thread for lists, with its turn.
    pub fn run<T: Send + 'static>(
        &self,
        turn: ListTurn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        // The turn ends with the work, even if the caller is gone.
        let threads = if turn.of_class.is_none() { &self.threads } else { &self.low_threads };
        threads.run(move || {
            let result = work();
            drop(turn);
            result
        })
    }
}

/// A permit of this enterprise, unless too many wait for one already.
async fn acquire(
    permits: &FairSemaphore<EnterpriseId>,
    enterprise: EnterpriseId,
) -> Result<Permit<EnterpriseId>, Error> {
    let full = Error::RateLimited(RateLimited { workspace: true, retry_after: RETRY_AFTER });
    permits.acquire_unless_full(enterprise, MOST_WAITING).await.ok_or(full)
}

/// What comes of `turn`, if it comes in time.
async fn in_time<T>(
    longest: Duration,
    turn: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let late = |_| StorageError::Unavailable("there was no turn in time".to_owned());
    timeout(longest, turn).await.map_err(late)?
}

/// Waits for a permit of this enterprise.
///
/// # Errors
/// Too many of this enterprise wait already; none came in time.
pub(crate) async fn acquire_in_time(
    permits: &FairSemaphore<EnterpriseId>,
    enterprise: EnterpriseId,
) -> Result<Permit<EnterpriseId>, Error> {
    in_time(LONGEST_WAIT, acquire(permits, enterprise)).await
}

#[cfg(test)]
mod tests;
