//! `/cadastre/v1/enterprises`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::EnterpriseId;
use cadastre_storage::{EnterpriseFilter, Tx};

use super::call::Call;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery, search};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::operation::{
    CreateEnterprise, GetEnterprise, ListEnterprises, Operation, RenameEnterprise,
};
use crate::reads::ReadClass;
use crate::service::enterprises;
use request::{EnterpriseChangeBody, NewEnterpriseBody};
use view::{EnterpriseView, FIELDS};

/// Lists enterprises, the oldest first.
///
/// The caller's own, or all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/enterprises",
    tag = "enterprises",
    params(PageQuery, ListQuery, SearchQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of enterprises.", body = Page<EnterpriseView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListEnterprises>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<EnterpriseId>);
    let contains = search(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let after = listing.place.cursor;
    let only = super::own_enterprise(&call.session.caller);
    let filter = EnterpriseFilter { only, contains, after };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let is_scan = counted || filter.contains.is_some();
    let class = ReadClass::of_list(&call.session.caller, is_scan);
    let found =
        call.app.read_as(class, move |tx| enterprises::list(tx, &filter, limit, counted)).await;
    call.content(
        found.and_then(|found| listing.page(found, |view: &EnterpriseView| view.id.clone())),
    )
}

/// Adds an enterprise.
#[utoipa::path(
    post,
    path = "/cadastre/v1/enterprises",
    tag = "enterprises",
    params(IdempotencyKey),
    request_body = NewEnterpriseBody,
    responses(
        (
            status = 201,
            description = "The enterprise.",
            body = EnterpriseView,
            headers(("Location" = String, description = "The path of the enterprise.")),
        ),
        (status = 409, description = "An enterprise has this name, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateEnterprise>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let name = request::new_enterprise(fields).map_err(|error| call.failure(error))?;
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| enterprises::create(tx, &actor, &name, now);
    call.once(StatusCode::CREATED, work, |enterprise| {
        let view = EnterpriseView::from(enterprise);
        let place = format!("/cadastre/v1/enterprises/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows an enterprise.
#[utoipa::path(
    get,
    path = "/cadastre/v1/enterprises/{enterprise_id}",
    tag = "enterprises",
    params(
        ("enterprise_id" = String, Path, description = "The identifier of the enterprise."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The enterprise.", body = EnterpriseView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such enterprise for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetEnterprise>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (id, caller) = (enterprise_id(&call)?, call.session.caller.clone());
    let found = call.app.read(move |tx| enterprises::find(tx, &caller, id)).await;
    call.thing(found.and_then(|enterprise| shown(enterprise, &fields)))
}

/// Renames an enterprise.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/enterprises/{enterprise_id}",
    tag = "enterprises",
    params(
        ("enterprise_id" = String, Path, description = "The identifier of the enterprise."),
        IfMatch,
    ),
    request_body(content(
        (EnterpriseChangeBody = "application/merge-patch+json"),
        (EnterpriseChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The enterprise as it is now.", body = EnterpriseView),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "An enterprise has this name."),
        (status = 412, description = "The enterprise has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn rename(mut call: Call<RenameEnterprise>) -> Result<HttpResponse, Problem> {
    let id = enterprise_id(&call)?;
    let expected = call.expected()?;
    let name = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let renamed = call.app.write(call.session.writer(), move |tx| {
        enterprises::rename(tx, &session, (id, &expected), name.clone(), now)
    });
    call.changed(renamed.await.and_then(|enterprise| shown(enterprise, &Selection::default())))
}

fn shown(enterprise: Enterprise, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = EnterpriseView::from(enterprise);
    Ok((fields.of(&view)?, view.version))
}

/// The enterprise that the path names. What is no identifier is that of no enterprise.
fn enterprise_id<O: Operation>(call: &Call<O>) -> Result<EnterpriseId, Problem> {
    let id = call.path("enterprise_id").parse();
    id.map_err(|_| call.failure(Error::NotFound(Thing::Enterprise)))
}
