//! The register as services see it: read, write, and prepare at start.

use std::fs::File;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLockReadGuard, TryLockError};
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::migration::{Migration as _, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use tokio::sync::oneshot;

use crate::batch::{self, Job, Pace, Work};
use crate::database::Database;
use crate::error::one_line;
use crate::model::{Model, Regions};
use crate::postgres::{self, Postgres};
use crate::queue::{WriteOwner, WriteQueue};
use crate::safe::Safe;
use crate::sqlite::{self, Sqlite};
use crate::{DatabaseUrl, StorageError, Tx, Upgrade, Vault};

/// How many rows an upgrade changes in one transaction: few enough that other processes which start do not
/// wait long.
const UPGRADED_AT_ONCE: i64 = 50;

/// For how long ordinary jobs run in one transaction: no longer than others like to wait for their turn.
const LONGEST_BATCH: Duration = Duration::from_millis(5);

/// How a store is opened.
#[derive(Clone)]
pub struct Settings {
    /// Which database.
    pub url: DatabaseUrl,
    /// How many connections read, 1 or more.
    pub readers: u32,
    /// How many writers may wait before the next is told [`StorageError::Busy`], 1 or more; half of them
    /// for one owner.
    pub write_queue: usize,
    /// What seals and opens secrets.
    pub vault: Arc<dyn Vault>,
}

/// The register's database.
pub struct Store {
    engine: Engine,
    queue: WriteQueue<Box<dyn Job>>,
    longest_batch: Duration,
    prepared: AtomicBool,
    regions: Regions,
    vault: Arc<dyn Vault>,
    archiving: Mutex<()>,
}

/// The right to archive audit entries, which one caller has at a time.
pub(crate) struct ArchiveLock<'a> {
    engine: &'a Engine,
    _of_process: MutexGuard<'a, ()>,
    _of_file: Option<File>,
}

impl Drop for ArchiveLock<'_> {
    fn drop(&mut self) {
        if let Engine::Postgres(database) = self.engine
            && let Ok(mut conn) = database.writer()
        {
            // If that fails, the session is gone, and the lock with it.
            let _ = postgres::unlock_archives(&mut conn);
        }
    }
}

enum Engine {
    Sqlite(Database<Sqlite>, PathBuf),
    Postgres(Database<Postgres>),
}

/// The promise of a result that leaves after its commit.
#[derive(Debug)]
pub struct Ticket<T, E> {
    result: oneshot::Receiver<Result<T, E>>,
    /// Whether the caller has to run [`Store::drain`], on a thread that may block.
    pub drain: bool,
}

impl<T, E: From<StorageError>> Future for Ticket<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, E>> {
        // The sender is dropped without a word only when the batch itself panicked.
        Pin::new(&mut self.result)
            .poll(context)
            .map(|received| received.unwrap_or_else(|_| Err(StorageError::Panicked.into())))
    }
}

