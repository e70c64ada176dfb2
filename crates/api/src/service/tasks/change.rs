//! Adding a task, and replacing one.

use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::task::{DialTask, Tag, Task};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::submission::{missing_nodes, new_tags};
use super::{Shown, Submission, answered, find, sender};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldError, FieldErrors, Problem};
use crate::ids;
use crate::service::saved;

/// How often a change is read outside its transaction. Each time that this was in vain, another change of
/// the task has succeeded.
const MOST_ATTEMPTS: u32 = 3;

/// Adds a task to the caller's enterprise and delivers it to its nodes.
///
/// # Errors
/// What is wrong with it, nodes included that the enterprise does not have; failures of the
/// storage.
pub async fn add(app: &App, session: &Session, mut submission: Submission) -> Result<Shown, Error> {
    let check = move || (submission.dial(submission.class, None), submission);
    let enterprise = session.caller.enterprise_id;
    let (dial, submission) = app.computations.run(enterprise, check).await?;
    let Submission { nodes, tags, .. } = &submission;
    let (nodes, tags) = (nodes.clone(), new_tags(tags.as_deref().unwrap_or_default()));
    let dial = accepted(app, session, dial, submission).await?;
    let id = ids::named_id();
    let writer = session.writer();
    let (app, session, now) = (app.clone(), session.clone(), app.clock.now());
    let shared = app.clone();
    let insert = move |tx: &mut dyn Tx| {
        no_errors(missing_nodes(tx, enterprise, &nodes)?)?;
        let tags = tagged(tx, &session, &tags)?;
        let task = new_task(id, &session, dial.clone(), tags, nodes.clone(), now);
        tx.insert_task(&task)?;
        let sender = sender(&shared, tx, enterprise)?;
        Ok(answered(&session, (None, task), &sender, now))
    };
    app.write(writer, insert).await
}

/// What is to be dialled, if nothing is wrong with what the caller says. Otherwise everything is told
/// that is, nodes included, without a place in the write queue.
async fn accepted(
    app: &App,
    session: &Session,
    dial: Option<DialTask>,
    submission: Submission,
) -> Result<DialTask, Error> {
    let Submission { mut errors, nodes, .. } = submission;
    match dial {
        Some(dial) if errors.is_empty() => Ok(dial),
        _ => {
            let enterprise = session.caller.enterprise_id;
            let missing = app.read(move |tx| missing_nodes(tx, enterprise, &nodes)).await?;
            errors.append(missing);
            Err(Error::Fields(errors))
        }
    }
}

fn no_errors(errors: FieldErrors) -> Result<(), Error> {
    if errors.is_empty() { Ok(()) } else { Err(Error::Fields(errors)) }
}

fn new_task(
    id: TaskId,
    session: &Session,
    dial: DialTask,
    tags: Vec<Tag>,
    nodes: Vec<NodeId>,
    now: DateTime<Utc>,
) -> Task {
    Task {
        id,
        number: None,
        enterprise_id: session.caller.enterprise_id,
        dial,
        nodes,
        tags,
        region_id: None,
        created_by: Some(session.caller.user_id),
        updated_by: Some(session.caller.user_id),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        version: 1,
        target_since: now,
    }
}

/// These tags, as the enterprise of the caller has them from now on, in the order of their names.
fn tagged(tx: &mut dyn Tx, session: &Session, tags: &[Tag]) -> Result<Vec<Tag>, Error> {
    let mut tags = tx.ensure_tags(session.caller.enterprise_id, tags)?;
    tags.sort_by(|one, other| one.name.as_ref().cmp(other.name.as_ref()));
    Ok(tags)
}

/// Replaces a task of the caller's enterprise and delivers it anew. Where nothing differs, nothing is
/// written, and no node hears of it.
///
/// Its class never changes. A status that is left out stays as it is: a task that was stopped does
/// not start because somebody gave it another name.
///
/// The replacement is read outside the transaction, as that may take long. When the task was changed
/// meanwhile, other secrets may stand behind masks, so it is read again; in the end in the transaction,
/// where no other change can come between.
///
/// # Errors
/// No such task, one that watches a region; all that is wrong with what is to replace it; failures of the
/// storage.
pub async fn modify(
    app: &App,
    session: &Session,
    id: TaskId,
    submission: Submission,
) -> Result<Shown, Error> {
    for _ in 0..MOST_ATTEMPTS {
        let replacement = read(app, session, id, submission.clone()).await?;
        if let Some(shown) = replace(app, session, id, replacement).await? {
            return Ok(shown);
        }
    }
    replace_now(app, session, id, submission).await
}

