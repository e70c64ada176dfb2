#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::sample::{Authority, Sample, ca_named, faults, named};
use super::*;

static CA: LazyLock<Authority> = LazyLock::new(|| Authority::root(ca_named("ca")));
static CLIENT: LazyLock<Sample> = LazyLock::new(|| CA.issue(&named("client")));
static KEY: LazyLock<String> = LazyLock::new(|| CLIENT.key_pem());

/// The same text in each of the three places.
fn everywhere(text: &str) -> [Vec<TlsFault>; 3] {
    [faults(text, "", ""), faults("", text, &KEY), faults("", &CLIENT.pem, text)]
}

/// The same fault in each of the three places.
fn unreadable(reason: TlsUnreadable) -> [Vec<TlsFault>; 3] {
    [
        vec![TlsFault::CaUnreadable(reason)],
        vec![TlsFault::CertificateUnreadable(reason)],
        vec![TlsFault::KeyUnreadable(reason)],
    ]
}

fn armoured(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

#[test]
fn a_text_without_a_block_is_empty() {
    for text in
        [" ", "\n", "/etc/ssl/ca.pem", "A", &"garbage ".repeat(1250), &"\u{0}".repeat(10_000)]
    {
        assert_eq!(everywhere(text), unreadable(TlsUnreadable::Missing));
    }
    let nothing = TlsMaterial { ca: Some(""), certificate: Some(""), key: Some("") };
    assert_eq!(nothing.faults(DateTime::UNIX_EPOCH), unreadable(TlsUnreadable::Missing).concat());
}

#[test]
fn blocks_of_other_kinds_do_not_count() {
    let public = CLIENT.key.public_key_pem();
    for text in [public, armoured("X509 CRL", "AAAA"), armoured("SOMETHING", "no base64!")] {
        assert_eq!(everywhere(&text), unreadable(TlsUnreadable::Missing));
        assert_eq!(
            faults(&(text.clone() + &CA.pem()), &(text.clone() + &CLIENT.pem), &(text + &KEY)),
            []
        );
    }
    assert_eq!(everywhere(&CA.pem())[2], [TlsFault::KeyUnreadable(TlsUnreadable::Missing)]);
}

#[test]
fn other_text_and_other_line_ends_do_not_matter() {
    let dressed = [
        |pem: &str| pem.replace('\n', "\r\n"),
        |pem: &str| pem.replace('\n', "\r"),
        |pem: &str| pem.trim_end().to_owned(),
        |pem: &str| format!("subject=CN=clé\n--- \n\n{pem}\nBag Attributes: ENCRYPTED\n"),
        |pem: &str| pem.replace('\n', " \n"),
    ];
    for dress in dressed {
        assert_eq!(faults(&dress(&CA.pem()), &dress(&CLIENT.pem), &dress(&KEY)), []);
    }
}

#[test]
fn a_damaged_block_is_told_from_a_missing_one() {
    for label in ["CERTIFICATE", "PRIVATE KEY"] {
        for damaged in [armoured(label, "%%%%"), format!("-----BEGIN {label}-----\nAAAA\n")] {
            assert_eq!(everywhere(&damaged), unreadable(TlsUnreadable::Damaged));
        }
    }
    let cut =
        [CA.pem(), CLIENT.pem.clone(), KEY.clone()].map(|pem| pem[..pem.len() / 2].to_owned());
    let found = faults(&cut[0], &cut[1], &cut[2]);
    assert_eq!(found, unreadable(TlsUnreadable::Damaged).concat());
}

#[test]
fn what_is_in_a_block_must_be_what_it_says() {
    let garbage = "QUFB".repeat(3_333);
    let found = faults(&armoured("CERTIFICATE", &garbage), &armoured("CERTIFICATE", ""), &KEY);
    let reason = TlsUnreadable::NotACertificate;
    assert_eq!(found, [TlsFault::CaUnreadable(reason), TlsFault::CertificateUnreadable(reason)]);
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
        for body in ["", &garbage] {
            let found = faults("", &CLIENT.pem, &armoured(label, body));
            assert_eq!(found, [TlsFault::KeyUnreadable(TlsUnreadable::UnsupportedKey)]);
        }
    }
}

