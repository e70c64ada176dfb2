//! `/cadastre/v1/regions/{region_id}/credentials`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::RegionId;
use cadastre_domain::region::{Credentials, RegionDetail};
use cadastre_domain::secret::Secret;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::problem::Problem;
use crate::error::{Error, Thing};
use crate::operation::GetRegionCredentials;
use crate::service;

/// The credentials of a region. The token and the key are null to callers who may not see secrets.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub(super) struct CredentialsView {
    region_id: String,
    /// The token that the region's cluster takes.
    #[schema(required)]
    token: Option<String>,
    /// The certificates of the authority that signed the cluster's, as PEM text.
    #[schema(required)]
    ca: Option<String>,
    /// The certificate with which the register shows itself to the cluster, as PEM text.
    #[schema(required)]
    certificate: Option<String>,
    /// The key of that certificate, as PEM text.
    #[schema(required)]
    key: Option<String>,
}

impl CredentialsView {
    fn new(detail: RegionDetail, reveal: bool) -> Self {
        let Credentials { token, ca, certificate, key } = detail.credentials;
        let shown = |secret: Option<Secret>| {
            secret.filter(|_| reveal).map(|secret| secret.reveal().to_owned())
        };
        Self {
            region_id: detail.region.id.to_string(),
            token: shown(token),
            ca: ca.map(String::from),
            certificate: certificate.map(String::from),
            key: shown(key),
        }
    }
}

/// Shows the credentials of a region.
///
/// The token and the key are null to callers who may not see secrets. Whoever sees any leaves an
/// audit entry.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/credentials",
    tag = "regions",
    params(("region_id" = String, Path, description = "The identifier of the region.")),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetRegionCredentials>) -> Result<HttpResponse, Problem> {
    let unknown = || call.failure(Error::NotFound(Thing::Region));
    let id: RegionId = call.path("region_id").parse().map_err(|_| unknown())?;
    let shown = service::regions::credentials(&call.app, &call.session, id).await;
    let view = shown.map(|(detail, reveal)| CredentialsView::new(detail, reveal));
    call.answer(StatusCode::OK, view)
}
