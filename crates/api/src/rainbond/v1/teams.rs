//! `/openapi/v1/teams`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fields::{Fields, Given, Shape};
use super::super::shapes::{BadRequestOrRefusal, NotFound, ShapeB, ShapeC};
use super::super::view::{TeamBaseView, TeamView};
use super::super::wire::Failure;
use crate::error::{FieldError, Problem};
use crate::operation::{CreateTeam, GetTeam, OpenRegion};
use crate::service;
use crate::service::teams::NewTeam;

/// The most characters of a region's name (D23).
const REGION_NAME: usize = 64;

/// A team to be created.
#[derive(ToSchema)]
#[schema(as = NewTeam)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct NewTeamBody {
    /// What people will call it. The technical name is made.
    #[schema(min_length = 1, max_length = 24)]
    tenant_name: String,
    /// The name of a region to be opened for it at once.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    region: Option<String>,
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
    let request = new_team(call.fields().await?).map_err(|errors| call.failure(errors))?;
    let team = service::teams::create(&call.app, &call.session, request).await;
    call.answer(StatusCode::CREATED, team.map(TeamBaseView::from))
}

fn new_team(mut fields: Fields) -> Result<NewTeam, crate::error::Error> {
    let body = &mut fields;
    let alias = body.given("tenant_name", Shape::required(24));
    let region = body.given("region", Shape::optional(REGION_NAME)).text();
    let alias = match alias {
        Given::Text(text) => {
            text.try_into().map_err(|e| body.refuse("tenant_name", Problem::from(e))).ok()
        }
        Given::Absent | Given::Null => None,
    };
    let errors = fields.into_errors();
    match alias {
        Some(alias) if errors.is_empty() => Ok(NewTeam { alias, region }),
        _ => Err(crate::error::Error::Fields(errors)),
    }
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
    let team = service::teams::find(&call.app, &call.session, call.path("team_id")).await;
    call.answer(StatusCode::OK, team.map(TeamView::from))
}

/// A region to be opened.
#[derive(ToSchema)]
#[schema(as = Opening)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct OpeningBody {
    /// Its name; not its identifier.
    #[schema(min_length = 1, max_length = 64)]
    region: String,
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
pub(in crate::rainbond) async fn open_region(
    mut call: Call<OpenRegion>,
) -> Result<HttpResponse, Failure> {
    let region = region_name(call.fields().await?);
    let team = call.path("team_id");
    let team = service::openings::open(&call.app, &call.session, team, region).await;
    call.answer(StatusCode::CREATED, team.map(TeamBaseView::from))
}

fn region_name(mut fields: Fields) -> Result<String, Vec<FieldError>> {
    let region = fields.given("region", Shape::required(REGION_NAME)).text();
    region.ok_or_else(|| fields.into_errors())
}
