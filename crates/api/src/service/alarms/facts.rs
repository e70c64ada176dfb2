//! What is known of nodes and watched regions, as the rules of alarms take it.

mod regions;

use std::collections::{HashMap, HashSet};

use cadastre_domain::alarm::{AgentSeen, NodeFacts};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{Listening, Node};
use cadastre_storage::{SeriesFilter, Tx};
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::error::Error;
use crate::service::nodes::contacts::contacts;
pub use regions::of_regions;

/// From where nodes are looked at.
#[derive(Debug, Clone)]
pub struct Sight {
    /// When.
    pub now: DateTime<Utc>,
    /// When they could be heard.
    pub listening: Listening,
    /// Whether their agents are wanted, which takes a look at every series of results.
    pub with_agents: bool,
}

/// What is known of these nodes, deleted ones included.
///
/// # Errors
/// Failures of the storage.
pub fn of_nodes(
    app: &App,
    tx: &mut dyn Tx,
    nodes: &[Node],
    Sight { now, listening, with_agents }: &Sight,
) -> Result<Vec<NodeFacts>, Error> {
    let ids: Vec<NodeId> = nodes.iter().map(|node| node.id.clone()).collect();
    let contacts = contacts(app, tx, &ids)?;
    let with_key: HashSet<_> = tx.nodes_with_valid_key(&ids, *now)?.into_iter().collect();
    let mut agents = if *with_agents { agents_of(tx, &ids)? } else { HashMap::new() };
    let facts = |node: &Node| {
        let pulls = contacts.get(&node.id).map(|contact| contact.pulls).unwrap_or_default();
        NodeFacts {
            node_id: node.id.clone(),
            enterprise_id: node.enterprise_id,
            liveness: pulls.liveness(node.may_pull(), with_key.contains(&node.id), *now),
            may_be_unheard: pulls.may_be_unheard(listening, *now),
            last_seen: pulls.accepted_at,
            agents: agents.remove(&node.id).unwrap_or_default(),
        }
    };
    Ok(nodes.iter().map(facts).collect())
}

/// The agents that sent results for these nodes, as far as those are rolled up.
fn agents_of(tx: &mut dyn Tx, nodes: &[NodeId]) -> Result<HashMap<NodeId, Vec<AgentSeen>>, Error> {
    if nodes.is_empty() {
        return Ok(HashMap::new());
    }
    let filter = SeriesFilter { nodes: nodes.to_vec(), ..SeriesFilter::default() };
    let series = tx.list_series(&filter)?;
    let ids: Vec<i64> = series.iter().map(|series| series.id).collect();
    let mut owners: HashMap<i64, NodeId> =
        series.into_iter().filter_map(|series| Some((series.id, series.key.node?))).collect();
    let mut agents: HashMap<NodeId, Vec<AgentSeen>> = HashMap::new();
    for (id, seen) in tx.rolled_up_seen(&ids)? {
        let (Some(node), Some(version)) = (owners.remove(&id), seen.agent_version) else {
            continue;
        };
        let at = DateTime::from_timestamp_nanos(seen.at_ns);
        let known = agents.entry(node).or_default();
        match known.iter_mut().find(|agent| agent.version == version) {
            Some(agent) => agent.at = agent.at.max(at),
            None => known.push(AgentSeen { version, at }),
        }
    }
    Ok(agents)
}
