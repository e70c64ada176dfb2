//! `/cadastre/v1/teams/{team_id}/openings` and `/cadastre/v1/regions/{region_id}/openings`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::{RegionId, TeamId};
use cadastre_domain::opening::Opening;
use cadastre_storage::Tx;

use super::call::Call;
use super::closing::{ClosingView, DryRunQuery};
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery, search};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::operation::{
    ChangeOpening, CloseOpening, CreateOpening, GetOpening, ListOpenings, ListRegionOpenings,
    Operation,
};
use crate::reads::ReadClass;
use crate::service::openings::{self, PageAsked, Place};
use crate::service::regions::change::Named as NamedRegion;
use crate::service::teams::Named as NamedTeam;
use request::{NewOpeningBody, OpeningChangeBody};
use view::{FIELDS, OF_REGION, OF_TEAM, OpenRegionView, OpenTeamView, OpeningView};

/// Lists what is open for a team, by the age of the regions.
///
/// A team token sees only regions whose status lets teams see them.
#[utoipa::path(
    get,
    path = "/cadastre/v1/teams/{team_id}/openings",
    tag = "openings",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        PageQuery,
        ListQuery,
        SearchQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of openings with their regions.", body = Page<OpenRegionView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such team for the caller."),
    ),
)]
pub(super) async fn of_team(call: Call<ListOpenings>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, OF_TEAM, str::parse::<RegionId>);
    let contains = search(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let (team, caller, asked) = (team(&call), call.session.caller.clone(), asked(&listing));
    let is_scan = asked.counted || openings::is_filtered(&caller, contains.as_deref());
    let class = ReadClass::of_list(&caller, is_scan);
    let work = move |tx: &mut dyn Tx| {
        openings::page_of_team(tx, &caller, &team, contains.as_deref(), asked)
    };
    let found = call.app.read_as(class, work).await;
    let cursor = |view: &OpenRegionView| view.region_id.clone();
    call.content(found.and_then(|found| listing.page(found, cursor)))
}

