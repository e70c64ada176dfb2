//! Certificates for the tests, made afresh, valid from 2020 to 2040 unless told otherwise.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should")]

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

use super::{TlsFault, TlsMaterial};

/// A certificate as PEM text, and its key.
pub(in crate::region) struct Sample {
    pub(in crate::region) pem: String,
    pub(in crate::region) key: KeyPair,
}

impl Sample {
    pub(in crate::region) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

/// A CA, as PEM text and as something that signs.
pub(in crate::region) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(in crate::region) fn root(params: CertificateParams) -> Self {
        Self::with(params, KeyPair::generate().unwrap())
    }

    pub(in crate::region) fn with(params: CertificateParams, key: KeyPair) -> Self {
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(in crate::region) fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::signed_by(params, key, &self.0).unwrap())
    }

    /// Another certificate for the key and name of `self`, signed by `other`.
    pub(in crate::region) fn crossed(&self, params: &CertificateParams, other: &Self) -> String {
        params.signed_by(self.0.key(), &*other.0).unwrap().pem()
    }

    pub(in crate::region) fn issue(&self, params: &CertificateParams) -> Sample {
        self.issue_for(params, KeyPair::generate().unwrap())
    }

    pub(in crate::region) fn issue_for(&self, params: &CertificateParams, key: KeyPair) -> Sample {
        Sample { pem: params.signed_by(&key, &*self.0).unwrap().pem(), key }
    }

    pub(in crate::region) fn pem(&self) -> String {
        self.0.pem()
    }

    /// The CA's own certificate, with its key.
    pub(in crate::region) fn itself(&self) -> Sample {
        let key = KeyPair::from_pem(&self.0.key().serialize_pem()).unwrap();
        Sample { pem: self.pem(), key }
    }
}

/// What a certificate of this name says; not a CA's.
pub(in crate::region) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    lasting(params, 2020, 2040)
}

/// What the certificate of a CA of this name says.
pub(in crate::region) fn ca_named(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// The same, valid from the first day of one year to the first day of another.
pub(in crate::region) fn lasting(
    mut params: CertificateParams,
    from: i32,
    to: i32,
) -> CertificateParams {
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params
}

/// The first day of a year.
pub(in crate::region) fn new_year(year: i32) -> DateTime<Utc> {
    DateTime::from_timestamp(date_time_ymd(year, 1, 1).unix_timestamp(), 0).unwrap()
}

/// The faults in the year 2030 of what is not empty.
pub(in crate::region) fn faults(ca: &str, certificate: &str, key: &str) -> Vec<TlsFault> {
    faults_at(new_year(2030), ca, certificate, key)
}

pub(in crate::region) fn faults_at(
    now: DateTime<Utc>,
    ca: &str,
    certificate: &str,
    key: &str,
) -> Vec<TlsFault> {
    let [ca, certificate, key] =
        [ca, certificate, key].map(|text| (!text.is_empty()).then_some(text));
    TlsMaterial { ca, certificate, key }.faults(now)
}
