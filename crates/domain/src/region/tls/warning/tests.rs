use super::*;
use crate::region::tls::TlsMaterial;
use crate::region::tls::sample::{Authority, Sample, ca_named, lasting, named, new_year};
use crate::region::tls::vectors;

const SECOND: TimeDelta = TimeDelta::seconds(1);
const TICK: TimeDelta = TimeDelta::milliseconds(1);

fn warnings(now: DateTime<Utc>, ca: &str, certificate: &str) -> Vec<TlsWarning> {
    TlsMaterial { ca: Some(ca), certificate: Some(certificate), key: None }.warnings(now)
}

fn until(year: i32) -> Sample {
    Authority::root(ca_named("ca")).issue(&lasting(named("client"), 2020, year))
}

fn ca_until(year: i32) -> String {
    Authority::root(lasting(ca_named("ca"), 2010, year)).pem()
}

#[test]
fn a_certificate_is_warned_about_from_thirty_days_before_its_last_second_to_its_end() {
    let (client, at) = (until(2030).pem, new_year(2030));
    let warning = [TlsWarning::CertificateExpires { at }];
    assert_eq!(warnings(at - TimeDelta::days(30) - SECOND, "", &client), []);
    assert_eq!(warnings(at - TimeDelta::days(30), "", &client), warning);
    assert_eq!(warnings(at, "", &client), warning);
    assert_eq!(warnings(at + SECOND - TICK, "", &client), warning);
    assert_eq!(warnings(at + SECOND, "", &client), []);
}

#[test]
fn of_a_ca_text_only_the_last_usable_end_counts() {
    let now = new_year(2030) - TimeDelta::days(10);
    let warning = [TlsWarning::CaExpires { at: new_year(2030) }];
    assert_eq!(warnings(now, &ca_until(2030), ""), warning);
    assert_eq!(warnings(now, &(ca_until(2030) + &ca_until(2035)), ""), []);
    assert_eq!(warnings(now, &(ca_until(2030) + &ca_until(2020)), ""), warning);
    assert_eq!(warnings(now, &ca_until(2020), ""), []);
    let coming = Authority::root(lasting(ca_named("ca"), 2031, 2040)).pem();
    assert_eq!(warnings(now, &(coming + &ca_until(2030)), ""), warning);
    let later = Authority::root(lasting(ca_named("ca"), 2010, 2030)).pem();
    let (soon, now) = (new_year(2030), new_year(2030) - TimeDelta::days(30));
    assert_eq!(warnings(now, &(later + &ca_until(2029)), ""), [TlsWarning::CaExpires { at: soon }]);
}

#[test]
fn an_intermediate_is_warned_about_in_its_place() {
    let (client, now) = (until(2040).pem, new_year(2030) - TimeDelta::days(1));
    let chain = client + &ca_until(2035) + &ca_until(2030) + &ca_until(2020);
    let warning = TlsWarning::IntermediateExpires { place: 2, at: new_year(2030) };
    assert_eq!(warnings(now, "", &chain), [warning]);
}

#[test]
fn warnings_name_their_part_and_time() {
    let (at, now) = (new_year(2030), new_year(2030) - TimeDelta::days(1));
    let found = warnings(now, &ca_until(2030), &(until(2030).pem + &ca_until(2030)));
    let told: Vec<_> = found.iter().map(|w| (w.part(), w.when(), w.to_string())).collect();
    let text = |text: &str| format!("{text} expires at 2030-01-01 00:00:00 UTC");
    assert_eq!(
        told,
        [
            (TlsPart::Ca, at, text("the CA")),
            (TlsPart::Certificate, at, text("the client certificate")),
            (TlsPart::Certificate, at, text("certificate 1 behind the client certificate")),
        ]
    );
}

#[test]
fn what_cannot_be_read_is_not_warned_about() {
    let now = new_year(2030);
    for text in ["", "garbage", vectors::RSA_PKCS1, &ca_until(2030).repeat(513)] {
        assert_eq!(warnings(now, text, text), []);
    }
    let nothing = TlsMaterial { ca: None, certificate: None, key: Some("garbage") };
    assert_eq!(nothing.warnings(now), []);
}

#[test]
fn the_ends_of_time_do_not_matter() {
    let client = until(2030).pem;
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(warnings(now, &ca_until(2030), &client), []);
    }
}
