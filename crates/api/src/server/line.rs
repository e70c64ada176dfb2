//! A connection that ends when the server has lost its patience, and on which no more is read from
//! a client that does not take its answers.

use std::fmt;
use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::rt::time::{Sleep, sleep_until, timeout};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use super::patience::Patience;

/// How long a connection that is being closed is read from, so that the client sees its answer.
pub(super) const LONGEST_GOODBYE: Duration = Duration::from_secs(1);

/// What bytes go in and out of: a connection as such, or TLS on it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A connection.
pub(super) struct Line {
    /// There, until the HTTP library lets go of it.
    stream: Option<Box<dyn Stream>>,
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
        let (stream, patience) = (Some(Box::new(stream) as Box<dyn Stream>), Rc::new(patience));
        Self { stream, patience, alarm, is_full: false, is_put_off: false }
    }

    /// How long the server waits on it.
    pub(super) fn patience(&self) -> Rc<Patience> {
        Rc::clone(&self.patience)
    }

    /// To be asked whenever there is nothing to do but wait. The alarm is not set anew with every
    /// request: when it rings too early, it is set to when it should have rung.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.patience.poll_leaving(context).is_ready() {
            return Poll::Ready(io::ErrorKind::ConnectionAborted.into());
        }
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
        let outcome = match outcome {
            Poll::Pending => self.poll_patience(context).map(Err),
            outcome @ Poll::Ready(_) => outcome,
        };
        if let Poll::Ready(Err(_)) = outcome {
            self.patience.set_over();
        }
        outcome
    }

    /// Does something with the stream.
    fn poll_stream<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut Box<dyn Stream>>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.stream {
            Some(stream) => poll(Pin::new(stream), context),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let (patience, stream) = (Rc::clone(&self.patience), self.stream.take());
        patience.leave(|| stream.map(Leftover));
    }
}

/// What is left of a connection that the HTTP library has let go of without an answer, as it does
/// when a body is malformed.
pub(super) struct Leftover(Box<dyn Stream>);

impl Leftover {
    /// Sends this, which is the last thing that the client hears.
    pub(super) async fn end_with(self, bytes: Vec<u8>) {
        let Self(mut stream) = self;
        let end = async {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
            // A connection that is closed with something unread in it takes the answer with it.
            let mut unread = [0; 4096];
            while stream.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        // A client that has gone does not hear it.
        let _ = timeout(LONGEST_GOODBYE, end).await;
    }
}

impl fmt::Debug for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leftover")
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
            return self.or_end(Poll::Pending, context);
        }
        let outcome =
            self.poll_stream(context, |stream, context| stream.poll_read(context, buffer));
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
        let outcome =
            self.poll_stream(context, |stream, context| stream.poll_write(context, bytes));
        self.is_full = outcome.is_pending();
        let now = Instant::now();
        if self.is_full {
            self.patience.set_full(true, now);
        }
        if let Poll::Ready(outcome) = &outcome {
            self.patience.said(*outcome.as_ref().unwrap_or(&0), now);
            if mem::take(&mut self.is_put_off) {
                context.waker().wake_by_ref();
            }
        }
        self.or_end(outcome, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = self.poll_stream(context, AsyncWrite::poll_flush);
        // The HTTP library flushes when all that it has to say for now was written.
        if outcome.is_pending() || self.patience.is_full() {
            self.patience.set_full(outcome.is_pending(), Instant::now());
        }
        self.or_end(outcome, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.patience.set_over();
        let outcome = self.poll_stream(context, AsyncWrite::poll_shutdown);
        self.or_end(outcome, context)
    }
}
