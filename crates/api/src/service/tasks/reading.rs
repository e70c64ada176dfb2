//! Showing and listing tasks.

use std::collections::HashMap;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::TaskId;
use cadastre_domain::user::{UserId, UserName};
use cadastre_storage::{TaskFilter, Tx};

use super::{Shown, find, sender};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::Error;
use crate::reads::ReadClass;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its number, from 1.
    pub index: i64,
    /// How many tasks it has at most.
    pub size: i64,
}

/// Somebody who made or changed a task.
#[derive(Debug, Clone)]
pub struct Person {
    /// His number; none for the register itself.
    pub id: Option<UserId>,
    /// His name, if there is still such a user.
    pub name: Option<UserName>,
}

/// A page of a list of tasks.
#[derive(Debug, Clone)]
pub struct TaskList {
    /// The tasks without their secrets, with those who made them and who changed them last.
    pub tasks: Vec<(Shown, Person, Person)>,
    /// How many there are on all pages.
    pub total: i64,
}

/// A task of the caller's enterprise. If he sees its secrets, that is noted.
///
/// # Errors
/// No such task; failures of the storage.
pub async fn show(app: &App, session: &Session, id: TaskId) -> Result<Shown, Error> {
    let writer = session.writer();
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    let look = move |tx: &mut dyn Tx| {
        let task = find(tx, session.caller.enterprise_id, id)?;
        let sender = sender(&shared, tx, task.enterprise_id)?;
        let entry = Entry::revealed(&session.actor, now, &task, Vec::new());
        let (shown, revealed) = Shown::to(&session, task, &sender);
        Ok::<_, Error>((shown, entry.showing(revealed)))
    };
    let read = look.clone();
    let (shown, entry) = app.read(move |tx| read(tx)).await?;
    if entry.revealed.is_empty() {
        return Ok(shown);
    }
    // Read again, so that what is shown and that it was shown are of one transaction.
    app.write(writer, move |tx| look(tx).map(|(shown, entry)| Changed::new(shown, entry))).await
}

/// The tasks of an enterprise that fit the filter, the newest first. Nobody sees secrets in it.
///
/// # Errors
/// Failures of the storage.
pub async fn list(app: &App, filter: TaskFilter, page: Page) -> Result<TaskList, Error> {
    let shared = app.clone();
    app.read_as(ReadClass::Scan(filter.enterprise), move |tx| {
        let total = tx.count_tasks(&filter)?;
        let tasks = tx.list_tasks(&filter, (page.index - 1) * page.size, page.size)?;
        if tasks.is_empty() {
            return Ok(TaskList { tasks: Vec::new(), total });
        }
        let sender = sender(&shared, tx, filter.enterprise)?;
        let users = tasks.iter().flat_map(|task| [task.created_by, task.updated_by]).flatten();
        let names = names(tx, users)?;
        let person = |id: Option<UserId>| {
            let name = id.and_then(|id| names.get(&id).cloned().flatten());
            Person { id, name }
        };
        let shown = tasks.into_iter().map(|task| {
            let people = (person(task.created_by), person(task.updated_by));
            let content = sender.row_content(&task, false);
            let workspace = sender.enterprise.workspace();
            (Shown { task, content, workspace }, people.0, people.1)
        });
        Ok(TaskList { tasks: shown.collect(), total })
    })
    .await
}

fn names(
    tx: &mut dyn Tx,
    users: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, Option<UserName>>, Error> {
    let mut names = HashMap::new();
    for user in users {
        if let std::collections::hash_map::Entry::Vacant(place) = names.entry(user) {
            place.insert(tx.find_user_name(user)?);
        }
    }
    Ok(names)
}
