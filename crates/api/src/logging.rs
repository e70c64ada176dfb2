//! Log lines: one line each, on stderr, with the id of the request they belong to.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{PoisonError, RwLock};
use std::{env, panic};

use chrono::SecondsFormat;
use env_filter::Filter;
use log::{Log, Metadata, Record};
use uuid::Uuid;

use crate::clock::Clock;

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
#[expect(clippy::disallowed_methods, reason = "errors in the settings are to be logged")]
pub fn start(level: &str) {
    let wanted = env::var("RUST_LOG").unwrap_or_else(|_| level.to_owned());
    let filter = env_filter::Builder::new().parse(&wanted).build();
    let Ok(stderr) = io::stderr().as_fd().try_clone_to_owned() else { return };
    let (most, long) = (filter.filter(), RwLock::new(()));
    if log::set_boxed_logger(Box::new(Lines { filter, stderr: stderr.into(), long })).is_ok() {
        log::set_max_level(most);
        // The place is enough to find a fault; the message may quote what must not be logged.
        panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            log::error!("a panic at {place}");
        }));
    }
}

/// The longest text that is written into a pipe as a whole, in bytes (POSIX, `PIPE_BUF`, of Linux).
const WHOLE: usize = 4096;

/// Writes log lines. Each is written with one call, and so stays whole without threads waiting for
/// each other: under load they would all day.
struct Lines {
    filter: Filter,
    stderr: File,
    /// Held alone by whoever writes a line that is too long to be written as a whole.
    long: RwLock<()>,
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.filter.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.filter.matches(record) {
            return;
        }
        let line = line(record);
        // Where a line cannot be written, that cannot be logged either.
        let write = || drop((&self.stderr).write_all(line.as_bytes()));
        if line.len() <= WHOLE {
            let _others = self.long.read().unwrap_or_else(PoisonError::into_inner);
            write();
        } else {
            let _alone = self.long.write().unwrap_or_else(PoisonError::into_inner);
            write();
        }
    }

    fn flush(&self) {}
}

fn line(record: &Record<'_>) -> String {
    let mut simple = Uuid::encode_buffer();
    let id = context().0.map_or("-", |id| id.simple().encode_lower(&mut simple));
    let time = Clock::System.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let (level, target) = (record.level(), record.target());
    let mut line = format!("{time} {level} {id} {target}: {}", record.args());
    // What a client sent may hold line breaks; a record stays one line.
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests;
