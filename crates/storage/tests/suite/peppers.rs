//! Tokens live through rotations of the key that their codes are made with.

use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Presented, Token};
use cadastre_storage::{Identified, Store, TokenCode, TokenUse};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;

use crate::support::column;
use crate::support::keys::{identify, insert_token, on_both_with_own_keys, own, rotate};

const TEXT: &str = "chosen-by-an-operator";

/// Whose text it is, which of its texts, and whether it should be renewed.
fn found(store: &Store, text: &str) -> Option<(u64, Presented, bool)> {
    match identify(store, text) {
        Identified::Token { token, presented, renewed } => {
            let number = (0..99).find(|&number| token.id == hex(number)).unwrap();
            Some((number, presented, renewed.is_some()))
        }
        Identified::Nobody(_) => None,
    }
}

/// What is found of the sample's token by its current text, when there is nothing to renew.
const CURRENT: Option<(u64, Presented, bool)> = Some((4, Presented::Current, false));

fn renewal(store: &Store, text: &str) -> Option<TokenCode> {
    match identify(store, text) {
        Identified::Token { renewed, .. } => renewed,
        Identified::Nobody(_) => panic!("nobody's"),
    }
}

/// Notes that the token of the sample was used, as the server does.
fn note(store: &Store, renewed: Option<TokenCode>) {
    let uses = vec![TokenUse { id: hex(4), at: sample::time(), renewed }];
    store.write(move |tx| tx.note_token_uses(&uses)).unwrap();
}

/// Gives the token of the sample another text.
fn change_text(store: &Store, text: &str) {
    let overlap_ends_at = Some(sample::time() + TimeDelta::hours(1));
    let (token, text) =
        (Token { overlap_ends_at, ..sample::token() }, Secret::from(text.to_owned()));
    store.write(move |tx| tx.rotate_token(&token, &text)).unwrap();
}

/// The peppers that there are.
fn peppers(database: &TestDatabase) -> Vec<String> {
    let peppers = "FROM register_keys WHERE purpose = 'pepper' ORDER BY version";
    column(database, &format!("SELECT CAST(version AS TEXT) AS value {peppers}"))
}

/// The pepper of the sample's token, and that of its text before, or 0.
fn peppers_of_the_token(database: &TestDatabase) -> String {
    let both = "pepper_version || ' ' || coalesce(previous_pepper_version, 0)";
    let rows = column(database, &format!("SELECT {both} AS value FROM tokens WHERE name <> ''"));
    rows.join(",")
}

#[test]
fn a_rotation_brings_a_new_pepper_and_keeps_those_in_use() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        assert_eq!(peppers(database), ["1"]);
        for expected in [&["1", "2"][..], &["1", "3"], &["1", "4"]] {
            rotate(database);
            assert_eq!(peppers(database), expected, "what no token needs is forgotten");
            assert!(found(store, TEXT).is_some() && found(&own(database), TEXT).is_some());
        }
        assert_eq!(peppers_of_the_token(database), "1 0");
    });
}

#[test]
fn a_token_that_is_used_is_renewed_and_its_old_pepper_forgotten() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        assert_eq!(found(store, TEXT), CURRENT);
        rotate(database);
        let server = own(database);
        assert_eq!(found(&server, TEXT), Some((4, Presented::Current, true)));
        note(&server, renewal(&server, TEXT));
        assert_eq!(peppers_of_the_token(database), "2 0");
        for store in [&server, store, &own(database)] {
            assert_eq!(found(store, TEXT), CURRENT);
        }
        rotate(database);
        assert_eq!(peppers(database), ["2", "3"]);
        assert!(found(&server, TEXT).is_some() && found(&own(database), TEXT).is_some());
    });
}