/// Opens a region for a team.
///
/// What is open already stays as it is, and is answered with 200.
#[utoipa::path(
    post,
    path = "/cadastre/v1/teams/{team_id}/openings",
    tag = "openings",
    params(("team_id" = String, Path, description = "The identifier of the team."), IdempotencyKey),
    request_body = NewOpeningBody,
    responses(
        (status = 200, description = "The region was open before; the opening as it is.", body = OpeningView),
        (
            status = 201,
            description = "The opening.",
            body = OpeningView,
            headers(("Location" = String, description = "The path of the opening.")),
        ),
        (status = 403, description = "The caller may not open this region for this team."),
        (status = 404, description = "There is no such team or region for the caller."),
        (status = 409, description = "The region is not enabled, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
        (status = 400, description = "Fields are wrong, or the cluster of the region did not do its part: `reason` tells why."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateOpening>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let request = request::new_opening(fields).map_err(|error| call.failure(error))?;
    let (region, quota) = request;
    let place = Place { team: team(&call), region: NamedRegion::Id(region) };
    if call.app.clusters.enabled() && !call.was_answered().await? {
        let announced = openings::announce(&call.app, &call.session, &place).await;
        announced.map_err(|error| call.failure(error))?;
    }
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| openings::open_with(tx, &session, &place, quota, now);
    call.once(StatusCode::CREATED, work, |(opening, new)| {
        let view = OpeningView::from(opening);
        let place = format!("/cadastre/v1/teams/{}/openings/{}", view.team_id, view.region_id);
        let made = Made::new(&view)?.version(view.version);
        Ok(if new { made.at(place) } else { made.answering(StatusCode::OK) })
    })
    .await
}

/// Shows an opening.
#[utoipa::path(
    get,
    path = "/cadastre/v1/teams/{team_id}/openings/{region_id}",
    tag = "openings",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        ("region_id" = String, Path, description = "The identifier of the region."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The opening.", body = OpeningView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such opening for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetOpening>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (place, caller) = (place(&call), call.session.caller.clone());
    let found = call.app.read(move |tx| openings::find(tx, &caller, &place)).await;
    let found = found.map_err(absent);
    call.thing(found.and_then(|(_, _, opening)| shown(opening, &fields)))
}

/// Changes how much of a region a team may use.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/teams/{team_id}/openings/{region_id}",
    tag = "openings",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        ("region_id" = String, Path, description = "The identifier of the region."),
        IfMatch,
    ),
    request_body(content(
        (OpeningChangeBody = "application/merge-patch+json"),
        (OpeningChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The opening as it is now.", body = OpeningView),
        (status = 404, description = "There is no such opening for the caller."),
        (status = 412, description = "The opening has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<ChangeOpening>) -> Result<HttpResponse, Problem> {
    let (place, expected) = (place(&call), call.expected()?);
    let edit = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work =
        move |tx: &mut dyn Tx| openings::set_quota(tx, &session, &place, &expected, edit, now);
    let changed = call.app.write(call.session.writer(), work).await.map_err(absent);
    call.changed(changed.and_then(|opening| shown(opening, &Selection::default())))
}

/// Closes a region for a team.
///
/// With `dry_run`, only tells what would be closed.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/teams/{team_id}/openings/{region_id}",
    tag = "openings",
    params(
        ("team_id" = String, Path, description = "The identifier of the team."),
        ("region_id" = String, Path, description = "The identifier of the region."),
        DryRunQuery,
        IfMatch,
    ),
    responses(
        (status = 200, description = "What would be closed.", body = ClosingView),
        (status = 204, description = "It is closed."),
        (status = 404, description = "There is no such opening for the caller."),
        (status = 412, description = "The opening has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
        (status = 400, description = "A parameter is wrong, or the cluster of the region does not forget the team or was not told: `reason` tells why."),
    ),
)]
pub(super) async fn close(call: Call<CloseOpening>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let only_tell = query.flag("dry_run");
    query.finish().map_err(|error| call.failure(error))?;
    if only_tell {
        return tell(&call).await;
    }
    let expected = call.expected()?;
    let closed = openings::close_for(&call.app, &call.session, place(&call), expected).await;
    closed.map_err(|error| call.failure(absent(error)))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn tell(call: &Call<CloseOpening>) -> Result<HttpResponse, Problem> {
    let (place, caller) = (place(call), call.session.caller.clone());
    let impact = call.app.read(move |tx| openings::impact_of_closing(tx, &caller, &place)).await;
    let impact =
        impact.map_err(absent).map(|(region, impact)| ClosingView::of_region(&impact, region));
    call.answer(StatusCode::OK, impact)
}

/// Lists the teams for which a region is open, the oldest team first.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/openings",
    tag = "openings",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        PageQuery,
        ListQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of openings with their teams.", body = Page<OpenTeamView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn of_region(call: Call<ListRegionOpenings>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, OF_REGION, str::parse::<TeamId>);
    query.finish().map_err(|error| call.failure(error))?;
    let (region, caller) = (NamedRegion::id(&call.path("region_id")), call.session.caller.clone());
    let asked = asked(&listing);
    let class = ReadClass::of_list(&caller, asked.counted);
    let work = move |tx: &mut dyn Tx| openings::page_of_region(tx, &caller, &region, asked);
    let found = call.app.read_as(class, work).await;
    let cursor = |view: &OpenTeamView| view.team_id.clone();
    call.content(found.and_then(|found| listing.page(found, cursor)))
}

const fn asked<I: Copy>(listing: &Listing<I>) -> PageAsked<I> {
    let (after, limit) = (listing.place.cursor, listing.place.one_more());
    PageAsked { after, limit, counted: listing.counted }
}

fn shown(opening: Opening, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = OpeningView::from(opening);
    Ok((fields.of(&view)?, view.version))
}

/// What is not open is not there on this face.
fn absent(error: Error) -> Error {
    match error {
        Error::NotOpen => Error::NotFound(Thing::Opening),
        other => other,
    }
}

fn team<O: Operation>(call: &Call<O>) -> NamedTeam {
    NamedTeam::Id(call.path("team_id"))
}

fn place<O: Operation>(call: &Call<O>) -> Place {
    Place { team: team(call), region: NamedRegion::id(&call.path("region_id")) }
}
