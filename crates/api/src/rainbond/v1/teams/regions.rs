//! `/openapi/v1/teams/{team_id}/regions`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::super::super::call::Call;
use super::super::super::page::{Page, PageQuery};
use super::super::super::shapes::{BadRequestOrRefusal, NotClosed, NotFound, ShapeB, ShapeC};
use super::super::super::view::TeamBaseView;
use super::super::super::wire::Failure;
use super::request::{self, OpeningBody};
use super::view::TeamRegionsView;
use crate::error::RequestError;
use crate::operation::{CloseRegion, ListTeamRegions, OpenRegion, UseRegion};
use crate::reads::ReadClass;
use crate::service::Expected;
use crate::service::openings::{self, Place};
use crate::service::regions::change::Named as NamedRegion;
use crate::service::teams::Named;

/// Lists the regions that are open for a team, the oldest first.
///
/// Of every status, but to a team token, which sees enabled regions and those in maintenance.
#[utoipa::path(
    get,
    path = "/openapi/v1/teams/{team_id}/regions",
    tag = "teams",
    params(
        ("team_id" = String, Path, description = "The identifier of the team, or its name."),
        PageQuery,
    ),
    responses(
        (status = 200, description = "A page of regions.", body = TeamRegionsView),
        (status = 404, description = "There is no such team for the caller.", body = ShapeC),
    ),
)]
pub(in crate::rainbond) async fn list(
    call: Call<ListTeamRegions>,
) -> Result<HttpResponse, Failure> {
    let (team, page) = (Named::IdOrName(call.path("team_id")), Page::read(&call.request));
    let (session, slice) = (call.session.clone(), page.slice());
    let is_filtered = openings::is_filtered(&session.caller, page.query.as_deref());
    let class = ReadClass::of_list(&session.caller, is_filtered);
    let open = call.app.read_as(class, move |tx| {
        openings::list_of_team(tx, &session.caller, &team, page.query.clone(), slice)
    });
    call.answer(StatusCode::OK, open.await.map(TeamRegionsView::from))
}

/// Opens a region for a team.
///
/// To open it again changes nothing. Members of a team open public regions for it; other regions
/// are opened by those who manage regions.
#[utoipa::path(
    post,
    path = "/openapi/v1/teams/{team_id}/regions",
    tag = "teams",
    params(("team_id" = String, Path, description = "The identifier of the team.")),
    request_body(content(
        (OpeningBody = "application/json"),
        (OpeningBody = "application/x-www-form-urlencoded"),
        (OpeningBody = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "The team.", body = TeamBaseView),
        (
            status = 400,
            description = "Fields are wrong; the body does not parse; the region belongs to \
                another enterprise; or its cluster did not do its part.",
            body = BadRequestOrRefusal,
        ),
        (
            status = 403,
            description = "The caller may not open this region for this team.",
            body = ShapeC,
        ),
        (
            status = 404,
            description = "There is no such team for the caller, or no such region.",
            body = ShapeC,
        ),
        (status = 409, description = "The region is not enabled.", body = ShapeC),
    ),
)]
pub(in crate::rainbond) async fn open(mut call: Call<OpenRegion>) -> Result<HttpResponse, Failure> {
    let region = request::region_name(call.fields().await?);
    let team = openings::open(&call.app, &call.session, call.path("team_id"), region).await;
    call.answer(StatusCode::CREATED, team.map(TeamBaseView::from))
}

/// Closes a region for a team.
#[utoipa::path(
    delete,
    path = "/openapi/v1/teams/{team_id}/regions/{region_name}",
    tag = "teams",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        ("region_name" = String, Path, description = "The name of the region."),
    ),
    responses(
        (status = 200, description = "The team.", body = TeamBaseView),
        (
            status = 400,
            description = "The region is not open for the team, as none is that does not exist; \
                or its cluster does not forget the team, or is one that the register does not call.",
            body = NotClosed,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such team for the caller, or it was asked for by its name.",
            body = ShapeC,
        ),
    ),
)]
pub(in crate::rainbond) async fn close(call: Call<CloseRegion>) -> Result<HttpResponse, Failure> {
    let place = Place {
        team: Named::IdNotName(call.path("team_id")),
        region: NamedRegion::name(&call.path("region_name")),
    };
    let closed = openings::close_for(&call.app, &call.session, place, Expected::Any).await;
    call.answer(StatusCode::OK, closed.map(|(team, _)| TeamBaseView::from(team)))
}

/// Asks for something that a team has in a region, of which the register has nothing.
///
/// Whatever the method is, it is told first whether the team could have anything there.
#[utoipa::path(
    get,
    path = "/openapi/v1/teams/{team_id}/regions/{region_name}/{rest}",
    tag = "teams",
    params(
        ("team_id" = String, Path, description = "The identifier of the team, or its name."),
        ("region_name" = String, Path, description = "The name of the region."),
        ("rest" = String, Path, description = "What is asked for."),
    ),
    responses(
        (
            status = 404,
            description = "There is no such team or region for the caller; or there is, and the \
                register has nothing behind it.",
            body = NotFound,
        ),
        (
            status = 409,
            description = "The region is not enabled, or not open for the team.",
            body = ShapeC,
        ),
    ),
)]
pub(in crate::rainbond) async fn guard(call: Call<UseRegion>) -> Result<HttpResponse, Failure> {
    let team = Named::IdOrName(call.path("team_id"));
    let region = NamedRegion::name(&call.path("region_name"));
    let caller = call.session.caller.clone();
    let usable = call.app.read(move |tx| openings::check_usable(tx, &caller, &team, &region));
    let nothing = |()| call.failure(RequestError::NoRoute);
    Err(usable.await.map_or_else(|error| call.failure(error), nothing))
}
