//! Look-ups of texts of which nothing is known.
//!
//! A right token is never refused for what others send, so every text has to be looked up. That a
//! stranger who sends wrong ones without end does not occupy all readers of the database, such
//! look-ups take turns: a few at once, one for each address, those who wait longest first.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cadastre_domain::id::TokenId;
use cadastre_domain::token::id_in;
use cadastre_storage::StorageError;

use super::{KnownToken, LEASE};
use crate::clock::BootInstant;
use crate::error::Error;
use crate::http::throttle;
use crate::room::{Room, Turn};

/// How long a look-up waits for its turn. It takes that long only while the database hardly answers.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The turns of look-ups, and whether texts without the form of a token have to be looked up.
pub struct TokenLookUps {
    room: Room<IpAddr>,
    /// When the register was asked last whether it has chosen tokens, and had none.
    none_chosen: Mutex<Option<BootInstant>>,
}

/// The token, or the one that the text claims to be and is not.
type Found = Result<Arc<KnownToken>, Option<TokenId>>;

impl TokenLookUps {
    /// Turns that leave half of so many readers, rounded down, to others.
    #[must_use]
    pub fn new(readers: usize) -> Self {
        let room = Room::new(readers.div_ceil(2).max(1), 1);
        Self { room, none_chosen: Mutex::default() }
    }

    /// Waits for a turn and looks the text up, unless it cannot be a token.
    ///
    /// # Errors
    /// Those of the look-up, and that there was no turn for long.
    pub(super) async fn take_turn<F: Future<Output = Result<Found, Error>>>(
        &self,
        from: Option<IpAddr>,
        text: &str,
        look_up: impl FnOnce() -> F,
    ) -> Result<Found, Error> {
        if id_in(text).is_none() && self.knows_that_none_is_chosen() {
            return Ok(Err(None));
        }
        let _turn = self.turn(from).await?;
        look_up().await
    }

    /// Waits for a turn of this address; the next one may begin when the answer is dropped.
    ///
    /// # Errors
    /// That there was no turn for long.
    pub async fn turn(&self, from: Option<IpAddr>) -> Result<Turn<IpAddr>, Error> {
        let from = throttle::key(from.unwrap_or(Ipv6Addr::UNSPECIFIED.into()));
        match tokio::time::timeout(LONGEST_WAIT, self.room.turn(from)).await {
            Ok(Some(turn)) => Ok(turn),
            _ => Err(StorageError::Busy.into()),
        }
    }

    /// Notes that the register had no chosen token when it was asked at `asked`. Only a chosen one
    /// may have another form than `cad_<id>_<secret>`.
    pub(super) fn note_none_chosen(&self, asked: BootInstant) {
        *self.none_chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
    }

    /// Trusted for as long as what was found of a token is.
    fn knows_that_none_is_chosen(&self) -> bool {
        let asked = *self.none_chosen.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| asked.elapsed() < LEASE)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use futures_util::FutureExt as _;

    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V6(Ipv6Addr::LOCALHOST));
    const THERE: Option<IpAddr> = Some(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)));
    const FORMED: &str = "cad_00000000000000000000000000000000_x";

    async fn unknown() -> Result<Found, Error> {
        Ok(Err(None))
    }

    #[test]
    fn an_address_has_one_turn_and_half_of_the_readers_stay_free() {
        let look_ups = TokenLookUps::new(4);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let _entered = runtime.as_ref().expect("a runtime").enter();
        let mut first = Box::pin(look_ups.take_turn(HERE, FORMED, pending));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(look_ups.take_turn(HERE, FORMED, unknown));
        assert!(second.as_mut().now_or_never().is_none(), "it waits for the first");
        let other = look_ups.take_turn(THERE, FORMED, unknown);
        assert!(other.now_or_never().is_some(), "another address does not wait");
        let mut third = Box::pin(look_ups.take_turn(THERE, FORMED, pending));
        assert!(third.as_mut().now_or_never().is_none());
        let all = look_ups.take_turn(None, FORMED, unknown);
        assert!(all.now_or_never().is_none(), "two of four readers are taken");
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[test]
    fn a_text_without_the_form_of_a_token_is_looked_up_only_where_tokens_are_chosen() {
        let look_ups = TokenLookUps::new(2);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let _entered = runtime.as_ref().expect("a runtime").enter();
        let asked = Cell::new(0);
        let ask = |text: &str| {
            let look_up = || {
                asked.set(asked.get() + 1);
                unknown()
            };
            assert!(look_ups.take_turn(HERE, text, look_up).now_or_never().is_some());
            asked.get()
        };
        assert_eq!(ask("wrong"), 1, "it is not known whether one is chosen");
        look_ups.note_none_chosen(BootInstant::now());
        assert_eq!([ask("wrong"), ask(FORMED)], [1, 2]);
        let before = BootInstant::now().checked_sub(LEASE).expect("a machine that runs");
        look_ups.note_none_chosen(before);
        assert_eq!(ask("wrong"), 3, "that is not trusted for long");
    }
}
