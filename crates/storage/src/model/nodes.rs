//! Nodes in memory, with their keys in clear: whoever pulls is known without a query.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKeyId, Node, NodeKey};
use chrono::{DateTime, Utc};

use super::{Bodies, CHUNK};
use crate::{StorageError, Tx, VariableState};

/// A node in the model.
#[derive(Debug)]
pub struct ModelNode {
    /// The node.
    pub node: Node,
    /// Its keys, the oldest first, whether they are valid or not.
    pub keys: Vec<NodeKey>,
    /// The largest `update_time` that a delivery of it ever had, 0 when it had none.
    pub update_time: i64,
    /// What is known of the largest `update_time` of a delivery of it that there still is.
    pub newest: Newest,
    /// The largest number of tasks that it is to run once, 0 when there are none.
    pub last_run: i64,
    /// Its bodies.
    pub bodies: Bodies,
}

/// At most how large the largest `update_time` of a delivery is. It falls when somebody looks and
/// finds nothing behind a cursor: tombstones are forgotten without an entry. What is delivered later is
/// told by an entry, and makes another [`ModelNode`].
#[derive(Debug, Default)]
pub struct Newest(AtomicI64);

impl Newest {
    /// As far as it is known from the largest that there ever was.
    #[must_use]
    pub const fn at_most(ever: i64) -> Self {
        Self(AtomicI64::new(ever))
    }

    /// Whether anything may be behind this cursor.
    #[must_use]
    pub fn may_be_behind(&self, cursor: i64) -> bool {
        cursor < self.0.load(Ordering::Relaxed)
    }

    /// Takes note that nothing is behind this cursor.
    pub fn nothing_behind(&self, cursor: i64) {
        self.0.fetch_min(cursor, Ordering::Relaxed);
    }
}

impl ModelNode {
    /// The key with this public half, whether it is valid or not.
    #[must_use]
    pub fn key(&self, id: &AccessKeyId) -> Option<&NodeKey> {
        self.keys.iter().find(|key| key.pair.id == *id)
    }

    /// Whether it has a key that is accepted at `now`.
    #[must_use]
    pub fn has_valid_key(&self, now: DateTime<Utc>) -> bool {
        self.keys.iter().any(|key| key.is_valid(now))
    }
}

/// All nodes, as they were at one moment. Those that are deleted are among them for as long as their
/// keys are kept, so that their agents can be told to stop.
#[derive(Debug, Default)]
pub struct ModelNodes {
    nodes: BTreeMap<NodeId, Arc<ModelNode>>,
    keys: HashMap<AccessKeyId, Arc<ModelNode>>,
    variables: HashMap<EnterpriseId, VariableState>,
}

impl ModelNodes {
    /// The node with this identifier.
    #[must_use]
    pub fn find(&self, id: &NodeId) -> Option<&Arc<ModelNode>> {
        self.nodes.get(id)
    }

    /// The node that has a key with this public half.
    #[must_use]
    pub fn find_by_key(&self, key: &AccessKeyId) -> Option<&Arc<ModelNode>> {
        self.keys.get(key)
    }

    /// The nodes behind `after`, the oldest first, deleted ones, too.
    pub fn after(&self, after: Option<&NodeId>) -> impl Iterator<Item = &Arc<ModelNode>> {
        let start = after.map_or(Unbounded, Excluded);
        self.nodes.range::<NodeId, _>((start, Unbounded)).map(|(_, node)| node)
    }

    /// What there is of variables in an enterprise.
    #[must_use]
    pub fn variables(&self, enterprise: EnterpriseId) -> VariableState {
        self.variables.get(&enterprise).copied().unwrap_or_default()
    }

    pub(super) fn put(&mut self, node: ModelNode) {
        let id = node.node.id.clone();
        self.remove(&id);
        let node = Arc::new(node);
        for key in &node.keys {
            self.keys.insert(key.pair.id.clone(), Arc::clone(&node));
        }
        self.nodes.insert(id, node);
    }

    pub(super) fn remove(&mut self, id: &NodeId) {
        let Some(gone) = self.nodes.remove(id) else { return };
        for key in &gone.keys {
            self.keys.remove(&key.pair.id);
        }
    }

    pub(super) fn set_variables(&mut self, states: HashMap<EnterpriseId, VariableState>) {
        self.variables = states;
    }

    /// Lets those go that were deleted before this time.
    pub(super) fn forget_deleted(&mut self, before: DateTime<Utc>) {
        let old = |node: &&Arc<ModelNode>| node.node.deleted_at.is_some_and(|at| at < before);
        let gone: Vec<_> = self.nodes.values().filter(old).map(|old| old.node.id.clone()).collect();
        for id in gone {
            self.remove(&id);
        }
    }

    /// All nodes that there are.
    pub(super) fn load(tx: &mut dyn Tx) -> Result<Self, StorageError> {
        let (mut all, mut after) = (Self::default(), None);
        all.set_variables(tx.variable_states()?.into_iter().collect());
        loop {
            let nodes = tx.list_all_nodes(after.as_ref(), CHUNK)?;
            let Some(last) = nodes.last() else { return Ok(all) };
            after = Some(last.id.clone());
            for node in completed(tx, nodes)? {
                all.put(node);
            }
        }
    }
}

/// Those of these nodes that are in the model.
pub(super) fn read(tx: &mut dyn Tx, ids: &[NodeId]) -> Result<Vec<ModelNode>, StorageError> {
    let nodes = tx.find_nodes(ids)?;
    completed(tx, nodes)
}

/// Nodes with all that belongs to them, without those that were deleted so long ago that their keys
/// are gone.
fn completed(tx: &mut dyn Tx, nodes: Vec<Node>) -> Result<Vec<ModelNode>, StorageError> {
    let ids: Vec<_> = nodes.iter().map(|node| node.id.clone()).collect();
    // Asked for before the rest: what is delivered meanwhile is told by an entry of its own.
    let times: HashMap<_, _> = tx.update_times(&ids)?.into_iter().collect();
    let runs: HashMap<_, _> = tx.last_runs(&ids)?.into_iter().collect();
    let mut keys: HashMap<NodeId, Vec<NodeKey>> = HashMap::new();
    for key in tx.node_keys(&ids)? {
        keys.entry(key.node_id.clone()).or_default().push(key);
    }
    let node = |node: Node| {
        let update_time = times.get(&node.id).copied().unwrap_or_default();
        ModelNode {
            keys: keys.remove(&node.id).unwrap_or_default(),
            update_time,
            newest: Newest::at_most(update_time),
            last_run: runs.get(&node.id).copied().unwrap_or_default(),
            bodies: Bodies::default(),
            node,
        }
    };
    let kept = |node: &ModelNode| node.node.deleted_at.is_none() || !node.keys.is_empty();
    Ok(nodes.into_iter().map(node).filter(kept).collect())
}
