#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should")]

use proptest::prelude::*;
use x509_parser::asn1_rs::{BitString, FromDer as _};
use x509_parser::x509::{AlgorithmIdentifier, RelativeDistinguishedName};

use super::*;

fn oid(number: &str) -> Oid<'static> {
    number.parse().unwrap()
}

fn attribute_of<'a>(kind: &str, tag: Tag, value: &'a [u8]) -> AttributeTypeAndValue<'a> {
    AttributeTypeAndValue::new(oid(kind), Any::from_tag_and_data(tag, value))
}

/// The text of a name whose parts have these attributes.
fn printed(parts: Vec<Vec<AttributeTypeAndValue<'_>>>) -> String {
    let parts = parts.into_iter().map(RelativeDistinguishedName::new).collect();
    name(&X509Name::new(parts, &[]))
}

fn common_name(tag: Tag, value: &[u8]) -> String {
    printed(vec![vec![attribute_of("2.5.4.3", tag, value)]])
}

#[test]
fn every_kind_of_name_has_its_word_or_its_number() {
    for (number, word) in KINDS {
        let told = printed(vec![vec![attribute_of(number, Tag::PrintableString, b"x")]]);
        assert_eq!(told, format!("{word}=x"));
    }
    let told = printed(vec![vec![attribute_of("2.5.4.97", Tag::PrintableString, b"x")]]);
    assert_eq!(told, "2.5.4.97=x");
}

#[test]
fn parts_are_turned_round_and_attributes_of_one_part_stay_together() {
    let value = |kind, value| attribute_of(kind, Tag::Utf8String, value);
    let told = printed(vec![
        vec![value("2.5.4.6", b"DE")],
        vec![value("2.5.4.11", b"a"), value("2.5.4.3", b"b")],
    ]);
    assert_eq!(told, "OU=a+CN=b,C=DE");
    assert_eq!(printed(vec![]), "");
}

#[test]
fn what_has_a_meaning_in_names_is_escaped() {
    for (value, told) in [
        ("a,b+c;d", r"CN=a\,b\+c\;d"),
        ("\"<>\\=", r#"CN=\"\<\>\\="#),
        ("# #", r"CN=\# #"),
        (" a b ", r"CN=\ a b\ "),
        (" ", r"CN=\ "),
        ("", "CN="),
        ("上海", "CN=上海"),
    ] {
        assert_eq!(common_name(Tag::Utf8String, value.as_bytes()), told);
    }
}

#[test]
fn what_acts_on_a_screen_is_told_by_its_bytes() {
    for (value, told) in [
        ("a\0b\n", r"CN=a\00b\0A"),
        ("\u{1b}[31m", r"CN=\1B[31m"),
        ("\u{85}", r"CN=\C2\85"),
        ("\u{202e}gpj", r"CN=\E2\80\AEgpj"),
        (
            "\u{200b}\u{2028}\u{2066}\u{feff}\u{61c}",
            r"CN=\E2\80\8B\E2\80\A8\E2\81\A6\EF\BB\BF\D8\9C",
        ),
    ] {
        assert_eq!(common_name(Tag::Utf8String, value.as_bytes()), told);
    }
}

#[test]
fn other_kinds_of_text_are_read_too_and_all_else_is_told_by_its_bytes() {
    assert_eq!(common_name(Tag::BmpString, &[0x4e, 0x0a, 0x6d, 0x77]), "CN=上海");
    assert_eq!(common_name(Tag::BmpString, &[0x4e]), "CN=#1e014e");
    assert_eq!(common_name(Tag::BmpString, &[0xd8, 0x00]), "CN=#1e02d800");
    assert_eq!(common_name(Tag::T61String, b"old"), "CN=old");
    assert_eq!(common_name(Tag::T61String, b"\xe9"), "CN=#1401e9");
    assert_eq!(common_name(Tag::Utf8String, b"\xff"), "CN=#0c01ff");
    assert_eq!(common_name(Tag::Integer, &[7]), "CN=#020107");
}

#[test]
fn a_long_name_is_cut_and_says_so() {
    let whole = common_name(Tag::Utf8String, "区".repeat(509).as_bytes());
    assert_eq!(whole, format!("CN={}", "区".repeat(509)));
    let cut = common_name(Tag::Utf8String, "区".repeat(510).as_bytes());
    assert_eq!(cut, format!("CN={}…", "区".repeat(508)));
}

/// The kind of the key with this algorithm, its parameters in DER, and these bits.
fn kind(algorithm: &str, parameters: &[u8], bits: &[u8]) -> String {
    let parameters = Any::from_der(parameters).ok().map(|(_, any)| any);
    key_type(&SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier::new(oid(algorithm), parameters),
        subject_public_key: BitString::new(0, bits),
        raw: &[],
    })
}

