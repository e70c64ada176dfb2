//! One certificate: when it is valid, and whose key it carries.

use chrono::{DateTime, SubsecRound as _, Utc};
use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

use super::{TlsUnreadable, print};

/// A certificate that was read to its last byte.
#[derive(Clone)]
pub(in super::super) struct Certificate {
    /// The certificate as it was signed.
    pub(super) der: CertificateDer<'static>,
    /// The first second in which it is valid.
    pub(super) not_before: DateTime<Utc>,
    /// The last second in which it is valid.
    pub(super) not_after: DateTime<Utc>,
    /// Its public key together with the key's algorithm (`SubjectPublicKeyInfo`).
    pub(super) public_key: Vec<u8>,
    /// Whether subject and issuer have the same name. This alone does not make it self-signed:
    /// some installers name the CA and what it signs alike.
    pub(super) self_issued: bool,
    /// Whose it is, in a form to show.
    pub(super) subject: String,
    /// Who signed it, in a form to show.
    pub(super) issuer: String,
    /// Its number, in a form to show.
    pub(super) serial: String,
    /// The kind of its key, in a form to show.
    pub(super) key_type: String,
}

impl Certificate {
    pub(super) fn parse(der: Vec<u8>) -> Result<Self, TlsUnreadable> {
        let (rest, parsed) =
            X509Certificate::from_der(&der).map_err(|_| TlsUnreadable::NotACertificate)?;
        if !rest.is_empty() {
            return Err(TlsUnreadable::NotACertificate);
        }
        let not_before = instant(parsed.validity().not_before)?;
        let not_after = instant(parsed.validity().not_after)?;
        let public_key = parsed.public_key().raw.to_vec();
        let self_issued = parsed.subject().as_raw() == parsed.issuer().as_raw();
        let (subject, issuer) = (print::name(parsed.subject()), print::name(parsed.issuer()));
        let serial = print::serial(parsed.raw_serial());
        let key_type = print::key_type(parsed.public_key());
        let der = der.into();
        Ok(Self {
            der,
            not_before,
            not_after,
            public_key,
            self_issued,
            subject,
            issuer,
            serial,
            key_type,
        })
    }

    /// Whether `now` is a time for it. Certificates count in whole seconds, both ends included.
    pub(super) fn is_valid(&self, now: DateTime<Utc>) -> bool {
        (self.not_before..=self.not_after).contains(&now.trunc_subsecs(0))
    }
}

fn instant(time: ASN1Time) -> Result<DateTime<Utc>, TlsUnreadable> {
    DateTime::from_timestamp(time.timestamp(), 0).ok_or(TlsUnreadable::NotACertificate)
}
