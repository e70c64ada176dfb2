//! `/openapi/v1/regions`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::role::Right;

use super::super::call::Call;
use super::super::view::{RegionRow, RegionView};
use super::super::wire::Failure;
use crate::operation::{CreateRegion, ListRegions};
use crate::service;

mod request;

/// Lists the regions of the caller's enterprise.
pub(super) async fn list(call: Call<ListRegions>) -> Result<HttpResponse, Failure> {
    let regions = service::regions::list(&call.app, &call.session).await;
    let rows = regions.map(|regions| regions.into_iter().map(RegionRow::from).collect::<Vec<_>>());
    call.answer(StatusCode::OK, rows)
}

/// Adds a region.
pub(super) async fn add(mut call: Call<CreateRegion>) -> Result<HttpResponse, Failure> {
    let registration = request::read(call.fields().await?);
    let added = service::regions::register(&call.app, &call.session, registration).await;
    let reveal = call.session.caller.may(Right::RevealSecrets);
    call.answer(StatusCode::CREATED, added.map(|detail| RegionView::new(detail, reveal)))
}