#[test]
fn keys_that_cannot_be_used_are_told_by_number() {
    assert_eq!(kind("1.2.840.10040.4.1", &[], &[2, 1, 5]), "1.2.840.10040.4.1");
    assert_eq!(kind("1.3.101.113", &[], &[0; 57]), "1.3.101.113");
    assert_eq!(kind("1.2.840.113549.1.1.1", &[5, 0], b"no key"), "1.2.840.113549.1.1.1");
    let (ecdsa, p521, secp256k1) =
        ("1.2.840.10045.2.1", [6, 5, 43, 129, 4, 0, 35], [6, 5, 43, 129, 4, 0, 10]);
    assert_eq!(kind(ecdsa, &p521, &[4]), "ECDSA P-521");
    assert_eq!(kind(ecdsa, &secp256k1, &[4]), "1.3.132.0.10");
    assert_eq!(kind(ecdsa, &[0x30, 0], &[4]), ecdsa);
    assert_eq!(kind(ecdsa, &[], &[4]), ecdsa);
}

#[test]
fn the_size_of_an_rsa_key_is_that_of_its_modulus() {
    for (modulus, size) in [(&[2, 2, 0, 0xff][..], 8), (&[2, 2, 1, 0], 9), (&[2, 1, 0], 0)] {
        let key = [&[0x30, u8::try_from(modulus.len()).unwrap() + 3], modulus, &[2, 1, 3]].concat();
        assert_eq!(kind("1.2.840.113549.1.1.1", &[5, 0], &key), format!("RSA {size}"));
    }
}

#[test]
fn endless_numbers_are_cut() {
    assert_eq!(serial(&[0xab; 256]), "ab".repeat(256));
    assert_eq!(serial(&[0xab; 300]), format!("{}a…", "ab".repeat(255)));
    let (many_parts, long_part) =
        (vec![0x2a; 1_000], [vec![0x2a], vec![0xff; 998], vec![1]].concat());
    for bytes in [many_parts, long_part] {
        assert_eq!(number(&Oid::new(bytes.into())).chars().count(), LONGEST);
    }
    assert_eq!(number(&Oid::new(vec![].into())), "#");
}

proptest! {
    #[test]
    fn a_name_is_short_and_without_control_characters(
        tag in prop::sample::select(vec![Tag::Utf8String, Tag::BmpString, Tag::T61String, Tag::OctetString]),
        value in prop::collection::vec(any::<u8>(), 0..600),
        text in ".{0,80}|[\\x00-\\x1f\\x7f-\u{9f}\u{202e}a]{0,200}",
    ) {
        for told in [common_name(tag, &value), common_name(Tag::Utf8String, text.as_bytes())] {
            prop_assert!(told.chars().count() <= 512, "{told:?}");
            prop_assert!(!told.contains(acts), "{told:?}");
            prop_assert!(told.starts_with("CN="));
        }
    }

    #[test]
    fn different_texts_have_different_names(one in ".{0,20}", other in ".{0,20}") {
        let told = |text: &str| common_name(Tag::Utf8String, text.as_bytes());
        prop_assert_eq!(told(&one) == told(&other), one == other);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(!serial(&bytes).starts_with("00") || bytes.iter().all(|byte| *byte == 0));
        prop_assert!(!number(&Oid::new(bytes.clone().into())).is_empty());
        if let Ok((_, key)) = SubjectPublicKeyInfo::from_der(&bytes) {
            prop_assert!(!key_type(&key).is_empty());
        }
    }
}
