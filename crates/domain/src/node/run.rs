//! Tasks that the agents of a node are to run once.

use chrono::{DateTime, Utc};

use crate::id::{NodeId, RunId, TaskId};

/// The most tasks of one run.
pub const MOST_RUN_TASKS: usize = 100;

/// Tasks that the agents of a node are to run once, now, besides their schedule (dialing contract,
/// section 3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRun {
    /// Its identifier.
    pub id: RunId,
    /// Its number, which the database gives it; later ones have larger numbers. None before that.
    pub number: Option<i64>,
    /// The node.
    pub node_id: NodeId,
    /// The tasks, 1 to [`MOST_RUN_TASKS`].
    pub tasks: Vec<TaskId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}
