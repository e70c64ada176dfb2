//! Changes of many tasks at once: all of them, or none.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::TaskId;
use cadastre_domain::task::{Task, TaskStatus};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::change::changed;
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldError, Problem, Thing};
use crate::reads::ReadClass;
use crate::service::saved;

/// The most deliveries that one call changes: each is told to a node on its own, and no other caller
/// writes meanwhile.
const MOST_DELIVERIES: usize = 10_000;

/// The most bytes of tasks that one call changes: each is rewritten, and no other caller writes
/// meanwhile.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Deletes tasks of the caller's enterprise; their nodes are told to stop them.
///
/// # Errors
/// A task that there is not, or that watches a region; too many nodes to tell, or too large tasks;
/// failures of the storage.
pub async fn delete(app: &App, session: &Session, ids: Vec<TaskId>) -> Result<(), Error> {
    change_all(app, session, ids, |task, now| Some(Task { deleted_at: Some(now), ..task.clone() }))
        .await
}

/// Has tasks of the caller's enterprise stopped, or dialled again. Those that are so already stay as
/// they are.
///
/// # Errors
/// Those of [`delete`].
pub async fn set_status(
    app: &App,
    session: &Session,
    ids: Vec<TaskId>,
    status: TaskStatus,
) -> Result<(), Error> {
    change_all(app, session, ids, move |task, _| {
        let dial = || task.dial.clone().with_status(status);
        (task.dial.status() != status).then(|| Task { dial: dial(), ..task.clone() })
    })
    .await
}

/// Makes one change of each task, as far as it changes anything, with an entry for each.
async fn change_all(
    app: &App,
    session: &Session,
    ids: Vec<TaskId>,
    change: impl Fn(&Task, DateTime<Utc>) -> Option<Task> + Send + 'static,
) -> Result<(), Error> {
    let (session, now) = (session.clone(), app.clock.now());
    // What is refused is refused without keeping others from writing.
    let class = ReadClass::Page(session.caller.enterprise_id);
    let (reader, asked) = (session.clone(), ids.clone());
    app.read_as(class, move |tx| find_all(tx, &reader, &asked).map(drop)).await?;
    app.write(session.writer(), move |tx| {
        let (mut all, mut after) = (Changed::nothing(()), Vec::new());
        for before in find_all(tx, &session, &ids)? {
            let Some(task) = change(&before, now) else { continue };
            let task = changed(task, &session, now);
            let left = Some(&task).filter(|task| task.deleted_at.is_none());
            all = all.and(Entry::done(&session.actor, now, Some(&before), left));
            after.push(task);
        }
        saved(tx.save_tasks(&after)?)?;
        Ok(all)
    })
    .await
}

/// These tasks, each once, in the order in which they were added.
fn find_all(tx: &mut dyn Tx, session: &Session, ids: &[TaskId]) -> Result<Vec<Task>, Error> {
    let mut tasks = tx.find_tasks(ids)?;
    tasks.retain(|task| task.enterprise_id == session.caller.enterprise_id);
    if tasks.len() != ids.len() {
        return Err(Error::NotFound(Thing::DialTask));
    }
    if tasks.iter().any(|task| task.region_id.is_some()) {
        return Err(Error::TaskOfRegion);
    }
    let deliveries: usize = tasks.iter().map(|task| task.nodes.len()).sum();
    if deliveries > MOST_DELIVERIES {
        let text = format!(
            "these tasks have {deliveries} nodes together, and one call changes {MOST_DELIVERIES} \
             at most"
        );
        return Err(FieldError::new("taskUUIDs", Problem::Other(text)).into());
    }
    let bytes: usize = tasks.iter().map(|task| task.dial.size()).sum();
    if bytes > MOST_BYTES {
        let text = format!(
            "these tasks have {bytes} bytes together, and one call changes {MOST_BYTES} at most"
        );
        return Err(FieldError::new("taskUUIDs", Problem::Other(text)).into());
    }
    tasks.sort_by_key(|task| task.number);
    Ok(tasks)
}
