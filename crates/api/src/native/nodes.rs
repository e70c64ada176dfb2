//! `/cadastre/v1/nodes`.

pub(super) mod keys;
mod request;
pub(super) mod run;
pub(super) mod switching;
mod view;

use actix_web::HttpResponse;
use actix_web::http::header;
use cadastre_domain::id::NodeId;
use cadastre_storage::{Total, Tx};
use chrono::{DateTime, Utc};

use super::call::Call;
use super::conditional::etag;
use super::headers::{IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::operation::{BrowseNodes, EditNode, ListNodeAgents, Operation, RemoveNode, ShowNode};
use crate::reads::ReadClass;
use crate::service::Counted;
use crate::service::nodes::{care, survey};
use request::{AgentQuery, NodeChangeBody, NodeQuery};
use view::{AGENT_FIELDS, AgentView, DETAIL_FIELDS, FIELDS, NodeDetailView, NodeView};

/// Lists nodes, the oldest first, each with whether it is alive.
///
/// Those of the caller's enterprise, or all for a platform token. Whether a node is alive is reckoned
/// when it is listed.
#[utoipa::path(
    get,
    path = "/cadastre/v1/nodes",
    tag = "nodes",
    params(PageQuery, ListQuery, SearchQuery, NodeQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of nodes.", body = Page<NodeView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<BrowseNodes>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<NodeId>);
    let mut filter = request::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    filter.enterprise = super::own_enterprise(&call.session.caller);
    filter.after = listing.place.cursor.clone();
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let found = survey::list(&call.app, &call.session.caller, filter, limit, counted).await;
    let now = call.app.clock.now();
    call.content(found.and_then(|found| {
        listing.page_of(found, |node| NodeView::new(&node, now), |view| view.id.clone())
    }))
}

/// Shows a node, whether it is alive, and if not, why not.
///
/// The `ETag` is the version of what is said about the node. What the register knows of its pulls
/// changes all the time, so no copy is kept.
#[utoipa::path(
    get,
    path = "/cadastre/v1/nodes/{node_id}",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), FieldsQuery),
    responses(
        (status = 200, description = "The node.", body = NodeDetailView),
        (status = 404, description = "There is no such node for the caller."),
    ),
)]
pub(super) async fn read(call: Call<ShowNode>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, DETAIL_FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let id = node_id(&call)?;
    shown(&call, &id, &fields).await
}

/// The node as it is now.
async fn shown<O: Operation>(
    call: &Call<O>,
    id: &NodeId,
    fields: &Selection,
) -> Result<HttpResponse, Problem> {
    let found = survey::show(&call.app, &call.session.caller, id).await;
    let (node, agents) = found.map_err(|error| call.failure(error))?;
    let view = NodeDetailView::new(&node, &agents, call.app.clock.now());
    let body = fields.of(&view).map_err(|error| call.failure(error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(node.node.version)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

/// Changes what is said about a node.
///
/// Its keycode never changes. A corrected place counts at once, in lists and for its agents.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/nodes/{node_id}",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IfMatch),
    request_body(content(
        (NodeChangeBody = "application/merge-patch+json"),
        (NodeChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The node as it is now.", body = NodeDetailView),
        (status = 404, description = "There is no such node for the caller."),
        (status = 412, description = "The node has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<EditNode>) -> Result<HttpResponse, Problem> {
    let id = node_id(&call)?;
    let expected = call.expected()?;
    let edit = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now, node) = (call.session.clone(), call.app.clock.now(), id.clone());
    let work =
        move |tx: &mut dyn Tx| care::edit(tx, &session, (&node, &expected), edit.clone(), now);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    shown(&call, &id, &Selection::default()).await
}

/// Deletes a node.
///
/// Its keycode is free again, its tasks go on without it, and its results are kept. For 30 days, its
/// agents are told to stop when they pull.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/nodes/{node_id}",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IfMatch),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 404, description = "There is no such node for the caller."),
        (status = 412, description = "The node has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn delete(call: Call<RemoveNode>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let id = node_id(&call)?;
    let expected = call.expected()?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| care::delete(tx, &session, (&id, &expected), now);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists the agents that pull with the keys of a node, by address and key.
///
/// Nothing in a pull names its agent: two behind one address with one key count as one.
#[utoipa::path(
    get,
    path = "/cadastre/v1/nodes/{node_id}/agents",
    tag = "nodes",
    params(
        ("node_id" = String, Path, description = "The identifier of the node."),
        PageQuery,
        ListQuery,
        AgentQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of agents.", body = Page<AgentView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such node for the caller."),
    ),
)]
pub(super) async fn agents(call: Call<ListNodeAgents>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, AGENT_FIELDS, |text| Ok::<_, String>(text.to_owned()));
    let since = query.time("since").unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
    query.finish().map_err(|error| call.failure(error))?;
    let (id, app, caller) = (node_id(&call)?, call.app.clone(), call.session.caller.clone());
    let class = ReadClass::of_list(&caller, false);
    let found =
        call.app.read_as(class, move |tx| survey::agents_of(&app, tx, &caller, &id, since)).await;
    let views = found.map(|found| found.into_iter().map(AgentView::from).collect());
    call.content(views.and_then(|views| {
        let part = part_of(views, &listing, AgentView::cursor);
        listing.page_of(part, |view| view, AgentView::cursor)
    }))
}

/// The part of a whole list that a page needs: one more than the page has, and how many there are.
fn part_of<V>(all: Vec<V>, listing: &Listing<String>, cursor: impl Fn(&V) -> String) -> Counted<V> {
    let count = || Total::exact(i64::try_from(all.len()).unwrap_or(i64::MAX));
    let total = listing.counted.then(count);
    let start = match &listing.place.cursor {
        None => 0,
        Some(after) => {
            let place = all.iter().position(|view| cursor(view) == *after);
            place.map_or(all.len(), |place| place + 1)
        }
    };
    let limit = usize::try_from(listing.place.one_more()).unwrap_or(usize::MAX);
    Counted::whole(all.into_iter().skip(start).take(limit).collect(), total)
}

/// The node that the path names. What is no identifier is that of no node.
fn node_id<O: Operation>(call: &Call<O>) -> Result<NodeId, Problem> {
    call.path("node_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Node)))
}
