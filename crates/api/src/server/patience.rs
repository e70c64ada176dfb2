//! How long the server waits for a client on one connection.
//!
//! The HTTP library bounds the head of the first request on a connection and the time until the
//! next one begins, and nothing else: a client may take for ever over the head of its second
//! request, over a body that no handler reads, and over taking its answer. This bounds all of
//! them, by closing the connection.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How much later than the library the connection is closed. Where the library has a bound of its
/// own, it answers 408 or says goodbye first.
const GRACE: Duration = Duration::from_secs(1);

/// Until when the server waits.
#[derive(Debug)]
pub struct Patience {
    head: Duration,
    idle: Duration,
    /// Nothing is waited for while a handler works.
    until: Cell<Option<Instant>>,
    in_head: Cell<bool>,
}

/// While this lives, a handler works, and the client may wait.
#[derive(Debug)]
pub struct Working(Rc<Patience>);

impl Patience {
    /// For a connection that was accepted now.
    pub(super) fn new(head: Duration, idle: Duration, now: Instant) -> Self {
        let (head, idle) = (head + GRACE, idle + GRACE);
        Self { head, idle, until: Cell::new(Some(now + head)), in_head: Cell::new(true) }
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

    /// The client took some of its answer.
    pub(super) fn said(&self, now: Instant) {
        if self.until.get().is_some() {
            let most = if self.in_head.get() { self.head } else { self.idle };
            self.until.set(Some(now + most));
        }
    }

    /// The head of a request is there, and a handler begins to work.
    #[must_use]
    pub fn work(self: &Rc<Self>) -> Working {
        self.until.set(None);
        Working(Rc::clone(self))
    }

    fn rest(&self, now: Instant) {
        self.in_head.set(false);
        self.until.set(Some(now + self.idle));
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.rest(Instant::now());
    }
}

#[cfg(test)]
mod tests;
