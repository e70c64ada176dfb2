//! Rows and queries of what is known of the pulls of nodes.

use std::collections::{HashMap, HashSet};

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKeyId, NodeAgent, NodeContact, PullRefusal, Pulls, RefusedPull};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::schema::{node_agents, node_contacts, nodes};
use super::super::{Repository, Result, parsed};
use super::{LOOK_UP, texts};

/// How many agents of a node are kept; those that come later are not. Whoever has a key could make up
/// any number.
const MOST_AGENTS: usize = 256;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = node_contacts, treat_none_as_default_value = false)]
struct ContactRow {
    node_id: String,
    accepted_at: Option<DateTime<Utc>>,
    interval_us: Option<i64>,
    refused_at: Option<DateTime<Utc>>,
    refused_reason: Option<String>,
    date: Option<String>,
}

impl From<NodeContact> for ContactRow {
    fn from(contact: NodeContact) -> Self {
        let pulls = &contact.pulls;
        Self {
            node_id: contact.node_id.to_string(),
            accepted_at: pulls.accepted_at,
            interval_us: pulls.interval.and_then(|interval| interval.num_microseconds()),
            refused_at: pulls.refused.map(|refused| refused.at),
            refused_reason: pulls.refused.map(|refused| refused.reason.as_str().to_owned()),
            date: contact.date,
        }
    }
}

impl ContactRow {
    fn contact(self) -> Result<NodeContact> {
        let refused = match (self.refused_at, self.refused_reason) {
            (Some(at), Some(reason)) => {
                Some(RefusedPull { at, reason: parsed::<PullRefusal>(&reason)? })
            }
            _ => None,
        };
        let interval = self.interval_us.map(TimeDelta::microseconds);
        let pulls = Pulls { accepted_at: self.accepted_at, interval, refused };
        Ok(NodeContact { node_id: parsed(&self.node_id)?, pulls, date: self.date })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = node_agents, treat_none_as_default_value = false)]
struct AgentRow {
    node_id: String,
    address: String,
    #[diesel(serialize_as = String, deserialize_as = String)]
    key: AccessKeyId,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    interval_us: Option<i64>,
    cursor: Option<i64>,
}

impl From<NodeAgent> for AgentRow {
    fn from(agent: NodeAgent) -> Self {
        Self {
            node_id: agent.node_id.into(),
            address: agent.address,
            key: agent.key,
            first_seen_at: agent.first_seen_at,
            last_seen_at: agent.last_seen_at,
            interval_us: agent.interval.and_then(|interval| interval.num_microseconds()),
            cursor: agent.cursor,
        }
    }
}

impl AgentRow {
    fn agent(self) -> Result<NodeAgent> {
        Ok(NodeAgent {
            node_id: parsed(&self.node_id)?,
            address: self.address,
            key: self.key,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
            interval: self.interval_us.map(TimeDelta::microseconds),
            cursor: self.cursor,
        })
    }
}

