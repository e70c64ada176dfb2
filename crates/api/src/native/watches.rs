//! `/cadastre/v1/regions/{region_id}/watch`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_storage::Tx;

use super::call::Call;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::FieldsQuery;
use super::once::Made;
use super::problem::Problem;
use super::selection::Selection;
use crate::error::Error;
use crate::ids;
use crate::operation::{ChangeWatch, GetWatch, Operation, UnwatchRegion, WatchRegion};
use crate::service::regions::change::{Named, Writing};
use crate::service::watches::{self, Watched};
use request::{NewWatchBody, WatchChangeBody};
use view::{FIELDS, WatchView};

/// Watches a region from some nodes.
///
/// Makes the dial tasks that follow from its addresses: TCP to its API, HTTPS to its root domain,
/// WebSocket to its websocket, TCP to its TCP address (ICMP if that has no port). The register keeps
/// them in step with the region: they run while it is enabled, and marked while it is in
/// maintenance, and they go with it.
#[utoipa::path(
    post,
    path = "/cadastre/v1/regions/{region_id}/watch",
    tag = "watches",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        IdempotencyKey,
    ),
    request_body = NewWatchBody,
    responses(
        (
            status = 201,
            description = "The watch.",
            body = WatchView,
            headers(("Location" = String, description = "The path of the watch.")),
        ),
        (status = 404, description = "There is no such region for the caller."),
        (status = 409, description = "The region is watched already, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<WatchRegion>) -> Result<HttpResponse, Problem> {
    let named = named(&call);
    let draft = request::new_watch(call.only_fields().await?).map_err(|e| call.failure(e))?;
    let writing = Writing::new(&call.app, &call.session);
    let id = ids::hex_id();
    let work = move |tx: &mut dyn Tx| watches::create(tx, &writing, &named, draft.clone(), id);
    call.once(StatusCode::CREATED, work, |watched| {
        let view = WatchView::from(watched);
        let place = format!("/cadastre/v1/regions/{}/watch", view.region_id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows how a region is watched.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/watch",
    tag = "watches",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The watch.", body = WatchView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller, or it is not watched."),
    ),
)]
pub(super) async fn read(call: Call<GetWatch>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (named, caller) = (named(&call), call.session.caller.clone());
    let found = call.app.read(move |tx| watches::show(tx, &caller, &named)).await;
    // What it shows follows from the region, too, which has a version of its own.
    call.content(found.and_then(|watched| fields.of(&WatchView::from(watched))))
}

/// Changes how a region is watched.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/regions/{region_id}/watch",
    tag = "watches",
    params(("region_id" = String, Path, description = "The identifier of the region."), IfMatch),
    request_body(content(
        (WatchChangeBody = "application/merge-patch+json"),
        (WatchChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The watch as it is now.", body = WatchView),
        (status = 404, description = "There is no such region for the caller, or it is not watched."),
        (status = 412, description = "The watch has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<ChangeWatch>) -> Result<HttpResponse, Problem> {
    let (named, expected) = (named(&call), call.expected()?);
    let edit = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let work =
        move |tx: &mut dyn Tx| watches::change(tx, &writing, &named, &expected, edit.clone());
    let changed = call.app.write(call.session.writer(), work).await;
    call.changed(changed.and_then(shown))
}

/// Watches a region no more.
///
/// Its dial tasks are deleted; what they found is kept.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/regions/{region_id}/watch",
    tag = "watches",
    params(("region_id" = String, Path, description = "The identifier of the region."), IfMatch),
    responses(
        (status = 204, description = "It is watched no more."),
        (status = 404, description = "There is no such region for the caller, or it is not watched."),
        (status = 412, description = "The watch has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn remove(call: Call<UnwatchRegion>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let (named, expected) = (named(&call), call.expected()?);
    let writing = Writing::new(&call.app, &call.session);
    let work = move |tx: &mut dyn Tx| watches::remove(tx, &writing, &named, &expected);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

fn shown(watched: Watched) -> Result<(serde_json::Value, i64), Error> {
    let view = WatchView::from(watched);
    Ok((Selection::default().of(&view)?, view.version))
}

fn named<O: Operation>(call: &Call<O>) -> Named {
    Named::id(&call.path("region_id"))
}
