//! Reads, and how a transaction runs, for either database.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection as _, TransactionManager,
};
use diesel::r2d2::{ConnectionManager, PooledConnection, R2D2Connection};
use diesel::result::QueryResult;

use crate::batch::{Attempt, Job, Pace, run_at_pace};
use crate::connections::Connections;
use crate::error::one_line;
use crate::safe::Safe;
use crate::{StorageError, Tx};

/// What differs between the databases.
pub(crate) trait Dialect: 'static {
    /// The connection.
    type Conn: Connection<TransactionManager = AnsiTransactionManager> + R2D2Connection + 'static;

    /// Sets up a new connection that only reads, or the one that writes.
    fn set_up(conn: &mut Self::Conn, writes: bool) -> QueryResult<()>;

    /// Begins a write transaction, which waits for those of other processes to end. After an error
    /// there is none.
    fn begin_write(conn: &mut Self::Conn) -> QueryResult<()>;

    /// Commits the write transaction, unless a statement in it failed and cannot be passed over.
    fn commit(conn: &mut Self::Conn) -> QueryResult<()>;

    /// The queries, over this connection.
    fn repository<'a>(conn: &'a mut Self::Conn, safe: &'a Safe) -> Box<dyn Flush + 'a>;
}

/// A [`Tx`] that may hold back what it was asked to write.
pub(crate) trait Flush: Tx {
    /// Writes what was held back.
    fn flush(&mut self) -> Result<(), StorageError>;
}

type Pooled<D> = PooledConnection<ConnectionManager<<D as Dialect>::Conn>>;

/// A pool of connections that read, and the one connection that writes.
pub(crate) struct Database<D: Dialect> {
    readers: Connections<D::Conn>,
    writer: Connections<D::Conn>,
    safe: Arc<Safe>,
}

impl<D: Dialect> Database<D> {
    /// Pools for this database; no connection is made yet.
    pub(crate) fn new(url: &str, readers: u32, safe: Arc<Safe>) -> Self {
        let pool = |size, writes| Connections::new(url, size, move |conn| D::set_up(conn, writes));
        Self { readers: pool(readers, false), writer: pool(1, true), safe }
    }

    /// Runs `work` on a connection that reads. When the connection proves dead, as all do after
    /// the database was restarted, the next one is tried.
    pub(crate) fn read<T, E: From<StorageError>>(
        &self,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tries = self.readers.size() + 1;
        loop {
            tries -= 1;
            let mut conn = self.readers.get()?;
            let result = work(D::repository(&mut conn, &self.safe).as_mut());
            // Diesel does not notice that a connection is dead when a query cannot be prepared,
            // but does so here; then the pool lets go of it.
            if result.is_ok() || conn.batch_execute("SELECT 1").is_ok() {
                return result;
            }
            if tries == 0 {
                return Err(StorageError::Unavailable("the connection was lost".into()).into());
            }
        }
    }

