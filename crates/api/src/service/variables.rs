//! Variables of dial tasks.

use std::collections::{BTreeMap, HashSet};

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{EnterpriseId, TaskId, VariableId};
use cadastre_domain::node::Node;
use cadastre_domain::region::Change;
use cadastre_domain::role::Right;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::Caller;
use cadastre_domain::variable::{
    DialVariable, VariableContent, VariableName, VariableSource, VariableWord,
};
use cadastre_storage::{Tx, VariableFilter};
use chrono::{DateTime, Utc};

use super::{Counted, Expected, saved};
use crate::app::{App, Changed, Writer};
use crate::auth::Session;
use crate::error::{Error, FieldError, Problem, Thing};
use crate::reads::ReadClass;

/// A change of a variable: what is not there stays.
#[derive(Debug, Clone, Default)]
pub struct VariableEdit {
    /// Its name.
    pub name: Option<VariableName>,
    /// Its value.
    pub value: Option<Secret>,
    /// Whether only some see the value.
    pub is_secure: Option<bool>,
    /// The task that computes it.
    pub task_id: Change<TaskId>,
    /// How the script calls it.
    pub task_var_name: Option<VariableWord>,
    /// The script.
    pub post_script: Option<String>,
}

impl VariableEdit {
    /// The content after this change.
    fn of(&self, old: &VariableContent) -> VariableContent {
        let task_id = match &self.task_id {
            Change::Keep => old.source.as_ref().map(|source| source.task_id),
            Change::Clear => None,
            Change::Set(task) => Some(*task),
        };
        let word = old.source.as_ref().map(|source| source.task_var_name.clone());
        let script = old.source.as_ref().map(|source| source.post_script.clone());
        let source = task_id.map(|task_id| VariableSource {
            task_id,
            task_var_name: self.task_var_name.clone().or(word).unwrap_or_default(),
            post_script: self.post_script.clone().or(script).unwrap_or_default(),
        });
        VariableContent {
            name: self.name.clone().unwrap_or_else(|| old.name.clone()),
            value: self.value.clone().unwrap_or_else(|| old.value.clone()),
            is_secure: self.is_secure.unwrap_or(old.is_secure),
            source,
        }
    }
}

/// A variable as a caller sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The variable.
    pub variable: DialVariable,
    /// Whether he sees a value that not everybody sees.
    pub is_revealed: bool,
}

impl Shown {
    /// As everybody sees it.
    #[must_use]
    pub const fn plain(variable: DialVariable) -> Self {
        Self { variable, is_revealed: false }
    }
}

/// Adds a variable to the caller's enterprise.
///
/// # Errors
/// A name that is taken, no such task; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    session: &Session,
    (id, content): (VariableId, &VariableContent),
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let enterprise = session.caller.enterprise_id;
    check_source(tx, enterprise, content)?;
    let variable = DialVariable::new(id, enterprise, content.clone(), now);
    tx.insert_variable(&variable)?;
    let entry = Entry::done(&session.actor, now, None, Some(&variable));
    Ok(Changed::new(Shown::plain(variable), entry))
}

/// Refuses a source that names no task of the enterprise.
fn check_source(
    tx: &mut dyn Tx,
    enterprise: EnterpriseId,
    content: &VariableContent,
) -> Result<(), Error> {
    let Some(source) = &content.source else { return Ok(()) };
    match tx.find_task(source.task_id)? {
        Some(task) if task.enterprise_id == enterprise => Ok(()),
        _ => Err(FieldError::new("task_id", Problem::NoSuch(Thing::DialTask)).into()),
    }
}

/// At most `limit` variables, and how many fit the filter if they are `counted`.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &VariableFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Shown>, Error> {
    let total = counted.then(|| tx.count_variables(filter)).transpose()?;
    Ok(Counted::found(tx.list_variables(filter, limit)?, total).map(Shown::plain))
}

fn find(tx: &mut dyn Tx, caller: &Caller, id: VariableId) -> Result<DialVariable, Error> {
    let found = tx.find_variable(id)?;
    let own = |variable: &DialVariable| caller.reaches(variable.enterprise_id);
    found.filter(own).ok_or(Error::NotFound(Thing::Variable))
}

