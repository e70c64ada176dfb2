//! Nodes, their keys, and what is known of their pulls.

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKey, AccessKeyId, Node, NodeAgent, NodeContact, NodeKey};
use chrono::{DateTime, Utc};

use super::Result;

/// Which nodes to list; never one that is deleted.
#[derive(Debug, Clone, Default)]
pub struct NodeFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those whose name or keycode contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those behind this one.
    pub after: Option<NodeId>,
}

/// Nodes.
pub trait Nodes {
    /// Adds a node with its key pair; its code may be [`crate::Taken::Keycode`].
    fn insert_node(&mut self, node: &Node, key: &AccessKey) -> Result<()>;
    /// All nodes of the enterprise that are not deleted, the oldest first.
    fn list_nodes(&mut self, enterprise: EnterpriseId) -> Result<Vec<Node>>;
    /// At most `limit` nodes, the oldest first.
    fn list_some_nodes(&mut self, filter: &NodeFilter, limit: i64) -> Result<Vec<Node>>;
    /// At most `limit` nodes behind `after`, deleted ones, too.
    fn list_all_nodes(&mut self, after: Option<&NodeId>, limit: i64) -> Result<Vec<Node>>;
    /// Those of these nodes that there are, deleted ones, too.
    fn find_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Node>>;
    /// Saves a changed node; `false` when the stored version is not the one before.
    fn save_node(&mut self, node: &Node) -> Result<bool>;
    /// The largest `update_time` of the deliveries of each of these nodes, 0 when it has none.
    fn update_times(&mut self, ids: &[NodeId]) -> Result<Vec<(NodeId, i64)>>;

    /// The keys of these nodes, the oldest first, whether they are valid or not. Those whose secret
    /// is gone are left out.
    fn node_keys(&mut self, nodes: &[NodeId]) -> Result<Vec<NodeKey>>;
    /// Adds a key.
    fn insert_node_key(&mut self, key: &NodeKey) -> Result<()>;
    /// Saves until when a key is valid, that it was revoked, and when it was used.
    fn save_node_key(&mut self, key: &NodeKey) -> Result<()>;
    /// Notes when keys were used, if that was later than what is noted. A key that is gone is passed
    /// over.
    fn note_key_uses(&mut self, uses: &[(AccessKeyId, DateTime<Utc>)]) -> Result<()>;

    /// Notes what is known of the pulls of nodes, as far as it is later than what is noted: the
    /// accepted pull and the refused one each for itself, as several servers tell of the same node. A
    /// node that is gone is passed over.
    fn note_contacts(&mut self, contacts: &[NodeContact]) -> Result<()>;
    /// What is known of the pulls of these nodes. A node of which nothing is has none.
    fn list_contacts(&mut self, nodes: &[NodeId]) -> Result<Vec<NodeContact>>;
    /// Notes what is known of agents, if it is later than what is noted. One of a node that is gone is
    /// passed over, and so are new ones of a node that has very many.
    fn note_agents(&mut self, agents: &[NodeAgent]) -> Result<()>;
    /// The agents of this node that pulled at `since` or later, by address and key.
    fn list_agents(&mut self, node: &NodeId, since: DateTime<Utc>) -> Result<Vec<NodeAgent>>;
    /// Forgets agents that pulled last before this time; how many.
    fn forget_agents(&mut self, before: DateTime<Utc>) -> Result<usize>;
    /// Takes the secrets of nodes away that were deleted before this time; how many.
    fn forget_keys_of_deleted(&mut self, before: DateTime<Utc>) -> Result<usize>;
}
