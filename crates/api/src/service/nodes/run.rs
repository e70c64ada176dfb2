//! Tasks that the agents of a node are to run once, now.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{NodeId, RunId, TaskId};
use cadastre_domain::node::NodeRun;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::find_for;
use crate::app::Changed;
use crate::auth::Session;
use crate::error::{Error, FieldError, Problem, Thing};

/// Asks the agents of a node to run tasks of it once. Those that have a stream open are told.
///
/// # Errors
/// No such node for the caller, a task that the node does not have; failures of the storage.
pub fn run(
    tx: &mut dyn Tx,
    session: &Session,
    node: &NodeId,
    (id, tasks): (RunId, &[TaskId]),
    now: DateTime<Utc>,
) -> Result<Changed<NodeRun>, Error> {
    let node = find_for(tx, &session.caller, node)?;
    let found = tx.find_tasks(tasks)?;
    let is_of_node =
        |id: &TaskId| found.iter().any(|task| task.id == *id && task.nodes.contains(&node.id));
    if !tasks.iter().all(is_of_node) {
        return Err(FieldError::new("task_ids", Problem::NoSuch(Thing::DialTask)).into());
    }
    let run =
        NodeRun { id, number: None, node_id: node.id, tasks: tasks.to_vec(), created_at: now };
    let number = tx.insert_run(&run)?;
    let mut entry = Entry::done(&session.actor, now, None, Some(&run));
    entry.enterprise_id = Some(node.enterprise_id);
    Ok(Changed::new(NodeRun { number: Some(number), ..run }, entry))
}