#[test]
fn a_server_learns_of_a_new_pepper_when_it_notes_uses() {
    on_both_with_own_keys(|database, server| {
        insert_token(server, &sample::token(), TEXT).unwrap();
        assert_eq!(found(server, TEXT), CURRENT);
        rotate(database);
        note(server, None);
        assert_eq!(found(server, TEXT), Some((4, Presented::Current, true)));
        note(server, renewal(server, TEXT));
        assert_eq!(peppers_of_the_token(database), "2 0");
    });
}

#[test]
fn a_token_made_by_a_server_that_knows_only_old_peppers_outlives_rotations() {
    on_both_with_own_keys(|database, server| {
        insert_token(server, &sample::token(), TEXT).unwrap();
        assert_eq!(found(server, TEXT), CURRENT);
        rotate(database);
        // The server has not heard of it.
        let other = Token { id: hex(5), ..sample::token() };
        let text = format!("cad_{}_secret", other.id);
        insert_token(server, &other, &text).unwrap();
        change_text(server, "another-text-for-the-first");
        for _ in 0..3 {
            for store in [server, &own(database)] {
                assert_eq!(found(store, &text).map(|found| found.0), Some(5));
                let changed = found(store, "another-text-for-the-first");
                assert_eq!(changed.map(|found| found.0), Some(4));
                assert_eq!(found(store, TEXT), Some((4, Presented::Previous, false)));
            }
            rotate(database);
        }
        assert_eq!(peppers(database), ["1", "2", "5"]);
    });
}

#[test]
fn a_token_whose_pepper_the_server_has_forgotten_is_made_with_another() {
    on_both_with_own_keys(|database, server| {
        assert_eq!(found(server, TEXT), None);
        // No token needs the first pepper, which the server still knows.
        rotate(database);
        assert_eq!(peppers(database), ["2"]);
        insert_token(server, &sample::token(), TEXT).unwrap();
        assert_eq!(peppers_of_the_token(database), "2 0");
        assert_eq!(found(&own(database), TEXT), CURRENT);
    });
}

#[test]
fn the_text_before_keeps_its_pepper() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        rotate(database);
        change_text(store, "second-text-of-the-token");
        assert_eq!(peppers_of_the_token(database), "2 1");
        rotate(database);
        assert_eq!(peppers(database), ["1", "2", "3"]);
        for store in [store, &own(database)] {
            // The text before is not renewed: it ends soon.
            assert_eq!(found(store, TEXT), Some((4, Presented::Previous, false)));
        }
        change_text(store, "third-text-of-the-token");
        rotate(database);
        assert_eq!(peppers(database), ["2", "3", "4"]);
        assert_eq!(found(store, TEXT), None);
    });
}

#[test]
fn a_renewal_under_a_pepper_that_was_forgotten_meanwhile_is_dropped() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        rotate(database);
        let server = own(database);
        let renewed = renewal(&server, TEXT);
        assert!(renewed.is_some());
        rotate(database);
        assert_eq!(peppers(database), ["1", "3"]);
        note(&server, renewed);
        assert_eq!(peppers_of_the_token(database), "1 0");
        for store in [&server, store, &own(database)] {
            assert_eq!(found(store, TEXT).map(|found| found.0), Some(4));
        }
    });
}

#[test]
fn a_renewal_does_not_undo_a_change_of_text() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        rotate(database);
        let server = own(database);
        let renewed = renewal(&server, TEXT);
        change_text(store, "second-text-of-the-token");
        note(&server, renewed);
        for store in [&server, store, &own(database)] {
            assert_eq!(found(store, "second-text-of-the-token"), CURRENT);
            assert_eq!(found(store, TEXT), Some((4, Presented::Previous, false)));
        }
    });
}

#[test]
fn a_pepper_is_not_forgotten_while_a_revoked_token_has_its_code() {
    // Who presents it is told that it is revoked, not that it is nobody's.
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), TEXT).unwrap();
        assert!(store.write(|tx| tx.revoke_token(hex(4), sample::time())).unwrap());
        rotate(database);
        rotate(database);
        assert_eq!(peppers(database), ["1", "3"]);
        assert!(found(&own(database), TEXT).is_some());
    });
}
