//! Rows and queries of what is known of the pulls of nodes.

use std::collections::HashSet;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKeyId, NodeAgent, NodeContact, PullRefusal, Pulls, RefusedPull};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::super::schema::{node_agents, node_contacts, nodes};
use super::super::{Repository, Result, parsed};
use super::{LOOK_UP, texts};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = node_contacts, treat_none_as_default_value = false, treat_none_as_null = true)]
struct ContactRow {
    node_id: String,
    accepted_at: Option<DateTime<Utc>>,
    interval_us: Option<i64>,
    refused_at: Option<DateTime<Utc>>,
    refused_reason: Option<String>,
    date: Option<String>,
}

impl From<&NodeContact> for ContactRow {
    fn from(contact: &NodeContact) -> Self {
        let pulls = &contact.pulls;
        Self {
            node_id: contact.node_id.to_string(),
            accepted_at: pulls.accepted_at,
            interval_us: pulls.interval.and_then(|interval| interval.num_microseconds()),
            refused_at: pulls.refused.map(|refused| refused.at),
            refused_reason: pulls.refused.map(|refused| refused.reason.as_str().to_owned()),
            date: contact.date.clone(),
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

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = node_agents, treat_none_as_default_value = false, treat_none_as_null = true)]
struct AgentRow {
    node_id: String,
    address: String,
    #[diesel(serialize_as = String, deserialize_as = String)]
    key: AccessKeyId,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    interval_us: Option<i64>,
}

impl Repository<'_> {
    pub(super) fn replace_contacts(&mut self, contacts: &[NodeContact]) -> Result<()> {
        let known = self.known_nodes(contacts.iter().map(|contact| &contact.node_id))?;
        for contact in contacts.iter().filter(|contact| known.contains(&contact.node_id)) {
            let row = ContactRow::from(contact);
            diesel::insert_into(node_contacts::table)
                .values(&row)
                .on_conflict(node_contacts::node_id)
                .do_update()
                .set(&row)
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

    pub(super) fn replace_agents(&mut self, agents: &[NodeAgent]) -> Result<()> {
        let known = self.known_nodes(agents.iter().map(|agent| &agent.node_id))?;
        for agent in agents.iter().filter(|agent| known.contains(&agent.node_id)) {
            let interval_us = agent.interval.and_then(|interval| interval.num_microseconds());
            diesel::insert_into(node_agents::table)
                .values(AgentRow {
                    node_id: agent.node_id.to_string(),
                    address: agent.address.clone(),
                    key: agent.key.clone(),
                    first_seen_at: agent.first_seen_at,
                    last_seen_at: agent.last_seen_at,
                    interval_us,
                })
                .on_conflict((node_agents::node_id, node_agents::address, node_agents::key))
                .do_update()
                .set((
                    node_agents::last_seen_at.eq(agent.last_seen_at),
                    node_agents::interval_us.eq(interval_us),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
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
        let agent = |row: AgentRow| NodeAgent {
            node_id: node.clone(),
            address: row.address,
            key: row.key,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            interval: row.interval_us.map(TimeDelta::microseconds),
        };
        Ok(rows.into_iter().map(agent).collect())
    }

    pub(super) fn drop_agents(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let old = node_agents::table.filter(node_agents::last_seen_at.lt(before));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }

    /// Those of these nodes that there are.
    fn known_nodes<'a>(
        &mut self,
        ids: impl Iterator<Item = &'a NodeId>,
    ) -> Result<HashSet<NodeId>> {
        let (ids, mut known) = (ids.cloned().collect::<Vec<_>>(), HashSet::new());
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<String> = nodes::table
                .filter(nodes::id.eq_any(texts(some)))
                .select(nodes::id)
                .load(self.conn()?)?;
            for id in rows {
                known.insert(parsed(&id)?);
            }
        }
        Ok(known)
    }
}
