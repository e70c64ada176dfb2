//! `/openapi/v2/manage/regions`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::super::call::Call;
use super::super::new_region::{self, NewRegionBody};
use super::super::query::Query;
use super::super::shapes::{
    BadRequest, BadRequestOrRefusal, NotFound, RegionNotFound, ShapeB, ShapeD,
};
use super::super::view::RegionView;
use super::super::wire::Failure;
use crate::operation::{
    CreateManagedRegion, DeleteManagedRegion, GetManagedRegion, ListManagedRegions, UpdateRegion,
};
use crate::service;
use crate::service::regions::managed::Wanted;
use request::RegionChangeBody;
use view::ManagedPageView;

/// Which page is meant where none is named, and how many regions make one.
const FIRST: usize = 1;
const PAGE_SIZE: usize = 99;

/// Lists the regions of all enterprises, the oldest first.
///
/// Nobody is asked whether they answer, so that what only a cluster knows is zero. Numbers that make
/// no sense are as if they were left out.
#[utoipa::path(
    get,
    path = "/openapi/v2/manage/regions",
    tag = "manage",
    params(
        ("query" = Option<String>, Query, description = "Part of a name or alias."),
        ("current" = Option<i64>, Query, description = "The page, from 1, which is the default."),
        ("pageSize" = Option<i64>, Query, description = "Regions on a page, 0 for all; else 99."),
    ),
    responses(
        (status = 200, description = "The page.", body = ManagedPageView),
        (status = 404, description = "The query asks for another format than JSON.", body = ShapeB),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn list(
    call: Call<ListManagedRegions>,
) -> Result<HttpResponse, Failure> {
    let query = Query::of(&call.request);
    let wanted = Wanted {
        contains: query.text("query").to_owned(),
        page: query.number("current", FIRST, FIRST),
        page_size: query.number("pageSize", 0, PAGE_SIZE),
    };
    let page = service::regions::managed::list(&call.app, &wanted).await;
    call.answer(StatusCode::OK, page.map(ManagedPageView::from))
}

/// Adds a region to any enterprise, as `POST /openapi/v1/regions` does.
#[utoipa::path(
    post,
    path = "/openapi/v2/manage/regions",
    tag = "manage",
    request_body(content(
        (NewRegionBody = "application/json"),
        (NewRegionBody = "application/x-www-form-urlencoded"),
        (NewRegionBody = "multipart/form-data"),
    )),
    responses(
        (
            status = 201,
            description = "The region.",
            body = RegionView,
            headers(("Warning" = String, description = "A certificate expires soon.")),
        ),
        (
            status = 400,
            description = "Fields are wrong, among them a name that is taken; the body does not \
                parse; or the region's cluster does not answer.",
            body = BadRequestOrRefusal,
        ),
        (
            status = 404,
            description = "There is no such enterprise, or the query asks for another format than \
                JSON.",
            body = NotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn add(
    mut call: Call<CreateManagedRegion>,
) -> Result<HttpResponse, Failure> {
    let registration = new_region::read(call.fields().await?);
    let added = service::regions::register(&call.app, &call.session, registration).await;
    call.answer_written(StatusCode::CREATED, added, RegionView::managed)
}

/// Shows a region of any enterprise.
#[utoipa::path(
    get,
    path = "/openapi/v2/manage/regions/{region_id}",
    tag = "manage",
    params(("region_id" = String, Path, description = "The identifier of the region.")),
    responses(
        (status = 200, description = "The region.", body = RegionView),
        (
            status = 404,
            description = "There is no such region, or the query asks for another format than \
                JSON.",
            body = RegionNotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn read(
    call: Call<GetManagedRegion>,
) -> Result<HttpResponse, Failure> {
    let id = call.path("region_id");
    let found = service::regions::show::managed(&call.app, &call.session, &id).await;
    call.answer(StatusCode::OK, found.map(RegionView::managed))
}

/// Changes a region of any enterprise.
///
/// The body is judged before the region is looked for. A token that is not one of the platform is
/// told that it is not valid here.
#[utoipa::path(
    put,
    path = "/openapi/v2/manage/regions/{region_id}",
    tag = "manage",
    params(("region_id" = String, Path, description = "The identifier of the region.")),
    request_body(content(
        (RegionChangeBody = "application/json"),
        (RegionChangeBody = "application/x-www-form-urlencoded"),
        (RegionChangeBody = "multipart/form-data"),
    )),
    responses(
        (
            status = 200,
            description = "The region as it is now.",
            body = RegionView,
            headers(("Warning" = String, description = "A certificate expires soon.")),
        ),
        (
            status = 400,
            description = "Fields are wrong, the status among them when it cannot be taken; or \
                the body does not parse.",
            body = BadRequest,
        ),
        (
            status = 404,
            description = "There is no such region, or the query asks for another format than \
                JSON.",
            body = RegionNotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn update(
    mut call: Call<UpdateRegion>,
) -> Result<HttpResponse, Failure> {
    let edit = request::change(call.fields().await?).map_err(|error| call.failure(error))?;
    let id = call.path("region_id");
    let changed = service::regions::change::edit_managed(&call.app, &call.session, &id, edit).await;
    call.answer_written(StatusCode::OK, changed, RegionView::managed)
}

/// Deletes a region of any enterprise, and shows it a last time.
///
/// Not while it is enabled or in maintenance; and not while teams have it open, unless it is forced,
/// which closes it for them.
#[utoipa::path(
    delete,
    path = "/openapi/v2/manage/regions/{region_id}",
    tag = "manage",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("force" = Option<String>, Query, description = "`true` closes it for those who have it."),
    ),
    responses(
        (status = 200, description = "The region as it was.", body = RegionView),
        (status = 400, description = "It may not be deleted now, and why.", body = ShapeD),
        (
            status = 404,
            description = "There is no such region, or the query asks for another format than \
                JSON.",
            body = RegionNotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn remove(
    call: Call<DeleteManagedRegion>,
) -> Result<HttpResponse, Failure> {
    let (id, force) = (call.path("region_id"), Query::of(&call.request).is_true("force"));
    let (app, session) = (&call.app, &call.session);
    let deleted = service::regions::removal::delete_managed(app, session, &id, force).await;
    call.answer(StatusCode::OK, deleted.map(RegionView::managed))
}
