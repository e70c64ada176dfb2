//! Regions in memory, as fresh as every reader needs them.
//!
//! Before anybody reads them, the database is asked whether anything has changed. Readers that come
//! while it is being asked share the next question, which is put after they came: so what each of
//! them reads holds every write that was acknowledged before, by whichever server, and however many
//! read at once, there is one question at a time and hardly anybody waits for a thread.
//!
//! When very many read at once, the next question waits a moment for more of them: it costs the database
//! as much for one as for all. Whoever reads alone never waits for that.
//!
//! Where the answer costs less than the way to another thread, as on SQLite, it is asked for on the
//! readers' own thread, once for all who are there.

mod here;

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web;
use cadastre_storage::{StorageError, Store};
use tokio::sync::oneshot;

/// How many readers of one question are very many: they come faster than a processor can serve them.
const VERY_MANY: usize = 8;

/// How long the next question waits behind one of very many.
const MOMENT: Duration = Duration::from_micros(500);

/// After how long a question counts as lost, and the next reader puts another one: the connection on
/// which it was put may never answer.
const LOST: Duration = Duration::from_secs(10);

/// Who waits for the regions in memory to be brought up to date.
#[derive(Debug, Default)]
pub struct Freshness(Mutex<State>);

type Outcome = Result<(), StorageError>;

#[derive(Debug, Default)]
struct State {
    /// Since when the present question is on its way, if a driver asks; it asks again for those who wait.
    asking: Option<Instant>,
    waiting: Vec<oneshot::Sender<Outcome>>,
}

impl Freshness {
    /// Brings the regions of `store` up to what is committed now.
    ///
    /// # Errors
    /// That the database is not available.
    pub async fn catch_up(self: &Arc<Self>, store: &Arc<Store>) -> Outcome {
        if store.tells_at_once() && here::is_fresh(store).await {
            return Ok(());
        }
        let store = Arc::clone(store);
        self.wait(move || store.refresh_regions()).await
    }

    /// Waits for a question that is put after this call. If nobody asks, `ask` is called on a thread
    /// that may block, as often as there is somebody who waits.
    async fn wait(self: &Arc<Self>, ask: impl Fn() -> Outcome + Send + 'static) -> Outcome {
        let (reader, told) = oneshot::channel();
        if self.join(reader) {
            let driver = Driver { freshness: Arc::clone(self), done: false };
            // Runs to its end even when this reader goes away.
            drop(web::block(move || driver.run(ask)));
        }
        told.await.unwrap_or(Err(StorageError::Panicked))
    }

    /// Waits with the others; `true` when somebody has to ask.
    fn join(&self, reader: oneshot::Sender<Outcome>) -> bool {
        let mut state = self.lock();
        state.waiting.push(reader);
        if state.asking.is_some_and(|since| since.elapsed() < LOST) {
            return false;
        }
        // Of those who waited for the one that is lost, most have gone.
        state.waiting.retain(|waiting| !waiting.is_closed());
        state.asking = Some(Instant::now());
        true
    }

    /// Those who wait. When nobody does, nobody asks any more.
    fn next(&self) -> Vec<oneshot::Sender<Outcome>> {
        let mut state = self.lock();
        state.asking = (!state.waiting.is_empty()).then(Instant::now);
        mem::take(&mut state.waiting)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever asks. If it never comes to that, those who wait are told, and the next reader starts anew.
struct Driver {
    freshness: Arc<Freshness>,
    done: bool,
}

impl Driver {
    fn run(mut self, ask: impl Fn() -> Outcome) {
        loop {
            let readers = self.freshness.next();
            if readers.is_empty() {
                self.done = true;
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(&ask));
            let outcome = outcome.unwrap_or(Err(StorageError::Panicked));
            let very_many = readers.len() >= VERY_MANY;
            for reader in readers {
                // Some have gone away.
                let _ = reader.send(outcome.clone());
            }
            if very_many {
                thread::sleep(MOMENT);
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.done {
            let mut state = self.freshness.lock();
            state.asking = None;
            // Their ends of the channel tell them.
            state.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests;
