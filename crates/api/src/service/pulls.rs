//! What is new for a node.

use std::sync::Arc;

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::node::{AccessKeyId, Node, SecretKey};
use cadastre_domain::task::TaskClass;
use cadastre_domain::variable::DialVariable;
use cadastre_storage::{ModelNode, Tx};
use serde_json::{Value, json};

use super::nodes::enterprise;
use super::tasks::sender;
use crate::app::App;
use crate::error::Error;
use crate::reads::ReadClass;

/// How many tasks one answer has at most. The cursor goes on from the last.
pub const MOST_TASKS: usize = 1000;
/// Behind how many bytes of tasks an answer ends, and behind how many of variables.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How many tasks are read at once: one is at most 64 KiB or so.
const PAGE: usize = 100;
/// How many variables are read at once: one is at most 128 KiB or so.
const VARIABLES_PAGE: i64 = 100;
/// About how many bytes a variable has beside its value and its script.
const VARIABLE_HEAD: usize = 512;

/// How far an agent has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The largest `update_time` of a task that it knows, in microseconds; 0 after a start.
    pub since: i64,
    /// The largest `updated_at` of a variable that it knows, in seconds.
    pub variable_since: i64,
}

/// What is new.
#[derive(Debug, Default)]
pub struct News {
    /// Tasks as the agent reads them, in the order of their `update_time`.
    pub tasks: Vec<(TaskClass, String)>,
    /// Variables as the agent reads them.
    pub variables: Vec<Value>,
}

/// Whether anything may be new for an agent that has read so far. A cursor in the future has nothing
/// behind it.
///
/// Values that agents compute are stored without an audit entry, so the nodes in memory do not tell
/// of them: where there are such variables, the database is asked.
#[must_use]
pub fn has_news(app: &App, node: &ModelNode, cursor: Cursor) -> bool {
    let variables = app.store.regions().nodes().variables(node.node.enterprise_id);
    node.newest.may_be_behind(cursor.since)
        || variables.is_computed
        || cursor.variable_since < variables.update_time
}

/// What is new for an agent that signs with `key` and has read so far, as `render` makes an answer of it.
///
/// # Errors
/// Those of `render`; failures of the storage.
pub async fn news<T: Send + 'static>(
    app: &App,
    node: &Arc<ModelNode>,
    key: &AccessKeyId,
    cursor: Cursor,
    render: impl Fn(News) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (shared, node, key) = (app.clone(), Arc::clone(node), key.clone());
    let class = ReadClass::Delivery(node.node.enterprise_id);
    app.read_as(class, move |tx| {
        let own = || Error::Internal("a pull by a key that the node does not have".into());
        let key = &node.key(&key).ok_or_else(own)?.pair.secret;
        let tasks = tasks(&shared, tx, &node.node, key, cursor.since)?;
        if tasks.is_empty() {
            node.newest.nothing_behind(cursor.since);
        }
        let variables = variables(tx, &node.node, cursor.variable_since)?;
        render(News { tasks, variables })
    })
    .await
}

fn tasks(
    app: &App,
    tx: &mut dyn Tx,
    node: &Node,
    key: &SecretKey,
    since: i64,
) -> Result<Vec<(TaskClass, String)>, Error> {
    let (mut tasks, mut since, mut bytes) = (Vec::new(), since, 0);
    let mut common = None;
    while tasks.len() < MOST_TASKS {
        let limit = PAGE.min(MOST_TASKS - tasks.len());
        let found = tx.deliveries(&node.id, since, i64::try_from(limit).unwrap_or(i64::MAX))?;
        let is_last = found.len() < limit;
        for delivery in found {
            if common.is_none() {
                common = Some(sender(app, tx, node.enterprise_id)?);
            }
            let Some(sender) = &common else { continue };
            since = delivery.update_time;
            let task = sender.agent_task(node, key, &delivery);
            bytes += task.len();
            tasks.push((delivery.dial.class(), task));
            if bytes >= MOST_BYTES {
                return Ok(tasks);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(tasks)
}

/// All of them, if they are not very large: what a task uses must be there when it is dialled.
fn variables(tx: &mut dyn Tx, node: &Node, since: i64) -> Result<Vec<Value>, Error> {
    let (mut told, mut since, mut bytes) = (Vec::new(), since, 0);
    let mut owner = None;
    while bytes < MOST_BYTES {
        let found = tx.variables_behind(node.enterprise_id, since, VARIABLES_PAGE)?;
        for variable in &found {
            if owner.is_none() {
                owner = Some(enterprise(tx, node.enterprise_id)?);
            }
            let Some(owner) = &owner else { continue };
            since = variable.update_time;
            bytes += size(variable);
            told.push(agent_variable(owner, variable));
            if bytes >= MOST_BYTES {
                break;
            }
        }
        if i64::try_from(found.len()).unwrap_or(i64::MAX) < VARIABLES_PAGE {
            break;
        }
    }
    Ok(told)
}

/// About how many bytes a variable takes up in an answer.
fn size(variable: &DialVariable) -> usize {
    let content = &variable.content;
    let script = content.source.as_ref().map_or(0, |source| source.post_script.len());
    VARIABLE_HEAD + content.value.reveal().len() + script
}

/// A variable as an agent reads it (dialing contract, section 3.6). One that is deleted says when,
/// and has no value.
fn agent_variable(enterprise: &Enterprise, variable: &DialVariable) -> Value {
    let content = &variable.content;
    let source = content.source.as_ref();
    let parent = &enterprise.parent_key_id;
    json!({
        "uuid": variable.id.to_string(),
        "name": content.name.as_ref(),
        "value": content.value.reveal(),
        "secure": content.is_secure,
        "task_id": source.map(|source| source.task_id.to_string()).unwrap_or_default(),
        "task_var_name": source.map_or("", |source| source.task_var_name.as_ref()),
        "post_script": source.map_or("", |source| source.post_script.as_str()),
        "owner_external_id": format!("{parent}-{}", enterprise.workspace()),
        "updated_at": variable.update_time,
        "deleted_at": variable.deleted_at.map_or(0, |at| at.timestamp()),
    })
}
