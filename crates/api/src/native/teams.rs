//! `/cadastre/v1/teams`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::TeamId;
use cadastre_domain::team::Team;
use cadastre_storage::{TeamFilter, Tx};

use super::call::Call;
use super::closing::{ClosingView, DryRunQuery};
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery, search};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::Error;
use crate::operation::{AddTeam, EditTeam, FindTeams, Operation, RemoveTeam, ShowTeam};
use crate::reads::ReadClass;
use crate::service::teams::{self, Named};
use request::{NewTeamBody, TeamChangeBody};
use view::{FIELDS, TeamView};

/// Lists teams, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token; a team token sees those that it
/// belongs to.
#[utoipa::path(
    get,
    path = "/cadastre/v1/teams",
    tag = "teams",
    params(PageQuery, ListQuery, SearchQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of teams.", body = Page<TeamView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<FindTeams>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<TeamId>);
    let contains = search(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let (caller, after) = (&call.session.caller, listing.place.cursor);
    let enterprise = super::own_enterprise(caller);
    let filter = TeamFilter { enterprise, contains, after, ..teams::seen_by(caller) };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let class = ReadClass::of_list(caller, counted || filter.contains.is_some());
    let found = call.app.read_as(class, move |tx| teams::page(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| listing.page(found, |view: &TeamView| view.id.clone())))
}

/// Adds a team.
#[utoipa::path(
    post,
    path = "/cadastre/v1/teams",
    tag = "teams",
    params(IdempotencyKey),
    request_body = NewTeamBody,
    responses(
        (
            status = 201,
            description = "The team.",
            body = TeamView,
            headers(("Location" = String, description = "The path of the team.")),
        ),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "The enterprise has a team of this name, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<AddTeam>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let request = request::new_team(fields, &call.session.caller);
    let request = request.map_err(|error| call.failure(error))?;
    let team = teams::prepared(&call.app, &call.session.caller, request);
    let (team, session) = (team.map_err(|error| call.failure(error))?, call.session.clone());
    let work = move |tx: &mut dyn Tx| teams::add(tx, &session, &team);
    call.once(StatusCode::CREATED, work, |team| {
        let view = TeamView::from(team);
        let place = format!("/cadastre/v1/teams/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows a team.
#[utoipa::path(
    get,
    path = "/cadastre/v1/teams/{team_id}",
    tag = "teams",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The team.", body = TeamView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such team for the caller."),
    ),
)]
pub(super) async fn read(call: Call<ShowTeam>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let found = teams::show(&call.app, &call.session, named(&call)).await;
    call.thing(found.and_then(|team| shown(team, &fields)))
}

/// Changes a team.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/teams/{team_id}",
    tag = "teams",
    params(("team_id" = String, Path, description = "The identifier of the team."), IfMatch),
    request_body(content(
        (TeamChangeBody = "application/merge-patch+json"),
        (TeamChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The team as it is now.", body = TeamView),
        (status = 404, description = "There is no such team for the caller."),
        (status = 412, description = "The team has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<EditTeam>) -> Result<HttpResponse, Problem> {
    let (named, expected) = (named(&call), call.expected()?);
    let edit = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work =
        move |tx: &mut dyn Tx| teams::edit(tx, &session, &named, &expected, edit.clone(), now);
    let changed = call.app.write(call.session.writer(), work).await;
    call.changed(changed.and_then(|team| shown(team, &Selection::default())))
}

/// Deletes a team, and closes what is open for it.
///
/// Tokens do not belong to it any more. With `dry_run`, only tells what would be closed.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/teams/{team_id}",
    tag = "teams",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        DryRunQuery,
        IfMatch,
    ),
    responses(
        (status = 200, description = "What would be closed.", body = ClosingView),
        (status = 204, description = "It is deleted."),
        (status = 404, description = "There is no such team for the caller."),
        (status = 412, description = "The team has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn delete(call: Call<RemoveTeam>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let only_tell = query.flag("dry_run");
    query.finish().map_err(|error| call.failure(error))?;
    let named = named(&call);
    if only_tell {
        let caller = call.session.caller.clone();
        let class = ReadClass::Scan(caller.enterprise_id);
        let work = move |tx: &mut dyn Tx| teams::impact_of_deletion(tx, &caller, &named);
        let impact = call.app.read_as(class, work).await;
        return call.answer(StatusCode::OK, impact.map(|impact| ClosingView::of_team(&impact)));
    }
    let expected = call.expected()?;
    let deleted = teams::delete(&call.app, &call.session, named, expected).await;
    deleted.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

fn shown(team: Team, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = TeamView::from(team);
    Ok((fields.of(&view)?, view.version))
}

/// The team that the path names.
fn named<O: Operation>(call: &Call<O>) -> Named {
    Named::Id(call.path("team_id"))
}
