//! Adding a task, and replacing one.

use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::task::{DialTask, Tag, Task};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::{Shown, Submission, answered, find, sender};
use crate::app::App;
use crate::auth::Session;
use crate::error::{Error, FieldError, Problem};
use crate::ids;
use crate::service::saved;

/// Adds a task to the caller's enterprise and delivers it to its nodes.
///
/// # Errors
/// What is wrong with it, nodes included that the enterprise does not have; failures of the
/// storage.
pub async fn add(app: &App, session: &Session, mut submission: Submission) -> Result<Shown, Error> {
    let check = move || (submission.dial(submission.class, None), submission);
    let (dial, submission) = app.compute(check).await?;
    let (id, tags) = (ids::named_id(), submission.new_tags());
    let writer = session.writer();
    let (app, session, now) = (app.clone(), session.clone(), app.clock.now());
    let shared = app.clone();
    let insert = move |tx: &mut dyn Tx| {
        let enterprise = session.caller.enterprise_id;
        let mut submission = submission.clone();
        submission.check_nodes(tx, enterprise)?;
        let Some(dial) = dial.clone().filter(|_| submission.errors.is_empty()) else {
            return Err(Error::Fields(submission.errors));
        };
        let tags = tagged(tx, &session, tags.as_deref().unwrap_or_default())?;
        let task = new_task(id, &session, (dial, tags), submission.nodes, now);
        tx.insert_task(&task)?;
        let sender = sender(&shared, tx, enterprise)?;
        Ok(answered(&session, (None, task), &sender, now))
    };
    app.write(writer, insert).await
}

fn new_task(
    id: TaskId,
    session: &Session,
    (dial, tags): (DialTask, Vec<Tag>),
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
/// # Errors
/// No such task, one that watches a region; all that is wrong with what is to replace it; failures
/// of the storage.
pub async fn modify(
    app: &App,
    session: &Session,
    id: TaskId,
    submission: Submission,
) -> Result<Shown, Error> {
    let tags = submission.new_tags();
    let read = read(app, session, id, submission.clone()).await?;
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let enterprise = session.caller.enterprise_id;
        let before = changeable(tx, enterprise, id)?;
        // Somebody else may have been faster, and then other secrets stand behind masks.
        let is_current = read.version == before.version;
        let replacement =
            if is_current { read.clone() } else { Replacement::of(&before, submission.clone()) };
        let (dial, nodes) = replacement.checked(tx, enterprise)?;
        let tags = match &tags {
            Some(tags) => tagged(tx, &session, tags)?,
            None => before.tags.clone(),
        };
        let after = Task { nodes, tags, ..before.clone().dialling(dial, now) };
        let after = if after == before { after } else { changed(after, &session, now) };
        if after != before {
            saved(tx.save_task(&after)?)?;
        }
        let sender = sender(&shared, tx, enterprise)?;
        Ok(answered(&session, (Some(&before), after), &sender, now))
    })
    .await
}

/// A task that callers may change.
fn changeable(tx: &mut dyn Tx, enterprise: EnterpriseId, id: TaskId) -> Result<Task, Error> {
    let task = find(tx, enterprise, id)?;
    if task.region_id.is_some() { Err(Error::TaskOfRegion) } else { Ok(task) }
}

/// Reads what is to replace a task, while others may write: that takes a while.
async fn read(
    app: &App,
    session: &Session,
    id: TaskId,
    submission: Submission,
) -> Result<Replacement, Error> {
    let enterprise = session.caller.enterprise_id;
    app.read(move |tx| {
        let replacement = Replacement::of(&changeable(tx, enterprise, id)?, submission.clone());
        replacement.clone().checked(tx, enterprise)?;
        Ok(replacement)
    })
    .await
}

/// What is to replace a task.
#[derive(Clone)]
struct Replacement {
    /// The version of the task that is to be replaced.
    version: i64,
    /// What is to be dialled instead, if it can be.
    dial: Option<DialTask>,
    /// The rest of what was said.
    submission: Submission,
}

impl Replacement {
    fn of(before: &Task, mut submission: Submission) -> Self {
        let class = before.dial.class();
        if submission.class.is_some_and(|said| said != class) {
            let text = format!("never changes: this task is of the type {class}");
            submission.errors.push(FieldError::new("type", Problem::Other(text)));
        }
        let status = submission.task.as_ref().and_then(|task| task.get("status"));
        let keeps_status = status.is_none_or(|status| status.is_null() || status == "");
        let dial = submission.dial(Some(class), Some(&before.dial)).map(|dial| {
            let status = if keeps_status { before.dial.status() } else { dial.status() };
            dial.with_status(status)
        });
        Self { version: before.version, dial, submission }
    }

    /// What is to be dialled, and by whom.
    fn checked(
        self,
        tx: &mut dyn Tx,
        enterprise: EnterpriseId,
    ) -> Result<(DialTask, Vec<NodeId>), Error> {
        let Self { dial, mut submission, .. } = self;
        submission.check_nodes(tx, enterprise)?;
        match dial {
            Some(dial) if submission.errors.is_empty() => Ok((dial, submission.nodes)),
            _ => Err(Error::Fields(submission.errors)),
        }
    }
}

/// The next version of a task, made by this caller.
pub(super) fn changed(task: Task, session: &Session, now: DateTime<Utc>) -> Task {
    let (updated_by, version) = (Some(session.caller.user_id), task.version + 1);
    Task { updated_by, updated_at: now, version, ..task }
}
