//! Starting the server, waiting for its database, and stopping it without losing anything.

pub(crate) mod first_token;
mod greeting;
mod hangup;
mod open_files;

use std::io;
use std::mem;
use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use cadastre_storage::{DatabaseUrl, StorageError, Store};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app::App;
use crate::auth::{TokenLookUps, Uses};
use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::config::{Config, DatabaseConfig};
use crate::contacts::Contacts;
use crate::error::Error;
use crate::http::limits::RateLimits;
use crate::http::refusals::{self, RefusalBudget};
use crate::http::throttle::WrongTokens;
use crate::http::track::Stopping;
use crate::outbound::Outbound;
use crate::reads::ListReads;
use crate::service::results::Keeper;
use crate::threads::{Priority, Threads};
use crate::{logging, server};
use first_token::FirstToken;
use greeting::Greeter;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("CADASTRE_LISTEN is {0}, where the server cannot listen: {1}")]
    Listen(std::net::SocketAddr, #[source] io::Error),
    /// The database cannot be used, and waiting will not help.
    #[error("{0}")]
    Database(String),
    /// The system refuses something that the server needs.
    #[error("the server cannot run: {0}")]
    System(#[from] io::Error),
}

/// How long to wait before the database is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How often to look whether the time of a window of maintenance has come.
const TICKS: Duration = Duration::from_secs(5);

/// Serves until told to stop.
///
/// # Errors
/// What kept the server from starting.
pub fn serve(config: &Config) -> Result<(), StartError> {
    logging::start("info");
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| StartError::Listen(config.listen, error))?;
    let mut config = config.listening_on(listener.local_addr()?);
    config.door.max_connections =
        open_files::make_room(config.door.max_connections, config.workers);
    let config = &config;
    warn_of_unchecked_database(&config.database.url);
    let app = app(config);
    let rest = Rest::of(&app);
    let first = first_attempt(config, &app)?;
    let system = actix_web::rt::System::new();
    // Before anybody is told that the server is ready: a signal would end it on the spot.
    let mut signals = system.block_on(async { signals() })?;
    let ready = prepare(config, &app, first);
    let (workers, tls) = (config.workers, config.door.tls.clone());
    let finished = system.block_on(async move {
        hangup::reload(tls)?;
        let stopping = Stopping::default();
        let server = server::serve(app, listener, workers, stopping.clone())?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let outcome = wait_for_the_end(ready, &mut signals).await;
        stopping.0.store(true, Ordering::Relaxed);
        let finished = stop(&handle, &mut signals).await;
        if finished {
            let _ = running.await;
        }
        outcome.map(|()| finished)
    })?;
    rest.write(finished);
    // Dropped, it would wait for threads that wait for the database, however long that takes.
    mem::forget(system);
    log::info!("stopped");
    Ok(())
}

/// Warns of a database on another machine whose certificate is not checked.
#[expect(
    clippy::disallowed_methods,
    reason = "libpq reads these variables itself; they are no settings of the register"
)]
fn warn_of_unchecked_database(url: &DatabaseUrl) {
    if let Some(unchecked) = url.unchecked_server(|name| std::env::var(name).ok()) {
        log::warn!("DATABASE_URL: {unchecked}");
    }
}

/// What waits to be written when the server stops.
struct Rest {
    store: Arc<Store>,
    uses: Arc<Uses>,
    contacts: Arc<Contacts>,
    refusals: Arc<RefusalBudget>,
    clock: Clock,
}

impl Rest {
    fn of(app: &App) -> Self {
        Self {
            store: Arc::clone(&app.store),
            uses: Arc::clone(&app.uses),
            contacts: Arc::clone(&app.contacts),
            refusals: Arc::clone(&app.refusals),
            clock: app.clock.clone(),
        }
    }

    /// Writes it, unless the database does not do its part in time.
    fn write(self, finished: bool) {
        let (end, store) = (Instant::now() + server::LONGEST_STOP, Arc::clone(&self.store));
        let (done, told) = mpsc::channel();
        thread::spawn(move || {
            self.write_notes();
            let _ = done.send(());
        });
        if told.recv_timeout(server::LONGEST_STOP).is_err() {
            log::warn!("what was noted last is not written: the database does not answer in time");
        }
        if finished && !store.finish(end.saturating_duration_since(Instant::now())) {
            log::error!("stopped while writes were waiting; their callers had no answer");
        }
    }

    fn write_notes(&self) {
        if let Err(error) = self.uses.write(&self.store) {
            log::warn!("when tokens were used last is not written: {error}");
        }
        if let Err(error) = self.contacts.write(&self.store) {
            log::warn!("when nodes pulled last is not written: {error}");
        }
        if let Err(error) = refusals::write_summary(&self.refusals, &self.store, self.clock.now()) {
            log::warn!("{} is not written: {error}", refusals::SUMMARY);
        }
        // Where there is no database, there is nothing to tell.
        let _ = server::audit_head::log_audit_head(&self.store);
    }
}

/// The state of a register with these settings; its store is not prepared yet.
#[must_use]
pub fn app(config: &Config) -> App {
    app_with_clock(config, Clock::System)
}

