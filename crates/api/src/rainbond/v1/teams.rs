//! `/openapi/v1/teams`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::super::call::Call;
use super::super::fields::{Fields, Given, Shape};
use super::super::view::{TeamBaseView, TeamView};
use super::super::wire::Failure;
use crate::error::{FieldError, Problem};
use crate::operation::{CreateTeam, GetTeam, OpenRegion};
use crate::service;
use crate::service::teams::NewTeam;

/// The most characters of a region's name (D23).
const REGION_NAME: usize = 64;

/// Creates a team, and opens a region for it when one is named.
pub(super) async fn create(mut call: Call<CreateTeam>) -> Result<HttpResponse, Failure> {
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
pub(super) async fn read(call: Call<GetTeam>) -> Result<HttpResponse, Failure> {
    let team = service::teams::find(&call.app, &call.session, call.path("team_id")).await;
    call.answer(StatusCode::OK, team.map(TeamView::from))
}

/// Opens a region for a team.
pub(super) async fn open_region(mut call: Call<OpenRegion>) -> Result<HttpResponse, Failure> {
    let region = region_name(call.fields().await?);
    let team = call.path("team_id");
    let team = service::openings::open(&call.app, &call.session, team, region).await;
    call.answer(StatusCode::CREATED, team.map(TeamBaseView::from))
}

fn region_name(mut fields: Fields) -> Result<String, Vec<FieldError>> {
    let region = fields.given("region", Shape::required(REGION_NAME)).text();
    region.ok_or_else(|| fields.into_errors())
}
