//! `/cadastre/v1/regions`: reading.

mod impact;
mod query;
mod request;
mod view;
pub(super) mod writing;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use cadastre_domain::id::RegionId;
use cadastre_storage::ModelRegion;

use super::call::Call;
use super::conditional::etag;
use super::page::{self, Page, PageQuery, Place};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::http::entity_tag;
use crate::kept;
use crate::operation::{BrowseRegions, Operation, ReadRegion};
use crate::service::regions::reading::{self, Part, Selected};
use query::RegionQuery;
use view::RegionView;
pub(super) use view::{AddressesView, WarningView, scope, status};

/// Lists regions, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token; a team token sees those that are
/// open for its teams, and public ones, while they are enabled or in maintenance.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions",
    tag = "regions",
    params(PageQuery, RegionQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy.")),
    responses(
        (
            status = 200,
            description = "A page of regions.",
            body = Page<RegionView>,
            headers(("ETag" = String, description = "Tells copies of this page.")),
        ),
        (status = 304, description = "The copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<BrowseRegions>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, str::parse::<RegionId>);
    let (total, chosen) = (query.flag("total"), Selection::read(&mut query, view::FIELDS));
    let filter = query::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let part = Part { after: place.cursor, limit: place.limit, total };
    let found = reading::select(&call.app, &call.session, &filter, part).await;
    let found = found.map_err(|error| call.failure(error))?;
    call.unless_copied(&page_etag(&found), || {
        let bodies = found.regions.iter().map(|region| shown(region, &chosen));
        let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
        let next = found.next.map(|next| next.to_string());
        Ok(page::joined(&bodies, next.as_deref(), found.total))
    })
}

/// Shows a region.
///
/// A team token sees one that is open for one of its teams, or public, while it is enabled or in
/// maintenance.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("fields" = Option<String>, Query, description = "The fields to show, with commas between."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy."),
    ),
    responses(
        (
            status = 200,
            description = "The region.",
            body = RegionView,
            headers(("ETag" = String, description = "The version of the region.")),
        ),
        (status = 304, description = "The copy is still good."),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn read(call: Call<ReadRegion>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let chosen = Selection::read(&mut query, view::FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let id = region_id(&call)?;
    let found = reading::find(&call.app, &call.session, id).await;
    let region = found.map_err(|error| call.failure(error))?;
    let version = region.listed.region.version;
    call.unless_copied(&etag(version), || shown(&region, &chosen))
}

/// What is shown of a region.
fn shown(region: &ModelRegion, chosen: &Selection) -> Result<Bytes, Error> {
    if chosen.is_all() {
        return view::body(region);
    }
    kept::json(&chosen.of(&RegionView::from(&region.listed))?)
}

/// The `ETag` of a page: it follows from the versions of the regions on it.
fn page_etag(found: &Selected) -> String {
    let of_region = |region: &Arc<ModelRegion>| {
        let region = &region.listed.region;
        format!("{}:{},", region.id, region.version)
    };
    let end = format!("{:?}:{:?}", found.next, found.total);
    let parts = found.regions.iter().map(of_region).chain([end]);
    format!("\"{}\"", entity_tag::opaque(parts))
}

/// The region that the path names. What is no identifier is that of no region.
fn region_id<O: Operation>(call: &Call<O>) -> Result<RegionId, Problem> {
    call.path("region_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Region)))
}
