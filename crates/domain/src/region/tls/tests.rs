#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should")]

use chrono::TimeDelta;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, KeyPair, NameConstraints, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType,
};

use super::sample::{Authority, ca_named, faults, faults_at, lasting, named, new_year};
use super::*;

/// Client certificate keys: as the certificate maker reads it, and in all its forms.
const KEYS: [(&str, &[&str]); 4] = [
    (vectors::RSA_PKCS8, &[vectors::RSA_PKCS8, vectors::RSA_PKCS1]),
    (vectors::P256_PKCS8, &[vectors::P256_PKCS8, vectors::P256_SEC1]),
    (vectors::P384_PKCS8, &[vectors::P384_PKCS8, vectors::P384_SEC1]),
    (vectors::ED25519_PKCS8, &[vectors::ED25519_PKCS8]),
];

#[test]
fn nothing_given_is_coherent() {
    assert_eq!(faults("", "", ""), []);
}

#[test]
fn every_kind_of_key_is_known_in_every_form() {
    let ca = Authority::root(ca_named("ca"));
    for (key, forms) in KEYS {
        let client = ca.issue_for(&named("client"), KeyPair::from_pem(key).unwrap());
        for form in forms {
            assert_eq!(faults(&ca.pem(), &client.pem, form), []);
            assert_eq!(faults("", &client.pem, form), []);
        }
    }
}

#[test]
fn authorities_sign_with_every_kind_of_key() {
    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let ca = Authority::with(ca_named("ca"), KeyPair::generate_for(algorithm).unwrap());
        let client = ca.issue(&named("client"));
        assert_eq!(faults(&ca.pem(), &client.pem, &client.key_pem()), []);
    }
    assert_eq!(faults(vectors::RSA_CA, vectors::RSA_CERTIFICATE, vectors::RSA_PKCS1), []);
}

#[test]
fn a_key_of_another_certificate_is_a_mismatch() {
    let ca = Authority::root(ca_named("ca"));
    let client = ca.issue(&named("client"));
    for (_, forms) in KEYS {
        assert_eq!(faults(&ca.pem(), &client.pem, forms[0]), [TlsFault::KeyMismatch]);
    }
}

#[test]
fn a_half_without_the_other_is_missing() {
    let ca = Authority::root(ca_named("ca"));
    let client = ca.issue(&named("client"));
    assert_eq!(faults(&ca.pem(), "", ""), []);
    assert_eq!(faults(&ca.pem(), &client.pem, ""), [TlsFault::KeyMissing]);
    assert_eq!(faults(&ca.pem(), "", &client.key_pem()), [TlsFault::CertificateMissing]);
}

#[test]
fn a_certificate_of_another_ca_is_not_trusted() {
    let (ours, other, namesake) = (ca_named("ours"), ca_named("other"), ca_named("ours"));
    let client = Authority::root(ours).issue(&named("client"));
    let untrusted = |ca: CertificateParams, reason| {
        let found = faults(&Authority::root(ca).pem(), &client.pem, &client.key_pem());
        assert_eq!(found, [TlsFault::Untrusted(reason)]);
    };
    untrusted(other, TlsDistrust::UnknownIssuer);
    untrusted(namesake, TlsDistrust::Signature);
}

#[test]
fn validity_ends_with_its_last_second() {
    let ca = Authority::root(lasting(ca_named("ca"), 2010, 2050));
    let client = ca.issue(&named("client"));
    let at = |now| faults_at(now, &ca.pem(), &client.pem, &client.key_pem());
    let (from, since) = (new_year(2020), new_year(2040));
    let (tick, second) = (TimeDelta::milliseconds(1), TimeDelta::seconds(1));
    assert_eq!(at(from - tick), [TlsFault::CertificateNotYetValid { from }]);
    assert_eq!(at(from), []);
    assert_eq!(at(since + second - tick), []);
    assert_eq!(at(since + second), [TlsFault::CertificateExpired { since }]);
}