/// The same, by another clock than that of the system.
#[must_use]
pub fn app_with_clock(config: &Config, clock: Clock) -> App {
    let monotonic = clock.monotonic();
    let readers = config.readers as usize;
    let connections = u32::try_from(ListReads::connections(readers)).unwrap_or(u32::MAX);
    let settings = config.database.store(connections, config.write_queue);
    let wrong_tokens = WrongTokens::new(config.door.wrong_tokens, monotonic.clone());
    let wrong_tokens = Arc::new(wrong_tokens);
    App {
        store: Arc::new(Store::new(&settings)),
        clock,
        #[cfg(feature = "unguarded")]
        assumed: None,
        remembered: Arc::default(),
        altered_tokens: Arc::default(),
        uses: Arc::default(),
        contacts: Arc::default(),
        streams: Arc::default(),
        freshness: Arc::default(),
        running: Arc::default(),
        look_ups: Arc::new(TokenLookUps::new(readers, Arc::clone(&wrong_tokens))),
        wrong_tokens,
        refusals: Arc::new(RefusalBudget::new(config.door.refusal_entries)),
        token_limits: Arc::new(RateLimits::new(config.door.token_limit, None, &monotonic)),
        clusters: Clusters::new(config.cluster_calls, config.cluster_allow.clone()),
        outbound: Outbound::new(config.webhook_allow.clone()),
        agents_judged: Arc::default(),
        latency_judged: Arc::default(),
        oldest_agent: config.oldest_agent,
        door: Arc::new(config.door.clone()),
        dialing_limits: Arc::new(RateLimits::new(
            config.key_limit,
            config.workspace_limit,
            &monotonic,
        )),
        results: Arc::new(Keeper::new(&config.results, monotonic)),
        ticks: TICKS,
        readers,
        lists: Arc::new(ListReads::new(readers)),
        computations: Arc::default(),
        commits: Arc::new(Threads::new("commits", 1, Priority::Normal)),
        public_url: config.public_url.as_str().into(),
        wrong_key_status: config.wrong_key_status,
    }
}

/// What keeps a database in a file of ours from being used is told before anything is served.
fn first_attempt(config: &Config, app: &App) -> Result<Option<FirstToken>, StartError> {
    match config.database.url {
        DatabaseUrl::Sqlite(_) => attempt(config, app),
        DatabaseUrl::Postgres(_) => Ok(None),
    }
}

/// Prepares the database unless the first attempt did. One on another machine is waited for on a
/// thread of its own, as long as it takes, and requests are told 503 meanwhile. What comes back is
/// why it cannot be done at all.
fn prepare(config: &Config, app: &App, first: Option<FirstToken>) -> oneshot::Receiver<StartError> {
    let (failed, receiver) = oneshot::channel();
    let (config, app) = (config.clone(), app.clone());
    thread::spawn(move || {
        let greeter = Greeter::start();
        greeter.listening(&config);
        match first.map_or_else(|| wait_for_database(&config, &app), Ok) {
            Ok(token) => greeter.ready(&config, &token),
            Err(error) => drop(failed.send(error)),
        }
    });
    receiver
}

fn wait_for_database(config: &Config, app: &App) -> Result<FirstToken, StartError> {
    loop {
        if let Some(token) = attempt(config, app)? {
            return Ok(token);
        }
        thread::sleep(RETRY);
    }
}

/// Prepares the database; `None` when it may work later.
fn attempt(config: &Config, app: &App) -> Result<Option<FirstToken>, StartError> {
    let (database, now) = (config.database.clone(), app.clock.now());
    match app.store.prepare(now, move |tx| first_token::ensure(tx, &database, now)) {
        Ok(token) => Ok(Some(token)),
        Err(Error::Storage(StorageError::Unavailable(reason))) => {
            log::warn!("waiting for the database: {reason}");
            Ok(None)
        }
        Err(error) => Err(StartError::Database(explain(&error, &config.database))),
    }
}

/// A failure to prepare the database, on one line, for people who start the service.
pub(crate) fn explain(error: &Error, config: &DatabaseConfig) -> String {
    match error {
        Error::Storage(StorageError::Vault(error)) => {
            let file = config.master_key_file.display().to_string();
            format!("CADASTRE_MASTER_KEY_FILE is {file:?}, which is not accepted: {error}")
        }
        Error::Storage(error) => {
            format!("DATABASE_URL ({}): {}", config.url.describe(), explain_storage(error))
        }
        Error::Internal(reason) => reason.to_string(),
        error => error.to_string(),
    }
}

/// A failure of the storage on one line.
pub(crate) fn explain_storage(error: &StorageError) -> String {
    match error {
        StorageError::Query(cause) => format!("the database cannot be used: {cause}"),
        error => error.to_string(),
    }
}

async fn wait_for_the_end(
    failed: oneshot::Receiver<StartError>,
    (terminate, interrupt): &mut (Signal, Signal),
) -> Result<(), StartError> {
    let failure = async {
        match failed.await {
            Ok(error) => error,
            // Prepared: from now on only a signal ends the server.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        error = failure => Err(error),
    }
}

/// Stops accepting connections and lets requests in flight finish; `false` when a second signal
/// came, which asks for an end at once.
async fn stop(handle: &ServerHandle, (terminate, interrupt): &mut (Signal, Signal)) -> bool {
    log::info!("stopping: requests in flight finish first");
    let finished = tokio::select! {
        () = handle.stop(true) => true,
        _ = terminate.recv() => false,
        _ = interrupt.recv() => false,
    };
    if !finished {
        log::warn!("told to stop again: requests in flight are broken off");
    }
    finished
}

fn signals() -> io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
}
