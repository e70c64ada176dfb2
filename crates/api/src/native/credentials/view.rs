//! What this face shows of the credentials of a region.

use cadastre_domain::region::Credentials;
use cadastre_domain::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::certificates::CertificateView;
use super::super::regions::WarningView;
use crate::service::credentials::Shown;

/// The credentials of a region.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub(in crate::native) struct CredentialsView {
    region_id: String,
    /// The version of the region, which counts changes of its credentials, too.
    pub(super) version: i64,
    /// Which secrets there are, whether they are shown or not.
    #[schema(example = json!(["token", "key"]))]
    secrets: Vec<&'static str>,
    /// The token that the region's cluster takes. Null to callers who may not see secrets, and in
    /// answers to changes.
    #[schema(required)]
    token: Option<String>,
    /// The certificates of the authority that signed the cluster's, as PEM text.
    #[schema(required)]
    ca: Option<String>,
    /// The certificate with which the register shows itself to the cluster, as PEM text.
    #[schema(required)]
    certificate: Option<String>,
    /// The key of that certificate, as PEM text. Null as the token.
    #[schema(required)]
    key: Option<String>,
    /// What there is to tell of the certificates.
    certificates: Vec<CertificateView>,
    /// What expires within 30 days, and a token that is not sent.
    warnings: Vec<WarningView>,
    /// Until when the set before can be gone back to, if there is one.
    #[schema(required)]
    previous_until: Option<DateTime<Utc>>,
}

/// The credentials that a version of a region had.
#[derive(Serialize, ToSchema)]
#[schema(as = CredentialSet)]
pub(in crate::native) struct SetView {
    /// Which secrets there are, whether they are shown or not.
    #[schema(example = json!(["token", "key"]))]
    secrets: Vec<&'static str>,
    /// Null to callers who may not see secrets.
    #[schema(required)]
    token: Option<String>,
    #[schema(required)]
    ca: Option<String>,
    #[schema(required)]
    certificate: Option<String>,
    /// Null to callers who may not see secrets.
    #[schema(required)]
    key: Option<String>,
}

impl SetView {
    /// These credentials, with their secrets in clear where they are revealed.
    pub(in crate::native) fn new(credentials: Credentials, reveal: bool) -> Self {
        let secrets = credentials.secrets();
        let Credentials { token, ca, certificate, key } = credentials;
        let shown = |secret: Option<Secret>| {
            secret.filter(|_| reveal).map(|secret| secret.reveal().to_owned())
        };
        Self {
            secrets,
            token: shown(token),
            ca: ca.map(String::from),
            certificate: certificate.map(String::from),
            key: shown(key),
        }
    }
}

impl From<Shown> for CredentialsView {
    fn from(shown: Shown) -> Self {
        let certificates = shown.detail.credentials.certificates();
        let set = SetView::new(shown.detail.credentials, shown.reveal);
        let SetView { secrets, token, ca, certificate, key } = set;
        Self {
            region_id: shown.detail.region.id.to_string(),
            version: shown.detail.region.version,
            secrets,
            token,
            ca,
            certificate,
            key,
            certificates: certificates.into_iter().map(CertificateView::from).collect(),
            warnings: shown.warnings.into_iter().map(WarningView::from).collect(),
            previous_until: shown.previous_until,
        }
    }
}
