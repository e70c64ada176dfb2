//! What this face shows of certificates.

use cadastre_domain::region::tls::{CertificateFacts, TlsPart};
use cadastre_storage::ListedCertificate;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;

/// The fields of a certificate.
pub(super) const FIELDS: &[&str] = &[
    "part",
    "place",
    "subject",
    "issuer",
    "serial",
    "sha256",
    "key_type",
    "not_before",
    "not_after",
];

/// The fields of a certificate in the list of all.
pub(super) const LISTED_FIELDS: &[&str] =
    &["region_id", "region_name", "enterprise_id", "certificate"];

/// What there is to tell of a certificate.
#[derive(Serialize, ToSchema)]
#[schema(as = Certificate)]
pub(in crate::native) struct CertificateView {
    /// In which field it stands.
    #[schema(schema_with = part)]
    part: &'static str,
    /// Its position there, from 0.
    place: u16,
    /// Whose it is.
    #[schema(example = "CN=client,O=example")]
    subject: String,
    /// Who signed it.
    issuer: String,
    /// The number that its issuer gave it, in hexadecimal digits.
    serial: String,
    /// Its SHA-256 fingerprint, in hexadecimal digits.
    sha256: String,
    /// The kind of its key.
    #[schema(example = "ECDSA P-256")]
    key_type: String,
    /// The first second in which it is valid.
    not_before: DateTime<Utc>,
    /// The last second in which it is valid.
    not_after: DateTime<Utc>,
}

fn part() -> RefOr<Schema> {
    one_of([TlsPart::Ca, TlsPart::Certificate].map(TlsPart::as_str))
}

impl CertificateView {
    /// Where the list of its region goes on behind it.
    pub(super) fn cursor(&self) -> String {
        format!("{}:{}", self.part, self.place)
    }
}

impl From<CertificateFacts> for CertificateView {
    fn from(facts: CertificateFacts) -> Self {
        Self {
            part: facts.part.as_str(),
            place: facts.place,
            subject: facts.subject,
            issuer: facts.issuer,
            serial: facts.serial,
            sha256: facts.sha256,
            key_type: facts.key_type,
            not_before: facts.not_before,
            not_after: facts.not_after,
        }
    }
}

/// A certificate, and which region shows or trusts it.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedCertificate)]
pub(in crate::native) struct ListedCertificateView {
    region_id: String,
    region_name: String,
    /// The enterprise of the region.
    enterprise_id: String,
    certificate: CertificateView,
}

impl ListedCertificateView {
    /// Where the list of all goes on behind it.
    pub(super) fn cursor(&self) -> String {
        let at = self.certificate.not_after.timestamp_micros();
        format!("{at}:{}:{}", self.region_id, self.certificate.cursor())
    }
}

impl From<ListedCertificate> for ListedCertificateView {
    fn from(listed: ListedCertificate) -> Self {
        Self {
            region_id: listed.region_id.to_string(),
            region_name: listed.region_name.into(),
            enterprise_id: listed.enterprise_id.to_string(),
            certificate: listed.facts.into(),
        }
    }
}
