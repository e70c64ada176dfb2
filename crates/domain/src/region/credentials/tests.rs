#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::region::sample::{NOW, broken, secret, text, whole};
use crate::region::tls::TlsPart;
use crate::region::tls::sample::new_year;

/// Two texts and none for each of the four parts, in all combinations.
fn combinations() -> Vec<([usize; 4], Credentials)> {
    let given = |choice: usize| ["one", "two"].get(choice).copied();
    let places = (0..81).map(|n| [n / 27, n / 9 % 3, n / 3 % 3, n % 3]);
    places
        .map(|places| {
            let [token, ca, certificate, key] = places.map(given);
            let credentials = Credentials {
                token: token.map(secret),
                ca: ca.map(text),
                certificate: certificate.map(text),
                key: key.map(secret),
            };
            (places, credentials)
        })
        .collect()
}

#[test]
fn only_the_same_parts_are_the_same() {
    let all = combinations();
    for (one, credentials) in &all {
        for (two, others) in &all {
            assert_eq!(credentials.same(others), one == two, "{one:?} {two:?}");
            let material = one[1..] == two[1..];
            assert_eq!(credentials.same_material(others), material, "{one:?} {two:?}");
        }
    }
}

#[test]
fn secrets_are_named_and_not_printed() {
    assert_eq!(whole().secrets(), ["token", "key"]);
    assert!(Credentials { token: None, key: None, ..whole() }.secrets().is_empty());
    let printed = format!("{:?}", Credentials { ca: None, certificate: None, ..whole() });
    assert!(!printed.contains("PRIVATE KEY") && printed.contains("***"), "{printed}");
}

#[test]
fn certificates_are_told_text_by_text_without_the_key() {
    let facts = whole().certificates();
    let places: Vec<_> = facts.iter().map(|facts| (facts.part, facts.place)).collect();
    assert_eq!(places, [(TlsPart::Ca, 0), (TlsPart::Certificate, 0)]);
    let without = |credentials: Credentials| credentials.certificates();
    assert_eq!(without(Credentials { token: None, key: None, ..whole() }), facts);
    assert_eq!(without(Credentials { certificate: None, ..whole() }), facts[..1]);
    assert_eq!(without(Credentials { ca: None, ..whole() }), facts[1..]);
}

#[test]
fn a_text_that_cannot_be_read_has_no_certificates_and_spoils_no_other() {
    assert!(broken().certificates().is_empty());
    let half = Credentials { ca: broken().ca, ..whole() };
    assert_eq!(half.certificates(), whole().certificates()[1..]);
    let key = whole().key.unwrap();
    let with_key = text(&(whole().ca.unwrap().as_ref().to_owned() + key.reveal()));
    assert_eq!(
        Credentials { ca: Some(with_key), ..half }.certificates(),
        whole().certificates()[1..]
    );
}

#[test]
fn faults_and_warnings_are_those_of_the_material() {
    assert!(whole().faults(*NOW).is_empty() && whole().warnings(*NOW).is_empty());
    let parts: Vec<_> = broken().faults(*NOW).iter().map(TlsFault::part).collect();
    assert_eq!(parts, TlsPart::ALL);
    let parts: Vec<_> = whole().warnings(new_year(2040)).iter().map(TlsWarning::part).collect();
    assert_eq!(parts, [TlsPart::Ca, TlsPart::Certificate]);
}
