//! The way from the client certificate to the CA.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId,
    KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext, anchor_from_trusted_cert,
};

use super::TlsDistrust;
use super::certificate::Certificate;

/// Verifies the first certificate of `chain` against `ca`, with the rest on the way.
///
/// That the first certificate itself, or the whole CA, is out of date is not told here: there are
/// faults of their own for that, and this one would only repeat them.
pub(super) fn verify(
    ca: &[Certificate],
    chain: &[Certificate],
    now: DateTime<Utc>,
) -> Result<(), TlsDistrust> {
    let Some((leaf, intermediates)) = chain.split_first() else {
        return Err(TlsDistrust::UnknownIssuer);
    };
    // Who put the certificate itself into the CA trusts it, although a self-signed certificate
    // that says it is a CA leads nowhere by the rules of path building.
    if leaf.self_issued && ca.iter().any(|trusted| trusted.der == leaf.der) {
        return Ok(());
    }
    let path = Path { leaf, intermediates, time: time_within(leaf, now) };
    let (valid, stale): (Vec<_>, Vec<_>) = ca.iter().partition(|trusted| trusted.is_valid(now));
    if valid.is_empty() {
        return path.leads_to(&stale);
    }
    path.leads_to(&valid).map_err(|reason| match path.leads_to(&stale) {
        Ok(()) => TlsDistrust::IssuerOutOfDate,
        Err(_) => reason,
    })
}

/// The time nearest to `now` at which the certificate is valid, so that one that has expired is
/// still told from one that the CA never signed: the second needs more than a renewal.
fn time_within(leaf: &Certificate, now: DateTime<Utc>) -> UnixTime {
    let time = now.min(leaf.not_after).max(leaf.not_before);
    let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

struct Path<'a> {
    leaf: &'a Certificate,
    intermediates: &'a [Certificate],
    time: UnixTime,
}

impl Path<'_> {
    /// Every trusted certificate ends a path, be it a root or not: the CA says what is trusted.
    fn leads_to(&self, trusted: &[&Certificate]) -> Result<(), TlsDistrust> {
        let leaf = EndEntityCert::try_from(&self.leaf.der).map_err(|error| reason(&error))?;
        // A certificate that cannot be an anchor cannot be what signed the leaf either.
        let anchors: Vec<TrustAnchor<'_>> = trusted
            .iter()
            .filter_map(|certificate| anchor_from_trusted_cert(&certificate.der).ok())
            .collect();
        let intermediates: Vec<CertificateDer<'_>> = self
            .intermediates
            .iter()
            .map(|certificate| CertificateDer::from(certificate.der.as_ref()))
            .collect();
        leaf.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &anchors,
            &intermediates,
            self.time,
            EitherSide,
            None,
            None,
        )
        .map(drop)
        .map_err(|error| reason(&error))
    }
}

/// Takes certificates for clients and for servers alike: regions are set up with either, and
/// whether the other side insists is for the other side to say.
struct EitherSide;

impl EitherSide {
    const ANY_USE: KeyPurposeId<'static> = KeyPurposeId::new(&[0x55, 0x1d, 0x25, 0x00]);
    const SERVER: KeyPurposeId<'static> =
        KeyPurposeId::new(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]);
    const CLIENT: KeyPurposeId<'static> =
        KeyPurposeId::new(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02]);
}

impl ExtendedKeyUsageValidator for EitherSide {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let mut unlimited = true;
        for purpose in purposes {
            if [Self::CLIENT, Self::SERVER, Self::ANY_USE].contains(&purpose?) {
                return Ok(());
            }
            unlimited = false;
        }
        if unlimited {
            return Ok(());
        }
        let (required, present) = (KeyUsage::client_auth(), Vec::new());
        Err(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present }))
    }
}

fn reason(error: &Error) -> TlsDistrust {
    match error {
        Error::UnknownIssuer => TlsDistrust::UnknownIssuer,
        Error::InvalidSignatureForPublicKey
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => TlsDistrust::Signature,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => TlsDistrust::IssuerOutOfDate,
        Error::CaUsedAsEndEntity => TlsDistrust::IsCa,
        Error::EndEntityUsedAsCa => TlsDistrust::IssuerNotCa,
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => TlsDistrust::Usage,
        Error::NameConstraintViolation | Error::PathLenConstraintViolated => {
            TlsDistrust::Constraint
        }
        Error::UnsupportedCertVersion
        | Error::UnsupportedCriticalExtension
        | Error::UnsupportedSignatureAlgorithmContext(_) => TlsDistrust::Unsupported,
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded => TlsDistrust::TooComplex,
        _ => TlsDistrust::Malformed,
    }
}
