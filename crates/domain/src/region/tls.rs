//! The TLS material of a region, and whether it is coherent.
//!
//! Material that is not given is never at fault: a region may be reached without TLS, or with a
//! certificate that everybody trusts. What is given must fit together, because a region that is
//! enabled with a wrong certificate fails much later and far away from whoever made the mistake.
//!
//! No name and no revocation list is checked: both need to know the other side.

mod certificate;
mod chain;
mod facts;
mod key;
mod part;
mod pem;
mod print;
mod readings;
mod warning;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

pub use facts::CertificateFacts;
pub use part::{TlsPart, TlsPartError};
pub use warning::{EXPIRY_NOTICE, TlsWarning};

pub(super) use certificate::Certificate;
pub(super) use pem::certificates as read;
pub(super) use readings::{Certificates, Readings};

/// The most certificates that the CA text may hold; the public bundles have about 150.
const MOST_IN_CA: usize = 512;

/// The most certificates that the client certificate's text may hold: itself and what leads to
/// its CA. Few, because the paths that must be tried grow with the factorial of this number.
const MOST_IN_CHAIN: usize = 8;

/// The TLS material of a region, as PEM text; what is `None` was not given.
///
/// An empty text was given, and is at fault. Not printable, because the key must not be.
#[derive(Clone, Copy)]
pub struct TlsMaterial<'a> {
    /// The CA that the region's API is signed by, or several.
    pub ca: Option<&'a str>,
    /// The certificate that the register shows to the region; its intermediates may follow.
    pub certificate: Option<&'a str>,
    /// The private key of that certificate, not encrypted.
    pub key: Option<&'a str>,
}

/// What is wrong with the TLS material of a region. Never quotes the material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The CA text cannot be read.
    #[error("the CA cannot be read: {0}")]
    CaUnreadable(TlsUnreadable),
    /// The certificate text cannot be read.
    #[error("the client certificate cannot be read: {0}")]
    CertificateUnreadable(TlsUnreadable),
    /// The key text cannot be read, or its key cannot be used.
    #[error("the private key cannot be read: {0}")]
    KeyUnreadable(TlsUnreadable),
    /// There is a certificate, but not its key.
    #[error("the client certificate comes without its private key")]
    KeyMissing,
    /// There is a key, but not its certificate.
    #[error("the private key comes without its certificate")]
    CertificateMissing,
    /// The key is another certificate's.
    #[error("the private key does not belong to the client certificate")]
    KeyMismatch,
    /// Every certificate in the CA text has expired; the last of them at this time.
    #[error("the CA expired at {since}")]
    CaExpired {
        /// The last second in which one was valid.
        since: DateTime<Utc>,
    },
    /// No certificate in the CA text is valid, and at least one will be.
    #[error("the CA is not valid before {from}")]
    CaNotYetValid {
        /// The first second in which one will be valid.
        from: DateTime<Utc>,
    },
    /// The client certificate has expired.
    #[error("the client certificate expired at {since}")]
    CertificateExpired {
        /// The last second in which it was valid.
        since: DateTime<Utc>,
    },
    /// The client certificate is for a time to come.
    #[error("the client certificate is not valid before {from}")]
    CertificateNotYetValid {
        /// The first second in which it will be valid.
        from: DateTime<Utc>,
    },
    /// Nothing leads from the client certificate to the CA.
    #[error("the client certificate does not verify against the CA: {0}")]
    Untrusted(TlsDistrust),
}

/// Why a PEM text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsUnreadable {
    /// It holds nothing of the kind wanted.
    #[error("there is no such PEM block in it")]
    Missing,
    /// It holds more than is of use.
    #[error("more than {most} such PEM blocks are in it")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// A block has no end, or something other than base64 in it.
    #[error("a PEM block in it is damaged")]
    Damaged,
    /// A block says that it is a certificate, and is none.
    #[error("a PEM block in it is not a certificate")]
    NotACertificate,
    /// A private key stands where everybody may look.
    #[error("a private key does not belong in it")]
    PrivateKey,
    /// The key needs a passphrase.
    #[error("the key is encrypted")]
    Encrypted,
    /// The key is broken, or too short, or of a kind that cannot be used.
    #[error("the key is none of RSA (2048 to 4096 bits), ECDSA (P-256, P-384) and Ed25519")]
    UnsupportedKey,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsDistrust {
    /// The CA is another one, or an intermediate certificate is missing.
    #[error("an issuer is neither in the CA nor among the certificates that come with it")]
    UnknownIssuer,
    /// An issuer of the right name is there, with another key.
    #[error("a signature on the way is not of the key of the issuer named")]
    Signature,
    /// An issuer on the way has expired or is not valid yet.
    #[error("a certificate on the way is not valid at this time")]
    IssuerOutOfDate,
    /// The certificate is itself a CA's, but not in the CA text.
    #[error("it is the certificate of a CA")]
    IsCa,
    /// An issuer on the way is no CA.
    #[error("it was issued by a certificate that is not a CA's")]
    IssuerNotCa,
    /// A certificate on the way is for other uses than TLS.
    #[error("a certificate on the way is not meant for TLS")]
    Usage,
    /// An issuer on the way limits names or the length of the chain.
    #[error("a certificate on the way forbids it")]
    Constraint,
    /// An algorithm, a version or a critical extension on the way is not supported.
    #[error("a certificate on the way needs something that is not supported")]
    Unsupported,
    /// The way is too long, or there are too many to try them all.
    #[error("the way to the CA is too long or too entangled")]
    TooComplex,
    /// A certificate on the way breaks the rules of its format.
    #[error("a certificate on the way is malformed")]
    Malformed,
}

