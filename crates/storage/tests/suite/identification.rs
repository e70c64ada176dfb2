//! Whose token a text is, and what is noted of its use.

use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token};
use cadastre_storage::{Identified, StorageError, Store, TokenUse};
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::keys::{identify, insert_token};
use crate::support::{column, enterprise, on_both_seeded, taken};

const CHOSEN: &str = "chosen-by-an-operator";

fn token(number: u64) -> Token {
    Token { id: hex(number), ..sample::token() }
}

/// The text of a token with this number in our own form.
fn own_text(number: u64, secret: &str) -> String {
    format!("cad_{}_{secret}", hex::<()>(number))
}

/// The number of the token and which of its texts it is; or whose it claims to be.
fn found(store: &Store, text: &str) -> Result<(u64, Presented), Option<u64>> {
    let number = |id| (0..99).find(|&number| id == hex(number)).unwrap();
    match identify(store, text) {
        Identified::Token { token, presented, renewed: None } => Ok((number(token.id), presented)),
        Identified::Nobody(claimed) => Err(claimed.map(number)),
        other @ Identified::Token { .. } => panic!("{other:?}"),
    }
}

fn change_text(store: &Store, number: u64, text: &str) {
    let (token, text) = (token(number), Secret::from(text.to_owned()));
    store.write(move |tx| tx.rotate_token(&token, &text)).unwrap();
}

#[test]
fn a_text_of_our_own_form_names_its_token() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), &own_text(5, "secret")).unwrap();
        insert_token(store, &token(6), &own_text(6, "other")).unwrap();
        assert_eq!(found(store, &own_text(5, "secret")), Ok((5, Presented::Current)));
        assert_eq!(found(store, &own_text(6, "other")), Ok((6, Presented::Current)));
        for (text, claimed) in [
            (own_text(5, "wrong"), Some(5)),
            (own_text(5, "other"), Some(5)),
            (own_text(5, "secret "), Some(5)),
            (own_text(7, "secret"), Some(7)),
            (own_text(5, ""), None),
            (String::new(), None),
            ("secret".to_owned(), None),
            (own_text(5, "secret").to_uppercase(), None),
        ] {
            assert_eq!(found(store, &text), Err(claimed), "{text}");
        }
    });
}

#[test]
fn a_text_that_was_chosen_names_nobody_and_is_found() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), CHOSEN).unwrap();
        insert_token(store, &token(6), "another-choice").unwrap();
        assert_eq!(found(store, CHOSEN), Ok((5, Presented::Current)));
        assert_eq!(found(store, "another-choice"), Ok((6, Presented::Current)));
        assert_eq!(found(store, "chosen-by-an-operator "), Err(None));
    });
}

#[test]
fn a_text_that_was_chosen_may_look_like_our_own() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), &own_text(5, "secret")).unwrap();
        // It claims to be a token that there is, and one that there is not.
        for (number, text) in [(6, own_text(5, "chosen")), (7, own_text(9, "chosen"))] {
            insert_token(store, &token(number), &text).unwrap();
            assert_eq!(found(store, &text), Ok((number, Presented::Current)));
        }
        assert_eq!(found(store, &own_text(5, "secret")), Ok((5, Presented::Current)));
        assert_eq!(found(store, &own_text(6, "chosen")), Err(Some(6)));
    });
}

#[test]
fn the_text_before_a_change_is_known_as_such_and_the_one_before_that_is_nobodys() {
    on_both_seeded(|_, store| {
        let texts = ["a", "b", "c"].map(|secret| own_text(5, secret));
        insert_token(store, &token(5), &texts[0]).unwrap();
        change_text(store, 5, &texts[1]);
        assert_eq!(found(store, &texts[1]), Ok((5, Presented::Current)));
        assert_eq!(found(store, &texts[0]), Ok((5, Presented::Previous)));
        change_text(store, 5, &texts[2]);
        assert_eq!(found(store, &texts[2]), Ok((5, Presented::Current)));
        assert_eq!(found(store, &texts[1]), Ok((5, Presented::Previous)));
        assert_eq!(found(store, &texts[0]), Err(Some(5)));
    });
}

