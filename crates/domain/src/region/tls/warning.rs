//! What is still right with the TLS material, but not for long.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

use super::certificate::Certificate;
use super::{Readings, TlsPart};

/// How long before its end a certificate is warned about.
pub const EXPIRY_NOTICE: TimeDelta = TimeDelta::days(30);

/// That something expires soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsWarning {
    /// All certificates in the CA text that are valid expire soon; the last of them at this time.
    #[error("the CA expires at {at}")]
    CaExpires {
        /// The last second in which one will be valid.
        at: DateTime<Utc>,
    },
    /// The client certificate expires soon.
    #[error("the client certificate expires at {at}")]
    CertificateExpires {
        /// The last second in which it will be valid.
        at: DateTime<Utc>,
    },
    /// A certificate that comes with the client certificate expires soon.
    #[error("certificate {place} behind the client certificate expires at {at}")]
    IntermediateExpires {
        /// Its position in the text, where the client certificate has 0.
        place: u16,
        /// The last second in which it will be valid.
        at: DateTime<Utc>,
    },
}

impl TlsWarning {
    /// The part that is to be replaced.
    #[must_use]
    pub const fn part(&self) -> TlsPart {
        match self {
            Self::CaExpires { .. } => TlsPart::Ca,
            Self::CertificateExpires { .. } | Self::IntermediateExpires { .. } => {
                TlsPart::Certificate
            }
        }
    }

    /// The last second in which it is of use.
    #[must_use]
    pub const fn when(&self) -> DateTime<Utc> {
        match *self {
            Self::CaExpires { at }
            | Self::CertificateExpires { at }
            | Self::IntermediateExpires { at, .. } => at,
        }
    }
}

impl Readings<'_> {
    /// As [`TlsMaterial::warnings`](super::TlsMaterial::warnings).
    pub(in super::super) fn warnings(&self, now: DateTime<Utc>) -> Vec<TlsWarning> {
        let chain = (0..).zip(self.chain()).filter(|(_, certificate)| ends_soon(certificate, now));
        let chain = chain.map(|(place, certificate)| match (place, certificate.not_after) {
            (0, at) => TlsWarning::CertificateExpires { at },
            (place, at) => TlsWarning::IntermediateExpires { place, at },
        });
        ca_ends_soon(self.ca(), now).into_iter().chain(chain).collect()
    }
}

/// The certificate that lasts longest is enough: bundles keep old roots beside their successors.
fn ca_ends_soon(ca: &[Certificate], now: DateTime<Utc>) -> Option<TlsWarning> {
    let usable = ca.iter().filter(|certificate| certificate.is_valid(now));
    let last = usable.max_by_key(|certificate| certificate.not_after)?;
    ends_soon(last, now).then_some(TlsWarning::CaExpires { at: last.not_after })
}

fn ends_soon(certificate: &Certificate, now: DateTime<Utc>) -> bool {
    let left = certificate.not_after - now.trunc_subsecs(0);
    (TimeDelta::zero()..=EXPIRY_NOTICE).contains(&left)
}

#[cfg(test)]
mod tests;
