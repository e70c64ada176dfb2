//! `/cadastre/v1/maintenance`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::WindowId;
use cadastre_domain::maintenance::Window;
use cadastre_storage::Tx;

use super::call::Call;
use super::fields::NothingBody;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::FieldsQuery;
use super::once::Made;
use super::page::{Page, PageQuery, Place};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::ids;
use crate::operation::{CancelWindow, ChangeWindow, GetWindow, ListWindows, Operation, PlanWindow};
use crate::reads::ReadClass;
use crate::service::maintenance;
use crate::service::regions::change::Writing;
use request::{NewWindowBody, WindowChangeBody, WindowQuery};
use view::{FIELDS, WindowView};

/// Lists windows of maintenance, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/maintenance",
    tag = "maintenance",
    params(PageQuery, WindowQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of windows.", body = Page<WindowView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListWindows>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, str::parse::<WindowId>);
    let mut filter = request::filter(&mut query);
    let (counted, fields) = (query.flag("total"), Selection::read(&mut query, FIELDS));
    query.finish().map_err(|error| call.failure(error))?;
    filter.enterprise = super::own_enterprise(&call.session.caller);
    filter.after = place.cursor;
    let limit = place.one_more();
    let is_scan = counted || filter.state.is_some() || filter.region.is_some();
    let class = ReadClass::of_list(&call.session.caller, is_scan);
    let found =
        call.app.read_as(class, move |tx| maintenance::list(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| {
        let views = found.items.into_iter().map(WindowView::from).collect();
        let page = place.page_found(views, |view: &WindowView| view.id.clone(), found.rest);
        let page = page.with_total(found.total);
        page.try_map(|view| fields.of(&view))
    }))
}

/// Plans a window of maintenance.
///
/// At its start the register moves the region into maintenance, at its end back, if it is ready
/// then. A window that starts now begins at once.
#[utoipa::path(
    post,
    path = "/cadastre/v1/maintenance",
    tag = "maintenance",
    params(IdempotencyKey),
    request_body = NewWindowBody,
    responses(
        (
            status = 201,
            description = "The window.",
            body = WindowView,
            headers(("Location" = String, description = "The path of the window.")),
        ),
        (status = 404, description = "There is no such region for the caller."),
        (status = 409, description = "Another window of the region overlaps it, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn plan(mut call: Call<PlanWindow>) -> Result<HttpResponse, Problem> {
    let request = request::new_window(call.only_fields().await?);
    let (region, draft) = request.map_err(|error| call.failure(error))?;
    let (writing, id) = (Writing::new(&call.app, &call.session), ids::hex_id());
    let work = move |tx: &mut dyn Tx| maintenance::create(tx, &writing, &region, id, &draft);
    call.once(StatusCode::CREATED, work, |window| {
        let view = WindowView::from(window);
        let place = format!("/cadastre/v1/maintenance/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows a window of maintenance.
#[utoipa::path(
    get,
    path = "/cadastre/v1/maintenance/{window_id}",
    tag = "maintenance",
    params(
        ("window_id" = String, Path, description = "The identifier of the window."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The window.", body = WindowView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such window for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetWindow>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (id, caller) = (window_id(&call)?, call.session.caller.clone());
    let found = call.app.read(move |tx| maintenance::find_window(tx, &caller, id)).await;
    call.thing(found.and_then(|window| shown(window, &fields)))
}

/// Gives a window of maintenance another end.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/maintenance/{window_id}",
    tag = "maintenance",
    params(("window_id" = String, Path, description = "The identifier of the window."), IfMatch),
    request_body(content(
        (WindowChangeBody = "application/merge-patch+json"),
        (WindowChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The window as it is now.", body = WindowView),
        (status = 404, description = "There is no such window for the caller."),
        (status = 409, description = "The window is over, or would overlap another."),
        (status = 412, description = "The window has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<ChangeWindow>) -> Result<HttpResponse, Problem> {
    let id = window_id(&call)?;
    let expected = call.expected()?;
    let ends_at =
        request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let work = move |tx: &mut dyn Tx| maintenance::extend(tx, &writing, id, &expected, ends_at);
    let changed = call.app.write(call.session.writer(), work).await;
    call.changed(changed.and_then(|window| shown(window, &Selection::default())))
}

/// Calls a window of maintenance off.
///
/// One that has begun ends now: the region comes back, if it is ready.
#[utoipa::path(
    post,
    path = "/cadastre/v1/maintenance/{window_id}/cancel",
    tag = "maintenance",
    params(
        ("window_id" = String, Path, description = "The identifier of the window."),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The window as it is now.", body = WindowView),
        (status = 404, description = "There is no such window for the caller."),
        (status = 409, description = "The window is over, or the first request with this key is not done."),
        (status = 412, description = "The window has another version by now."),
        (status = 422, description = "The key was used for another request."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn cancel(mut call: Call<CancelWindow>) -> Result<HttpResponse, Problem> {
    let id = window_id(&call)?;
    let expected = call.expected()?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let writing = Writing::new(&call.app, &call.session);
    let work = move |tx: &mut dyn Tx| maintenance::cancel(tx, &writing, id, &expected);
    call.once(StatusCode::OK, work, |window| {
        let view = WindowView::from(window);
        Ok(Made::new(&view)?.version(view.version))
    })
    .await
}

fn shown(window: Window, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = WindowView::from(window);
    Ok((fields.of(&view)?, view.version))
}

/// The window that the path names. What is no identifier is that of no window.
fn window_id<O: Operation>(call: &Call<O>) -> Result<WindowId, Problem> {
    call.path("window_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Window)))
}