    /// Runs `work` on a connection that reads, if one is free; nothing when there is none, or when it
    /// fails.
    pub(crate) fn read_at_once<T>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T, StorageError>,
    ) -> Option<T> {
        let mut conn = self.readers.idle()?;
        work(D::repository(&mut conn, &self.safe).as_mut()).ok()
    }

    /// Whether any connection is open.
    pub(crate) fn is_open(&self) -> bool {
        self.readers.any() || self.writer.any()
    }

    /// The connection that writes.
    pub(crate) fn writer(&self) -> Result<Pooled<D>, StorageError> {
        self.writer.get()
    }

    /// Makes sure, before anything is changed, that the keys of a register that is not new are there.
    pub(crate) fn check_keys(&self, conn: &mut D::Conn) -> Result<(), StorageError> {
        match D::repository(conn, &self.safe).check_keys() {
            Err(StorageError::Vault(error)) => Err(error.into()),
            // A database that has no such table yet has no keys, either.
            _ => Ok(()),
        }
    }

    /// Runs `jobs` in one transaction and commits it. See [`crate::batch::commit`].
    pub(crate) fn attempt(
        &self,
        jobs: &mut [Box<dyn Job>],
        pace: Pace,
        savepoints: bool,
    ) -> Attempt {
        let mut conn = match self.writer() {
            Ok(conn) => conn,
            Err(error) => return Attempt::Failed(error),
        };
        if let Err(error) = D::begin_write(&mut conn) {
            let end = if conn.is_broken() { Attempt::Lost } else { Attempt::Failed };
            return end(error.into());
        }
        let ran = if savepoints {
            each_in_savepoint::<D>(&mut conn, &self.safe, jobs, pace).map(Some)
        } else {
            Ok(all_together::<D>(&mut conn, &self.safe, jobs, pace))
        };
        match ran {
            Ok(Some(ran)) => commit::<D>(&mut conn, &mut jobs[..ran], savepoints),
            Ok(None) => match AnsiTransactionManager::rollback_transaction(&mut *conn) {
                Ok(()) => Attempt::Refused,
                Err(error) => Attempt::Lost(lost(&error)),
            },
            Err(error) => {
                // What cannot be rolled back here is rolled back when the connection is dropped.
                let _ = AnsiTransactionManager::rollback_transaction(&mut *conn);
                Attempt::Lost(lost(&error))
            }
        }
    }
}

/// Commits what `jobs` did, all of which want it kept.
fn commit<D: Dialect>(conn: &mut D::Conn, jobs: &mut [Box<dyn Job>], savepoints: bool) -> Attempt {
    let Err(error) = D::commit(conn) else {
        return Attempt::Committed(jobs.len());
    };
    // A transaction that is still there was not committed: a job hid that a statement failed.
    if savepoints || AnsiTransactionManager::rollback_transaction(conn).is_err() {
        return Attempt::Failed(lost(&error));
    }
    if let [job] = jobs {
        job.refuse(error.into());
    }
    Attempt::Refused
}

/// Runs jobs one after the other, as long as there is time; how many, if all of them are to be kept. When
/// what they left behind cannot be written, that is the refusal of the job that is alone.
fn all_together<D: Dialect>(
    conn: &mut D::Conn,
    safe: &Safe,
    jobs: &mut [Box<dyn Job>],
    pace: Pace,
) -> Option<usize> {
    let mut repository = D::repository(conn, safe);
    let (ran, is_kept) = run_at_pace(jobs, pace, |job| job.run(repository.as_mut()));
    let flushed = if is_kept { repository.flush() } else { return None };
    if let (Err(error), [job]) = (&flushed, jobs) {
        job.refuse(error.clone());
    }
    flushed.is_ok().then_some(ran)
}

/// Runs each job, as long as there is time, so that one that refuses leaves no trace and the others stay;
/// how many.
fn each_in_savepoint<D: Dialect>(
    conn: &mut D::Conn,
    safe: &Safe,
    jobs: &mut [Box<dyn Job>],
    pace: Pace,
) -> QueryResult<usize> {
    let mut failed = None;
    let (ran, _) = run_at_pace(jobs, pace, |job| {
        let outcome = in_savepoint::<D>(conn, safe, job);
        outcome.map_err(|error| failed = Some(error)).is_ok()
    });
    failed.map_or(Ok(ran), Err)
}

/// One job is never left for later.
const ALONE: Pace = Pace { bulk: 0, longest: Duration::MAX };

fn in_savepoint<D: Dialect>(
    conn: &mut D::Conn,
    safe: &Safe,
    job: &mut Box<dyn Job>,
) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction(conn)?;
    if all_together::<D>(conn, safe, std::slice::from_mut(job), ALONE).is_none() {
        AnsiTransactionManager::rollback_transaction(conn)?;
    } else if let Err(error) = AnsiTransactionManager::commit_transaction(conn) {
        // Diesel has gone back to the savepoint: the job hid that a statement failed.
        job.refuse(error.into());
    }
    Ok(())
}

/// A failure of begin, commit or rollback, whatever its cause, means that the database did not do
/// its part.
fn lost(error: &diesel::result::Error) -> StorageError {
    StorageError::Unavailable(one_line(&error.to_string()))
}
