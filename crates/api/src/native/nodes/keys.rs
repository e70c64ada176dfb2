//! `/cadastre/v1/nodes/{node_id}/keys`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::node::AccessKeyId;
use cadastre_storage::Tx;

use super::super::call::Call;
use super::super::headers::{IdempotencyKey, IfNoneMatch};
use super::super::listing::{ListQuery, Listing};
use super::super::once::Made;
use super::super::page::{Page, PageQuery};
use super::super::problem::Problem;
use super::request::{self, ForceQuery, NewKeyBody};
use super::view::keys::{KEY_FIELDS, KeyView, NewKeyView};
use super::{node_id, part_of};
use crate::error::{Error, Thing};
use crate::ids;
use crate::operation::{AddNodeKey, ListNodeKeys, RevokeNodeKey};
use crate::reads::ReadClass;
use crate::service::nodes::keys;

/// Lists the keys of a node, the oldest first, with when they were used and without their secrets.
#[utoipa::path(
    get,
    path = "/cadastre/v1/nodes/{node_id}/keys",
    tag = "nodes",
    params(
        ("node_id" = String, Path, description = "The identifier of the node."),
        PageQuery,
        ListQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of keys.", body = Page<KeyView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such node for the caller."),
    ),
)]
pub(in super::super) async fn list(call: Call<ListNodeKeys>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, KEY_FIELDS, |text| Ok::<_, String>(text.to_owned()));
    query.finish().map_err(|error| call.failure(error))?;
    let (id, app, caller) = (node_id(&call)?, call.app.clone(), call.session.caller.clone());
    let now = call.app.clock.now();
    let class = ReadClass::Page(caller.enterprise_id);
    let found = call.app.read_as(class, move |tx| keys::list(&app, tx, &caller, &id)).await;
    let views = found.map(|found| found.iter().map(|key| KeyView::new(key, now)).collect());
    call.content(views.and_then(|views| {
        let part = part_of(views, &listing, |view: &KeyView| view.ak.clone());
        listing.page_of(part, |view| view, |view| view.ak.clone())
    }))
}

/// Makes another key for a node, which keeps its identity: its tasks do not notice.
///
/// The key before is valid until the new one is used first, or for a while. The secret is shown in
/// this answer and never again on this face.
#[utoipa::path(
    post,
    path = "/cadastre/v1/nodes/{node_id}/keys",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IdempotencyKey),
    request_body(content = Option<NewKeyBody>, description = "May be left out: until the first use."),
    responses(
        (status = 201, description = "The key, with its secret.", body = NewKeyView),
        (status = 404, description = "There is no such node for the caller."),
        (status = 409, description = "The node has two valid keys, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(in super::super) async fn add(mut call: Call<AddNodeKey>) -> Result<HttpResponse, Problem> {
    let id = node_id(&call)?;
    let overlap =
        request::overlap(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now, pair) = (call.session.clone(), call.app.clock.now(), ids::access_key());
    let work = move |tx: &mut dyn Tx| keys::add(tx, &session, &id, (pair.clone(), overlap), now);
    call.once(StatusCode::CREATED, work, move |key| Made::new(&NewKeyView::new(&key, now))).await
}

/// Revokes a key of a node. To revoke one that has ended changes nothing.
///
/// The last valid key is revoked only with `force`: then the node's agent cannot pull any more, but
/// goes on with the tasks that it has. To stop it, disable the node first.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/nodes/{node_id}/keys/{ak}",
    tag = "nodes",
    params(
        ("node_id" = String, Path, description = "The identifier of the node."),
        ("ak" = String, Path, description = "The public half of the key."),
        ForceQuery,
    ),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 404, description = "There is no such node or key for the caller."),
        (status = 409, description = "It is the last valid key of the node."),
    ),
)]
pub(in super::super) async fn revoke(call: Call<RevokeNodeKey>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let forced = query.flag("force");
    query.finish().map_err(|error| call.failure(error))?;
    let id = node_id(&call)?;
    let key = AccessKeyId::try_from(call.path("ak"));
    let key = key.map_err(|_| call.failure(Error::NotFound(Thing::NodeKey)))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| keys::revoke(tx, &session, (&id, &key, forced), now);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}
