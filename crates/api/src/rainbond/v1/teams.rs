//! `/openapi/v1/teams`.

pub(in crate::rainbond) mod regions;
mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::super::call::Call;
use super::super::page::{Page, PageQuery};
use super::super::shapes::{BadRequestOrNaming, BadRequestOrRefusal, NotFound, ShapeB, ShapeC};
use super::super::view::{TeamBaseView, TeamView};
use super::super::wire::Failure;
use crate::operation::{CreateTeam, DeleteTeam, GetTeam, ListTeams, UpdateTeam};
use crate::service;
use crate::service::Expected;
use crate::service::teams::Named;
use request::{NewTeamBody, TeamChangeBody};
use view::TeamsView;

/// Lists the teams of the caller's enterprise, the oldest first; to a team token its own.
#[utoipa::path(
    get,
    path = "/openapi/v1/teams",
    tag = "teams",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of teams.", body = TeamsView),
        (status = 404, description = "The query asks for another format than JSON.", body = ShapeB),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn list(call: Call<ListTeams>) -> Result<HttpResponse, Failure> {
    let page = Page::read(&call.request);
    let query = page.query.clone();
    let seen = service::teams::list(&call.app, &call.session, query, page.slice()).await;
    let role = call.session.caller.role;
    call.answer(StatusCode::OK, seen.map(|seen| TeamsView::new(seen, &page, role)))
}

/// Creates a team, and opens a region for it when one is named.
///
/// Both happen, or nothing does.
#[utoipa::path(
    post,
    path = "/openapi/v1/teams",
    tag = "teams",
    request_body(content(
        (NewTeamBody = "application/json"),
        (NewTeamBody = "application/x-www-form-urlencoded"),
        (NewTeamBody = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "The team.", body = TeamBaseView),
        (
            status = 400,
            description = "Fields are wrong; the body does not parse; the region belongs to \
                another enterprise; or its cluster did not do its part.",
            body = BadRequestOrRefusal,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such region, or the query asks for another format than \
                JSON.",
            body = NotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
        (status = 409, description = "The region is not enabled.", body = ShapeC),
    ),
)]
pub(in crate::rainbond) async fn create(
    mut call: Call<CreateTeam>,
) -> Result<HttpResponse, Failure> {
    let request = request::new_team(call.fields().await?).map_err(|errors| call.failure(errors))?;
    let team = service::teams::create(&call.app, &call.session, request).await;
    call.answer(StatusCode::CREATED, team.map(TeamBaseView::from))
}

/// Shows a team.
#[utoipa::path(
    get,
    path = "/openapi/v1/teams/{team_id}",
    tag = "teams",
    params(("team_id" = String, Path, description = "The identifier of the team.")),
    responses(
        (status = 200, description = "The team.", body = TeamView),
        (
            status = 404,
            description = "There is no such team for the caller, or it was asked for by its name.",
            body = ShapeC,
        ),
    ),
)]
pub(in crate::rainbond) async fn read(call: Call<GetTeam>) -> Result<HttpResponse, Failure> {
    let team = Named::IdNotName(call.path("team_id"));
    let team = service::teams::show(&call.app, &call.session, team).await;
    call.answer(StatusCode::OK, team.map(TeamView::from))
}

/// Changes a team.
///
/// What is left out stays. A change that names another identifier, name or enterprise than the
/// team's own is refused, and so is a field that is not known.
#[utoipa::path(
    put,
    path = "/openapi/v1/teams/{team_id}",
    tag = "teams",
    params(("team_id" = String, Path, description = "The identifier of the team.")),
    request_body(content(
        (TeamChangeBody = "application/json"),
        (TeamChangeBody = "application/x-www-form-urlencoded"),
        (TeamChangeBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The team was changed, or was so before. No body."),
        (
            status = 400,
            description = "Fields are wrong; the body does not parse; or an enterprise or a user \
                is named that does not exist, or not for this team.",
            body = BadRequestOrNaming,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such team for the caller, or it was asked for by its name.",
            body = ShapeC,
        ),
    ),
)]
pub(in crate::rainbond) async fn update(
    mut call: Call<UpdateTeam>,
) -> Result<HttpResponse, Failure> {
    let change = request::team_change(call.fields().await?);
    let (team, now) = (Named::IdNotName(call.path("team_id")), call.app.clock.now());
    let session = call.session.clone();
    let done = call.app.write(call.session.writer(), move |tx| {
        service::teams::change(tx, &session, &team, &change, now)
    });
    call.done(done.await)
}

/// Deletes a team. What is open for it is closed.
#[utoipa::path(
    delete,
    path = "/openapi/v1/teams/{team_id}",
    tag = "teams",
    params(("team_id" = String, Path, description = "The identifier of the team, or its name.")),
    responses(
        (status = 200, description = "The team is gone. No body."),
        (
            status = 400,
            description = "The cluster of a region that is open for it does not forget the team, or \
                is one that the register does not call.",
            body = ShapeC,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (status = 404, description = "There is no such team for the caller.", body = ShapeC),
    ),
)]
pub(in crate::rainbond) async fn delete(call: Call<DeleteTeam>) -> Result<HttpResponse, Failure> {
    let team = Named::IdOrName(call.path("team_id"));
    let gone = service::teams::delete(&call.app, &call.session, team, Expected::Any).await;
    call.done(gone)
}
