//! The work of one caller, and how a batch of them becomes one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

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
    /// Everything that was to be kept is committed.
    Committed,
    /// Nothing is: the only job refused, or one of several did.
    Refused,
    /// Nothing is: the connection was lost before the commit was sent.
    Lost(StorageError),
    /// There was no connection, or others held the database for too long, or the commit itself
    /// failed. Whether that took place is not known.
    Failed(StorageError),
}

/// Commits `jobs`, by way of `attempt(jobs, with_savepoints)`, and tells each caller.
///
/// Most batches have no job that refuses, so the first attempt does without savepoints; only when
/// one refuses is everything undone and run again with a savepoint each, so that no neighbour is
/// touched. A connection that turns out to be dead is replaced once.
pub(crate) fn commit(
    mut jobs: Vec<Box<dyn Job>>,
    mut attempt: impl FnMut(&mut [Box<dyn Job>], bool) -> Attempt,
) {
    let alone = jobs.len() == 1;
    let mut ended = attempt(&mut jobs, false);
    let again = match ended {
        Attempt::Refused => !alone,
        Attempt::Lost(_) => true,
        Attempt::Committed | Attempt::Failed(_) => false,
    };
    if again {
        ended = attempt(&mut jobs, !alone);
    }
    let outcome = match ended {
        Attempt::Committed | Attempt::Refused => Ok(()),
        Attempt::Lost(error) | Attempt::Failed(error) => Err(error),
    };
    for job in jobs {
        job.finish(outcome.clone());
    }
}
