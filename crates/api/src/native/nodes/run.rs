//! `/cadastre/v1/nodes/{node_id}/run`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_storage::Tx;

use super::super::call::Call;
use super::super::headers::IdempotencyKey;
use super::super::once::Made;
use super::super::problem::Problem;
use super::node_id;
use super::request::{self, RunBody};
use super::view::RunView;
use crate::ids;
use crate::operation::RunNodeTasks;
use crate::service::nodes::run;

/// Asks the agents of a node to run tasks of it once, now, besides their schedule.
///
/// Agents that have a stream open are told within a second or two. Nobody tells whether any has: one
/// that connects later is not told.
#[utoipa::path(
    post,
    path = "/cadastre/v1/nodes/{node_id}/run",
    tag = "nodes",
    params(("node_id" = String, Path, description = "The identifier of the node."), IdempotencyKey),
    request_body = RunBody,
    responses(
        (status = 202, description = "The agents are being told.", body = RunView),
        (status = 404, description = "There is no such node for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(in super::super) async fn ask(mut call: Call<RunNodeTasks>) -> Result<HttpResponse, Problem> {
    let node = node_id(&call)?;
    let tasks = request::run(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now, id) = (call.session.clone(), call.app.clock.now(), ids::named_id());
    let work = move |tx: &mut dyn Tx| run::run(tx, &session, &node, (id, &tasks), now);
    call.once(StatusCode::ACCEPTED, work, |run| Made::new(&RunView::from(run))).await
}
