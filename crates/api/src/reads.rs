//! Which reads wait for which others, so that none of one enterprise can stop those of another.
//!
//! The cost of a look-up does not depend on the caller: it has connections and the threads of the workers to
//! itself. A list costs more, and a scan costs what its client decides. These two wait for a turn, of which
//! an enterprise has a part, and run on threads of their own: so there is always a connection and a thread
//! for look-ups and for writes, however many lists there are.

use std::time::Duration;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::token::Caller;
use cadastre_storage::StorageError;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::{Error, RateLimited};
use crate::room::{Room, Turn};

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
    _of_scans: Option<Turn<EnterpriseId>>,
    _of_pages: Turn<EnterpriseId>,
}

/// Turns of lists, and the threads on which lists run.
pub struct ListReads {
    pages: Room<EnterpriseId>,
    scans: Room<EnterpriseId>,
    threads: Threads,
    longest_wait: Duration,
}

impl ListReads {
    /// Turns for so many lists of one enterprise at a time, and one more for others. Scans of one enterprise
    /// have half of them at most.
    #[must_use]
    pub fn new(readers: usize) -> Self {
        Self {
            pages: Room::new(readers + FOR_OTHERS, readers),
            scans: Room::new(readers, (readers / 2).max(1)),
            threads: Threads::new(readers + FOR_OTHERS),
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
        let none = |_| StorageError::Unavailable("no list had its turn in time".to_owned());
        timeout(self.longest_wait, self.take(class)).await.map_err(none)?
    }

    async fn take(&self, class: ReadClass) -> Result<Option<ListTurn>, Error> {
        let (enterprise, is_scan) = match class {
            ReadClass::LookUp => return Ok(None),
            ReadClass::Page(enterprise) => (enterprise, false),
            ReadClass::Scan(enterprise) => (enterprise, true),
        };
        let of_scans = if is_scan { Some(wait(&self.scans, enterprise).await?) } else { None };
        // Only then, so that a scan that waits for its turn among scans keeps nothing from pages.
        let of_pages = wait(&self.pages, enterprise).await?;
        Ok(Some(ListTurn { _of_scans: of_scans, _of_pages: of_pages }))
    }

    /// Runs a list on a thread for lists, with its turn.
    pub fn run<T: Send + 'static>(
        &self,
        turn: ListTurn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        // The turn ends with the work, even if the caller is gone.
        self.threads.run(move || {
            let result = work();
            drop(turn);
            result
        })
    }
}

async fn wait(
    room: &Room<EnterpriseId>,
    enterprise: EnterpriseId,
) -> Result<Turn<EnterpriseId>, Error> {
    let full = Error::RateLimited(RateLimited { workspace: true, retry_after: RETRY_AFTER });
    room.turn_among(enterprise, MOST_WAITING).await.ok_or(full)
}

/// Threads that may block, apart from those of the workers.
struct Threads(Option<Runtime>);

impl Threads {
    fn new(most: usize) -> Self {
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(most).thread_name("lists");
        let told =
            |error: &std::io::Error| log::warn!("lists have no threads of their own: {error}");
        Self(builder.build().inspect_err(told).ok())
    }

    fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        match &self.0 {
            Some(runtime) => runtime.spawn_blocking(work),
            // The system refused it, or it is being dropped.
            None => tokio::task::spawn_blocking(work),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // To wait for them is not allowed where nothing may block.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests;