impl Repository<'_> {
    /// Nobody else writes meanwhile, so what is stored can be read and put together with what is
    /// told, and written in one statement for many.
    pub(super) fn write_contacts(&mut self, contacts: &[NodeContact]) -> Result<()> {
        for some in contacts.chunks(LOOK_UP) {
            let ids: Vec<_> = some.iter().map(|contact| contact.node_id.clone()).collect();
            let known = self.known_nodes(&ids)?;
            let stored = self.contacts_of(&ids)?.into_iter();
            let mut all: HashMap<_, _> = stored.map(|old| (old.node_id.clone(), old)).collect();
            for contact in some.iter().filter(|contact| known.contains(&contact.node_id)) {
                let before = all.remove(&contact.node_id);
                let after = contact.clone().merged(before);
                all.insert(after.node_id.clone(), after);
            }
            let rows: Vec<_> = all.into_values().map(ContactRow::from).collect();
            diesel::insert_into(node_contacts::table)
                .values(rows)
                .on_conflict(node_contacts::node_id)
                .do_update()
                .set((
                    node_contacts::accepted_at.eq(excluded(node_contacts::accepted_at)),
                    node_contacts::interval_us.eq(excluded(node_contacts::interval_us)),
                    node_contacts::refused_at.eq(excluded(node_contacts::refused_at)),
                    node_contacts::refused_reason.eq(excluded(node_contacts::refused_reason)),
                    node_contacts::date.eq(excluded(node_contacts::date)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn contacts_of(&mut self, ids: &[NodeId]) -> Result<Vec<NodeContact>> {
        let mut found = Vec::new();
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<ContactRow> = node_contacts::table
                .filter(node_contacts::node_id.eq_any(texts(some)))
                .select(ContactRow::as_select())
                .load(self.conn()?)?;
            for row in rows {
                found.push(row.contact()?);
            }
        }
        Ok(found)
    }

    pub(super) fn write_agents(&mut self, agents: &[NodeAgent]) -> Result<()> {
        for some in agents.chunks(LOOK_UP) {
            let rows = self.merged_agents(some)?;
            diesel::insert_into(node_agents::table)
                .values(rows)
                .on_conflict((node_agents::node_id, node_agents::address, node_agents::key))
                .do_update()
                .set((
                    node_agents::first_seen_at.eq(excluded(node_agents::first_seen_at)),
                    node_agents::last_seen_at.eq(excluded(node_agents::last_seen_at)),
                    node_agents::interval_us.eq(excluded(node_agents::interval_us)),
                    node_agents::cursor.eq(excluded(node_agents::cursor)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    /// The rows of these agents, put together with what is stored of them.
    fn merged_agents(&mut self, agents: &[NodeAgent]) -> Result<Vec<AgentRow>> {
        let ids: Vec<_> = agents.iter().map(|agent| agent.node_id.clone()).collect();
        let known = self.known_nodes(&ids)?;
        let place =
            |agent: &NodeAgent| (agent.node_id.clone(), agent.address.clone(), agent.key.clone());
        let (mut before, mut numbers) = (HashMap::new(), HashMap::<NodeId, usize>::new());
        for old in self.all_agents_of(&ids)? {
            *numbers.entry(old.node_id.clone()).or_default() += 1;
            before.insert(place(&old), old);
        }
        let mut all = HashMap::new();
        for agent in agents.iter().filter(|agent| known.contains(&agent.node_id)) {
            let place = place(agent);
            let stored = all.remove(&place).or_else(|| before.remove(&place));
            if stored.is_none() {
                let number = numbers.entry(agent.node_id.clone()).or_default();
                if *number >= MOST_AGENTS {
                    continue;
                }
                *number += 1;
            }
            all.insert(place, agent.clone().merged(stored));
        }
        Ok(all.into_values().map(AgentRow::from).collect())
    }

    /// The agents of these nodes.
    fn all_agents_of(&mut self, ids: &[NodeId]) -> Result<Vec<NodeAgent>> {
        let rows: Vec<AgentRow> = node_agents::table
            .filter(node_agents::node_id.eq_any(texts(ids)))
            .select(AgentRow::as_select())
            .load(self.conn()?)?;
        rows.into_iter().map(AgentRow::agent).collect()
    }

    pub(super) fn agents_of(
        &mut self,
        node: &NodeId,
        since: DateTime<Utc>,
    ) -> Result<Vec<NodeAgent>> {
        let rows: Vec<AgentRow> = node_agents::table
            .filter(node_agents::node_id.eq(node.as_ref()))
            .filter(node_agents::last_seen_at.ge(since))
            .order((node_agents::address, node_agents::key))
            .select(AgentRow::as_select())
            .load(self.conn()?)?;
        rows.into_iter().map(AgentRow::agent).collect()
    }

    pub(super) fn drop_agents(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let old = node_agents::table.filter(node_agents::last_seen_at.lt(before));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }

    /// Those of these nodes that there are.
    fn known_nodes(&mut self, ids: &[NodeId]) -> Result<HashSet<NodeId>> {
        let rows: Vec<String> = nodes::table
            .filter(nodes::id.eq_any(texts(ids)))
            .select(nodes::id)
            .load(self.conn()?)?;
        rows.iter().map(|id| parsed(id)).collect()
    }
}
