//! First answers to requests that may be sent again.

use cadastre_storage::{Answer, StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::dump::{blobs, places};
use crate::support::keys::{insert_token, keys_in_file, on_both_with_own_keys, own, rotate};
use crate::support::{column, taken};

const CONTENT: &str = "planted-answer-with-a-secret";

fn answer() -> Answer {
    let content = CONTENT.as_bytes().to_vec().into();
    Answer { digest: [7; 32], status: 201, content }
}

/// Keeps the answer for the sample's token.
fn insert(store: &Store, key: &'static str, at: DateTime<Utc>) -> Result<(), StorageError> {
    store.write(move |tx| tx.insert_answer(hex(4), key, &answer(), at))
}

/// Digest, status and content of what is kept.
fn find(store: &Store, token: u64, key: &str) -> Option<([u8; 32], i32, Vec<u8>)> {
    let found = store.read(|tx| tx.find_answer(hex(token), key)).unwrap();
    found.map(|answer| (answer.digest, answer.status, answer.content.to_vec()))
}

fn whole() -> ([u8; 32], i32, Vec<u8>) {
    ([7; 32], 201, CONTENT.as_bytes().to_vec())
}

#[test]
fn an_answer_is_found_by_its_token_and_key() {
    on_both_with_own_keys(|_, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        insert(store, "key/with a slash", sample::time()).unwrap();
        assert_eq!(find(store, 4, "key/with a slash"), Some(whole()));
        for (token, key) in [(4, "key"), (4, "Key/with a slash"), (5, "key/with a slash"), (4, "")]
        {
            assert_eq!(find(store, token, key), None, "{token} {key}");
        }
    });
}

#[test]
fn the_first_answer_stays() {
    on_both_with_own_keys(|_, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        insert(store, "key", sample::time()).unwrap();
        let second = store.write(|tx| {
            let second = Answer { status: 500, ..answer() };
            tx.insert_answer(hex(4), "key", &second, sample::time())
        });
        assert_eq!(taken(&second), Some(Taken::Other));
        assert_eq!(find(store, 4, "key"), Some(whole()));
    });
}

#[test]
fn an_answer_is_sealed_and_bound_to_its_place() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        insert(store, "one", sample::time()).unwrap();
        assert_eq!(places(database, CONTENT.as_bytes()), [""; 0]);
        insert(store, "two", sample::time()).unwrap();
        crate::support::execute(
            database,
            "UPDATE idempotent_answers SET sealed = (SELECT sealed FROM idempotent_answers \
             WHERE key = 'one') WHERE key = 'two'",
        );
        let moved = store.read(|tx| tx.find_answer(hex(4), "two"));
        assert!(matches!(moved.map(drop), Err(StorageError::Vault(_))));
        assert_eq!(find(store, 4, "one"), Some(whole()));
    });
}

#[test]
fn answers_are_forgotten_by_age() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        let at = |seconds| sample::time() + TimeDelta::microseconds(seconds);
        for (key, time) in [("a", 0), ("b", 1), ("c", 2)] {
            insert(store, key, at(time)).unwrap();
        }
        assert_eq!(store.write(move |tx| tx.forget_answers(at(0))).unwrap(), 0);
        assert_eq!(store.write(move |tx| tx.forget_answers(at(2))).unwrap(), 2);
        let left = column(database, "SELECT key AS value FROM idempotent_answers");
        assert_eq!(left, ["c"]);
        assert_eq!(find(store, 4, "a"), None);
        insert(store, "a", at(9)).unwrap();
    });
}

#[test]
fn a_rotation_seals_answers_anew() {
    on_both_with_own_keys(|database, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        // More than one transaction seals anew.
        let keep = store.write(|tx| {
            (0..120).try_for_each(|number| {
                tx.insert_answer(hex(4), &format!("key {number}"), &answer(), sample::time())
            })
        });
        keep.unwrap();
        let before = blobs(database, "sealed", "idempotent_answers");
        assert_eq!(rotate(database).resealed, 120);
        let after = blobs(database, "sealed", "idempotent_answers");
        assert!(after.len() == 120 && before.iter().all(|sealed| !after.contains(sealed)));
        let keys = "SELECT DISTINCT key_id AS value FROM idempotent_answers";
        assert_eq!(column(database, keys), keys_in_file(database));
        for store in [store, &own(database)] {
            assert_eq!(find(store, 4, "key 0"), Some(whole()));
            assert_eq!(find(store, 4, "key 119"), Some(whole()));
        }
    });
}

#[test]
fn an_answer_that_is_undone_is_not_kept() {
    on_both_with_own_keys(|_, store| {
        insert_token(store, &sample::token(), "chosen").unwrap();
        let undone = store.write(|tx| {
            tx.insert_answer(hex(4), "key", &answer(), sample::time())?;
            Err::<(), _>(StorageError::Busy)
        });
        assert!(undone.is_err());
        assert_eq!(find(store, 4, "key"), None);
    });
}
