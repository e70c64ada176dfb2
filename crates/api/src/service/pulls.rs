//! What is new for a node.

use std::sync::Arc;

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::node::Node;
use cadastre_domain::task::TaskClass;
use cadastre_domain::variable::DialVariable;
use cadastre_storage::{ModelNode, Tx};
use serde_json::{Value, json};

use super::nodes::enterprise;
use super::tasks::sender;
use crate::app::App;
use crate::error::Error;

/// How many tasks one answer has at most. The cursor goes on from the last.
pub const MOST_TASKS: usize = 1000;
/// Behind how many bytes of tasks an answer ends.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How many tasks are read at once: one is at most 64 KiB or so.
const PAGE: usize = 100;
/// How many variables one answer has at most. Each has at most 128 KiB.
const MOST_VARIABLES: i64 = 64;

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
    cursor.since < node.update_time
        || variables.is_computed
        || cursor.variable_since < variables.update_time
}

/// What is new for an agent that has read so far, as `render` makes an answer of it.
///
/// # Errors
/// Those of `render`; failures of the storage.
pub async fn news<T: Send + 'static>(
    app: &App,
    node: &Arc<ModelNode>,
    cursor: Cursor,
    render: impl Fn(News) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (shared, node) = (app.clone(), Arc::clone(node));
    app.read(move |tx| {
        let tasks = tasks(&shared, tx, &node.node, cursor.since)?;
        let variables = variables(tx, &node.node, cursor.variable_since)?;
        render(News { tasks, variables })
    })
    .await
}

fn tasks(
    app: &App,
    tx: &mut dyn Tx,
    node: &Node,
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
            let task = sender.agent_task(node, &delivery);
            bytes += task.len();
            tasks.push((delivery.task.dial.class(), task));
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

fn variables(tx: &mut dyn Tx, node: &Node, since: i64) -> Result<Vec<Value>, Error> {
    let found = tx.variables_behind(node.enterprise_id, since, MOST_VARIABLES)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let enterprise = enterprise(tx, node.enterprise_id)?;
    Ok(found.iter().map(|variable| agent_variable(&enterprise, variable)).collect())
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