#[test]
fn an_expired_certificate_of_another_ca_has_both_faults() {
    let client = Authority::root(ca_named("ca")).issue(&lasting(named("client"), 2020, 2025));
    let other = Authority::root(ca_named("other"));
    let expired = TlsFault::CertificateExpired { since: new_year(2025) };
    let untrusted = TlsFault::Untrusted(TlsDistrust::UnknownIssuer);
    assert_eq!(faults(&other.pem(), &client.pem, &client.key_pem()), [expired, untrusted]);
}

#[test]
fn a_validity_turned_round_is_malformed() {
    let ca = Authority::root(ca_named("ca"));
    let client = ca.issue(&lasting(named("client"), 2029, 2021));
    let expired = TlsFault::CertificateExpired { since: new_year(2021) };
    let malformed = TlsFault::Untrusted(TlsDistrust::Malformed);
    assert_eq!(faults(&ca.pem(), &client.pem, &client.key_pem()), [expired, malformed]);
}

#[test]
fn a_ca_out_of_date_is_told_once() {
    let old = Authority::root(lasting(ca_named("ca"), 2010, 2025));
    let expired = TlsFault::CaExpired { since: new_year(2025) };
    let ours = old.issue(&named("client"));
    let other = Authority::root(ca_named("other")).issue(&named("client"));
    let untrusted = TlsFault::Untrusted(TlsDistrust::UnknownIssuer);
    let with_other = faults(&old.pem(), &other.pem, &other.key_pem());
    assert_eq!(with_other, [expired.clone(), untrusted]);
    let alone = [expired];
    assert_eq!(faults(&old.pem(), "", ""), alone);
    assert_eq!(faults(&old.pem(), &ours.pem, &ours.key_pem()), alone);
}

#[test]
fn of_several_cas_the_one_nearest_in_time_is_told() {
    let bundle = |spans: &[(i32, i32)]| -> String {
        let ca = |&(from, to)| Authority::root(lasting(ca_named("ca"), from, to)).pem();
        spans.iter().map(ca).collect()
    };
    let expired = faults(&bundle(&[(2010, 2020), (2010, 2025), (2010, 2015)]), "", "");
    assert_eq!(expired, [TlsFault::CaExpired { since: new_year(2025) }]);
    let coming = faults(&bundle(&[(2010, 2025), (2040, 2050), (2035, 2045)]), "", "");
    assert_eq!(coming, [TlsFault::CaNotYetValid { from: new_year(2035) }]);
}

#[test]
fn a_bundle_may_hold_expired_certificates() {
    let old = Authority::root(lasting(ca_named("ca"), 2010, 2025));
    let unrelated = Authority::root(ca_named("unrelated")).pem();
    let client = old.issue(&named("client"));
    let with = |ca: &str| faults(ca, &client.pem, &client.key_pem());
    let renewed = old.crossed(&ca_named("ca"), &old);
    assert_eq!(with(&(old.pem() + &renewed)), []);
    assert_eq!(with(&(old.pem() + &unrelated + &renewed)), []);
    let out_of_date = TlsFault::Untrusted(TlsDistrust::IssuerOutOfDate);
    assert_eq!(with(&(old.pem() + &unrelated)), [out_of_date]);
}

#[test]
fn an_intermediate_comes_with_the_certificate_or_stands_in_the_ca() {
    let root = Authority::root(ca_named("root"));
    let between = root.below(ca_named("between"));
    let client = between.issue(&named("client"));
    let chain = client.pem.clone() + &between.pem();
    let with = |ca: &str, certificate: &str| faults(ca, certificate, &client.key_pem());
    assert_eq!(with(&root.pem(), &chain), []);
    assert_eq!(with(&root.pem(), &(chain + &root.pem())), []);
    assert_eq!(with(&(root.pem() + &between.pem()), &client.pem), []);
    assert_eq!(with(&between.pem(), &client.pem), []);
    let unknown = TlsFault::Untrusted(TlsDistrust::UnknownIssuer);
    assert_eq!(with(&root.pem(), &client.pem), [unknown]);
}

