//! `/cadastre/v1/nodes/{node_id}/enable` and `/disable`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_storage::Tx;

use super::super::call::Call;
use super::super::fields::NothingBody;
use super::super::headers::IdempotencyKey;
use super::super::once::Made;
use super::super::problem::Problem;
use super::node_id;
use super::view::ProfileView;
use crate::operation::{DisableNode, EnableNode, Operation};
use crate::service::nodes::care;

/// Enables a node.
///
/// Its agents get all its tasks again with their next pull. To enable one that is enabled changes
/// nothing.
#[utoipa::path(
    post,
    path = "/cadastre/v1/nodes/{node_id}/enable",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IdempotencyKey),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The node as it is now.", body = ProfileView),
        (status = 404, description = "There is no such node for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(in super::super) async fn enable(call: Call<EnableNode>) -> Result<HttpResponse, Problem> {
    switch(call, true).await
}

/// Disables a node.
///
/// Its agents are told to stop all tasks with their next pull. To disable one that is disabled
/// changes nothing.
#[utoipa::path(
    post,
    path = "/cadastre/v1/nodes/{node_id}/disable",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IdempotencyKey),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The node as it is now.", body = ProfileView),
        (status = 404, description = "There is no such node for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(in super::super) async fn disable(call: Call<DisableNode>) -> Result<HttpResponse, Problem> {
    switch(call, false).await
}

async fn switch<O: Operation>(mut call: Call<O>, enabled: bool) -> Result<HttpResponse, Problem> {
    let id = node_id(&call)?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| care::switch(tx, &session, &id, enabled, now);
    call.once(StatusCode::OK, work, |node| {
        let version = node.version;
        Ok(Made::new(&ProfileView::from(&node))?.version(version))
    })
    .await
}
