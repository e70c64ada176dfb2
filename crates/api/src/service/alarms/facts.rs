//! What is known of nodes and watched regions, as the rules of alarms take it.

use std::collections::{HashMap, HashSet};

use cadastre_domain::alarm::{AgentSeen, NodeFacts, RegionFacts};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{Node, Pulls};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::error::Error;

/// What is known of these nodes at `now`, deleted ones included.
///
/// # Errors
/// Failures of the storage.
pub fn of_nodes(
    tx: &mut dyn Tx,
    nodes: &[Node],
    now: DateTime<Utc>,
) -> Result<Vec<NodeFacts>, Error> {
    let ids: Vec<NodeId> = nodes.iter().map(|node| node.id.clone()).collect();
    let contacts = tx.list_contacts(&ids)?;
    let pulls: HashMap<_, Pulls> = contacts.into_iter().map(|c| (c.node_id, c.pulls)).collect();
    let with_key: HashSet<_> = tx.nodes_with_valid_key(&ids, now)?.into_iter().collect();
    let mut agents = agents_of(tx, &ids)?;
    let facts = |node: &Node| {
        let pulls = pulls.get(&node.id).copied().unwrap_or_default();
        NodeFacts {
            node_id: node.id.clone(),
            enterprise_id: node.enterprise_id,
            liveness: pulls.liveness(node.may_pull(), with_key.contains(&node.id), now),
            last_seen: pulls.accepted_at,
            agents: agents.remove(&node.id).unwrap_or_default(),
        }
    };
    Ok(nodes.iter().map(facts).collect())
}

/// The agents that sent results for these nodes. Until results are kept, none is known: the rule then
/// finds nothing out.
#[expect(clippy::unnecessary_wraps, reason = "asks the storage once results are kept")]
fn agents_of(
    _tx: &mut dyn Tx,
    _nodes: &[NodeId],
) -> Result<HashMap<NodeId, Vec<AgentSeen>>, Error> {
    Ok(HashMap::new())
}

/// What is known of all regions that are watched. Until regions can be watched, there are none.
///
/// # Errors
/// Failures of the storage.
pub fn of_regions(_tx: &mut dyn Tx, _now: DateTime<Utc>) -> Result<Vec<RegionFacts>, Error> {
    Ok(Vec::new())
}
