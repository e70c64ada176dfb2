//! Tokens that were found to be in order a moment ago (ADR 0008).
//!
//! Looking a token up costs about as much as a short list of regions, so what was found is trusted
//! for half a second, in every process that serves the register. That surprises nobody, because
//! whoever revokes a token is told so only when that time has passed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::KnownToken;

/// How long what was found is trusted, and how long a revocation takes before it is acknowledged.
pub const LEASE: Duration = Duration::from_millis(500);

/// How long it is remembered that a token was in order at all.
const MEMORY: Duration = Duration::from_mins(10);

/// How many tokens are remembered.
const MOST: usize = 10_000;

/// Tokens by the SHA-256 of their text.
#[derive(Default)]
pub struct Remembered {
    tokens: RwLock<HashMap<[u8; 32], Arc<KnownToken>>>,
}

impl Remembered {
    /// The token of this text, when it was in order in the last minutes, and whether that may still
    /// be trusted.
    pub(super) fn find(&self, text: &str) -> Option<(Arc<KnownToken>, bool)> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let known = tokens.get(&digest(text))?;
        let age = known.asked.elapsed();
        (age < MEMORY).then(|| (Arc::clone(known), age < LEASE))
    }

    /// Remembers what the register said.
    pub(super) fn insert(&self, text: &str, known: Arc<KnownToken>) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MOST {
            tokens.retain(|_, known| known.asked.elapsed() < LEASE);
        }
        if tokens.len() < MOST {
            tokens.insert(digest(text), known);
        }
    }

    /// Forgets a token that is not in order any more.
    pub(super) fn forget(&self, text: &str) {
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).remove(&digest(text));
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
