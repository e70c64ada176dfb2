//! `/cadastre/v1/regions/{region_id}/credentials`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use cadastre_domain::id::RegionId;
use cadastre_storage::Tx;

use super::call::Call;
use super::conditional::etag;
use super::fields::NothingBody;
use super::headers::{IdempotencyKey, IfMatch};
use super::once::Made;
use super::problem::Problem;
use crate::error::{Error, Thing};
use crate::operation::{ChangeRegionCredentials, GetRegionCredentials, RollBackRegionCredentials};
use crate::service::credentials;
use crate::service::regions::change::{Named, Writing};
use request::CredentialsChangeBody;
pub(super) use request::{CredentialsPatchBody, member};
use view::CredentialsView;
pub(super) use view::SetView;

/// Shows the credentials of a region.
///
/// The token and the key are null to callers who may not see secrets. Whoever sees any leaves an
/// audit entry, and so no copy may be kept.
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
    call.no_parameters()?;
    let unknown = || call.failure(Error::NotFound(Thing::Region));
    let id: RegionId = call.path("region_id").parse().map_err(|_| unknown())?;
    let shown = credentials::show(&call.app, &call.session, id).await;
    respond(shown.map_err(|error| call.failure(error))?)
}

/// Replaces credentials of a region.
///
/// The region stays the same. The set before is kept ready for a while, to be gone back to. TLS
/// material that does not fit together is refused, naming the field. The answer shows no secret.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/regions/{region_id}/credentials",
    tag = "regions",
    params(("region_id" = String, Path, description = "The identifier of the region."), IfMatch),
    request_body(content(
        (CredentialsChangeBody = "application/merge-patch+json"),
        (CredentialsChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The credentials as they are now.", body = CredentialsView),
        (status = 404, description = "There is no such region for the caller."),
        (status = 412, description = "The region has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(
    mut call: Call<ChangeRegionCredentials>,
) -> Result<HttpResponse, Problem> {
    let (named, expected) = (Named::id(&call.path("region_id")), call.expected()?);
    let (edit, keep) =
        request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let until = keep.map(|keep| writing.now + keep);
    let writing = writing.keeping_until(until);
    let work = move |tx: &mut dyn Tx| credentials::replace(tx, &writing, &named, &expected, &edit);
    let shown = call.app.write(call.session.writer(), work).await;
    respond(shown.map_err(|error| call.failure(error))?)
}

/// Goes back to the set of credentials before.
///
/// The present set is kept ready in its place, for as long as that one would have been. The answer
/// shows no secret.
#[utoipa::path(
    post,
    path = "/cadastre/v1/regions/{region_id}/credentials/rollback",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The credentials as they are now.", body = CredentialsView),
        (status = 404, description = "There is no such region for the caller."),
        (status = 409, description = "No set before is kept any more, or the first request with this key is not done."),
        (status = 412, description = "The region has another version by now."),
        (status = 422, description = "The key was used for another request."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn roll_back(
    mut call: Call<RollBackRegionCredentials>,
) -> Result<HttpResponse, Problem> {
    let (named, expected) = (Named::id(&call.path("region_id")), call.expected()?);
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let work = move |tx: &mut dyn Tx| credentials::roll_back(tx, &writing, &named, &expected);
    call.once(StatusCode::OK, work, |shown| {
        let view = CredentialsView::from(shown);
        Ok(Made::new(&view)?.version(view.version))
    })
    .await
}

#[expect(clippy::unnecessary_wraps, reason = "the last word of handlers")]
fn respond(shown: credentials::Shown) -> Result<HttpResponse, Problem> {
    let view = CredentialsView::from(shown);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(view.version)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(view))
}
