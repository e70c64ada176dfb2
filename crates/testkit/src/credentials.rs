//! Credentials that belong together.

use cadastre_domain::region::Credentials;
use cadastre_domain::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

use crate::sample::text;

/// Coherent credentials, made afresh: the client certificate lasts until the first day of this year,
/// the CA until 2049, both from 2020 on.
///
/// # Panics
/// When the year cannot stand in a certificate.
#[must_use]
pub fn credentials(until: i32) -> Credentials {
    let key = || KeyPair::generate().expect("a key");
    let mut ca = lasting("sample CA", 2049);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, key()).expect("a CA");
    let client_key = key();
    let client = lasting("sample client", until).signed_by(&client_key, &*ca).expect("a client");
    Credentials {
        token: Some(Secret::from(format!("token until {until}"))),
        ca: Some(text(&ca.pem())),
        certificate: Some(text(&client.pem())),
        key: Some(Secret::from(client_key.serialize_pem())),
    }
}

fn lasting(name: &str, until: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}
