//! A connection that ends when the server has lost its patience, and on which no more is read from
//! a client that does not take its answers.

use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use actix_web::rt::time::{Sleep, sleep_until};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::patience::Patience;

/// What bytes go in and out of: a connection as such, or TLS on it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A connection.
pub(super) struct Line {
    stream: Box<dyn Stream>,
    patience: Rc<Patience>,
    alarm: Pin<Box<Sleep>>,
    /// The client takes nothing more for now.
    is_full: bool,
    /// Reading was put off until it does.
    is_put_off: bool,
}

impl Line {
    /// A connection, watched.
    pub(super) fn new(stream: impl Stream + 'static, patience: Patience) -> Self {
        let first = patience.end().unwrap_or_else(Instant::now);
        let alarm = Box::pin(sleep_until(first.into()));
        let (stream, patience) = (Box::new(stream), Rc::new(patience));
        Self { stream, patience, alarm, is_full: false, is_put_off: false }
    }

    /// How long the server waits on it.
    pub(super) fn patience(&self) -> Rc<Patience> {
        Rc::clone(&self.patience)
    }

    /// To be asked whenever there is nothing to do but wait. The alarm is not set anew with every
    /// request: when it rings too early, it is set to when it should have rung.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let Some(end) = self.patience.end() else { return Poll::Pending };
            if self.alarm.deadline() > end.into() {
                self.alarm.as_mut().reset(end.into());
            }
            ready!(self.alarm.as_mut().poll(context));
            if Instant::now() >= end {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.alarm.as_mut().reset(end.into());
        }
    }

    /// What comes of an operation on the stream, or the end of patience.
    fn or_end<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Pending => self.poll_patience(context).map(Err),
            outcome @ Poll::Ready(_) => outcome,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // The HTTP library keeps answers until they are taken. Whoever asks and asks and takes
        // nothing would have it keep them without bound.
        if self.is_full {
            self.is_put_off = true;
            return self.poll_patience(context).map(Err);
        }
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        if outcome.is_ready() {
            self.patience.heard(Instant::now());
        }
        self.or_end(outcome, context)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.is_full = outcome.is_pending();
        if outcome.is_ready() {
            self.patience.said(Instant::now());
            if mem::take(&mut self.is_put_off) {
                context.waker().wake_by_ref();
            }
        }
        self.or_end(outcome, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.or_end(outcome, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.or_end(outcome, context)
    }
}
