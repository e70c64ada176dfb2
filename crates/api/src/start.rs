//! Starting the server, waiting for its database, and stopping it without losing anything.

pub(crate) mod first_token;
mod greeting;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use cadastre_storage::{StorageError, Store};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app::App;
use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::config::Config;
use crate::error::Error;
use crate::http::limits::RateLimits;
use crate::http::track::Stopping;
use crate::{logging, server};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
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

/// Serves until told to stop.
///
/// # Errors
/// What kept the server from starting.
pub fn serve(config: &Config) -> Result<(), StartError> {
    logging::start("info");
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| StartError::Listen(config.listen, error))?;
    let app = app(config);
    let store = Arc::clone(&app.store);
    let ready = prepare_in_background(config, Arc::clone(&store), app.clock.clone());
    let workers = config.workers;
    let outcome = actix_web::rt::System::new().block_on(async move {
        let stopping = Stopping::default();
        let server = server::serve(app, listener, workers, stopping.clone())?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let outcome = wait_for_the_end(ready).await;
        stopping.0.store(true, Ordering::Relaxed);
        stop(&handle).await?;
        let _ = running.await;
        outcome
    });
    if !store.finish(server::LONGEST_STOP) {
        log::error!("stopped while writes were waiting; their callers had no answer");
    }
    log::info!("stopped");
    outcome
}

/// The state of a register with these settings; its store is not prepared yet.
#[must_use]
pub fn app(config: &Config) -> App {
    let settings = config.database.store(config.readers, config.write_queue);
    App {
        store: Arc::new(Store::new(&settings)),
        clock: Clock::System,
        clusters: Clusters::new(config.cluster_calls),
        dialing_limits: Arc::new(RateLimits::new(config.key_limit, config.workspace_limit)),
        public_url: config.public_url.as_str().into(),
        wrong_key_status: config.wrong_key_status,
    }
}

/// Prepares the database on a thread of its own, as often as it takes: requests are told 503
/// meanwhile. What comes back is why it cannot be done at all.
fn prepare_in_background(
    config: &Config,
    store: Arc<Store>,
    clock: Clock,
) -> oneshot::Receiver<StartError> {
    let (failed, receiver) = oneshot::channel();
    let config = config.clone();
    thread::spawn(move || {
        greeting::listening(&config);
        loop {
            let (database, now) = (config.database.clone(), clock.now());
            match store.prepare(move |tx| first_token::ensure(tx, &database, now)) {
                Ok(token) => return greeting::ready(&config, &token),
                Err(Error::Storage(StorageError::Unavailable(reason))) => {
                    log::warn!("waiting for the database: {reason}");
                    thread::sleep(RETRY);
                }
                Err(Error::Storage(error)) => {
                    return drop(failed.send(StartError::Database(explain(&error))));
                }
                Err(error) => {
                    return drop(failed.send(StartError::Database(error.to_string())));
                }
            }
        }
    });
    receiver
}

/// A failure of the storage on one line, for people who start the service.
pub(crate) fn explain(error: &StorageError) -> String {
    match error {
        StorageError::Query(cause) => format!("the database cannot be used: {cause}"),
        error => error.to_string(),
    }
}

async fn wait_for_the_end(failed: oneshot::Receiver<StartError>) -> Result<(), StartError> {
    let (mut terminate, mut interrupt) = signals()?;
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

/// Stops accepting connections and lets requests in flight finish; a second signal stops at once.
async fn stop(handle: &ServerHandle) -> Result<(), StartError> {
    log::info!("stopping: requests in flight finish first");
    let (mut terminate, mut interrupt) = signals()?;
    tokio::select! {
        () = handle.stop(true) => {}
        _ = terminate.recv() => handle.stop(false).await,
        _ = interrupt.recv() => handle.stop(false).await,
    }
    Ok(())
}

fn signals() -> io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
}
