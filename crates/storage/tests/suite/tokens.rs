//! Tokens.

use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token};
use cadastre_storage::{Identified, StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;

use crate::support::{column, on_both_seeded, taken, team};

const TEXT: &str = "chosen-by-an-operator";

fn insert(store: &Store, token: &Token, text: &str) -> Result<(), StorageError> {
    let (token, text) = (token.clone(), Secret::from(text.to_owned()));
    store.write(move |tx| tx.insert_token(&token, &text))
}

fn find(store: &Store, text: &str) -> Option<Token> {
    let text = Secret::from(text.to_owned());
    match store.read(|tx| tx.identify(&text)).unwrap() {
        Identified::Token { token, presented: Presented::Current, renewed: None } => Some(token),
        Identified::Nobody(_) => None,
        other @ Identified::Token { .. } => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_found_by_its_text() {
    on_both_seeded(|_, store| {
        let (later, latest) =
            (sample::time() + TimeDelta::microseconds(1), sample::time() + TimeDelta::days(30));
        let ended = Token { expires_at: Some(latest), revoked_at: Some(later), ..sample::token() };
        let token = Token { id: hex(5), ..sample::token() };
        insert(store, &token, TEXT).unwrap();
        insert(store, &ended, "another").unwrap();
        let found = [TEXT, "another", "a third"].map(|text| find(store, text));
        assert_eq!(found, [Some(token), Some(ended), None]);
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
        for (token, digit) in tokens.iter().zip(0_u8..) {
            insert(store, token, &format!("text {digit}")).unwrap();
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
        insert(store, &token, TEXT).unwrap();
        assert_eq!(find(store, TEXT), Some(token.clone()));
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), [token]);
    });
}

#[test]
fn a_token_of_a_team_that_is_not_there_is_not_kept() {
    on_both_seeded(|database, store| {
        let caller = Caller { role: Role::Team, teams: vec![hex(99)], ..sample::token().caller };
        let refused = insert(store, &Token { caller, ..sample::token() }, TEXT);
        assert!(matches!(refused, Err(StorageError::Query(_))), "{refused:?}");
        assert!(!store.read(|tx| tx.any_token()).unwrap());
        let rows = "SELECT token_id AS value FROM token_teams";
        assert!(column(database, rows).is_empty());
    });
}

#[test]
fn a_taken_text_is_a_conflict() {
    on_both_seeded(|_, store| {
        let other = Token { id: hex(5), ..sample::token() };
        insert(store, &sample::token(), TEXT).unwrap();
        assert_eq!(taken(&insert(store, &other, TEXT)), Some(Taken::Token));
        assert_eq!(taken(&insert(store, &sample::token(), "another")), Some(Taken::Other));
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), [sample::token()]);
    });
}

#[test]
fn a_token_is_revoked_once() {
    on_both_seeded(|_, store| {
        insert(store, &sample::token(), TEXT).unwrap();
        let revoke = |number, minutes| {
            let now = sample::time() + TimeDelta::minutes(minutes);
            store.write(move |tx| tx.revoke_token(hex(number), now)).unwrap()
        };
        assert_eq!([revoke(4, 1), revoke(4, 2), revoke(99, 3)], [true, false, false]);
        let revoked_at = Some(sample::time() + TimeDelta::minutes(1));
        let revoked = Token { revoked_at, ..sample::token() };
        assert_eq!(find(store, TEXT), Some(revoked));
    });
}

#[test]
fn a_register_without_tokens_is_told_from_one_with_a_revoked_one() {
    on_both_seeded(|_, store| {
        assert!(!store.read(|tx| tx.any_token()).unwrap());
        insert(store, &sample::token(), TEXT).unwrap();
        assert!(store.write(|tx| tx.revoke_token(hex(4), sample::time())).unwrap());
        assert!(store.read(|tx| tx.any_token()).unwrap());
    });
}

#[test]
fn tokens_are_listed_in_the_order_in_which_they_were_made() {
    on_both_seeded(|_, store| {
        for number in [20_u8, 5, 255] {
            let token = Token { id: hex(number.into()), ..sample::token() };
            insert(store, &token, &format!("text {number}")).unwrap();
        }
        let tokens = store.read(|tx| tx.list_tokens()).unwrap();
        let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, [hex(5), hex(20), hex(255)]);
    });
}