#[test]
fn nothing_may_follow_a_certificate_in_its_block() {
    let mut der = CertificateDer::from_pem_slice(CLIENT.pem.as_bytes()).unwrap().to_vec();
    assert_eq!(Certificate::parse(der.clone()).err(), None);
    der.push(0);
    assert_eq!(Certificate::parse(der).err(), Some(TlsUnreadable::NotACertificate));
}

#[test]
fn one_bad_certificate_spoils_the_bundle() {
    let spoilt = CA.pem() + &armoured("CERTIFICATE", "AAAA");
    let found = faults(&spoilt, &CLIENT.pem, &KEY);
    assert_eq!(found, [TlsFault::CaUnreadable(TlsUnreadable::NotACertificate)]);
}

#[test]
fn a_private_key_must_not_stand_among_certificates() {
    for key in [&*KEY, vectors::RSA_PKCS1, vectors::P256_SEC1] {
        let found = faults(&(CA.pem() + key), &(CLIENT.pem.clone() + key), &KEY);
        let reason = TlsUnreadable::PrivateKey;
        assert_eq!(
            found,
            [TlsFault::CaUnreadable(reason), TlsFault::CertificateUnreadable(reason)]
        );
    }
}

#[test]
fn a_key_that_cannot_be_used_says_why() {
    let keys = [
        (vectors::P256_ENCRYPTED_PKCS8, TlsUnreadable::Encrypted),
        (vectors::P256_ENCRYPTED_SEC1, TlsUnreadable::Encrypted),
        (vectors::P521_PKCS8, TlsUnreadable::UnsupportedKey),
        (&KEY.repeat(2), TlsUnreadable::TooMany { most: 1 }),
        (&KEY.repeat(1_000), TlsUnreadable::TooMany { most: 1 }),
    ];
    for (key, reason) in keys {
        assert_eq!(faults("", &CLIENT.pem, key), [TlsFault::KeyUnreadable(reason)]);
    }
}

#[test]
fn a_thousand_certificates_are_too_many() {
    let found = faults(&CA.pem().repeat(1_000), &CLIENT.pem.repeat(1_000), &KEY);
    let [ca, chain] = [512, 8].map(|most| TlsUnreadable::TooMany { most });
    assert_eq!(found, [TlsFault::CaUnreadable(ca), TlsFault::CertificateUnreadable(chain)]);
    assert_eq!(faults(&CA.pem().repeat(512), &CLIENT.pem.repeat(8), &KEY), []);
}

#[test]
fn certificates_that_lead_in_circles_lead_nowhere() {
    let (one, two) = (Authority::root(ca_named("one")), Authority::root(ca_named("two")));
    let client = one.issue(&named("client"));
    let circle = one.crossed(&ca_named("one"), &two) + &two.crossed(&ca_named("two"), &one);
    let found = faults(&CA.pem(), &(client.pem.clone() + &circle), &client.key_pem());
    assert_eq!(found, [TlsFault::Untrusted(TlsDistrust::UnknownIssuer)]);
}

#[test]
fn a_circle_beside_the_way_does_not_hide_it() {
    let (one, two) = (Authority::root(ca_named("one")), Authority::root(ca_named("two")));
    let client = one.issue(&named("client"));
    let circle = two.crossed(&ca_named("two"), &one) + &one.crossed(&ca_named("one"), &two);
    let chain = client.pem.clone() + &circle;
    for ca in [one.pem(), two.pem(), one.pem() + &circle] {
        assert_eq!(faults(&ca, &chain, &client.key_pem()), []);
    }
}