#[test]
fn a_chosen_text_is_known_after_it_was_changed_for_one_of_our_own() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), CHOSEN).unwrap();
        change_text(store, 5, &own_text(5, "a"));
        assert_eq!(found(store, CHOSEN), Ok((5, Presented::Previous)));
        assert_eq!(found(store, &own_text(5, "a")), Ok((5, Presented::Current)));
        change_text(store, 5, &own_text(5, "b"));
        assert_eq!(found(store, CHOSEN), Err(None));
        assert_eq!(found(store, &own_text(5, "a")), Ok((5, Presented::Previous)));
    });
}

#[test]
fn a_text_of_our_own_may_be_changed_for_a_chosen_one() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), &own_text(5, "a")).unwrap();
        change_text(store, 5, CHOSEN);
        assert_eq!(found(store, CHOSEN), Ok((5, Presented::Current)));
        assert_eq!(found(store, &own_text(5, "a")), Ok((5, Presented::Previous)));
    });
}

#[test]
fn a_change_of_text_touches_one_token_and_its_overlap_only() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), &own_text(5, "a")).unwrap();
        insert_token(store, &token(6), &own_text(6, "a")).unwrap();
        let end = Some(sample::time() + TimeDelta::days(1));
        let changed = Token { overlap_ends_at: end, ..token(5) };
        let (renamed, text) =
            (Token { expires_at: end, ..changed.clone() }, Secret::from(own_text(5, "b")));
        store.write(move |tx| tx.rotate_token(&renamed, &text)).unwrap();
        assert_eq!(store.read(|tx| tx.list_tokens()).unwrap(), [changed, token(6)]);
        assert_eq!(found(store, &own_text(6, "a")), Ok((6, Presented::Current)));
        // Without an overlap, none is left over from the change before.
        change_text(store, 5, &own_text(5, "c"));
        assert_eq!(store.read(|tx| tx.find_token(hex(5))).unwrap(), Some(token(5)));
    });
}

#[test]
fn a_text_that_another_token_has_is_refused() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), CHOSEN).unwrap();
        insert_token(store, &token(6), &own_text(6, "a")).unwrap();
        let text = Secret::from(CHOSEN.to_owned());
        let refused = store.write(move |tx| tx.rotate_token(&token(6), &text));
        assert_eq!(taken(&refused), Some(cadastre_storage::Taken::Token));
        assert_eq!(found(store, CHOSEN), Ok((5, Presented::Current)));
        assert_eq!(found(store, &own_text(6, "a")), Ok((6, Presented::Current)));
    });
}

#[test]
fn only_codes_are_kept() {
    on_both_seeded(|database, store| {
        insert_token(store, &token(5), &own_text(5, "a")).unwrap();
        insert_token(store, &token(6), CHOSEN).unwrap();
        change_text(store, 5, &own_text(5, "b"));
        let chosen = "SELECT CAST(is_chosen AS TEXT) AS value FROM tokens ORDER BY id";
        assert!(matches!(column(database, chosen)[..], [ref no, ref yes] if no != yes));
        for text in [own_text(5, "a"), own_text(5, "b"), CHOSEN.to_owned()] {
            use sha2::Digest as _;
            let digest = sha2::Sha256::digest(text.as_bytes());
            for bytes in [text.as_bytes(), &digest[..]] {
                let places = crate::support::dump::places(database, bytes);
                assert_eq!(places, Vec::<String>::new(), "{text}");
            }
        }
    });
}

fn note(store: &Store, number: u64, at: DateTime<Utc>) -> Result<(), StorageError> {
    let uses = vec![TokenUse { id: hex(number), at, renewed: None }];
    store.write(move |tx| tx.note_token_uses(&uses))
}

