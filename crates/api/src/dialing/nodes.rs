//! `/api/v1/dialing_region`.

mod body;
mod view;

use actix_web::HttpResponse;

use super::call::Call;
use super::wire::{Empty, Envelope, Failure};
use crate::error::Thing;
use crate::operation::{
    DeleteNode, DeleteNodeByGet, GetNodeInfo, ListNodes, ListPublicNodes, ModifyNode, RegisterNode,
};
use crate::service::nodes;
use body::{NewNodeBody, NodeChangeBody, change, profile};
use view::{ChangedNodeView, InfoView, NodeView, PublicNodeView};

/// Registers a node and answers its key pair.
///
/// The secret part `sk` is needed to set the node up.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_region/regist",
    tag = "nodes",
    request_body = NewNodeBody,
    responses(
        (
            status = 200,
            description = "The node and its key pair.",
            body = Envelope<InfoView>,
        ),
        (status = 409, description = "The workspace has a node with this keycode."),
    ),
)]
pub(super) async fn register(mut call: Call<RegisterNode>) -> Result<HttpResponse, Failure> {
    let profile = profile(call.fields().await?).map_err(|error| call.failure(error))?;
    let registered = nodes::register(&call.app, &call.session, profile).await;
    let server = call.app.public_url.to_string();
    call.answer(registered.map(|registered| InfoView::registered(registered, server)))
}

/// Lists the nodes of the workspace, the oldest first.
///
/// A node is alive when it has pulled its tasks not longer ago than three of its intervals, or five
/// minutes if that is longer.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_region/list",
    tag = "nodes",
    params((
        "isAlive" = Option<String>,
        Query,
        description = "Only those that are alive (`true`) or that are not (`false`); empty: all.",
    )),
    responses((status = 200, description = "The nodes.", body = Envelope<Vec<NodeView>>)),
)]
pub(super) async fn list(call: Call<ListNodes>) -> Result<HttpResponse, Failure> {
    let mut query = call.query()?;
    let alive = query.take("isAlive", |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false"),
    });
    query.finish().map_err(|error| call.failure(error))?;
    let found = nodes::reading::list(&call.app, &call.session, alive).await;
    call.answer(found.map(|nodes| nodes.into_iter().map(NodeView::listed).collect::<Vec<_>>()))
}

/// Shows a node with its key pair.
///
/// The secret part `sk` is empty for roles that may not see secrets.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_region/{uuid}/info",
    tag = "nodes",
    params(("uuid" = String, Path, description = "The identifier of the node.")),
    responses(
        (status = 200, description = "The node and its key pair.", body = Envelope<InfoView>),
        (status = 404, description = "The workspace has no such node."),
    ),
)]
pub(super) async fn info(call: Call<GetNodeInfo>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::Node)?;
    let shown = nodes::reading::show(&call.app, &call.session, id).await;
    let server = call.app.public_url.to_string();
    call.answer(shown.map(|shown| InfoView::shown(shown, server)))
}

/// Changes what is said about a node.
///
/// Fields that are left out stay. A node's keycode never changes.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_region/{uuid}/modify",
    tag = "nodes",
    params(("uuid" = String, Path, description = "The identifier of the node.")),
    request_body = NodeChangeBody,
    responses(
        (status = 200, description = "The node.", body = Envelope<ChangedNodeView>),
        (status = 404, description = "The workspace has no such node."),
    ),
)]
pub(super) async fn modify(mut call: Call<ModifyNode>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::Node)?;
    let (keycode, edit) = change(call.fields().await?).map_err(|error| call.failure(error))?;
    let changed = nodes::change::edit(&call.app, &call.session, id, keycode, edit).await;
    call.answer(changed.map(ChangedNodeView::new))
}

/// Deletes a node.
///
/// Its tasks go on without it, its results are kept, and its keycode is free again.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_region/{uuid}/delete",
    tag = "nodes",
    params(("uuid" = String, Path, description = "The identifier of the node.")),
    responses(
        (status = 200, description = "It is deleted.", body = Envelope<Empty>),
        (status = 404, description = "The workspace has no such node."),
    ),
)]
pub(super) async fn delete(call: Call<DeleteNode>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::Node)?;
    let deleted = nodes::change::delete(&call.app, &call.session, id).await;
    call.answer(deleted.map(|()| Empty {}))
}

/// Deletes a node, as the published interface does it.
///
/// `HEAD` is not served here.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_region/{uuid}/delete",
    tag = "nodes",
    params(("uuid" = String, Path, description = "The identifier of the node.")),
    responses(
        (status = 200, description = "It is deleted.", body = Envelope<Empty>),
        (status = 404, description = "The workspace has no such node."),
    ),
)]
pub(super) async fn delete_by_get(call: Call<DeleteNodeByGet>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::Node)?;
    let deleted = nodes::change::delete(&call.app, &call.session, id).await;
    call.answer(deleted.map(|()| Empty {}))
}

/// Lists the nodes that the operator of the register offers to everybody.
///
/// There are none: every node belongs to a workspace.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_task/default_region_list",
    tag = "nodes",
    responses((status = 200, description = "The nodes.", body = Envelope<Vec<PublicNodeView>>)),
)]
pub(super) async fn public(call: Call<ListPublicNodes>) -> Result<HttpResponse, Failure> {
    call.answer(Ok(Vec::<PublicNodeView>::new()))
}
