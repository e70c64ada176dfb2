//! Log lines: one line each, on stderr, with the id of the request they belong to.

mod queue;

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::panic;
use std::sync::OnceLock;
use std::time::Duration;

use chrono::SecondsFormat;
use env_logger::{Builder, Env, Target};
use log::{Level, Record};
use uuid::Uuid;

use crate::clock::Clock;
use queue::{LineQueue, LineSender};

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

/// How much may wait to be written, in bytes.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// How long the end of the process waits for lines that are not written yet.
const LONGEST_END: Duration = Duration::from_millis(1500);

/// Lines on their way to stderr.
static QUEUE: OnceLock<LineQueue> = OnceLock::new();

/// Starts logging as `RUST_LOG` says, or from `level` on. When that fails, stderr says why, and
/// nothing is logged but what `always` is given, and panics.
pub fn start(level: &str) {
    // Without a stderr there is nowhere to say it.
    let Ok(stderr) = io::stderr().as_fd().try_clone_to_owned() else { return };
    match LineQueue::start(File::from(stderr), MOST_WAITING) {
        Ok(queue) => {
            let mut builder = builder(queue.sender());
            let env = Env::default().default_filter_or(level);
            if builder.parse_env(env).try_init().is_err() {
                return;
            }
            let _ = QUEUE.set(queue);
        }
        Err(error) => eprintln!(
            "cadastre: nothing is logged, because the thread that writes the log cannot be made: {error}"
        ),
    }
    // The place is enough to find a fault; the message may quote what must not be logged.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        match QUEUE.get() {
            Some(_) => log::error!("a panic at {place}"),
            None => eprintln!("cadastre: a panic at {place}"),
        }
    }));
}

/// Logs a line of the level `INFO`, whatever `RUST_LOG` says: for what an operator relies on.
pub(crate) fn always(target: &str, text: &dyn Display) {
    complain(&line_of(Level::Info, target, text));
}

/// Writes a text to stderr as it is, behind what was logged before: why a command failed. A process that
/// ends after it calls [`finish`] first.
pub fn complain(text: &str) {
    match QUEUE.get() {
        Some(queue) => queue.push(text.as_bytes()),
        None => eprint!("{text}"),
    }
}

/// Waits until all lines are written, but not for long: a stderr that is not read must not keep the
/// process from ending.
pub fn finish() {
    if let Some(queue) = QUEUE.get() {
        queue.wait_until_written(LONGEST_END);
    }
}

/// A logger whose lines go to this queue. A line is handed over while the logger holds a lock, so
/// the other end must not wait for anything.
fn builder(sender: LineSender) -> Builder {
    let mut builder = Builder::new();
    builder
        .target(Target::Pipe(Box::new(sender)))
        .format(|out, record| out.write_all(line(record).as_bytes()));
    builder
}

fn line(record: &Record<'_>) -> String {
    line_of(record.level(), record.target(), record.args())
}

fn line_of(level: Level, target: &str, text: &dyn Display) -> String {
    let mut simple = Uuid::encode_buffer();
    let id = context().0.map_or("-", |id| id.simple().encode_lower(&mut simple));
    let time = Clock::System.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut line = format!("{time} {level} {id} {target}: {text}");
    // What a client sent may hold line breaks; a record stays one line.
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests;
