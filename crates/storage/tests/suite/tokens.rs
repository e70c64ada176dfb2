//! Tokens.

use cadastre_domain::role::Role;
use cadastre_domain::token::{Caller, Token};
use cadastre_storage::{StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;

use crate::support::{column, on_both_seeded, taken, team};

const DIGEST: [u8; 32] = [0xa5; 32];

fn insert(store: &Store, token: &Token, digest: [u8; 32]) -> Result<(), StorageError> {
    let token = token.clone();
    store.write(move |tx| tx.insert_token(&token, &digest))
}

#[test]
fn a_token_is_found_by_its_digest() {
    on_both_seeded(|_, store| {
        let (later, latest) =
            (sample::time() + TimeDelta::microseconds(1), sample::time() + TimeDelta::days(30));
        let ended = Token { expires_at: Some(latest), revoked_at: Some(later), ..sample::token() };
        let token = Token { id: hex(5), ..sample::token() };
        insert(store, &token, DIGEST).unwrap();
        insert(store, &ended, [0; 32]).unwrap();
        let find = |digest| store.read(|tx| tx.find_token(&digest)).unwrap();
        assert_eq!([DIGEST, [0; 32], [1; 32]].map(find), [Some(token), Some(ended), None]);
    });
}

#[test]
fn every_role_can_be_kept() {
    on_both_seeded(|_, store| {
        let tokens: Vec<Token> = (4..)
            .zip(Role::ALL)
            .map(|(number, role)| Token {
                id: hex(number),
                caller: Caller { role, ..sample::token().caller },
                ..sample::token()
            })
            .collect();
        for (token, digit) in tokens.iter().zip(0..) {
            insert(store, token, [digit; 32]).unwrap();
        }
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), tokens);
    });
}

#[test]
fn a_team_token_keeps_its_teams() {
    on_both_seeded(|_, store| {
        let teams = [hex(30), hex(31), hex(32)];
        let caller = Caller { role: Role::Team, teams: teams.to_vec(), ..sample::token().caller };
        let token = Token { caller, ..sample::token() };
        store
            .write(|tx| (30..34).try_for_each(|n| tx.insert_team(&team(n, &n.to_string()))))
            .unwrap();
        insert(store, &token, DIGEST).unwrap();
        assert_eq!(store.read(|tx| tx.find_token(&DIGEST)).unwrap(), Some(token.clone()));
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), [token]);
    });
}

#[test]
fn a_token_of_a_team_that_is_not_there_is_not_kept() {
    on_both_seeded(|database, store| {
        let caller = Caller { role: Role::Team, teams: vec![hex(99)], ..sample::token().caller };
        let refused = insert(store, &Token { caller, ..sample::token() }, DIGEST);
        assert!(matches!(refused, Err(StorageError::Query(_))), "{refused:?}");
        assert!(!store.read(|tx| tx.any_token()).unwrap());
        let rows = "SELECT token_id AS value FROM token_teams";
        assert!(column(database, rows).is_empty());
    });
}

#[test]
fn a_taken_digest_is_a_conflict() {
    on_both_seeded(|_, store| {
        let other = Token { id: hex(5), ..sample::token() };
        insert(store, &sample::token(), DIGEST).unwrap();
        assert_eq!(taken(&insert(store, &other, DIGEST)), Some(Taken::Token));
        assert_eq!(taken(&insert(store, &sample::token(), [1; 32])), Some(Taken::Other));
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), [sample::token()]);
    });
}

#[test]
fn a_token_is_revoked_once() {
    on_both_seeded(|_, store| {
        insert(store, &sample::token(), DIGEST).unwrap();
        let revoke = |number, minutes| {
            let now = sample::time() + TimeDelta::minutes(minutes);
            store.write(move |tx| tx.revoke_token(hex(number), now)).unwrap()
        };
        assert_eq!([revoke(4, 1), revoke(4, 2), revoke(99, 3)], [true, false, false]);
        let revoked_at = Some(sample::time() + TimeDelta::minutes(1));
        let revoked = Token { revoked_at, ..sample::token() };
        assert_eq!(store.read(|tx| tx.find_token(&DIGEST)).unwrap(), Some(revoked));
    });
}

#[test]
fn a_register_without_tokens_is_told_from_one_with_a_revoked_one() {
    on_both_seeded(|_, store| {
        assert!(!store.read(|tx| tx.any_token()).unwrap());
        insert(store, &sample::token(), DIGEST).unwrap();
        assert!(store.write(|tx| tx.revoke_token(hex(4), sample::time())).unwrap());
        assert!(store.read(|tx| tx.any_token()).unwrap());
    });
}

#[test]
fn tokens_are_listed_in_the_order_in_which_they_were_made() {
    on_both_seeded(|_, store| {
        for number in [20_u8, 5, 255] {
            let token = Token { id: hex(number.into()), ..sample::token() };
            insert(store, &token, [!number; 32]).unwrap();
        }
        let tokens = store.read(|tx| tx.list_tokens()).unwrap();
        let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, [hex(5), hex(20), hex(255)]);
    });
}
