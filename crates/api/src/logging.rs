//! Log lines: one line each, on stderr, with the id of the request they belong to.

use std::io::Write as _;
use std::panic;

use uuid::Uuid;

tokio::task_local! {
    static REQUEST: Uuid;
}

/// The request that the running code works for, if any; to be carried to other threads.
#[derive(Debug, Clone, Copy)]
pub struct LogContext(Option<Uuid>);

/// The context of the running code.
#[must_use]
pub fn context() -> LogContext {
    LogContext(REQUEST.try_with(|id| *id).ok())
}

impl LogContext {
    /// Runs `work` so that its log lines carry the request's id.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        match self.0 {
            Some(id) => REQUEST.sync_scope(id, work),
            None => work(),
        }
    }
}

/// Runs a future so that its log lines carry `id`.
pub async fn with_request<F: Future>(id: Uuid, future: F) -> F::Output {
    REQUEST.scope(id, future).await
}

/// Starts logging as `RUST_LOG` says, or from `level` on.
pub fn start(level: &str) {
    let filter = env_logger::Env::default().default_filter_or(level);
    let started = env_logger::Builder::from_env(filter)
        .format(|out, record| {
            let mut simple = Uuid::encode_buffer();
            let id = context().0.map_or("-", |id| id.simple().encode_lower(&mut simple));
            // What a client sent may hold line breaks; a record stays one line.
            let mut text = record.args().to_string();
            if text.contains(['\n', '\r']) {
                text = text.replace(['\n', '\r'], " ");
            }
            let time = out.timestamp_millis();
            writeln!(out, "{time} {} {id} {}: {text}", record.level(), record.target())
        })
        .try_init();
    if started.is_ok() {
        // The place is enough to find a fault; the message may quote what must not be logged.
        panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            log::error!("a panic at {place}");
        }));
    }
}
