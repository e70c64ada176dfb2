//! How long the server waits for a client on one connection.
//!
//! The HTTP library bounds the head of the first request on a connection and the time until the
//! next one begins, and nothing else: a client may take for ever over the head of its second
//! request, over a body that no handler reads, and over taking its answer. This bounds all of
//! them, by closing the connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::connections::Admission;
use super::line::Leftover;

/// How much later than the library the connection is closed. Where the library has a bound of its
/// own, it answers 408 or says goodbye first.
const GRACE: Duration = Duration::from_secs(1);

/// How many bytes a second a client has to take of its answers, so that its connection is not closed
/// for another one.
const SLOWEST: u32 = 16 * 1024;

/// Until when the server waits.
#[derive(Debug)]
pub struct Patience {
    head: Duration,
    idle: Duration,
    /// Nothing is waited for while a handler works.
    until: Cell<Option<Instant>>,
    in_head: Cell<bool>,
    /// Whether the answer is a stream that has not ended.
    is_streaming: Cell<bool>,
    /// Whether the client has not taken what was said.
    is_full: Cell<bool>,
    /// How long the connection stays busy while the client does not take what was said: `idle` at
    /// first. It runs down by then, and runs up with all that is taken, and while nothing waits.
    left: Cell<Duration>,
    /// When `left` was reckoned up last.
    reckoned: Cell<Instant>,
    /// Whether the connection is broken, or was closed in good order.
    is_over: Cell<bool>,
    admission: Admission,
    /// How many want what is left of the connection when the HTTP library lets go of it.
    heirs: Cell<usize>,
    leftover: RefCell<Option<Leftover>>,
}

/// While this lives, a handler works, and the client may wait.
#[derive(Debug)]
pub struct Working(Rc<Patience>);

/// While this lives, an answer is sent whose length is not known.
#[derive(Debug)]
pub struct Streaming(Rc<Patience>);

/// While this lives, what is left of a connection is kept when the HTTP library lets go of it.
#[derive(Debug)]
pub(super) struct Heir(Rc<Patience>);

impl Patience {
    /// For a connection that was accepted now.
    pub(super) fn new(head: Duration, idle: Duration, now: Instant, admission: Admission) -> Self {
        let (head, idle) = (head + GRACE, idle + GRACE);
        Self {
            head,
            idle,
            until: Cell::new(Some(now + head)),
            in_head: Cell::new(true),
            is_streaming: Cell::default(),
            is_full: Cell::default(),
            left: Cell::new(idle),
            reckoned: Cell::new(now),
            is_over: Cell::default(),
            admission,
            heirs: Cell::default(),
            leftover: RefCell::default(),
        }
    }

    /// When it ends.
    pub(super) fn end(&self) -> Option<Instant> {
        self.until.get()
    }

    /// The client said something: between two requests, the head of the next one has begun.
    pub(super) fn heard(&self, now: Instant) {
        if self.until.get().is_some() && !self.in_head.replace(true) {
            self.until.set(Some(now + self.head));
        }
    }

    /// The client took so many bytes of its answer.
    pub(super) fn said(&self, bytes: usize, now: Instant) {
        if self.until.get().is_some() {
            let most = if self.in_head.get() { self.head } else { self.idle };
            self.until.set(Some(now + most));
        }
        if self.is_full.get() {
            self.reckon(now);
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            let earned = Duration::from_secs(1) * bytes / SLOWEST;
            self.left.set((self.left.get() + earned).min(self.idle));
            self.report(now);
        }
    }

    /// The head of a request is there, and a handler begins to work.
    #[must_use]
    pub fn work(self: &Rc<Self>) -> Working {
        self.until.set(None);
        self.report(Instant::now());
        Working(Rc::clone(self))
    }

    /// The answer is a stream.
    #[must_use]
    pub fn stream(self: &Rc<Self>) -> Streaming {
        self.is_streaming.set(true);
        self.report(Instant::now());
        Streaming(Rc::clone(self))
    }

    /// Whether the client has not taken what was said.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.get()
    }

    /// Sets that.
    pub(super) fn set_full(&self, is_full: bool, now: Instant) {
        if self.is_full.get() != is_full {
            self.reckon(now);
            self.is_full.set(is_full);
            self.report(now);
        }
    }

    /// Whether only probes are served on the connection, now that it is asked something.
    #[must_use]
    pub fn serves_probes_only(&self) -> bool {
        self.admission.serves_probes_only(Instant::now())
    }

    /// Ready when the connection has to make room for another.
    pub(super) fn poll_leaving(&self, context: &Context<'_>) -> Poll<()> {
        self.admission.connection().poll_leaving(context)
    }

    /// The connection is broken, or was closed in good order.
    pub(super) fn set_over(&self) {
        self.is_over.set(true);
    }

    /// Whether it is.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Has what is left of the connection kept, if the HTTP library lets go of it before it was closed.
    pub(super) fn heir(self: &Rc<Self>) -> Heir {
        self.heirs.set(self.heirs.get() + 1);
        Heir(Rc::clone(self))
    }

    /// Keeps what is left of the connection, if that is wanted.
    pub(super) fn leave(&self, leftover: impl FnOnce() -> Option<Leftover>) {
        if self.heirs.get() > 0 && !self.is_over() {
            self.leftover.replace(leftover());
        }
    }

    fn rest(&self, now: Instant) {
        self.in_head.set(false);
        self.until.set(Some(now + self.idle));
        self.report(now);
    }

    /// Reckons up what is left of the time in which the connection is busy with its answer.
    fn reckon(&self, now: Instant) {
        let passed = now.saturating_duration_since(self.reckoned.replace(now));
        let left = self.left.get();
        let left = if self.is_full.get() { left.saturating_sub(passed) } else { left + passed };
        self.left.set(left.min(self.idle));
    }

    /// Tells the table from when on the connection is idle, as things are now.
    fn report(&self, now: Instant) {
        if self.until.get().is_none() {
            self.admission.work();
        } else if self.is_full.get() {
            self.reckon(now);
            self.admission.rest_from(now + self.left.get());
        } else if self.is_streaming.get() {
            self.admission.work();
        } else {
            self.admission.rest_from(now);
        }
    }
}

impl Heir {
    /// What is left of the connection, if the HTTP library has let go of it before it was closed.
    pub(super) fn leftover(&self) -> Option<Leftover> {
        self.0.leftover.take()
    }

    /// Whether the connection is broken, or was closed in good order.
    pub(super) fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

impl Drop for Heir {
    fn drop(&mut self) {
        let heirs = self.0.heirs.get() - 1;
        self.0.heirs.set(heirs);
        if heirs == 0 {
            self.0.leftover.take();
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.is_streaming.set(false);
        self.0.report(Instant::now());
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.rest(Instant::now());
    }
}

#[cfg(test)]
mod tests;
