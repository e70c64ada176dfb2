//! First answers to requests that may be sent again.

use cadastre_domain::id::TokenId;
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::Result;

/// The first answer to a request, kept in case that it is sent again.
#[derive(Clone)]
pub struct Answer {
    /// A digest of the request, by which another request with the same key is told.
    pub digest: [u8; 32],
    /// The status.
    pub status: i32,
    /// The answer itself, in the form that the face gave it. It may hold secrets.
    pub content: Zeroizing<Vec<u8>>,
}

/// Answers by the token that asked and the key that it sent.
pub trait Answers {
    /// The answer that is kept.
    fn find_answer(&mut self, token: TokenId, key: &str) -> Result<Option<Answer>>;
    /// Keeps an answer, sealed.
    fn insert_answer(
        &mut self,
        token: TokenId,
        key: &str,
        answer: &Answer,
        now: DateTime<Utc>,
    ) -> Result<()>;
    /// Forgets the answers that were given before `before`; how many.
    fn forget_answers(&mut self, before: DateTime<Utc>) -> Result<usize>;
}