#[test]
fn entangled_certificates_take_no_long_time() {
    let began = Instant::now();
    let namesakes: Vec<_> = (0..7).map(|_| Authority::root(ca_named("same")).pem()).collect();
    let client = Authority::root(ca_named("same")).issue(&named("client"));
    let chain = client.pem.clone() + &namesakes.concat();
    let found = faults(&CA.pem(), &chain, &client.key_pem());
    assert_eq!(found, [TlsFault::Untrusted(TlsDistrust::TooComplex)]);
    let found = faults(&namesakes[0].repeat(101), &chain, &client.key_pem());
    assert_eq!(found, [TlsFault::Untrusted(TlsDistrust::TooComplex)]);
    assert!(began.elapsed() < Duration::from_mins(2), "{:?}", began.elapsed());
}

#[test]
fn faults_name_their_part_and_never_quote_the_material() {
    let faults = faults(&KEY, &KEY, vectors::P521_PKCS8);
    let parts: Vec<_> = faults.iter().map(TlsFault::part).collect();
    assert_eq!(parts, [TlsPart::Ca, TlsPart::Certificate, TlsPart::Key]);
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the CA cannot be read: a private key does not belong in it",
            "the client certificate cannot be read: a private key does not belong in it",
            "the private key cannot be read: \
             the key is none of RSA (2048 to 4096 bits), ECDSA (P-256, P-384) and Ed25519",
        ]
    );
}

/// A text that was valid until a few of its characters were replaced, and perhaps its end lost.
fn mutated() -> impl Strategy<Value = String> {
    let base = prop::sample::select(vec![
        CA.pem(),
        CLIENT.pem.clone(),
        KEY.clone(),
        vectors::RSA_CERTIFICATE.to_owned(),
        vectors::RSA_PKCS1.to_owned(),
        vectors::P384_SEC1.to_owned(),
        vectors::ED25519_PKCS8.to_owned(),
    ]);
    let strokes = prop::collection::vec((any::<Index>(), "[A-Za-z0-9+/=\r\n -]"), 0..6);
    (base, strokes, prop::option::weighted(0.2, any::<Index>())).prop_map(|(base, strokes, end)| {
        let mut text = base;
        for (at, stroke) in strokes {
            let at = at.index(text.len());
            text.replace_range(at..=at, &stroke);
        }
        text.truncate(end.map_or(text.len(), |end| end.index(text.len())));
        text
    })
}

proptest! {
    #[test]
    fn no_text_panics(
        ca in any::<String>(),
        certificate in any::<String>(),
        key in any::<String>(),
    ) {
        let (ca, certificate, key) = (Some(&*ca), Some(&*certificate), Some(&*key));
        let found = TlsMaterial { ca, certificate, key }.faults(DateTime::UNIX_EPOCH);
        prop_assert_eq!(found, unreadable(TlsUnreadable::Missing).concat());
    }

    #[test]
    fn no_damage_panics(
        ca in mutated(),
        certificate in mutated(),
        key in mutated(),
        seconds in DateTime::<Utc>::MIN_UTC.timestamp()..=DateTime::<Utc>::MAX_UTC.timestamp(),
    ) {
        let now = DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH);
        for (ca, certificate, key) in [
            (&*ca, &*certificate, &*key),
            (&ca, &CLIENT.pem, &KEY),
            (&CA.pem(), &certificate, &KEY),
            (&CA.pem(), &CLIENT.pem, &key),
        ] {
            let (ca, certificate, key) = (Some(ca), Some(certificate), Some(key));
            let material = TlsMaterial { ca, certificate, key };
            for fault in material.faults(now) {
                prop_assert!(fault.to_string().len() < 160);
            }
            for facts in material.certificates() {
                prop_assert!(facts.subject.chars().count() <= 512 && facts.sha256.len() == 64);
            }
            prop_assert!(material.warnings(now).len() <= 9);
        }
    }

    #[test]
    fn no_certificate_out_of_random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Certificate::parse(bytes).is_err());
    }
}
