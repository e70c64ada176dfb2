//! A pool of connections that answers at once while the database is known to be away.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection};
use diesel::result::QueryResult;
use r2d2::{CustomizeConnection, HandleError};

use crate::StorageError;
use crate::error::one_line;

/// How long a caller waits for a connection before he is told that there is none.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a failure to connect speaks for the database being away. The pool goes on trying by
/// itself, several times a second, and what it connects to counts at once.
const FRESH: Duration = Duration::from_secs(5);

/// How long nothing is said of an outage after it was told.
const SILENCE: Duration = Duration::from_secs(10);

/// Connections to one database, set up alike.
pub(crate) struct Connections<C: R2D2Connection + 'static> {
    pool: Pool<ConnectionManager<C>>,
    outage: Arc<Outage>,
}

impl<C: R2D2Connection + 'static> Connections<C> {
    /// A pool of at most `size` connections, each set up by `set_up`; none is made yet.
    pub(crate) fn new(
        url: &str,
        size: u32,
        set_up: impl Fn(&mut C) -> QueryResult<()> + Send + Sync + 'static,
    ) -> Self {
        let outage = Arc::new(Outage::default());
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(CONNECTION_TIMEOUT)
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .error_handler(Box::new(NoteOutage(Arc::clone(&outage))))
            .connection_customizer(Box::new(SetUp(set_up)))
            .build_unchecked(ConnectionManager::new(url));
        Self { pool, outage }
    }

    /// A connection. While there is none at all and connecting failed just now, callers are not
    /// kept waiting: they would stand in each other's way, and in that of those who need none.
    pub(crate) fn get(&self) -> Result<PooledConnection<ConnectionManager<C>>, StorageError> {
        if let Some(conn) = self.pool.try_get() {
            return Ok(conn);
        }
        match self.outage.fresh() {
            Some(reason) if !self.any() => Err(StorageError::Unavailable(reason)),
            _ => Ok(self.pool.get()?),
        }
    }

    /// A connection that nobody uses now, if there is one.
    pub(crate) fn idle(&self) -> Option<PooledConnection<ConnectionManager<C>>> {
        self.pool.try_get()
    }

    /// The most connections that there can be.
    pub(crate) fn size(&self) -> u32 {
        self.pool.max_size()
    }

    /// Whether there is any connection.
    pub(crate) fn any(&self) -> bool {
        self.pool.state().connections > 0
    }
}

/// Prepares each new connection.
struct SetUp<F>(F);

impl<F> fmt::Debug for SetUp<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetUp")
    }
}

impl<C, F> CustomizeConnection<C, diesel::r2d2::Error> for SetUp<F>
where
    C: 'static,
    F: Fn(&mut C) -> QueryResult<()> + Send + Sync + 'static,
{
    fn on_acquire(&self, conn: &mut C) -> Result<(), diesel::r2d2::Error> {
        (self.0)(conn).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// The last failure to connect, and when it was last told.
#[derive(Debug, Default)]
struct Outage {
    failed: Mutex<Option<(Instant, String)>>,
    told: Mutex<Option<Instant>>,
}

impl Outage {
    /// Why connecting failed, if that was just now.
    fn fresh(&self) -> Option<String> {
        let failed = lock(&self.failed);
        failed.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, reason)| reason.clone())
    }
}

/// Notes each failure to connect, and says so now and then.
#[derive(Debug)]
struct NoteOutage(Arc<Outage>);

impl HandleError<diesel::r2d2::Error> for NoteOutage {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        let reason = one_line(&error.to_string());
        let mut told = lock(&self.0.told);
        if told.is_none_or(|time| time.elapsed() > SILENCE) {
            *told = Some(Instant::now());
            log::warn!("no connection to the database, trying again: {reason}");
        }
        *lock(&self.0.failed) = Some((Instant::now(), reason));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
