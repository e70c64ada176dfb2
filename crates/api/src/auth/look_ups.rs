//! Look-ups of texts of which nothing is known.
//!
//! A right token is never refused for what others send, so every text has to be looked up. That a
//! stranger who sends wrong ones without end does not occupy all readers of the database, such
//! look-ups take turns: a few at once, one for each address, those who wait longest first. Addresses
//! from which wrong texts came lately have turns of their own, so that the others do not wait for them.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cadastre_domain::token::id_in;
use cadastre_storage::StorageError;

use super::LEASE;
use crate::clock::BootInstant;
use crate::error::Error;
use crate::fair_semaphore::{FairSemaphore, Permit};
use crate::http::throttle::{self, WrongTokens};

/// How long a look-up waits for its turn. It takes that long only while the database hardly answers.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Leave to look a text up. The look-up itself holds it, so that it lasts as long as the read, even if
/// the caller has gone.
pub type LookUpTurn = Permit<IpAddr>;

/// The turns of look-ups, and whether texts without the form of a token have to be looked up.
pub struct TokenLookUps {
    wrong_tokens: Arc<WrongTokens>,
    unsuspected: FairSemaphore<IpAddr>,
    suspected: FairSemaphore<IpAddr>,
    /// When the register was asked last whether it has chosen tokens, and had none.
    none_chosen: Mutex<Option<BootInstant>>,
}

impl TokenLookUps {
    /// Turns that leave half of so many readers, rounded down, to others, and one more for the addresses
    /// from which wrong tokens came.
    #[must_use]
    pub fn new(readers: usize, wrong_tokens: Arc<WrongTokens>) -> Self {
        Self {
            wrong_tokens,
            unsuspected: FairSemaphore::new(readers.div_ceil(2).max(1), 1),
            suspected: FairSemaphore::new(1, 1),
            none_chosen: Mutex::default(),
        }
    }

    /// Waits for a turn of this address.
    ///
    /// # Errors
    /// That there was no turn for long.
    pub async fn turn(&self, from: Option<IpAddr>) -> Result<LookUpTurn, Error> {
        let from = from.unwrap_or(Ipv6Addr::UNSPECIFIED.into());
        let is_suspected = self.wrong_tokens.is_counted(from);
        let turns = if is_suspected { &self.suspected } else { &self.unsuspected };
        match tokio::time::timeout(LONGEST_WAIT, turns.acquire(throttle::key(from))).await {
            Ok(Some(turn)) => Ok(turn),
            _ => Err(StorageError::Busy.into()),
        }
    }

    /// Whether this text cannot be that of a token, by what the register was asked a moment ago.
    pub(super) fn rule_out(&self, text: &str) -> bool {
        id_in(text).is_none() && self.knows_that_none_is_chosen()
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
    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::Clock;

    const HERE: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    const FORMED: &str = "cad_00000000000000000000000000000000_x";

    fn address(number: u16) -> IpAddr {
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, number, 0, 0, 0, 0, 1))
    }

    fn look_ups(readers: usize) -> TokenLookUps {
        let wrong_tokens = WrongTokens::new(20.try_into().ok(), Clock::System.monotonic());
        TokenLookUps::new(readers, Arc::new(wrong_tokens))
    }

    /// A turn, if there is one at once.
    fn now(look_ups: &TokenLookUps, from: IpAddr) -> Option<LookUpTurn> {
        look_ups.turn(Some(from)).now_or_never().and_then(Result::ok)
    }

    #[tokio::test]
    async fn an_address_has_one_turn_and_half_of_the_readers_stay_free() {
        let look_ups = look_ups(4);
        let first = now(&look_ups, HERE);
        assert!(first.is_some());
        let mut second = Box::pin(look_ups.turn(Some(HERE)));
        assert!(second.as_mut().now_or_never().is_none(), "it waits for the first");
        let other = now(&look_ups, address(1));
        assert!(other.is_some(), "another address does not wait");
        assert!(look_ups.turn(None).now_or_never().is_none(), "two of four readers are taken");
        drop(first);
        assert!(second.now_or_never().is_some_and(|turn| turn.is_ok()));
    }

    #[tokio::test]
    async fn an_address_without_wrong_tokens_does_not_wait_for_those_with_some() {
        let look_ups = look_ups(1);
        for number in 1..=3 {
            assert!(look_ups.wrong_tokens.count(address(number)).is_none());
        }
        let taken = now(&look_ups, address(1));
        assert!(taken.is_some() && now(&look_ups, address(2)).is_none());
        let clean = now(&look_ups, HERE);
        assert!(clean.is_some(), "it has sent nothing wrong");
        drop(taken);
        assert!(now(&look_ups, address(3)).is_some());
    }

    #[test]
    fn a_text_without_the_form_of_a_token_is_ruled_out_where_none_is_chosen() {
        let look_ups = look_ups(2);
        assert!(!look_ups.rule_out("wrong"), "it is not known whether one is chosen");
        look_ups.note_none_chosen(BootInstant::now());
        assert!(look_ups.rule_out("wrong") && !look_ups.rule_out(FORMED));
        let before = BootInstant::now().checked_sub(LEASE).expect("a machine that runs");
        look_ups.note_none_chosen(before);
        assert!(!look_ups.rule_out("wrong"), "that is not trusted for long");
    }
}
