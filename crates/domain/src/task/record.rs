//! A dial task in the register: what is dialled, from which nodes, and since when.

use chrono::{DateTime, Utc};

use super::DialTask;
use crate::id::{EnterpriseId, NodeId, RegionId, TagId, TaskId};
use crate::text::Line;
use crate::user::UserId;

/// The name of a tag of dial tasks: 1 to 64 characters on one line, unique in its enterprise.
pub type TagName = Line<1, 64>;

/// A word by which people find dial tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its identifier.
    pub id: TagId,
    /// Its name.
    pub name: TagName,
}

/// A dial task of an enterprise.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// Its number, which the database gives it; none before that.
    pub number: Option<i64>,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// What is dialled.
    pub dial: DialTask,
    /// The nodes that dial it, in the order of their identifiers.
    pub nodes: Vec<NodeId>,
    /// Its tags, in the order of their names.
    pub tags: Vec<Tag>,
    /// The region that it watches. The register itself keeps such a task in step with the region.
    pub region_id: Option<RegionId>,
    /// Who made it; nobody for the register itself.
    pub created_by: Option<UserId>,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, if it was: until every agent has passed its tombstone, it is kept.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Since when it dials what it dials: what nodes found before tells nothing of that.
    pub target_since: DateTime<Utc>,
}

impl Task {
    /// The same task, which dials this from `now` on.
    #[must_use]
    pub fn dialling(self, dial: DialTask, now: DateTime<Utc>) -> Self {
        let is_same = dial.has_target_of(&self.dial);
        let target_since = if is_same { self.target_since } else { now };
        Self { dial, target_since, ..self }
    }
}

/// A task on its way to one node.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The task.
    pub task: TaskId,
    /// What is dialled.
    pub dial: DialTask,
    /// When it was changed for this node, in microseconds since 1970; no two deliveries of a node
    /// have the same (dialing contract, section 3.2).
    pub update_time: i64,
    /// Whether it is a tombstone: the task was deleted or taken from the node.
    pub is_tombstone: bool,
}

/// The `update_time` of the next change of a node whose last one had `last`: the present, but always
/// later than before, whatever the clock does.
#[must_use]
pub fn next_update_time(last: i64, now: DateTime<Utc>) -> i64 {
    now.timestamp_micros().max(last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, OWN};
    use crate::task::TaskClass;

    fn task(host: &str, frequency: &str) -> DialTask {
        let task = serde_json::json!({
            "name": "t", "frequency": frequency, "host": host, "port": "80", "timeout": "1s",
            "success_when": [{"response_time": [{"target": "1s"}]}],
        });
        DialTask::parse(TaskClass::Tcp, task).expect("a task that nodes understand")
    }

    #[test]
    fn a_task_dials_what_it_dials_since_that_is_another_target() {
        let before = Task {
            id: TaskId::from(crate::id::HexId::from_bytes([7; 16])),
            number: None,
            enterprise_id: OWN,
            dial: task("a.example.com", "1m"),
            nodes: Vec::new(),
            tags: Vec::new(),
            region_id: None,
            created_by: None,
            updated_by: None,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
            version: 1,
            target_since: NOW,
        };
        let later = NOW + TimeDelta::hours(1);
        let same = before.clone().dialling(task("a.example.com", "5m"), later);
        assert_eq!(same, Task { dial: task("a.example.com", "5m"), ..before.clone() });
        let other = before.clone().dialling(task("b.example.com", "1m"), later);
        let dial = task("b.example.com", "1m");
        assert_eq!(other, Task { dial, target_since: later, ..before });
    }

    #[test]
    fn the_time_of_updates_grows_strictly_whatever_the_clock_does() {
        let now = NOW + TimeDelta::microseconds(1_000);
        assert_eq!(next_update_time(0, now), 1_000);
        assert_eq!(next_update_time(999, now), 1_000);
        assert_eq!(next_update_time(1_000, now), 1_001);
        assert_eq!(next_update_time(5_000, now), 5_001);
    }
}