#[test]
fn an_intermediate_must_be_a_ca_in_force_and_allow_what_it_signs() {
    let root = Authority::root(ca_named("root"));
    let mut narrow = ca_named("between");
    let permitted_subtrees = vec![GeneralSubtree::DnsName("elsewhere.test".to_owned())];
    narrow.name_constraints =
        Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    let between = [
        (named("between"), TlsDistrust::IssuerNotCa),
        (lasting(ca_named("between"), 2020, 2025), TlsDistrust::IssuerOutOfDate),
        (narrow, TlsDistrust::Constraint),
    ];
    let mut client = named("client");
    client.subject_alt_names = vec![SanType::DnsName("region.test".try_into().unwrap())];
    for (params, reason) in between {
        let between = root.below(params);
        let client = between.issue(&client);
        let found = faults(&root.pem(), &(client.pem.clone() + &between.pem()), &client.key_pem());
        assert_eq!(found, [TlsFault::Untrusted(reason)]);
    }
}

#[test]
fn a_self_signed_certificate_is_its_own_ca() {
    for params in [ca_named("self"), named("self")] {
        let own = Authority::root(params).itself();
        assert_eq!(faults(&own.pem, &own.pem, &own.key_pem()), []);
        assert_eq!(faults("", &own.pem, &own.key_pem()), []);
    }
    let old = Authority::root(lasting(ca_named("self"), 2020, 2025)).itself();
    let since = new_year(2025);
    let expired = [TlsFault::CaExpired { since }, TlsFault::CertificateExpired { since }];
    assert_eq!(faults(&old.pem, &old.pem, &old.key_pem()), expired);
}

#[test]
fn a_certificate_is_no_ca_by_its_name_or_its_place() {
    let other = Authority::root(ca_named("other"));
    let own = Authority::root(named("self")).itself();
    let unknown = [TlsFault::Untrusted(TlsDistrust::UnknownIssuer)];
    assert_eq!(faults(&other.pem(), &own.pem, &own.key_pem()), unknown);
    let client = other.issue(&named("client"));
    assert_eq!(faults(&client.pem, &client.pem, &client.key_pem()), unknown);
}

#[test]
fn a_ca_is_not_its_own_client() {
    let root = Authority::root(ca_named("root"));
    let mut params = ca_named("between");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let between = root.below(params).itself();
    let is_ca = TlsFault::Untrusted(TlsDistrust::IsCa);
    assert_eq!(faults(&root.pem(), &between.pem, &between.key_pem()), [is_ca]);
}

#[test]
fn either_side_of_tls_will_do() {
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, CodeSigning, EmailProtection, ServerAuth};
    let ca = Authority::root(ca_named("ca"));
    let with = |purposes: &[ExtendedKeyUsagePurpose]| {
        let mut params = named("client");
        params.extended_key_usages = purposes.to_vec();
        let client = ca.issue(&params);
        faults(&ca.pem(), &client.pem, &client.key_pem())
    };
    assert_eq!(with(&[ClientAuth]), []);
    assert_eq!(with(&[ServerAuth]), []);
    assert_eq!(with(&[Any]), []);
    assert_eq!(with(&[CodeSigning, ServerAuth]), []);
    let usage = TlsFault::Untrusted(TlsDistrust::Usage);
    assert_eq!(with(&[CodeSigning, EmailProtection]), [usage]);
}

#[test]
fn a_critical_extension_must_be_understood() {
    let ca = Authority::root(ca_named("ca"));
    let mut params = named("client");
    let mut unheard_of = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    unheard_of.set_criticality(true);
    params.custom_extensions.push(unheard_of);
    let client = ca.issue(&params);
    let unsupported = TlsFault::Untrusted(TlsDistrust::Unsupported);
    assert_eq!(faults(&ca.pem(), &client.pem, &client.key_pem()), [unsupported]);
}
