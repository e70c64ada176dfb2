//! What the agents of a node are told of tasks that they are to run once.

use std::sync::Arc;

use cadastre_domain::node::{AccessKeyId, Node, NodeRun, SecretKey};
use cadastre_domain::task::{Delivery, TaskClass};
use cadastre_storage::{ModelNode, Tx};

use super::tasks::sender;
use crate::app::App;
use crate::error::Error;
use crate::reads::ReadClass;

/// How many runs are told of at once.
const MOST: i64 = 16;

/// A node with runs of which its agents are not told yet.
#[derive(Debug)]
pub struct Due {
    /// The node.
    pub node: Arc<ModelNode>,
    /// The key with which these agents sign.
    pub key: AccessKeyId,
    /// The last run of which all of them know.
    pub after: i64,
}

/// A run with its tasks as the agent reads them.
pub type Told = (NodeRun, Vec<(TaskClass, String)>);

/// The runs of a node with their tasks. A task that the node does not have any more is left out.
///
/// # Errors
/// Failures of the storage.
pub async fn tasks_of(app: &App, due: Due) -> Result<Vec<Told>, Error> {
    let shared = app.clone();
    // The register tells the nodes of all enterprises one after the other.
    app.read_as(ReadClass::BACKGROUND, move |tx| {
        let Some(key) = due.node.key(&due.key) else { return Ok(Vec::new()) };
        let (node, secret) = (&due.node.node, &key.pair.secret);
        let runs = tx.runs_behind(&node.id, due.after, MOST)?;
        runs.into_iter().map(|run| told(&shared, tx, (node, secret), run)).collect()
    })
    .await
}

fn told(
    app: &App,
    tx: &mut dyn Tx,
    (node, key): (&Node, &SecretKey),
    run: NodeRun,
) -> Result<Told, Error> {
    let mut tasks = tx.find_tasks(&run.tasks)?;
    tasks.retain(|task| task.nodes.contains(&node.id));
    if tasks.is_empty() {
        return Ok((run, Vec::new()));
    }
    let sender = sender(app, tx, node.enterprise_id)?;
    let as_read = |task: cadastre_domain::task::Task| {
        let (class, update_time) = (task.dial.class(), task.updated_at.timestamp_micros());
        let (task, dial) = (task.id, task.dial);
        let delivery = Delivery { task, dial, update_time, is_tombstone: false };
        (class, sender.agent_task(node, key, &delivery))
    };
    Ok((run, tasks.into_iter().map(as_read).collect()))
}
