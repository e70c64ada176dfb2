//! `/cadastre/v1/dial-variables`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use cadastre_domain::id::VariableId;
use cadastre_storage::{Tx, VariableFilter};

use super::call::Call;
use super::conditional::etag;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery, search};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::ids;
use crate::operation::{
    AddVariable, EditVariable, ListVariables, Operation, RemoveVariable, ShowVariable,
};
use crate::reads::ReadClass;
use crate::service::variables::{self, Shown};
use request::{NewVariableBody, VariableChangeBody};
use view::{FIELDS, VariableView};

/// Lists variables of dial tasks, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token. The values of secure ones are null.
#[utoipa::path(
    get,
    path = "/cadastre/v1/dial-variables",
    tag = "dial variables",
    params(PageQuery, ListQuery, SearchQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of variables.", body = Page<VariableView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListVariables>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<VariableId>);
    let contains = search(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let (enterprise, after) = (super::own_enterprise(&call.session.caller), listing.place.cursor);
    let filter = VariableFilter { enterprise, contains, after };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let is_scan = counted || filter.contains.is_some();
    let class = ReadClass::of_list(&call.session.caller, is_scan);
    let found =
        call.app.read_as(class, move |tx| variables::list(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| listing.page(found, |view: &VariableView| view.id.clone())))
}

/// Adds a variable of dial tasks.
#[utoipa::path(
    post,
    path = "/cadastre/v1/dial-variables",
    tag = "dial variables",
    params(IdempotencyKey),
    request_body = NewVariableBody,
    responses(
        (
            status = 201,
            description = "The variable. The value of a secure one is null.",
            body = VariableView,
            headers(("Location" = String, description = "The path of the variable.")),
        ),
        (status = 409, description = "A variable has this name, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<AddVariable>) -> Result<HttpResponse, Problem> {
    let content = request::new_variable(call.only_fields().await?);
    let content = content.map_err(|error| call.failure(error))?;
    let (session, now, id) = (call.session.clone(), call.app.clock.now(), ids::named_id());
    let work = move |tx: &mut dyn Tx| variables::create(tx, &session, (id, &content), now);
    call.once(StatusCode::CREATED, work, |shown| {
        let view = VariableView::from(shown);
        let place = format!("/cadastre/v1/dial-variables/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows a variable of dial tasks.
///
/// The value of a secure one is null to callers who may not see secrets. Whoever sees it leaves an
/// audit entry, and so no copy may be kept.
#[utoipa::path(
    get,
    path = "/cadastre/v1/dial-variables/{variable_id}",
    tag = "dial variables",
    params(
        ("variable_id" = String, Path, description = "The identifier of the variable."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The variable.", body = VariableView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such variable for the caller."),
    ),
)]
pub(super) async fn read(call: Call<ShowVariable>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let id = variable_id(&call)?;
    let found = variables::show(&call.app, &call.session, id).await;
    let found = found.map_err(|error| call.failure(error))?;
    let is_revealed = found.is_revealed;
    let shown = shown(found, &fields);
    if !is_revealed {
        return call.thing(shown);
    }
    let (body, version) = shown.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(version)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

/// Changes a variable of dial tasks. The value of a secure one is not shown.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/dial-variables/{variable_id}",
    tag = "dial variables",
    params(
        ("variable_id" = String, Path, description = "The identifier of the variable."),
        IfMatch,
    ),
    request_body(content(
        (VariableChangeBody = "application/merge-patch+json"),
        (VariableChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The variable as it is now.", body = VariableView),
        (status = 404, description = "There is no such variable for the caller."),
        (status = 409, description = "A variable has this name."),
        (status = 412, description = "The variable has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<EditVariable>) -> Result<HttpResponse, Problem> {
    let id = variable_id(&call)?;
    let expected = call.expected()?;
    let edit = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| variables::edit(tx, &session, (id, &expected), &edit, now);
    let changed = call.app.write(call.session.writer(), work).await;
    call.changed(changed.and_then(|found| shown(found, &Selection::default())))
}

/// Deletes a variable of dial tasks. Agents are told so for 30 days.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/dial-variables/{variable_id}",
    tag = "dial variables",
    params(
        ("variable_id" = String, Path, description = "The identifier of the variable."),
        IfMatch,
    ),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 404, description = "There is no such variable for the caller."),
        (status = 412, description = "The variable has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn delete(call: Call<RemoveVariable>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let id = variable_id(&call)?;
    let expected = call.expected()?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| variables::delete(tx, &session, (id, &expected), now);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

fn shown(found: Shown, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = VariableView::from(found);
    Ok((fields.of(&view)?, view.version))
}

/// The variable that the path names. What is no identifier is that of no variable.
fn variable_id<O: Operation>(call: &Call<O>) -> Result<VariableId, Problem> {
    let id = call.path("variable_id").parse();
    id.map_err(|_| call.failure(Error::NotFound(Thing::Variable)))
}
