//! What callers say of a task, and whether it holds.

use std::collections::HashSet;
use std::sync::Arc;

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::Node;
use cadastre_domain::task::{DialTask, Tag, TagName, TaskClass};
use cadastre_storage::Tx;
use serde_json::Value;

use crate::error::{Error, FieldError, FieldErrors, Problem, of_task};
use crate::ids;

/// The most nodes that dial one task.
pub const MOST_NODES: usize = 1_000;

/// The most tags of one task.
pub const MOST_TAGS: usize = 100;

/// What a caller says of a task. What he left out, or what is wrong, is not there.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// What it dials.
    pub class: Option<TaskClass>,
    /// The nodes that are to dial it, each once.
    pub nodes: Vec<NodeId>,
    /// What is dialled.
    pub task: Option<Arc<Value>>,
    /// The names of its tags, each once; without them, a task keeps those that it has.
    pub tags: Option<Vec<TagName>>,
    /// What was found wrong so far.
    pub errors: FieldErrors,
}

impl Submission {
    /// The task of this class, which may have been shown with masks for the secrets of the `stored`
    /// one; or nothing, and what is wrong with it is noted.
    pub(super) fn dial(
        &mut self,
        class: Option<TaskClass>,
        stored: Option<&DialTask>,
    ) -> Option<DialTask> {
        let (class, task) = (class?, self.task.take()?);
        match DialTask::submitted(class, Arc::unwrap_or_clone(task), stored) {
            Ok(dial) => Some(dial),
            Err(refusal) => {
                self.errors.append(of_task(&refusal));
                None
            }
        }
    }
}

/// An error for each of these nodes that the enterprise does not have.
pub(super) fn missing_nodes(
    tx: &mut dyn Tx,
    enterprise: EnterpriseId,
    nodes: &[NodeId],
) -> Result<FieldErrors, Error> {
    let own = |node: &Node| node.enterprise_id == enterprise && node.deleted_at.is_none();
    let found = tx.find_nodes(nodes)?.into_iter().filter(own).map(|node| node.id);
    let found: HashSet<_> = found.collect();
    let missing = nodes.iter().filter(|id| !found.contains(id));
    let error = |id| {
        let text = format!("{id} is no node of this workspace");
        FieldError::new("regions", Problem::Other(text))
    };
    let mut errors = FieldErrors::default();
    errors.extend(missing.map(error));
    Ok(errors)
}

/// New tags of these names. Those that the enterprise has already keep their identifiers.
pub(super) fn new_tags(names: &[TagName]) -> Vec<Tag> {
    names.iter().map(|name| Tag { id: ids::named_id(), name: name.clone() }).collect()
}
