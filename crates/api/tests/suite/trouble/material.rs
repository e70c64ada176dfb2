//! TLS material that is none, or that leads nowhere.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use serde_json::{Value, json};

use super::kept;
use crate::certificates::{Authority, Certificate};
use crate::material::{MATERIAL, material};
use crate::native_credentials_change::replace;
use crate::native_regions::{REGIONS, wrong_fields};
use crate::native_regions_register::least;
use crate::rainbond_fixture::{Fixture, change, fixtures, full, with};
use crate::support::LIMIT;

/// The parts: what they are called on this face, and on the rainbond face.
const PARTS: [(&str, &str); 3] =
    [("ca", "ssl_ca_cert"), ("certificate", "cert_file"), ("key", "key_file")];

/// No judgement of such material takes longer, even in a build for tests on a busy machine.
const SOON: Duration = LIMIT;

const SIZE: usize = 10_000;

/// The same material in the fields of this face.
fn native(material: &Value) -> Value {
    PARTS.into_iter().map(|(own, other)| (own.to_owned(), material[other].clone())).collect()
}

/// Bytes as PEM text. The digits are those of base64, whatever bytes they stand for.
fn armoured(what: &str, digits: &str) -> String {
    let lines: Vec<_> = digits.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

/// Ten thousand bytes and more that are no material, and what they are.
fn garbage() -> Vec<(&'static str, String)> {
    let mut random = StdRng::seed_from_u64(9);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: String =
        (0..SIZE).map(|_| char::from(alphabet[random.random_range(0..64)])).collect();
    let good = MATERIAL["cert_file"].as_str().unwrap();
    let armour = "-----BEGIN CERTIFICATE-----\n";
    vec![
        ("letters", "x".repeat(SIZE)),
        ("letters of another script", "集".repeat(SIZE / 3 + 1)),
        ("digits", digits.clone()),
        ("digits in the armour of a certificate", armoured("CERTIFICATE", &digits)),
        ("digits in the armour of a key", armoured("PRIVATE KEY", &digits)),
        // 30 80 30 80 …: sequences of sequences without end.
        ("deep nesting in a certificate", armoured("CERTIFICATE", &"MIAwgDCA".repeat(SIZE / 8))),
        ("deep nesting in a key", armoured("PRIVATE KEY", &"MIAwgDCA".repeat(SIZE / 8))),
        // 30 84 7f ff ff ff: a sequence of two gigabytes.
        ("a length beyond the end", armoured("CERTIFICATE", &format!("MIR/////{digits}"))),
        ("beginnings without an end", armour.repeat(SIZE / armour.len() + 1)),
        ("ends without a beginning", "-----END CERTIFICATE-----\n".repeat(SIZE / 26 + 1)),
        ("certificates with nothing in them", armoured("CERTIFICATE", "").repeat(SIZE / 54 + 1)),
        (
            "a good certificate with a word too many",
            format!("{good}\n{}", armoured("CERTIFICATE", "AAAA")).repeat(20),
        ),
        ("an armour of its own making", armoured(&"X".repeat(SIZE), "AAAA")),
    ]
}

/// Sends material wherever it can be written; each time these fields alone must be to blame.
fn check_refused(fixture: &Fixture, given: &Value, (own, other): (&str, &str), at: &str) {
    let start = Instant::now();
    let new = with(least("new"), &json!({"credentials": native(given)}));
    let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &new);
    let call = fixture.call("{KA}", &format!("PATCH {REGIONS}/{{r1}}/credentials"));
    let replaced = call.header("if-match", "*").json(&native(given)).send();
    for (answer, pointer) in [(&added, "/credentials/"), (&replaced, "/")] {
        let expected = [(format!("{pointer}{own}"), "incoherent".to_owned())];
        assert_eq!(wrong_fields(answer), expected, "{at}");
    }
    let add = fixture.send("{KA}", "POST /openapi/v1/regions", &with(full(), given));
    let put = "PUT /openapi/v2/manage/regions/{r1}";
    let update = fixture.send("{MK}", put, &with(change(), given));
    for answer in [&add, &update] {
        assert_eq!((answer.status(), &answer.json()["code"]), (400, &json!(20400)), "{at}");
        assert_eq!(crate::rainbond_fixture::wrong_fields(answer), [other], "{at} {answer:?}");
    }
    for answer in [added, replaced, add, update] {
        assert!(answer.text.len() < 1_500, "{at} tells too much: {}", answer.text.len());
    }
    assert!(start.elapsed() < SOON, "{at} took {:?}", start.elapsed());
}

#[test]
fn ten_thousand_bytes_of_garbage_are_refused_naming_the_field() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &native(&MATERIAL));
        let before = kept(&fixture);
        for (what, text) in garbage() {
            assert!(text.len() >= SIZE, "{what}: {}", text.len());
            for part in PARTS {
                let at = format!("{what} as {} on {}", part.0, fixture.register.name);
                let given = with(MATERIAL.clone(), &json!({part.1: text}));
                check_refused(&fixture, &given, part, &at);
            }
        }
        assert_eq!(kept(&fixture), before, "{}", fixture.register.name);
    }
}

/// What a certificate of this name says.
fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    params
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate of the first of these authorities, of which each is signed by the next one and the
/// last one by the first, with its chain and its key; and the last of the authorities itself.
fn in_a_loop(names: &[String]) -> (Certificate, String) {
    let ring: Vec<_> = names.iter().map(|name| authority(name)).collect();
    let key = KeyPair::generate().unwrap();
    let own = params("own").signed_by(&key, &*ring[0]).unwrap();
    let mut pem = own.pem();
    for (n, name) in names.iter().enumerate() {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let next = &ring[(n + 1) % ring.len()];
        pem += &params.signed_by(ring[n].key(), &**next).unwrap().pem();
    }
    let own = Certificate { pem, der: own.der().to_vec(), key: key.serialize_pem() };
    (own, ring.last().unwrap().pem())
}

#[test]
fn a_chain_with_a_loop_is_refused_unless_it_leads_to_the_authority() {
    let authority = Authority::new("authority");
    // As few and as many as a chain may have behind the certificate itself; once each under a name
    // of its own, once all under one.
    let names: [fn(usize) -> String; 2] = [|n| format!("loop {n}"), |_| "loop".to_owned()];
    for (name, count) in names.into_iter().flat_map(|name| [(name, 2), (name, 7)]) {
        let (own, last) = in_a_loop(&(0..count).map(name).collect::<Vec<_>>());
        let given = material(&authority, &own);
        for fixture in fixtures() {
            let at = format!("{count} as {} on {}", name(0), fixture.register.name);
            replace(&fixture, "{r1}", &native(&MATERIAL));
            let before = kept(&fixture);
            check_refused(&fixture, &given, ("certificate", "cert_file"), &at);
            assert_eq!(kept(&fixture), before, "{at}");
            // Beside the way to the authority, a loop does no harm.
            replace(&fixture, "{r1}", &with(native(&given), &json!({"ca": last})));
        }
    }
}