/// A task that callers may change.
fn changeable(tx: &mut dyn Tx, enterprise: EnterpriseId, id: TaskId) -> Result<Task, Error> {
    let task = find(tx, enterprise, id)?;
    if task.region_id.is_some() { Err(Error::TaskOfRegion) } else { Ok(task) }
}

/// What is to replace a task.
#[derive(Clone)]
struct Replacement {
    /// The version of the task that it replaces.
    version: i64,
    /// What is to be dialled instead.
    dial: DialTask,
    /// The nodes that are to dial it.
    nodes: Vec<NodeId>,
    /// Its tags; without them, the task keeps those that it has.
    tags: Option<Vec<Tag>>,
}

/// Reads what is to replace a task.
async fn read(
    app: &App,
    session: &Session,
    id: TaskId,
    mut submission: Submission,
) -> Result<Replacement, Error> {
    let enterprise = session.caller.enterprise_id;
    let before = app.read(move |tx| changeable(tx, enterprise, id)).await?;
    let version = before.version;
    let read = move || (replacing(&before.dial, &mut submission), submission);
    let (dial, submission) = app.computations.run(enterprise, read).await?;
    let nodes = submission.nodes.clone();
    let tags = submission.tags.as_deref().map(new_tags);
    let dial = accepted(app, session, dial, submission).await?;
    Ok(Replacement { version, dial, nodes, tags })
}

/// What is to be dialled instead of `before`, if it can be.
fn replacing(before: &DialTask, submission: &mut Submission) -> Option<DialTask> {
    let class = before.class();
    if submission.class.is_some_and(|said| said != class) {
        let text = format!("never changes: this task is of the type {class}");
        submission.errors.push(FieldError::new("type", Problem::Other(text)));
    }
    let status = submission.task.as_ref().and_then(|task| task.get("status"));
    let keeps_status = status.is_none_or(|status| status.is_null() || status == "");
    let dial = submission.dial(Some(class), Some(before))?;
    let status = if keeps_status { before.status() } else { dial.status() };
    Some(dial.with_status(status))
}

/// Replaces a task, unless its version is another one by now.
async fn replace(
    app: &App,
    session: &Session,
    id: TaskId,
    replacement: Replacement,
) -> Result<Option<Shown>, Error> {
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let before = changeable(tx, session.caller.enterprise_id, id)?;
        if before.version != replacement.version {
            return Ok(Changed::nothing(None));
        }
        let changed = apply(&shared, tx, &session, &before, replacement.clone(), now)?;
        Ok(changed.map(Some))
    })
    .await
}

/// Reads what is to replace a task and replaces it, in one transaction.
async fn replace_now(
    app: &App,
    session: &Session,
    id: TaskId,
    submission: Submission,
) -> Result<Shown, Error> {
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let enterprise = session.caller.enterprise_id;
        let before = changeable(tx, enterprise, id)?;
        let mut submission = submission.clone();
        let dial = replacing(&before.dial, &mut submission);
        let Submission { mut errors, nodes, tags, .. } = submission;
        let (Some(dial), true) = (dial, errors.is_empty()) else {
            errors.append(missing_nodes(tx, enterprise, &nodes)?);
            return Err(Error::Fields(errors));
        };
        let tags = tags.as_deref().map(new_tags);
        let replacement = Replacement { version: before.version, dial, nodes, tags };
        apply(&shared, tx, &session, &before, replacement, now)
    })
    .await
}

/// Saves what replaces a task, if anything differs.
fn apply(
    app: &App,
    tx: &mut dyn Tx,
    session: &Session,
    before: &Task,
    replacement: Replacement,
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let Replacement { dial, nodes, tags, .. } = replacement;
    let enterprise = session.caller.enterprise_id;
    no_errors(missing_nodes(tx, enterprise, &nodes)?)?;
    let tags = match tags {
        Some(tags) => tagged(tx, session, &tags)?,
        None => before.tags.clone(),
    };
    let after = Task { nodes, tags, ..before.clone().dialling(dial, now) };
    let after = if after == *before { after } else { changed(after, session, now) };
    if after != *before {
        saved(tx.save_task(&after)?)?;
    }
    let sender = sender(app, tx, enterprise)?;
    Ok(answered(session, (Some(before), after), &sender, now))
}

/// The next version of a task, made by this caller.
pub(super) fn changed(task: Task, session: &Session, now: DateTime<Utc>) -> Task {
    let (updated_by, version) = (Some(session.caller.user_id), task.version + 1);
    Task { updated_by, updated_at: now, version, ..task }
}
