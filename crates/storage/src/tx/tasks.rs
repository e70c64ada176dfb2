//! Dial tasks, their way to the nodes, and the credential of their results.

use cadastre_domain::id::{EnterpriseId, NodeId, RegionId, TaskId};
use cadastre_domain::secret::Secret;
use cadastre_domain::task::{Delivery, Tag, Task, TaskClass, TaskStatus};
use chrono::{DateTime, Utc};

use super::Result;

/// Which dial tasks to list; never one that is deleted.
#[derive(Debug, Clone)]
pub struct TaskFilter {
    /// Those of this enterprise.
    pub enterprise: EnterpriseId,
    /// Those of one of these classes; of any if there is none here.
    pub classes: Vec<TaskClass>,
    /// Those with one of these statuses; with any if there is none here.
    pub statuses: Vec<TaskStatus>,
    /// Those with one of these tags; with any or none if there is none here.
    pub tags: Vec<String>,
    /// Those dialled so often: one of `1m`, `5m`, …; of any schedule if there is none here.
    pub schedules: Vec<String>,
    /// Those whose name contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those that watch this region.
    pub region: Option<RegionId>,
}

impl TaskFilter {
    /// All tasks of this enterprise.
    #[must_use]
    pub const fn all(enterprise: EnterpriseId) -> Self {
        Self {
            enterprise,
            classes: Vec::new(),
            statuses: Vec::new(),
            tags: Vec::new(),
            schedules: Vec::new(),
            contains: None,
            region: None,
        }
    }
}

/// Dial tasks.
pub trait DialTasks {
    /// Adds a task with its tags, and delivers it to its nodes; its number.
    fn insert_task(&mut self, task: &Task) -> Result<i64>;
    /// The task with this identifier, if it is not deleted.
    fn find_task(&mut self, id: TaskId) -> Result<Option<Task>>;
    /// Those of these tasks that are not deleted.
    fn find_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>>;
    /// At most `limit` tasks without the first `offset`, the newest first.
    fn list_tasks(&mut self, filter: &TaskFilter, offset: i64, limit: i64) -> Result<Vec<Task>>;
    /// How many tasks fit the filter.
    fn count_tasks(&mut self, filter: &TaskFilter) -> Result<i64>;
    /// The tasks that watch a region, the oldest first.
    fn tasks_of_region(&mut self, region: RegionId) -> Result<Vec<Task>>;
    /// Since when these tasks dial what they dial, as far as they are not deleted.
    fn targets_since(&mut self, ids: &[TaskId]) -> Result<Vec<(TaskId, DateTime<Utc>)>>;
    /// Saves a changed task with its tags and delivers it to its nodes; those that it has no more
    /// get a tombstone, as all do when it is deleted. `false` when the stored version is not the one
    /// before.
    fn save_task(&mut self, task: &Task) -> Result<bool>;
    /// Saves changed tasks as [`save_task`](Self::save_task) does each of them, in their order, but with
    /// few statements: all were changed at the same time, and their tags stay as they are. `false`
    /// when one of them was not saved, after which nothing of it may be kept.
    fn save_tasks(&mut self, tasks: &[Task]) -> Result<bool>;
    /// The tags of these names in the enterprise, as they are there; those that are not there yet are
    /// added as they are here.
    fn ensure_tags(&mut self, enterprise: EnterpriseId, tags: &[Tag]) -> Result<Vec<Tag>>;
    /// The tags of an enterprise, in the order of their names.
    fn list_tags(&mut self, enterprise: EnterpriseId) -> Result<Vec<Tag>>;

    /// Delivers all tasks of a node once more, in the order of their last delivery.
    fn redeliver(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()>;
    /// Turns all deliveries of a node into tombstones that are made at `now`: it is deleted, and is
    /// told to stop whatever it has. What it found before is taken for as long as they are kept.
    fn withdraw_deliveries(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()>;
    /// At most `limit` deliveries of a node with a later `update_time` than `since`, the earliest
    /// first. A task that cannot be read is passed over.
    fn deliveries(&mut self, node: &NodeId, since: i64, limit: i64) -> Result<Vec<Delivery>>;
    /// The nodes to which a task is or was delivered.
    fn nodes_of_task(&mut self, task: TaskId) -> Result<Vec<NodeId>>;
    /// Whether this task is or was delivered to this node.
    fn is_delivered(&mut self, node: &NodeId, task: TaskId) -> Result<bool>;
    /// Those of these tasks that are or were delivered to this node.
    fn delivered(&mut self, node: &NodeId, tasks: &[TaskId]) -> Result<Vec<TaskId>>;
    /// Forgets at most `limit` tombstones that were made before this time, and tasks that are deleted
    /// and have no delivery any more; how many tombstones.
    fn forget_tombstones(&mut self, before: DateTime<Utc>, limit: i64) -> Result<usize>;

    /// The enterprise all of whose nodes shared this result token, before each delivery had its own.
    fn find_shared_result_token(&mut self, text: &Secret) -> Result<Option<EnterpriseId>>;
    /// When a version that signs the tokens of deliveries was started first on this database.
    fn tokens_signed_since(&mut self) -> Result<Option<DateTime<Utc>>>;
    /// Notes at the first start of such a version that it is `now`, and delivers all tasks once more, so
    /// that agents are told the new tokens. Later it changes nothing.
    fn sign_tokens_from(&mut self, now: DateTime<Utc>) -> Result<()>;
    /// The audit entry in whose transaction a node was disabled or deleted, or a key of one ended, last;
    /// 0 when that never happened. Whoever knows all entries up to it knows of every such end.
    fn access_ended_at(&mut self) -> Result<i64>;
}
