//! What there is to tell of a certificate.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::print::hex;
use super::{MOST_IN_CA, MOST_IN_CHAIN, TlsMaterial, TlsPart, pem};

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

impl TlsMaterial<'_> {
    /// What there is to tell of every certificate, those of the CA first, each text in its order.
    /// Of a text that cannot be read, nothing is told.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateFacts> {
        let parts = [
            (TlsPart::Ca, self.ca, MOST_IN_CA),
            (TlsPart::Certificate, self.certificate, MOST_IN_CHAIN),
        ];
        let read = |(part, text, most): (_, Option<&str>, _)| {
            let certificates = text.and_then(|text| pem::certificates(text, most).ok());
            let placed = (0..).zip(certificates.unwrap_or_default());
            placed.map(move |(place, certificate)| certificate.facts(part, place))
        };
        parts.into_iter().flat_map(read).collect()
    }
}

impl Certificate {
    fn facts(self, part: TlsPart, place: u16) -> CertificateFacts {
        CertificateFacts {
            part,
            place,
            sha256: hex(&Sha256::digest(&self.der)),
            subject: self.subject,
            issuer: self.issuer,
            serial: self.serial,
            key_type: self.key_type,
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

#[cfg(test)]
mod tests;
