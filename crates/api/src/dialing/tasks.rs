//! `/api/v1/dialing_task`.

mod body;
mod listing;
mod view;

use actix_web::HttpResponse;
use cadastre_domain::task::TaskStatus;

use super::call::Call;
use super::wire::{Empty, Envelope, Failure, Listed};
use crate::error::Thing;
use crate::operation::{
    AddDialTask, AddMultiTask, DeleteDialTasks, DisableDialTasks, GetDialTask, ListDialTasks,
    ModifyDialTask, ModifyMultiTask,
};
use crate::service::tasks;
use body::{
    ChosenTasksBody, DisabledTasksBody, MultiTaskBody, NewTaskBody, Said, TaskChangeBody, chosen,
    disabled, submission,
};
use listing::ListQuery;
use view::TaskView;

/// Adds a dial task.
///
/// What is wrong with it is told at once: at least whatever an agent would refuse.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/add",
    tag = "tasks",
    request_body = NewTaskBody,
    responses((status = 200, description = "The task.", body = Envelope<TaskView>)),
)]
pub(super) async fn add(mut call: Call<AddDialTask>) -> Result<HttpResponse, Failure> {
    let submission = submission(call.fields().await?, Said::MustBe);
    let added = tasks::add(&call.app, &call.session, submission).await;
    call.answer(added.map(TaskView::new))
}

/// Adds a dial task of several steps.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/multi_task_add",
    tag = "tasks",
    request_body = MultiTaskBody,
    responses((status = 200, description = "The task.", body = Envelope<TaskView>)),
)]
pub(super) async fn add_multi(mut call: Call<AddMultiTask>) -> Result<HttpResponse, Failure> {
    let submission = submission(call.fields().await?, Said::Multi);
    let added = tasks::add(&call.app, &call.session, submission).await;
    call.answer(added.map(TaskView::new))
}

/// Shows a dial task.
///
/// Its secrets are masked for roles that may not see them.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_task/{uuid}/get",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The identifier of the task.")),
    responses(
        (status = 200, description = "The task.", body = Envelope<TaskView>),
        (status = 404, description = "The workspace has no such task."),
    ),
)]
pub(super) async fn get(call: Call<GetDialTask>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::DialTask)?;
    let shown = tasks::show(&call.app, &call.session, id).await;
    call.answer(shown.map(TaskView::new))
}

/// Lists dial tasks, the newest first.
///
/// Their secrets are masked for everybody.
#[utoipa::path(
    get,
    path = "/api/v1/dialing_task/list",
    tag = "tasks",
    params(ListQuery),
    responses((status = 200, description = "A page of tasks.", body = Listed<TaskView>)),
)]
pub(super) async fn list(call: Call<ListDialTasks>) -> Result<HttpResponse, Failure> {
    let enterprise = call.session.caller.enterprise_id;
    let wanted = listing::read(call.query()?, enterprise).map_err(|error| call.failure(error))?;
    let listed = match wanted.filter {
        Some(filter) => tasks::list(&call.app, filter, wanted.page).await,
        None => Ok(tasks::TaskList { tasks: Vec::new(), total: 0 }),
    };
    let listed = listed.map_err(|error| call.failure(error))?;
    Ok(listing::answer(&call.request, listed, wanted.page))
}

/// Replaces a dial task.
///
/// A secret that is sent as it is masked stays as it is, and so does a status that is left out. The
/// type of a task never changes.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/{uuid}/modify",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The identifier of the task.")),
    request_body = TaskChangeBody,
    responses(
        (status = 200, description = "The task.", body = Envelope<TaskView>),
        (status = 404, description = "The workspace has no such task."),
        (status = 409, description = "It watches a region."),
    ),
)]
pub(super) async fn modify(mut call: Call<ModifyDialTask>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::DialTask)?;
    let submission = submission(call.fields().await?, Said::MayBe);
    let modified = tasks::modify(&call.app, &call.session, id, submission).await;
    call.answer(modified.map(TaskView::new))
}

/// Replaces a dial task of several steps.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/{uuid}/multi_task_modify",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The identifier of the task.")),
    request_body = MultiTaskBody,
    responses(
        (status = 200, description = "The task.", body = Envelope<TaskView>),
        (status = 404, description = "The workspace has no such task."),
        (status = 409, description = "It watches a region."),
    ),
)]
pub(super) async fn modify_multi(mut call: Call<ModifyMultiTask>) -> Result<HttpResponse, Failure> {
    let id = call.id(Thing::DialTask)?;
    let submission = submission(call.fields().await?, Said::Multi);
    let modified = tasks::modify(&call.app, &call.session, id, submission).await;
    call.answer(modified.map(TaskView::new))
}

/// Stops dial tasks, or has them dialled again.
///
/// All of them, or none.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/set_disable",
    tag = "tasks",
    request_body = DisabledTasksBody,
    responses(
        (status = 200, description = "They are as asked for.", body = Envelope<bool>),
        (status = 404, description = "One of them is no task of the workspace."),
        (status = 409, description = "One of them watches a region."),
    ),
)]
pub(super) async fn set_disable(mut call: Call<DisableDialTasks>) -> Result<HttpResponse, Failure> {
    let (ids, disable) = disabled(call.fields().await?).map_err(|error| call.failure(error))?;
    let status = if disable { TaskStatus::Stop } else { TaskStatus::Ok };
    let done = tasks::set_status(&call.app, &call.session, ids, status).await;
    call.answer(done.map(|()| true))
}

/// Deletes dial tasks.
///
/// All of them, or none. What they found is kept.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_task/delete",
    tag = "tasks",
    request_body = ChosenTasksBody,
    responses(
        (status = 200, description = "They are deleted.", body = Envelope<Empty>),
        (status = 404, description = "One of them is no task of the workspace."),
        (status = 409, description = "One of them watches a region."),
    ),
)]
pub(super) async fn delete(mut call: Call<DeleteDialTasks>) -> Result<HttpResponse, Failure> {
    let ids = chosen(call.fields().await?).map_err(|error| call.failure(error))?;
    let done = tasks::delete(&call.app, &call.session, ids).await;
    call.answer(done.map(|()| Empty {}))
}
