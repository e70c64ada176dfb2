//! TLS material after it was read.

use std::borrow::Cow;

use super::certificate::Certificate;
use super::{MOST_IN_CA, MOST_IN_CHAIN, TlsMaterial, TlsUnreadable, read};
use crate::region::Credentials;
use crate::secret::Secret;

/// The certificates of a text, or why it cannot be read.
pub(in super::super) type Certificates<'a> = Result<Cow<'a, [Certificate]>, TlsUnreadable>;

/// TLS material whose certificates were read; what is `None` was not given.
pub(in super::super) struct Readings<'a> {
    pub(super) ca: Option<Certificates<'a>>,
    pub(super) certificate: Option<Certificates<'a>>,
    /// Still as text.
    pub(super) key: Option<&'a str>,
}

impl<'a> Readings<'a> {
    /// Those of a region. What was read before is not read again.
    pub(in super::super) fn of(credentials: &'a Credentials) -> Self {
        let Credentials { ca, certificate, key, token: _ } = credentials;
        Self {
            ca: ca.as_ref().map(|pem| pem.certificates(MOST_IN_CA)),
            certificate: certificate.as_ref().map(|pem| pem.certificates(MOST_IN_CHAIN)),
            key: key.as_ref().map(Secret::reveal),
        }
    }

    /// The certificates of the CA, as far as they can be read.
    pub(super) fn ca(&self) -> &[Certificate] {
        legible(self.ca.as_ref())
    }

    /// The client certificate and those behind it, as far as they can be read.
    pub(super) fn chain(&self) -> &[Certificate] {
        legible(self.certificate.as_ref())
    }
}

fn legible<'a>(certificates: Option<&'a Certificates<'_>>) -> &'a [Certificate] {
    certificates.and_then(|read| read.as_deref().ok()).unwrap_or_default()
}

impl<'a> TlsMaterial<'a> {
    pub(super) fn read(&self) -> Readings<'a> {
        let certificates = |text, most| read(text, most).map(Cow::Owned);
        Readings {
            ca: self.ca.map(|text| certificates(text, MOST_IN_CA)),
            certificate: self.certificate.map(|text| certificates(text, MOST_IN_CHAIN)),
            key: self.key,
        }
    }
}
