//! The work of one caller, and how a batch of them becomes one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::{StorageError, Tx};

/// The work of one caller. It may be run twice, so it must not do anything but through `tx`.
pub(crate) trait Job: Send {
    /// Runs the work; `false` when its effects must be undone. Never panics.
    fn run(&mut self, tx: &mut dyn Tx) -> bool;
    /// Replaces the result of the last run, whose effects were undone.
    fn refuse(&mut self, error: StorageError);
    /// Tells the caller: the result of the last run, or why the transaction failed.
    fn finish(self: Box<Self>, outcome: Result<(), StorageError>);
}

/// A caller's closure, its last result, and the way back to him.
pub(crate) struct Work<F, T, E> {
    pub(crate) closure: F,
    pub(crate) result: Option<Result<T, E>>,
    pub(crate) caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: FnMut(&mut dyn Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.closure)(tx)))
            .unwrap_or_else(|_| Err(StorageError::Panicked.into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn refuse(&mut self, error: StorageError) {
        self.result = Some(Err(error.into()));
    }

    fn finish(self: Box<Self>, outcome: Result<(), StorageError>) {
        let result = match (outcome, self.result) {
            (Err(failure), _) => Err(failure.into()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StorageError::Unavailable("the work did not run".into()).into()),
        };
        // A caller who no longer waits has gone away; his work is committed all the same.
        let _ = self.caller.send(result);
    }
}

/// How an attempt to commit a batch ended.
pub(crate) enum Attempt {
    /// The transaction is committed, with all that was to be kept of so many jobs. There was no time
    /// for the others.
    Committed(usize),
    /// Nothing is: the only job refused, or one of several did.
    Refused,
    /// Nothing is: the connection was lost before the commit was sent.
    Lost(StorageError),
    /// There was no connection, or others held the database for too long, or the commit itself
    /// failed. Whether that took place is not known.
    Failed(StorageError),
}

/// How many of the jobs of a batch run in one transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The first so many are bulk jobs, all of which run.
    pub(crate) bulk: usize,
    /// For how long ordinary jobs run before the others are left for the next transaction. One runs as
    /// long as it takes.
    pub(crate) longest: Duration,
}

/// Runs jobs in their order by `run` until one refuses, which is `false`, or until there is no time for the
/// next. Answers how many ran, and whether the last did not refuse.
pub(crate) fn run_at_pace(
    jobs: &mut [Box<dyn Job>],
    Pace { bulk, longest }: Pace,
    mut run: impl FnMut(&mut Box<dyn Job>) -> bool,
) -> (usize, bool) {
    let mut start = Instant::now();
    let mut ran = 0;
    for job in jobs {
        if ran == bulk {
            start = Instant::now();
        } else if ran > bulk && start.elapsed() >= longest {
            break;
        }
        ran += 1;
        if !run(job) {
            return (ran, false);
        }
    }
    (ran, true)
}

/// Commits `jobs`, by way of `attempt(jobs, with_savepoints)`, and tells each caller. Answers the jobs that
/// there was no time for.
///
/// Most batches have no job that refuses, so the first attempt does without savepoints; only when
/// one refuses is everything undone and run again with a savepoint each, so that no neighbour is
/// touched. A connection that turns out to be dead is replaced once.
pub(crate) fn commit(
    mut jobs: Vec<Box<dyn Job>>,
    mut attempt: impl FnMut(&mut [Box<dyn Job>], bool) -> Attempt,
) -> Vec<Box<dyn Job>> {
    let alone = jobs.len() == 1;
    let mut ended = attempt(&mut jobs, false);
    let again = match ended {
        Attempt::Refused => !alone,
        Attempt::Lost(_) => true,
        Attempt::Committed(_) | Attempt::Failed(_) => false,
    };
    if again {
        ended = attempt(&mut jobs, !alone);
    }
    let (done, outcome) = match ended {
        Attempt::Committed(done) => (done, Ok(())),
        Attempt::Refused => (jobs.len(), Ok(())),
        Attempt::Lost(error) | Attempt::Failed(error) => (jobs.len(), Err(error)),
    };
    let left = jobs.split_off(done);
    for job in jobs {
        job.finish(outcome.clone());
    }
    left
}