impl TlsFault {
    /// Whether a certificate is there without its key, or a key without its certificate.
    #[must_use]
    pub const fn is_missing_half(&self) -> bool {
        matches!(self, Self::KeyMissing | Self::CertificateMissing)
    }

    /// The part that is to be replaced, as far as one can tell.
    #[must_use]
    pub const fn part(&self) -> TlsPart {
        match self {
            Self::CaUnreadable(_) | Self::CaExpired { .. } | Self::CaNotYetValid { .. } => {
                TlsPart::Ca
            }
            Self::CertificateUnreadable(_)
            | Self::CertificateMissing
            | Self::CertificateExpired { .. }
            | Self::CertificateNotYetValid { .. }
            | Self::Untrusted(_) => TlsPart::Certificate,
            Self::KeyUnreadable(_) | Self::KeyMissing | Self::KeyMismatch => TlsPart::Key,
        }
    }
}

impl TlsMaterial<'_> {
    /// The faults that are there at all times, whoever trusts whom: what cannot be read, and what does
    /// not belong together.
    #[must_use]
    pub fn misfits(&self) -> Vec<TlsFault> {
        let mut faults = Vec::new();
        self.read().fitted(&mut faults);
        faults
    }

    /// All faults at `now`, in the order in which [`TlsFault`] lists them; none means coherent.
    #[must_use]
    pub fn faults(&self, now: DateTime<Utc>) -> Vec<TlsFault> {
        self.read().faults(now)
    }

    /// What expires within [`EXPIRY_NOTICE`] of `now`. What has expired is a fault, not a warning,
    /// and of a text that cannot be read there is nothing to warn about.
    #[must_use]
    pub fn warnings(&self, now: DateTime<Utc>) -> Vec<TlsWarning> {
        self.read().warnings(now)
    }

    /// What there is to tell of every certificate, those of the CA first, each text in its order.
    /// Of a text that cannot be read, nothing is told.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateFacts> {
        self.read().facts()
    }
}

impl<'a> Readings<'a> {
    /// As [`TlsMaterial::faults`].
    pub(super) fn faults(self, now: DateTime<Utc>) -> Vec<TlsFault> {
        let mut faults = Vec::new();
        let (ca, chain) = self.fitted(&mut faults);
        let leaf = chain.as_deref().and_then(<[Certificate]>::first);
        faults.extend(ca.as_deref().and_then(|ca| ca_out_of_date(ca, now)));
        faults.extend(leaf.and_then(|leaf| leaf_out_of_date(leaf, now)));
        if let Some((ca, chain)) = ca.zip(chain) {
            faults.extend(chain::verify(&ca, &chain, now).err().map(TlsFault::Untrusted));
        }
        faults
    }

    /// The certificates of the CA and of the client, as far as they can be read; what cannot, or does
    /// not belong together, goes to the faults.
    fn fitted(self, faults: &mut Vec<TlsFault>) -> (Option<Read<'a>>, Option<Read<'a>>) {
        let given = (self.certificate.is_some(), self.key.is_some());
        let ca = readable(self.ca, TlsFault::CaUnreadable, faults);
        let chain = readable(self.certificate, TlsFault::CertificateUnreadable, faults);
        let key = readable(self.key.map(key::public_half), TlsFault::KeyUnreadable, faults);
        faults.extend(match given {
            (true, false) => Some(TlsFault::KeyMissing),
            (false, true) => Some(TlsFault::CertificateMissing),
            _ => None,
        });

        let leaf = chain.as_deref().and_then(<[Certificate]>::first);
        if leaf.zip(key).is_some_and(|(leaf, key)| leaf.public_key != key) {
            faults.push(TlsFault::KeyMismatch);
        }
        (ca, chain)
    }
}

/// Certificates that could be read.
type Read<'a> = Cow<'a, [Certificate]>;

/// What was read, if it could be; else the reason goes to the faults.
fn readable<T>(
    read: Option<Result<T, TlsUnreadable>>,
    fault: fn(TlsUnreadable) -> TlsFault,
    faults: &mut Vec<TlsFault>,
) -> Option<T> {
    read?.map_err(|reason| faults.push(fault(reason))).ok()
}

/// One certificate in use is enough: bundles keep old roots beside their successors.
fn ca_out_of_date(ca: &[Certificate], now: DateTime<Utc>) -> Option<TlsFault> {
    if ca.iter().any(|certificate| certificate.is_valid(now)) {
        return None;
    }
    let from = ca.iter().map(|certificate| certificate.not_before).filter(|from| *from > now).min();
    let since = ca.iter().map(|certificate| certificate.not_after).max();
    from.map(|from| TlsFault::CaNotYetValid { from })
        .or(since.map(|since| TlsFault::CaExpired { since }))
}

fn leaf_out_of_date(leaf: &Certificate, now: DateTime<Utc>) -> Option<TlsFault> {
    if leaf.is_valid(now) {
        None
    } else if now < leaf.not_before {
        Some(TlsFault::CertificateNotYetValid { from: leaf.not_before })
    } else {
        Some(TlsFault::CertificateExpired { since: leaf.not_after })
    }
}

#[cfg(test)]
pub(super) mod sample;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unreadable;
#[cfg(test)]
mod vectors;