fn last_used(store: &Store, number: u64) -> Option<DateTime<Utc>> {
    store.read(|tx| tx.find_token(hex(number))).unwrap().unwrap().last_used_at
}

#[test]
fn the_use_of_a_token_is_noted_to_the_minute() {
    on_both_seeded(|_, store| {
        insert_token(store, &token(5), CHOSEN).unwrap();
        insert_token(store, &token(6), "another-choice").unwrap();
        let minute = DateTime::from_timestamp(1_795_336_200, 0).unwrap();
        for (seconds, expected) in [(15, 0), (59, 0), (60, 60), (30, 60), (119, 60), (7200, 7200)] {
            note(store, 5, minute + TimeDelta::seconds(seconds)).unwrap();
            let expected = minute + TimeDelta::seconds(expected);
            assert_eq!(last_used(store, 5), Some(expected), "at {seconds}");
        }
        assert_eq!(last_used(store, 6), None);
        note(store, 99, minute).unwrap();
    });
}

#[test]
fn the_uses_of_many_tokens_are_noted_together() {
    on_both_seeded(|_, store| {
        for number in 5..9 {
            insert_token(store, &token(number), &own_text(number, "a")).unwrap();
        }
        let minute = |n: u64| {
            DateTime::from_timestamp(1_795_336_200, 0).unwrap()
                + TimeDelta::minutes(n.cast_signed())
        };
        let uses: Vec<_> =
            [5, 6, 7].map(|n| TokenUse { id: hex(n), at: minute(n), renewed: None }).into();
        store.write(move |tx| tx.note_token_uses(&uses)).unwrap();
        let noted = [5, 6, 7, 8].map(|number| last_used(store, number));
        assert_eq!(noted, [Some(minute(5)), Some(minute(6)), Some(minute(7)), None]);
    });
}

/// Tokens 5 to 10 in two enterprises; 6 and 9 are of the platform.
fn some_tokens(store: &Store) {
    store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
    for (number, home) in [(5, 1), (6, 1), (7, 2), (8, 1), (9, 2), (10, 1)] {
        let role = if matches!(number, 6 | 9) { Role::Platform } else { Role::Viewer };
        let caller = Caller { role, enterprise_id: hex(home), ..sample::token().caller };
        let token = Token { caller, ..token(number) };
        insert_token(store, &token, &own_text(number, "a")).unwrap();
    }
}

#[test]
fn some_tokens_are_listed_page_by_page() {
    on_both_seeded(|_, store| {
        some_tokens(store);
        let page = |home: Option<u64>, after: Option<u64>, limit| {
            let (home, after) = (home.map(hex), after.map(hex));
            let tokens = store.read(|tx| tx.list_some_tokens(home, after, limit)).unwrap();
            let number = |token: &Token| (0..99).find(|&n| token.id == hex(n)).unwrap();
            tokens.iter().map(number).collect::<Vec<_>>()
        };
        assert_eq!(page(None, None, 4), [5, 6, 7, 8]);
        assert_eq!(page(None, Some(8), 4), [9, 10]);
        assert_eq!(page(None, Some(10), 4), Vec::<u64>::new());
        // Those of the platform belong to no enterprise.
        assert_eq!(page(Some(1), None, 2), [5, 8]);
        assert_eq!(page(Some(1), Some(8), 2), [10]);
        assert_eq!(page(Some(1), Some(6), 9), [8, 10]);
        assert_eq!(page(Some(2), None, 9), [7]);
        assert_eq!(page(Some(3), None, 9), Vec::<u64>::new());
        assert_eq!(page(None, None, 0), Vec::<u64>::new());
        let count =
            |home: Option<u64>| store.read(|tx| tx.count_tokens(home.map(hex))).unwrap().count;
        assert_eq!([None, Some(1), Some(2), Some(3)].map(count), [6, 3, 1, 0]);
    });
}