/// A variable. If the caller sees a value that not everybody sees, that is noted.
///
/// # Errors
/// No such variable for the caller; failures of the storage.
pub async fn show(app: &App, session: &Session, id: VariableId) -> Result<Shown, Error> {
    let (caller, reveal) = (session.caller.clone(), session.caller.may(Right::RevealSecrets));
    let variable = app.read(move |tx| find(tx, &caller, id)).await?;
    if !(reveal && variable.content.is_secure) {
        return Ok(Shown::plain(variable));
    }
    let (session, now) = (session.clone(), app.clock.now());
    // Read again, so that what is shown and that it was shown are of one transaction.
    app.write(session.writer(), move |tx| {
        let variable = find(tx, &session.caller, id)?;
        if !variable.content.is_secure {
            return Ok(Changed::nothing(Shown::plain(variable)));
        }
        let entry = Entry::revealed(&session.actor, now, &variable, vec!["value"]);
        Ok(Changed::new(Shown { variable, is_revealed: true }, entry))
    })
    .await
}

/// Changes a variable. Where nothing differs, nothing is written.
///
/// # Errors
/// No such variable for the caller, another version, a name that is taken, no such task; failures of
/// the storage.
pub fn edit(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (VariableId, &Expected),
    edit: &VariableEdit,
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let content = edit.of(&before.content);
    let Some(after) = before.edited(content, now) else {
        return Ok(Changed::nothing(Shown::plain(before)));
    };
    if after.content.source != before.content.source {
        check_source(tx, after.enterprise_id, &after.content)?;
    }
    saved(tx.save_variable(&after)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    Ok(Changed::new(Shown::plain(after), entry))
}

/// Deletes a variable. Agents are told so for a while.
///
/// # Errors
/// No such variable for the caller, another version; failures of the storage.
pub fn delete(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (VariableId, &Expected),
    now: DateTime<Utc>,
) -> Result<Changed<()>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    saved(tx.save_variable(&before.deleted(now))?)?;
    Ok(Changed::new((), Entry::done(&session.actor, now, Some(&before), None)))
}

/// Values of variables.
pub type Values = BTreeMap<VariableId, Secret>;

/// Stores values that an agent of this node computed: of variables of its enterprise that are
/// computed by a task which the node has. Others are passed over, and so are values that are stored
/// already: agents send one after every run.
///
/// There are no audit entries for it: it is what machines found. So the nodes in memory do not tell of
/// it, and pulls look into the database where there are such variables.
///
/// # Errors
/// That the writer has lost its authority; failures of the storage.
pub async fn store_computed(
    app: &App,
    writer: Writer,
    node: &Node,
    values: Values,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (node, asked) = (node.clone(), values.clone());
    let looked = node.clone();
    // As many rows as values were sent.
    let class = ReadClass::Page(node.enterprise_id);
    let is_new = move |tx: &mut dyn Tx| Ok(!new_values(tx, &looked, &asked, now)?.is_empty());
    if !app.read_as(class, is_new).await? {
        return Ok(());
    }
    app.write(writer, move |tx| {
        for after in new_values(tx, &node, &values, now)? {
            saved(tx.save_variable(&after)?)?;
        }
        Ok(Changed::nothing(()))
    })
    .await
}

/// The variables that get another value.
fn new_values(
    tx: &mut dyn Tx,
    node: &Node,
    values: &Values,
    now: DateTime<Utc>,
) -> Result<Vec<DialVariable>, Error> {
    let ids: Vec<_> = values.keys().copied().collect();
    let mut known = tx.find_variables(node.enterprise_id, &ids)?;
    let source = |variable: &DialVariable| Some(variable.content.source.as_ref()?.task_id);
    let tasks: HashSet<_> = known.iter().filter_map(source).collect();
    let tasks: Vec<_> = tasks.into_iter().collect();
    let delivered: HashSet<_> = tx.delivered(&node.id, &tasks)?.into_iter().collect();
    known.retain(|variable| source(variable).is_some_and(|task| delivered.contains(&task)));
    let after = |before: &DialVariable| {
        let value = values.get(&before.id)?.clone();
        before.edited(VariableContent { value, ..before.content.clone() }, now)
    };
    Ok(known.iter().filter_map(after).collect())
}
