//! Whether a token still counts, asked in the transaction of a write that may share it with others.

use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Token, TokenRefusal};
use cadastre_storage::{StorageError, Store, Ticket, TokenProof, TokenUse, Tx};
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::keys::insert_token;
use crate::support::{on_both_seeded, team, team_names, wait};

/// A text of the token with this number.
fn text(number: u64, secret: &str) -> String {
    format!("cad_{}_{secret}", hex::<()>(number))
}

fn proof(number: u64) -> TokenProof {
    TokenProof::new(hex(number), &text(number, "a"))
}

fn token(number: u64) -> Token {
    Token { id: hex(number), ..sample::token() }
}

fn later(seconds: i64) -> DateTime<Utc> {
    sample::time() + TimeDelta::seconds(seconds)
}

/// Why work was not done.
#[derive(Debug)]
enum Undone {
    Refused(TokenRefusal),
    Failed(StorageError),
}

impl From<StorageError> for Undone {
    fn from(error: StorageError) -> Self {
        Self::Failed(error)
    }
}

/// Leaves work in the queue that adds a team at `now` if the token of this number counts, and then does `more`.
fn submit(
    store: &Store,
    (number, now, name): (u64, DateTime<Utc>, &'static str),
    more: impl Fn(&mut dyn Tx) -> Result<(), StorageError> + Send + 'static,
) -> Ticket<(), Undone> {
    let id = 100 + u64::from(name.as_bytes()[0]);
    let work = move |tx: &mut dyn Tx| {
        tx.check_token(&proof(number), now)?.map_err(Undone::Refused)?;
        tx.insert_team(&team(id, name))?;
        Ok(more(tx)?)
    };
    store.submit(None, work).unwrap()
}

fn refusals(tickets: Vec<Ticket<(), Undone>>) -> Vec<Option<TokenRefusal>> {
    let told = tickets.into_iter().map(|ticket| match wait(ticket) {
        Ok(()) => None,
        Err(Undone::Refused(why)) => Some(why),
        Err(Undone::Failed(error)) => panic!("{error:?}"),
    });
    told.collect()
}

fn rotate(tx: &mut dyn Tx, end: Option<DateTime<Utc>>, secret: &str) -> Result<(), StorageError> {
    let token = Token { overlap_ends_at: end, ..token(5) };
    tx.rotate_token(&token, &Secret::from(text(5, secret)))
}

#[test]
fn work_that_ends_a_token_ends_it_for_all_that_follows_in_its_transaction() {
    type End = fn(&mut dyn Tx) -> Result<(), StorageError>;
    let ends: [(End, TokenRefusal); 3] = [
        (|tx| tx.revoke_token(hex(5), sample::time()).map(drop), TokenRefusal::Revoked),
        (|tx| rotate(tx, None, "b"), TokenRefusal::Rotated),
        (
            |tx| rotate(tx, Some(later(60)), "b").and_then(|()| rotate(tx, Some(later(60)), "c")),
            TokenRefusal::Rotated,
        ),
    ];
    for (end, why) in ends {
        on_both_seeded(|database, store| {
            for number in [5, 6] {
                insert_token(store, &token(number), &text(number, "a")).unwrap();
            }
            let now = sample::time();
            let tickets = vec![
                submit(store, (5, now, "a"), |_| Ok(())),
                submit(store, (5, now, "b"), end),
                submit(store, (5, now, "c"), |_| Ok(())),
                submit(store, (6, now, "d"), |_| Ok(())),
            ];
            store.drain();
            assert_eq!(refusals(tickets), [None, None, Some(why), None]);
            assert_eq!(team_names(database), ["a", "b", "d"]);
        });
    }
}

#[test]
fn a_text_before_the_last_counts_until_its_overlap_ends() {
    on_both_seeded(|database, store| {
        insert_token(store, &token(5), &text(5, "a")).unwrap();
        store.write(|tx| rotate(tx, Some(later(60)), "b")).unwrap();
        // The time of each piece of work counts, not that of the first that asked.
        let tickets = vec![
            submit(store, (5, later(59), "a"), |_| Ok(())),
            submit(store, (5, later(60), "b"), |_| Ok(())),
            submit(store, (5, later(59), "c"), |_| Ok(())),
        ];
        store.drain();
        assert_eq!(refusals(tickets), [None, Some(TokenRefusal::Rotated), None]);
        assert_eq!(team_names(database), ["a", "c"]);
    });
}

#[test]
fn a_token_that_has_expired_or_is_not_there_does_not_count() {
    on_both_seeded(|database, store| {
        let ending = Token { expires_at: Some(later(60)), ..token(5) };
        insert_token(store, &ending, &text(5, "a")).unwrap();
        let tickets = vec![
            submit(store, (5, later(59), "a"), |_| Ok(())),
            submit(store, (5, later(60), "b"), |_| Ok(())),
            submit(store, (7, later(0), "c"), |_| Ok(())),
        ];
        store.drain();
        let expected = [None, Some(TokenRefusal::Expired), Some(TokenRefusal::Unknown)];
        assert_eq!(refusals(tickets), expected);
        assert_eq!(team_names(database), ["a"]);
    });
}

#[test]
fn a_revocation_that_is_undone_ends_nothing() {
    on_both_seeded(|database, store| {
        insert_token(store, &token(5), &text(5, "a")).unwrap();
        let now = sample::time();
        let revoke_in_vain = store.submit(None, move |tx: &mut dyn Tx| {
            assert!(tx.revoke_token(hex(5), now)?);
            Err::<(), _>(StorageError::Busy)
        });
        let tickets = vec![submit(store, (5, now, "a"), |_| Ok(()))];
        store.drain();
        assert!(matches!(wait(revoke_in_vain.unwrap()), Err(StorageError::Busy)));
        assert_eq!(refusals(tickets), [None]);
        assert_eq!(team_names(database), ["a"]);
    });
}

#[test]
fn a_token_counts_after_its_code_was_renewed() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), &text(5, "a")).unwrap();
        let now = sample::time();
        let tickets = vec![
            submit(store, (5, now, "a"), move |tx| {
                tx.note_token_uses(&[TokenUse { id: hex(5), at: now, renewed: None }])
            }),
            submit(store, (5, now, "b"), |_| Ok(())),
        ];
        store.drain();
        assert_eq!(refusals(tickets), [None, None]);
    });
}
