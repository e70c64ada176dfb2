//! Reports tokens whose rows were changed behind the register: in the log, and not at every request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cadastre_domain::id::TokenId;

use crate::clock::BootInstant;

/// How long nothing more is said of a token.
const SILENCE: Duration = Duration::from_mins(10);

/// How many tokens are kept in mind; while there are so many, of others nothing is said.
const MOST: usize = 1000;

/// Tokens of which the log has told lately that they were altered.
#[derive(Debug, Default)]
pub struct AlteredTokens(Mutex<HashMap<TokenId, BootInstant>>);

impl AlteredTokens {
    /// Logs that this token was refused because its row was altered, unless that was said a while ago.
    pub(super) fn report(&self, id: TokenId) {
        if self.is_news(id) {
            log::error!(
                "the token {id} is refused: its row in the database is not as the register wrote it; \
                 find out who did that, and make another token"
            );
        }
    }

    fn is_news(&self, id: TokenId) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| at.elapsed() < SILENCE);
        if told.len() >= MOST || told.contains_key(&id) {
            return false;
        }
        told.insert(id, BootInstant::now());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_news_once_in_a_while_and_of_very_many_nothing_is_said() {
        let altered = AlteredTokens::default();
        let is_news = |number: usize| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            altered.is_news(TokenId::from_bytes(bytes))
        };
        assert_eq!([1, 2, 1, 2].map(is_news), [true, true, false, false]);
        assert_eq!((0..2 * MOST).filter(|&number| is_news(number)).count(), MOST - 2);
    }
}
