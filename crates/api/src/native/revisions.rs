//! `/cadastre/v1/regions/{region_id}/revisions`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use cadastre_storage::Tx;

use super::call::Call;
use super::fields::NothingBody;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{ListQuery, Listing};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use crate::error::{Error, Thing};
use crate::operation::{CompareRevisions, GetRevision, ListRevisions, Operation, RevertRegion};
use crate::reads::ReadClass;
use crate::service::credentials::USUAL_KEEP;
use crate::service::regions::change::{Named, Writing};
use crate::service::revisions;
use request::ComparisonQuery;
use view::{ComparisonView, FIELDS, RevisionView};

/// Lists the versions of a region, the latest first, without credentials.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/revisions",
    tag = "history",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        PageQuery,
        ListQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of versions.", body = Page<RevisionView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn list(call: Call<ListRevisions>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<i64>);
    query.finish().map_err(|error| call.failure(error))?;
    let (named, caller) = (Named::id(&call.path("region_id")), call.session.caller.clone());
    let place = (listing.place.cursor, listing.place.one_more());
    let counted = listing.counted;
    let class = ReadClass::of_list(&caller, counted);
    let list = move |tx: &mut dyn Tx| revisions::list(tx, &caller, &named, place, counted);
    let found = call.app.read_as(class, list).await;
    let version = |view: &RevisionView| view.version.to_string();
    call.content(found.and_then(|found| listing.page(found, version)))
}

/// Shows a version of a region, with the credentials that it had.
///
/// The token and the key are null to callers who may not see secrets. Whoever sees any leaves an
/// audit entry, and so no copy may be kept.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/revisions/{version}",
    tag = "history",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("version" = i64, Path, description = "Which version of it."),
    ),
    responses(
        (status = 200, description = "The version.", body = RevisionView),
        (status = 404, description = "There is no such region for the caller, or no such version."),
    ),
)]
pub(super) async fn read(call: Call<GetRevision>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let (named, version) = (Named::id(&call.path("region_id")), version(&call)?);
    let shown = revisions::show(&call.app, &call.session, named, version).await;
    let view = shown.map(RevisionView::from).map_err(|error| call.failure(error))?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// Compares two versions of a region.
///
/// Of secrets and certificates it is told whether they differ, by their fingerprints.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/revisions/compare",
    tag = "history",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ComparisonQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The fields that differ.", body = ComparisonView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller, or no such version."),
    ),
)]
pub(super) async fn compare(call: Call<CompareRevisions>) -> Result<HttpResponse, Problem> {
    let between = request::comparison(call.query()?).map_err(|error| call.failure(error))?;
    let (id, caller) = (call.path("region_id"), call.session.caller.clone());
    let named = Named::id(&id);
    // Two versions are read and opened, with all that belongs to them.
    let class = ReadClass::Page(caller.enterprise_id);
    let work = move |tx: &mut dyn Tx| revisions::compare(tx, &caller, &named, between);
    let told = call.app.read_as(class, work).await;
    call.content(told.map(|changes| ComparisonView::new(id, between, &changes)))
}

/// Goes back to a version of a region, as a new version.
///
/// Credentials come back only for callers who may see secrets; for others they stay as they are.
/// The set before is then kept ready for a day.
#[utoipa::path(
    post,
    path = "/cadastre/v1/regions/{region_id}/revisions/{version}/revert",
    tag = "history",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("version" = i64, Path, description = "Which version of it."),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The new version, or the present one when nothing differs.", body = RevisionView),
        (status = 404, description = "There is no such region for the caller, or no such version."),
        (status = 409, description = "The status of then cannot be taken now, or the first request with this key is not done."),
        (status = 412, description = "The region has another version by now."),
        (status = 422, description = "The key was used for another request."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn revert(mut call: Call<RevertRegion>) -> Result<HttpResponse, Problem> {
    let (named, version) = (Named::id(&call.path("region_id")), version(&call)?);
    let expected = call.expected()?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let until = writing.now + USUAL_KEEP;
    let writing = writing.keeping_until(Some(until));
    let work = move |tx: &mut dyn Tx| revisions::revert(tx, &writing, &named, &expected, version);
    call.once(StatusCode::OK, work, |revision| {
        let view = RevisionView::from(revision);
        Ok(Made::new(&view)?.version(view.version))
    })
    .await
}

/// The version that the path names. What is no number is that of no version.
fn version<O: Operation>(call: &Call<O>) -> Result<i64, Problem> {
    call.path("version").parse().map_err(|_| call.failure(Error::NotFound(Thing::Revision)))
}
