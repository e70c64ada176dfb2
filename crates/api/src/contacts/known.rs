//! What is known of the pulls of one node.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{LONGEST_INTERVAL, NodeAgent, NodeContact, Pulls};
use chrono::{DateTime, TimeDelta, Utc};

use super::AcceptedPull;

/// How many agents of a node are kept in mind; of more, those that pulled last.
const MOST_AGENTS: usize = 64;

/// What is known of the pulls of one node.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) contact: NodeContact,
    /// Its agents, and whether anything of them is not written yet.
    agents: Vec<(NodeAgent, bool)>,
}

impl Known {
    pub(super) const fn new(node_id: NodeId) -> Self {
        let pulls = Pulls { accepted_at: None, interval: None, refused: None };
        Self { contact: NodeContact { node_id, pulls, date: None }, agents: Vec::new() }
    }

    pub(super) fn agents(&self) -> impl Iterator<Item = &NodeAgent> {
        self.agents.iter().map(|(agent, _)| agent)
    }

    pub(super) fn accept(&mut self, pull: &AcceptedPull<'_>, date: String) {
        let interval = self.agent(pull);
        let pulls = &mut self.contact.pulls;
        if pulls.accepted_at > Some(pull.at) {
            return;
        }
        pulls.accepted_at = Some(pull.at);
        pulls.interval = interval.or(pulls.interval);
        self.contact.date = Some(date);
    }

    /// Notes the agent that pulls; how far its pulls are apart, if that is known.
    fn agent(&mut self, pull: &AcceptedPull<'_>) -> Option<TimeDelta> {
        let address = pull.address.map(|address| address.to_string()).unwrap_or_default();
        let same = |(agent, _): &&mut (NodeAgent, bool)| {
            agent.address == address && agent.key == *pull.key
        };
        if let Some((agent, is_new)) = self.agents.iter_mut().find(same) {
            // Two at once tell nothing of an interval, and one that was away for long neither.
            let apart = pull.at - agent.last_seen_at;
            if apart > TimeDelta::zero() && apart <= LONGEST_INTERVAL {
                agent.interval = Some(apart);
            }
            agent.last_seen_at = agent.last_seen_at.max(pull.at);
            agent.cursor = Some(pull.cursor);
            *is_new = true;
            return agent.interval;
        }
        self.make_room();
        let agent = NodeAgent {
            node_id: pull.node.clone(),
            address,
            key: pull.key.clone(),
            first_seen_at: pull.at,
            last_seen_at: pull.at,
            interval: None,
            cursor: Some(pull.cursor),
        };
        self.agents.push((agent, true));
        None
    }

    fn make_room(&mut self) {
        if self.agents.len() < MOST_AGENTS {
            return;
        }
        let oldest =
            self.agents.iter().enumerate().min_by_key(|(_, (agent, _))| agent.last_seen_at);
        if let Some((place, _)) = oldest {
            self.agents.swap_remove(place);
        }
    }

    /// The agents of which anything is not written yet, which from now on counts as written.
    pub(super) fn take_new_agents(&mut self) -> Vec<NodeAgent> {
        let new = self.agents.iter_mut().filter(|(_, is_new)| *is_new);
        new.map(|(agent, is_new)| {
            *is_new = false;
            agent.clone()
        })
        .collect()
    }

    /// Takes note that an agent is not written after all.
    pub(super) fn renew(&mut self, agent: &NodeAgent) {
        let same = |(known, _): &&mut (NodeAgent, bool)| {
            known.address == agent.address && known.key == agent.key
        };
        if let Some((_, is_new)) = self.agents.iter_mut().find(same) {
            *is_new = true;
        }
    }

    /// When the node pulled last, whether that was accepted or not.
    pub(super) fn last_at(&self) -> Option<DateTime<Utc>> {
        let pulls = &self.contact.pulls;
        pulls.accepted_at.max(pulls.refused.map(|refused| refused.at))
    }
}
