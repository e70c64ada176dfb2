//! Listening, and which face answers which path.

pub(crate) mod audit_head;
pub(crate) mod connections;
mod line;
mod listen;
pub(crate) mod patience;
mod request_task;
mod ticker;
pub mod tls;
mod watching;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, ResponseError as _, web};
use cadastre_storage::StorageError;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::http::cors;
use crate::http::refusals::{self, note_refusals};
pub use crate::http::track::Stopping;
use crate::http::track::track;
use crate::{agent, dialing, native, ops, rainbond, streams};

/// How long requests in flight may take to finish when the server stops.
pub const LONGEST_STOP: Duration = Duration::from_secs(30);

/// A server on this listener; it runs when awaited. It is stopped through its handle, after
/// `stopping` was set.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    app: App,
    listener: TcpListener,
    workers: usize,
    stopping: Stopping,
) -> io::Result<Server> {
    // For look-ups, and one that asks what has changed; lists, computations and commits have threads of
    // their own. More would only wait for each other: measured with 64 writers, 256 threads make 11,000
    // requests a second and 3 make 13,500.
    let blocking_threads = app.readers.div_ceil(workers) + 1;
    begin_work(&app, &stopping);
    let door = Arc::clone(&app.door);
    let connections = connections::of_worker(door.max_connections, workers);
    let builder = Server::build()
        .workers(workers)
        .worker_max_blocking_threads(blocking_threads)
        .max_concurrent_connections(connections)
        .disable_signals()
        .shutdown_timeout(LONGEST_STOP.as_secs());
    let app = web::Data::new(app);
    let stopping = web::Data::new(stopping);
    listen::listen(builder, listener, Arc::clone(&door), move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(stopping.clone())
            // Before the face that has all other paths below `/openapi`.
            .configure(ops::configure)
            .configure(rainbond::configure)
            .configure(dialing::configure)
            .configure(native::configure)
            .configure(agent::configure)
            .default_service(web::to(nowhere))
            .wrap(from_fn(note_refusals))
            .wrap(cors::allowing(&door.cors_origins))
            .wrap(from_fn(track))
    })
}

/// Begins what the register does by itself.
fn begin_work(app: &App, stopping: &Stopping) {
    let what = "when tokens were used last";
    let write = |app: &App| app.uses.write(&app.store);
    actix_web::rt::spawn(write_noted(app.clone(), USES_WRITTEN, what, write));
    let what = "when nodes pulled last";
    let write = |app: &App| app.contacts.write_due(&app.store, app.clock.now());
    actix_web::rt::spawn(write_noted(app.clone(), CONTACTS_WRITTEN, what, write));
    let what = "how large the journal is";
    let write = |app: &App| app.store.shrink_journal();
    actix_web::rt::spawn(write_noted(app.clone(), JOURNAL_TENDED, what, write));
    let write = |app: &App| refusals::write_summary(&app.refusals, &app.store, app.clock.now());
    actix_web::rt::spawn(write_noted(app.clone(), SUMMARIES, refusals::SUMMARY, write));
    actix_web::rt::spawn(streams::watch(app.clone(), stopping.clone()));
    actix_web::rt::spawn(audit_head::tell(app.clone()));
    actix_web::rt::spawn(ticker::run(app.clone()));
    actix_web::rt::spawn(ticker::tend_results(app.clone()));
    actix_web::rt::spawn(watching::watch(app.clone()));
    actix_web::rt::spawn(watching::send(app.clone()));
}

/// How often it is written when tokens were used last.
const USES_WRITTEN: Duration = Duration::from_secs(10);

/// How often the journal of SQLite is looked at.
const JOURNAL_TENDED: Duration = Duration::from_secs(10);

/// How often it is written when nodes pulled last, as far as that is due.
const CONTACTS_WRITTEN: Duration = Duration::from_secs(3);

/// How often it is written how many refusals were not recorded one by one.
const SUMMARIES: Duration = Duration::from_mins(1);

/// Writes `what` was noted in memory, again and again.
async fn write_noted(
    app: App,
    every: Duration,
    what: &'static str,
    write: fn(&App) -> Result<(), StorageError>,
) {
    loop {
        tokio::time::sleep(every).await;
        let app = app.clone();
        if let Ok(Err(error)) = web::block(move || write(&app)).await {
            log::warn!("{what} is not written yet: {error}");
        }
    }
}

/// Plain text, above all under `/v1`: dial nodes take a JSON error there for the end of their
/// tasks (dialing contract 3.4).
async fn nowhere() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("not found\n")
}

/// A failure in the shape of the face that serves `path`.
pub(crate) fn failure(path: &str, id: Uuid, error: Error) -> HttpResponse {
    if path.starts_with("/openapi/") {
        rainbond::wire::Failure::plain(error).error_response()
    } else if path.starts_with("/api/v1/") {
        dialing::wire::Failure::plain(id, error).error_response()
    } else if path.starts_with("/cadastre/v1/") {
        native::problem::Problem::plain(id, error).error_response()
    } else {
        error.log();
        HttpResponse::build(error.status())
            .content_type("text/plain; charset=utf-8")
            .body("error\n")
    }
}
