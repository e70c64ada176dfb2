//! `/openapi/v1/regions`.

mod request;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::role::Right;

use super::super::call::Call;
use super::super::shapes::{BadRequestOrRefusal, NotFound, ShapeB};
use super::super::view::{RegionRow, RegionView};
use super::super::wire::Failure;
use crate::operation::{CreateRegion, ListRegions};
use crate::service;
use request::NewRegionBody;

/// Lists the regions of the caller's enterprise, the oldest first.
///
/// Regions of every status and scope. Nobody is asked whether they answer.
#[utoipa::path(
    get,
    path = "/openapi/v1/regions",
    tag = "regions",
    responses(
        (status = 200, description = "The regions.", body = Vec<RegionRow>),
        (status = 403, description = "A team token does not list regions.", body = ShapeB),
        (status = 404, description = "The query asks for another format than JSON.", body = ShapeB),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn list(call: Call<ListRegions>) -> Result<HttpResponse, Failure> {
    let regions = service::regions::list(&call.app, &call.session).await;
    let rows = regions.map(|regions| regions.into_iter().map(RegionRow::from).collect::<Vec<_>>());
    call.answer(StatusCode::OK, rows)
}

/// Adds a region.
///
/// In any status; enabled only when it is ready. The first region of an enterprise brings the team
/// `default` along, for which it is opened if it can be. Where the register calls clusters, the
/// region's must answer.
#[utoipa::path(
    post,
    path = "/openapi/v1/regions",
    tag = "regions",
    request_body(content(
        (NewRegionBody = "application/json"),
        (NewRegionBody = "application/x-www-form-urlencoded"),
        (NewRegionBody = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "The region.", body = RegionView),
        (
            status = 400,
            description = "Fields are wrong, among them a name that is taken; the body does not \
                parse; or the region's cluster does not answer.",
            body = BadRequestOrRefusal,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such enterprise for the caller, or the query asks for \
                another format than JSON.",
            body = NotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn add(
    mut call: Call<CreateRegion>,
) -> Result<HttpResponse, Failure> {
    let registration = request::read(call.fields().await?);
    let added = service::regions::register(&call.app, &call.session, registration).await;
    let reveal = call.session.caller.may(Right::RevealSecrets);
    call.answer(StatusCode::CREATED, added.map(|detail| RegionView::new(detail, reveal)))
}
