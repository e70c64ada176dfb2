//! Lines on their way to stderr. One thread writes them, so that no other thread ever waits for who
//! reads them: a terminal that is stopped, or a collector that hangs, must not hold up answers.
//!
//! The queue is bounded. When it is full, lines are dropped and counted, and the count is told once
//! there is room again.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use log::Level;

use super::line_of;

/// The longest text that is written into a pipe as a whole, in bytes (POSIX, `PIPE_BUF`, of Linux):
/// other processes may write into the same pipe.
const WHOLE: usize = 4096;

/// How long the first line waits for others, which are then written together. So threads that log
/// seldom have to wake the one that writes.
const GATHERED: Duration = Duration::from_millis(1);

/// The largest buffer that is kept for the next lines, in bytes.
const LARGEST_KEPT: usize = 256 * 1024;

/// Lines that wait to be written.
pub(super) struct LineQueue(Arc<Shared>);

/// Where the logger writes its lines to, each with one call.
pub(super) struct LineSender(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// There is something to write.
    filled: Condvar,
    /// Everything is written.
    written: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    lines: Vec<u8>,
    /// Lines that came behind these and were dropped.
    dropped: u64,
    /// Whether lines that were taken are still being written.
    is_writing: bool,
}

impl State {
    const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0
    }
}

impl LineQueue {
    /// A queue of at most so many bytes, and the thread that writes them to `out`.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn start(out: impl Write + Send + 'static, most: usize) -> io::Result<Self> {
        let state = Mutex::default();
        let (filled, written) = (Condvar::new(), Condvar::new());
        let shared = Arc::new(Shared { state, filled, written, most });
        let queue = Self(Arc::clone(&shared));
        thread::Builder::new().name("log".to_owned()).spawn(move || write_lines(&shared, out))?;
        Ok(queue)
    }

    /// For the logger.
    pub(super) fn sender(&self) -> LineSender {
        LineSender(Arc::clone(&self.0))
    }

    /// Leaves a line to be written. Never waits for that.
    pub(super) fn push(&self, line: &[u8]) {
        self.0.push(line);
    }

    /// Waits until everything is written, for so long at most; whether it is.
    pub(super) fn wait_until_written(&self, limit: Duration) -> bool {
        let busy = |state: &mut State| state.is_writing || !state.is_empty();
        let waited = self.0.written.wait_timeout_while(self.0.lock(), limit, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Shared {
    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        let was_empty = state.is_empty();
        // Behind a line that was dropped, none is kept before the count of them is told.
        if state.dropped > 0 || state.lines.len() + line.len() > self.most {
            state.dropped += 1;
        } else {
            state.lines.extend_from_slice(line);
        }
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for LineSender {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines for as long as the process runs.
fn write_lines(shared: &Shared, mut out: impl Write) {
    let mut lines = Vec::new();
    loop {
        let empty = |state: &mut State| state.is_empty();
        drop(shared.filled.wait_while(shared.lock(), empty));
        thread::sleep(GATHERED);
        let mut state = shared.lock();
        mem::swap(&mut state.lines, &mut lines);
        let dropped = mem::take(&mut state.dropped);
        state.is_writing = true;
        drop(state);
        if dropped > 0 {
            let text = format_args!("{dropped} log lines were dropped: they were not read in time");
            lines.extend_from_slice(line_of(Level::Warn, module_path!(), &text).as_bytes());
        }
        write_whole(&mut out, &lines);
        lines.clear();
        if lines.capacity() > LARGEST_KEPT {
            lines = Vec::new();
        }
        let mut state = shared.lock();
        state.is_writing = false;
        if state.is_empty() {
            shared.written.notify_all();
        }
    }
}

/// Writes lines so that each that is short enough stays whole, whatever other processes write there.
fn write_whole(out: &mut impl Write, mut lines: &[u8]) {
    while !lines.is_empty() {
        let (piece, rest) = lines.split_at(first_piece(lines));
        // Where a line cannot be written, that cannot be logged either.
        let _ = out.write_all(piece);
        lines = rest;
    }
}

/// The length of as many whole lines as can be written at once; of one, if that is longer.
fn first_piece(lines: &[u8]) -> usize {
    let end = |byte: &u8| *byte == b'\n';
    if lines.len() <= WHOLE {
        return lines.len();
    }
    let last = lines[..WHOLE].iter().rposition(end);
    let last = last.or_else(|| lines.iter().position(end));
    last.map_or(lines.len(), |place| place + 1)
}
