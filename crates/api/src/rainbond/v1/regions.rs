//! `/openapi/v1/regions`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::role::Right;

use super::super::call::Call;
use super::super::kept::Kept;
use super::super::new_region::{self, NewRegionBody};
use super::super::query::Query;
use super::super::shapes::{
    BadManageRequest, BadRequestOrRefusal, NotFound, RegionNotFound, ShapeB,
};
use super::super::view::{RegionRow, RegionView};
use super::super::wire::Failure;
use crate::operation::{CreateRegion, ListRegions, ShowRegion, SwitchRegion};
use crate::service::regions::show::{self, Sought};
use crate::{kept, service};
use request::StatusBody;
use view::RegionHealthView;

/// Lists the regions of the caller's enterprise, the oldest first.
///
/// Regions of every status and scope. Nobody is asked whether they answer.
#[utoipa::path(
    get,
    path = "/openapi/v1/regions",
    tag = "regions",
    responses(
        (
            status = 200,
            description = "The regions.",
            body = Vec<RegionRow>,
            headers(("ETag" = String, description = "Tells copies of this list.")),
        ),
        (status = 304, description = "The copy that `If-None-Match` names is still good."),
        (status = 403, description = "A team token does not list regions.", body = ShapeB),
        (status = 404, description = "The query asks for another format than JSON.", body = ShapeB),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn list(call: Call<ListRegions>) -> Result<HttpResponse, Failure> {
    let place = kept::RAINBOND_LIST;
    let regions = service::regions::reading::list(&call.app, &call.session, place).await;
    call.kept(regions.and_then(|listing| Kept::list(&listing)))
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
    let registration = new_region::read(call.fields().await?);
    let added = service::regions::register(&call.app, &call.session, registration).await;
    let reveal = call.session.caller.may(Right::RevealSecrets);
    call.answer_written(StatusCode::CREATED, added, |detail| RegionView::new(detail, reveal))
}

/// Shows a region, which is looked for by its name first and then by its identifier.
///
/// A team token sees what is open for its teams or public, while it is enabled or in maintenance.
/// What needs the region's cluster is left out unless the register calls clusters, and is asked for
/// by `extend_info=true`.
#[utoipa::path(
    get,
    path = "/openapi/v1/regions/{region_id}",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The name or the identifier of the region."),
        ("extend_info" = Option<String>, Query, description = "`true` asks the region's cluster."),
    ),
    responses(
        (status = 200, description = "The region.", body = RegionHealthView),
        (
            status = 404,
            description = "There is no such region for the caller, or the query asks for another \
                format than JSON.",
            body = NotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn read(call: Call<ShowRegion>) -> Result<HttpResponse, Failure> {
    let extended = Query::of(&call.request).is_true("extend_info");
    let sought = Sought { text: call.path("region_id"), extended };
    let render = |shown| kept::json(&RegionHealthView::from(shown));
    let found = show::by_name_or_id(&call.app, &call.session, &sought, render).await;
    call.rendered(found)
}

/// Gives a region another status.
///
/// Where the register calls clusters, that of a region which is to be enabled must answer.
#[utoipa::path(
    put,
    path = "/openapi/v1/regions/{region_id}/status",
    tag = "regions",
    params(("region_id" = String, Path, description = "The identifier of the region.")),
    request_body(content(
        (StatusBody = "application/json"),
        (StatusBody = "application/x-www-form-urlencoded"),
        (StatusBody = "multipart/form-data"),
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
            description = "There is no such status or it cannot be taken; the body does not \
                parse; or the region's cluster does not answer.",
            body = BadManageRequest,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such region for the caller, or the query asks for another \
                format than JSON.",
            body = RegionNotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn set_status(
    mut call: Call<SwitchRegion>,
) -> Result<HttpResponse, Failure> {
    let status = request::status(call.fields().await?).map_err(|errors| call.failure(errors))?;
    let (app, session, id) = (&call.app, &call.session, call.path("region_id"));
    let switched = service::regions::switch::switch(app, session, &id, status).await;
    let reveal = session.caller.may(Right::RevealSecrets);
    call.answer_written(StatusCode::OK, switched, |detail| RegionView::new(detail, reveal))
}
