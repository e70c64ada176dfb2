#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should")]

use rcgen::{DnType, KeyPair, SerialNumber};

use super::*;
use crate::region::tls::TlsMaterial;
use crate::region::tls::sample::{Authority, ca_named, named, new_year};
use crate::region::tls::vectors;

fn facts(ca: &str, certificate: &str) -> Vec<CertificateFacts> {
    TlsMaterial { ca: Some(ca), certificate: Some(certificate), key: None }.certificates()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What OpenSSL tells of the two certificates that it made.
#[test]
fn certificates_made_elsewhere_are_told_as_elsewhere() {
    let told = |part, sha256: &str| CertificateFacts {
        part,
        place: 0,
        subject: "O=Cadastre test only".to_owned(),
        issuer: "O=Cadastre test only".to_owned(),
        serial: "07e3".to_owned(),
        sha256: sha256.to_owned(),
        key_type: "RSA 2048".to_owned(),
        not_before: time("2026-11-22T02:01:14Z"),
        not_after: time("2126-10-29T02:01:14Z"),
    };
    assert_eq!(
        facts(vectors::RSA_CA, vectors::RSA_CERTIFICATE),
        [
            told(TlsPart::Ca, "9720f51cf73cebb7ab02b83c933bb7d694315a8ee06d5c5573588727d8c3163d"),
            told(
                TlsPart::Certificate,
                "ed6015e27d827ccd207a1e8c8a1d0e356d6cf2c594243b1c1733891781fd4102"
            ),
        ]
    );
}

#[test]
fn every_certificate_has_its_place_in_its_text() {
    let (root, other) = (Authority::root(ca_named("root")), Authority::root(ca_named("other")));
    let between = root.below(ca_named("between"));
    let client = between.issue(&named("client"));
    let facts = facts(&(other.pem() + &root.pem()), &(client.pem + &between.pem()));
    let told: Vec<_> = facts
        .iter()
        .map(|facts| (facts.part, facts.place, facts.subject.as_str(), facts.issuer.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (TlsPart::Ca, 0, "CN=other", "CN=other"),
            (TlsPart::Ca, 1, "CN=root", "CN=root"),
            (TlsPart::Certificate, 0, "CN=client", "CN=between"),
            (TlsPart::Certificate, 1, "CN=between", "CN=root"),
        ]
    );
    let ends = facts.iter().map(|facts| (facts.not_before, facts.not_after));
    assert!(ends.into_iter().all(|ends| ends == (new_year(2020), new_year(2040))));
}

#[test]
fn every_kind_of_key_has_its_name() {
    let ca = Authority::root(ca_named("ca"));
    for (key, kind) in [
        (vectors::RSA_PKCS8, "RSA 2048"),
        (vectors::P256_PKCS8, "ECDSA P-256"),
        (vectors::P384_PKCS8, "ECDSA P-384"),
        (vectors::ED25519_PKCS8, "Ed25519"),
    ] {
        let client = ca.issue_for(&named("client"), KeyPair::from_pem(key).unwrap());
        assert_eq!(facts(&ca.pem(), &client.pem)[1].key_type, kind);
    }
}

#[test]
fn a_name_is_told_from_the_particular_to_the_general() {
    let mut params = named("client, of us");
    params.distinguished_name.push(DnType::OrganizationName, "Beispiel GmbH");
    params.distinguished_name.push(DnType::CountryName, "DE");
    let client = Authority::root(ca_named("ca")).issue(&params);
    let subject = &facts("", &client.pem)[0].subject;
    assert_eq!(subject, r"C=DE,O=Beispiel GmbH,CN=client\, of us");
}

#[test]
fn serials_are_told_without_zeros_in_front() {
    let ca = Authority::root(ca_named("ca"));
    for (bytes, serial) in [
        (vec![0x9f, 0x01], "9f01"),
        (vec![0x00, 0x01], "01"),
        (vec![0], "00"),
        (vec![0xab; 20], &"ab".repeat(20)),
    ] {
        let mut params = named("client");
        params.serial_number = Some(SerialNumber::from(bytes));
        assert_eq!(facts("", &ca.issue(&params).pem)[0].serial, serial);
    }
}

#[test]
fn too_many_certificates_are_none() {
    let ca = Authority::root(ca_named("ca")).pem();
    assert_eq!(facts(&ca.repeat(512), "").len(), 512);
    assert_eq!(facts(&ca.repeat(512), "").last().map(|facts| facts.place), Some(511));
    assert_eq!(facts(&ca.repeat(513), ""), []);
    assert_eq!(facts("", &ca.repeat(9)), []);
}
