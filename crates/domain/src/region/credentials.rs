//! With what the register shows itself to a region.

use chrono::{DateTime, Utc};

use super::Pem;
use super::tls::{CertificateFacts, Readings, TlsFault, TlsWarning};
use crate::secret::Secret;

/// With what the register shows itself to a region.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The token that the region's API expects.
    pub token: Option<Secret>,
    /// The certificates of the authority that signed the region's.
    pub ca: Option<Pem>,
    /// The client certificate, with intermediates.
    pub certificate: Option<Pem>,
    /// The private key of the client certificate.
    pub key: Option<Secret>,
}

impl Credentials {
    /// The secrets that there are, by the names of their fields.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'static str> {
        let secrets = [("token", self.token.is_some()), ("key", self.key.is_some())];
        secrets.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    /// The secrets that the region's API gets to see or to check, by the names of their fields. An empty
    /// token is none.
    pub(super) fn sent(&self) -> Vec<&'static str> {
        let empty = self.token.as_ref().is_some_and(|token| token.reveal().is_empty());
        self.secrets().into_iter().filter(|name| !(empty && *name == "token")).collect()
    }

    /// Whether there is a token that is not empty.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.sent().contains(&"token")
    }

    /// What is wrong with the TLS material at `now`; nothing is wrong with material not given.
    #[must_use]
    pub fn faults(&self, now: DateTime<Utc>) -> Vec<TlsFault> {
        Readings::of(self).faults(now)
    }

    /// The certificates that expire soon after `now`, so that somebody renews them in time.
    #[must_use]
    pub fn warnings(&self, now: DateTime<Utc>) -> Vec<TlsWarning> {
        Readings::of(self).warnings(now)
    }

    /// What there is to tell of every certificate, those of the CA first, each text in its order.
    /// Of a text that cannot be read, nothing is told.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateFacts> {
        Readings::of(self).facts()
    }

    /// When the first certificate expires that the region depends on: of the client certificate and
    /// its intermediates the first, of the CA text the last, since one in use is enough there.
    #[must_use]
    pub fn expire_at(&self) -> Option<DateTime<Utc>> {
        Readings::of(self).expire_at()
    }

    /// Whether `other` has the same credentials, to the letter. How long this takes says nothing
    /// about where secrets differ.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        same_secret(self.token.as_ref(), other.token.as_ref()) & self.same_material(other)
    }

    /// Whether `other` has the same TLS material, whatever its token.
    pub(super) fn same_material(&self, other: &Self) -> bool {
        let certificates = self.ca == other.ca && self.certificate == other.certificate;
        same_secret(self.key.as_ref(), other.key.as_ref()) & certificates
    }
}

fn same_secret(one: Option<&Secret>, other: Option<&Secret>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.same(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