impl Store {
    /// The store of these settings. Nothing is connected or made until [`Self::prepare`].
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let safe = Arc::new(Safe::new(Arc::clone(&settings.vault)));
        let engine = match &settings.url {
            DatabaseUrl::Sqlite(path) => Engine::Sqlite(
                Database::new(&path.to_string_lossy(), settings.readers, safe),
                path.clone(),
            ),
            DatabaseUrl::Postgres(url) => {
                let url = postgres::with_bounds(url.reveal());
                Engine::Postgres(Database::new(&url, settings.readers, safe))
            }
        };
        Self {
            engine,
            queue: WriteQueue::new(settings.write_queue),
            longest_batch: LONGEST_BATCH,
            prepared: AtomicBool::new(false),
            regions: Regions::default(),
            vault: Arc::clone(&settings.vault),
            archiving: Mutex::default(),
        }
    }

    /// With another limit on how long ordinary jobs run in one transaction before the others are left for
    /// the next: 5 milliseconds unless this is called.
    #[must_use]
    pub fn with_longest_batch(self, longest_batch: Duration) -> Self {
        Self { longest_batch, ..self }
    }

    /// Makes what is missing: the folder, the file, the tables, the keys; upgrades what an earlier version
    /// left, some in a transaction; then runs `first` in a write transaction. Processes that start at once
    /// take turns, so `first` sees what another did.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] may pass; anything else will not without help.
    pub fn prepare<T, E>(
        &self,
        now: DateTime<Utc>,
        mut first: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.migrate()?;
        let mut upgrade = self.wait(self.enqueue(None, move |tx: &mut dyn Tx| {
            tx.ensure_keys(now)?;
            tx.upgrade(Upgrade::default(), UPGRADED_AT_ONCE)
        })?)?;
        while !upgrade.is_done {
            let from = upgrade;
            upgrade = self.wait(
                self.enqueue(None, move |tx: &mut dyn Tx| tx.upgrade(from, UPGRADED_AT_ONCE))?,
            )?;
        }
        let done = self.wait(self.enqueue(None, move |tx: &mut dyn Tx| {
            tx.sign_tokens_from(now)?;
            first(tx)
        })?)?;
        self.tidy();
        // Only now: what `first` brings must be there when the first caller is let in.
        self.prepared.store(true, Ordering::Release);
        Ok(done)
    }

    fn migrate(&self) -> Result<(), StorageError> {
        match &self.engine {
            Engine::Sqlite(database, path) => {
                let _lock = sqlite::lock_schema(path).map_err(|error| cannot_open(&error))?;
                if !database.is_open() {
                    sqlite::make_file(path, self.vault.has_keys())
                        .map_err(|error| cannot_open(&error))?;
                    sqlite::check_file(path)?;
                }
                let mut conn = database.writer()?;
                refuse_newer(&mut conn, &sqlite::MIGRATIONS)?;
                database.check_keys(&mut conn)?;
                conn.run_pending_migrations(sqlite::MIGRATIONS).map_err(migration_failed)?;
            }
            Engine::Postgres(database) => {
                let mut conn = database.writer()?;
                postgres::lock_schema(&mut conn)?;
                let checked = refuse_newer(&mut conn, &postgres::MIGRATIONS)
                    .and_then(|()| database.check_keys(&mut conn));
                let migrated = checked.and_then(|()| {
                    let run = conn.run_pending_migrations(postgres::MIGRATIONS);
                    run.map(drop).map_err(migration_failed)
                });
                postgres::unlock_schema(&mut conn)?;
                migrated?;
            }
        }
        Ok(())
    }

    /// Takes what was sealed just now out of SQLite's file and journal, too.
    fn tidy(&self) {
        if let Engine::Sqlite(database, _) = &self.engine
            && let Ok(mut conn) = database.writer()
            && let Err(error) = sqlite::tidy(&mut conn)
        {
            let error = one_line(&error.to_string());
            log::warn!(
                "secrets of an earlier version may be left in the file until the next start: {error}"
            );
        }
    }

    /// Gives back what the journal of SQLite takes up, if that is very much. Blocks, for a moment.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] without a connection.
    pub fn shrink_journal(&self) -> Result<(), StorageError> {
        let Engine::Sqlite(database, path) = &self.engine else { return Ok(()) };
        self.check_prepared()?;
        Ok(sqlite::shrink_journal(&mut *database.writer()?, path)?)
    }

    /// Sees to it that no other caller archives entries, in any process; nothing when one does.
    pub(crate) fn lock_archives(&self) -> Result<Option<ArchiveLock<'_>>, StorageError> {
        self.check_prepared()?;
        let of_process = match self.archiving.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let of_file = match &self.engine {
            Engine::Sqlite(_, path) => {
                let locked = sqlite::lock_archives(path).map_err(|error| cannot_open(&error))?;
                let Some(file) = locked else { return Ok(None) };
                Some(file)
            }
            Engine::Postgres(database) => {
                // The session keeps it when the connection is given back.
                if !postgres::lock_archives(&mut *database.writer()?)? {
                    return Ok(None);
                }
                None
            }
        };
        Ok(Some(ArchiveLock { engine: &self.engine, _of_process: of_process, _of_file: of_file }))
    }

    /// Runs `work` without the right to write. It may be run again when a connection proves dead.
    ///
    /// # Errors
    /// Those of `work`, and [`StorageError::Unavailable`] without a connection.
    pub fn read<T, E: From<StorageError>>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_prepared()?;
        match &self.engine {
            Engine::Sqlite(database, _) => database.read(work),
            Engine::Postgres(database) => database.read(work),
        }
    }

    /// Whether [`Self::regions_are_fresh`] may say so: on SQLite, whose file is on this machine.
    #[must_use]
    pub const fn tells_at_once(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(..))
    }

    /// Whether the regions in memory are what is committed now, as far as that can be told without
    /// waiting for anybody. When they are not, or when it cannot be told, `false`.
    #[must_use]
    pub fn regions_are_fresh(&self) -> bool {
        match &self.engine {
            // Readers of SQLite wait for nobody: it looks into memory that it shares with writers.
            Engine::Sqlite(database, _) if self.check_prepared().is_ok() => database
                .read_at_once(|tx| tx.last_entry())
                .is_some_and(|last| self.regions.read().is_upto(last)),
            Engine::Sqlite(..) | Engine::Postgres(_) => false,
        }
    }

    /// Brings the regions in memory up to what is committed. Blocks.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] without a connection, and what else keeps it from being read.
    pub fn refresh_regions(&self) -> Result<(), StorageError> {
        self.read(|tx| self.regions.refresh(tx))
    }

    /// Lets nodes in memory go that were deleted before this time, when their keys are not kept any
    /// more.
    pub fn forget_deleted_nodes(&self, before: DateTime<Utc>) {
        self.regions.forget_deleted_nodes(before);
    }

    /// The regions and nodes in memory, as they were when [`Self::refresh_regions`] returned last. To be held
    /// for a short time only.
    pub fn regions(&self) -> RwLockReadGuard<'_, Model> {
        self.regions.read()
    }

    /// Leaves `work` in the write queue. It runs in a transaction that it may share with others;
    /// an error or a panic undoes this work and no other. It may be run twice. It must pass errors
    /// on: on PostgreSQL, work that hides one is undone and told so.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when the queue is full.
    pub fn submit<T, E>(
        &self,
        owner: WriteOwner,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<Ticket<T, E>, StorageError>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.check_prepared()?;
        self.enqueue(owner, work)
    }

    /// [`Self::submit`] for work that writes many rows, so many of them: what others submit comes
    /// first.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when the queue is full, or has too much work of this owner.
    pub fn submit_bulk<T, E>(
        &self,
        owner: WriteOwner,
        rows: usize,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<Ticket<T, E>, StorageError>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.check_prepared()?;
        let (caller, result) = oneshot::channel();
        let job = Box::new(Work { closure: work, result: None, caller });
        let drain = self.queue.push_bulk(owner, rows, job);
        Ok(Ticket { result, drain: drain.ok_or(StorageError::Busy)? })
    }

    fn enqueue<T, E>(
        &self,
        owner: WriteOwner,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<Ticket<T, E>, StorageError>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (caller, result) = oneshot::channel();
        let drain = self.queue.push(owner, Box::new(Work { closure: work, result: None, caller }));
        Ok(Ticket { result, drain: drain.ok_or(StorageError::Busy)? })
    }

    /// Commits what waits in the write queue. Blocks.
    pub fn drain(&self) {
        self.queue.drain(|jobs, bulk| {
            let pace = Pace { bulk, longest: self.longest_batch };
            match &self.engine {
                Engine::Sqlite(database, _) => {
                    batch::commit(jobs, |jobs, savepoints| database.attempt(jobs, pace, savepoints))
                }
                Engine::Postgres(database) => {
                    batch::commit(jobs, |jobs, savepoints| database.attempt(jobs, pace, savepoints))
                }
            }
        });
    }

    /// [`Self::submit`] for callers that may block: returns after the commit.
    ///
    /// # Errors
    /// Those of `work`, [`StorageError::Busy`] and [`StorageError::Unavailable`].
    pub fn write<T, E>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.wait(self.submit(None, work)?)
    }

    fn wait<T, E: From<StorageError>>(&self, ticket: Ticket<T, E>) -> Result<T, E> {
        if ticket.drain {
            self.drain();
        }
        ticket.result.blocking_recv().unwrap_or_else(|_| Err(StorageError::Panicked.into()))
    }

    /// Waits until all submitted work is committed; `false` when that took longer than `limit`.
    #[must_use]
    pub fn finish(&self, limit: Duration) -> bool {
        self.queue.wait_until_idle(limit)
    }

    fn check_prepared(&self) -> Result<(), StorageError> {
        if self.prepared.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(StorageError::Unavailable("it has not been prepared yet".into()))
        }
    }
}

/// Refuses a database that a newer version of the program has migrated: what that migration changed is
/// unknown here, so reads may fail and writes may break its rules.
fn refuse_newer<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    source: &EmbeddedMigrations,
) -> Result<(), StorageError> {
    let own = MigrationSource::<DB>::migrations(source).map_err(migration_failed)?;
    let mut unknown = conn.applied_migrations().map_err(migration_failed)?;
    unknown.retain(|version| own.iter().all(|known| known.name().version() != *version));
    let Some(newest) = unknown.iter().max() else { return Ok(()) };
    Err(StorageError::Unusable(format!(
        "a newer version of cadastre has migrated it (migration {newest}); run that version or a later one"
    )))
}

fn cannot_open(error: &std::io::Error) -> StorageError {
    StorageError::Unusable(format!("cannot open the file: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err asks for")]
fn migration_failed(error: Box<dyn std::error::Error + Send + Sync>) -> StorageError {
    StorageError::Unusable(format!("a migration failed: {}", one_line(&error.to_string())))
}
