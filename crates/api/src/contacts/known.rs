//! What is known of the pulls of one node.

use std::net::IpAddr;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{
    AccessKeyId, LONGEST_INTERVAL, NodeAgent, NodeContact, Pulls, RefusedPull,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::AcceptedPull;

/// How many agents of a node are kept in mind; of more, those that pulled last.
const MOST_AGENTS: usize = 64;

/// The most characters that are kept of a date.
const LONGEST_DATE: usize = 64;

/// What is known of the pulls of one node.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) contact: NodeContact,
    agents: Vec<KnownAgent>,
    /// When it was written last.
    written_at: Option<DateTime<Utc>>,
    /// Whether all of it is written.
    is_written: bool,
    /// Whether more is not written yet than that its agents pulled again.
    is_news: bool,
}

/// What is known of one of its agents.
#[derive(Debug)]
struct KnownAgent {
    address: Option<IpAddr>,
    agent: NodeAgent,
    /// How far its last two pulls were apart.
    gap: Option<TimeDelta>,
    /// Whether anything of it is not written yet.
    is_new: bool,
}

impl KnownAgent {
    fn is(&self, address: Option<IpAddr>, key: &AccessKeyId) -> bool {
        self.address == address && self.agent.key == *key
    }

    /// Notes how far this pull is behind the last one. Of two gaps the smaller counts: an agent that
    /// was away for hours once does not pull every few hours.
    fn note_gap(&mut self, at: DateTime<Utc>) {
        let gap = at - self.agent.last_seen_at;
        // Two at once tell nothing of an interval, and one that was away for a day neither.
        if gap > TimeDelta::zero() && gap <= LONGEST_INTERVAL {
            self.agent.interval = Some(self.gap.map_or(gap, |before| before.min(gap)));
            self.gap = Some(gap);
        }
    }
}

impl Known {
    pub(super) const fn new(node_id: NodeId) -> Self {
        let pulls = Pulls { accepted_at: None, interval: None, refused: None };
        let contact = NodeContact { node_id, pulls, date: None };
        Self { contact, agents: Vec::new(), written_at: None, is_written: false, is_news: true }
    }

    pub(super) const fn is_written(&self) -> bool {
        self.is_written
    }

    /// Whether it is to be written now: it is news, or was not written since `before`.
    pub(super) fn is_due(&self, before: DateTime<Utc>) -> bool {
        let is_late = || self.written_at.is_none_or(|written| written <= before);
        !self.is_written && (self.is_news || is_late())
    }

    pub(super) const fn note_written(&mut self, now: DateTime<Utc>) {
        (self.written_at, self.is_written, self.is_news) = (Some(now), true, false);
    }

    /// Takes note that it is not written after all.
    pub(super) const fn note_unwritten(&mut self) {
        (self.is_written, self.is_news) = (false, true);
    }

    pub(super) fn refuse(&mut self, pull: RefusedPull) {
        self.contact.pulls.refused = Some(pull);
        (self.is_written, self.is_news) = (false, true);
    }

    pub(super) fn agents(&self) -> impl Iterator<Item = &NodeAgent> {
        self.agents.iter().map(|known| &known.agent)
    }

    pub(super) fn accept(&mut self, pull: &AcceptedPull<'_>) {
        self.is_written = false;
        let interval = self.agent(pull);
        let pulls = &mut self.contact.pulls;
        if pulls.accepted_at > Some(pull.at) {
            return;
        }
        // Since a refusal this is the first.
        self.is_news |= pulls.refused.is_some_and(|refused| Some(refused.at) > pulls.accepted_at);
        pulls.accepted_at = Some(pull.at);
        pulls.interval = interval.or(pulls.interval);
        let date = self.contact.date.get_or_insert_default();
        date.clear();
        date.extend(cut(pull.date));
    }

    /// Notes the agent that pulls; how far its pulls are apart, if that is known.
    fn agent(&mut self, pull: &AcceptedPull<'_>) -> Option<TimeDelta> {
        let known = self.agents.iter_mut().find(|known| known.is(pull.address, pull.key));
        if let Some(known) = known {
            known.note_gap(pull.at);
            known.is_new = true;
            let agent = &mut known.agent;
            agent.last_seen_at = agent.last_seen_at.max(pull.at);
            agent.cursor = Some(pull.cursor);
            return agent.interval;
        }
        self.make_room();
        let agent = NodeAgent {
            node_id: pull.node.clone(),
            address: pull.address.map(|address| address.to_string()).unwrap_or_default(),
            key: pull.key.clone(),
            first_seen_at: pull.at,
            last_seen_at: pull.at,
            interval: None,
            cursor: Some(pull.cursor),
        };
        self.is_news = true;
        self.agents.push(KnownAgent { address: pull.address, agent, gap: None, is_new: true });
        None
    }

    fn make_room(&mut self) {
        if self.agents.len() < MOST_AGENTS {
            return;
        }
        let oldest =
            self.agents.iter().enumerate().min_by_key(|(_, known)| known.agent.last_seen_at);
        if let Some((place, _)) = oldest {
            self.agents.swap_remove(place);
        }
    }

    /// The agents of which anything is not written yet, which from now on counts as written.
    pub(super) fn take_new_agents(&mut self) -> Vec<NodeAgent> {
        let new = self.agents.iter_mut().filter(|known| known.is_new);
        new.map(|known| {
            known.is_new = false;
            known.agent.clone()
        })
        .collect()
    }

    /// Takes note that an agent is not written after all.
    pub(super) fn renew(&mut self, agent: &NodeAgent) {
        let is_same = |known: &&mut KnownAgent| {
            known.agent.address == agent.address && known.agent.key == agent.key
        };
        if let Some(known) = self.agents.iter_mut().find(is_same) {
            known.is_new = true;
        }
    }

    /// When the node pulled last, whether that was accepted or not.
    pub(super) fn last_at(&self) -> Option<DateTime<Utc>> {
        let pulls = &self.contact.pulls;
        pulls.accepted_at.max(pulls.refused.map(|refused| refused.at))
    }
}

/// The beginning of a text, without what is no character of a text: whoever signs may say anything.
fn cut(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_DATE)
}
