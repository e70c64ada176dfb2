//! When tokens were used last. Noted in memory and written in groups: nobody waits for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cadastre_domain::id::TokenId;
use cadastre_storage::{StorageError, Store, TokenCode, TokenUse};
use chrono::{DateTime, Utc};

/// How many tokens are kept in mind; beyond that, uses are written again that were written.
const MOST: usize = 10_000;

/// Uses that were not written yet, and the minutes of those that were.
#[derive(Default)]
pub struct Uses {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minutes: HashMap<TokenId, i64>,
    waiting: HashMap<TokenId, TokenUse>,
}

impl Uses {
    /// Notes that a token is used, once a minute.
    pub(super) fn note(&self, id: TokenId, at: DateTime<Utc>) {
        let minute = at.timestamp().div_euclid(60);
        let mut state = self.lock();
        if state.minutes.get(&id) == Some(&minute) {
            return;
        }
        if state.minutes.len() >= MOST {
            state.minutes.clear();
        }
        state.minutes.insert(id, minute);
        let waiting = state.waiting.entry(id).or_insert(TokenUse { id, at, renewed: None });
        waiting.at = at;
    }

    /// Notes what is to be stored of a token's text instead of what is.
    pub(super) fn renew(&self, id: TokenId, at: DateTime<Utc>, code: TokenCode) {
        self.lock().waiting.insert(id, TokenUse { id, at, renewed: Some(code) });
    }

    /// Writes what was noted, in one transaction. Blocks. What cannot be written waits on.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn write(&self, store: &Store) -> Result<(), StorageError> {
        let waiting: Vec<_> = self.lock().waiting.drain().map(|(_, used)| used).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let uses = waiting.clone();
        store.write(move |tx| tx.note_token_uses(&uses)).inspect_err(|_| {
            let mut state = self.lock();
            for used in waiting {
                state.waiting.entry(used.id).or_insert(used);
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
