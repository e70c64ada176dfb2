//! What there is to tell of a certificate.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::print::hex;
use super::{Readings, TlsPart};

/// What there is to tell of a certificate; all of it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The text in which it stands: the CA or the client certificate.
    pub part: TlsPart,
    /// Its position there, from 0.
    pub place: u16,
    /// Whose it is, the most particular name first, as `CN=client,O=example`. At most 512
    /// characters; `…` at the end says that there are more.
    pub subject: String,
    /// Who signed it, in the same form.
    pub issuer: String,
    /// The number that its issuer gave it, in lower-case hexadecimal digits.
    pub serial: String,
    /// The SHA-256 fingerprint, in 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The kind of its key: `RSA 2048`, `ECDSA P-256`, `Ed25519`, or else the number of the
    /// algorithm.
    pub key_type: String,
    /// The first second in which it is valid.
    pub not_before: DateTime<Utc>,
    /// The last second in which it is valid.
    pub not_after: DateTime<Utc>,
}

impl Readings<'_> {
    /// As [`TlsMaterial::certificates`](super::TlsMaterial::certificates).
    pub(in super::super) fn facts(&self) -> Vec<CertificateFacts> {
        let parts = [(TlsPart::Ca, self.ca()), (TlsPart::Certificate, self.chain())];
        let facts = |(part, certificates): (TlsPart, &[Certificate])| {
            let placed = (0..).zip(certificates);
            placed.map(|(place, certificate)| certificate.facts(part, place)).collect::<Vec<_>>()
        };
        parts.into_iter().flat_map(facts).collect()
    }

    /// As [`Credentials::expire_at`](crate::region::Credentials::expire_at).
    pub(in super::super) fn expire_at(&self) -> Option<DateTime<Utc>> {
        let end = |certificate: &Certificate| certificate.not_after;
        let ca = self.ca().iter().map(end).max();
        let chain = self.chain().iter().map(end).min();
        ca.into_iter().chain(chain).min()
    }
}

impl Certificate {
    fn facts(&self, part: TlsPart, place: u16) -> CertificateFacts {
        CertificateFacts {
            part,
            place,
            sha256: hex(&Sha256::digest(&self.der)),
            subject: self.subject.clone(),
            issuer: self.issuer.clone(),
            serial: self.serial.clone(),
            key_type: self.key_type.clone(),
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

#[cfg(test)]
mod tests;
