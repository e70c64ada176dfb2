//! Rows and queries of nodes.

mod contacts;
pub(super) mod keys;

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{
    AccessKey, AccessKeyId, Keycode, Node, NodeAgent, NodeContact, NodeKey, NodeProfile, NodeText,
    NodeWord,
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::nodes;
use super::{Conn, Repository, Result, contains, parsed};
use crate::{NodeFilter, Nodes};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = nodes, treat_none_as_default_value = false, treat_none_as_null = true)]
struct NodeRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: NodeId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    internal: bool,
    #[diesel(serialize_as = String, deserialize_as = String)]
    isp: NodeWord,
    #[diesel(serialize_as = String, deserialize_as = String)]
    country: NodeWord,
    #[diesel(serialize_as = String, deserialize_as = String)]
    province: NodeText,
    #[diesel(serialize_as = String, deserialize_as = String)]
    city: NodeText,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: NodeText,
    #[diesel(serialize_as = String, deserialize_as = String)]
    company: NodeText,
    #[diesel(serialize_as = String, deserialize_as = String)]
    keycode: Keycode,
    created_at: DateTime<Utc>,
    is_enabled: bool,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<NodeRow> for Node {
    fn from(row: NodeRow) -> Self {
        let NodeRow { internal, isp, country, province, city, name, company, keycode, .. } = row;
        let profile =
            NodeProfile { internal, isp, country, province, city, name, company, keycode };
        Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            profile,
            is_enabled: row.is_enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            version: row.version,
        }
    }
}

impl From<Node> for NodeRow {
    fn from(node: Node) -> Self {
        let NodeProfile { internal, isp, country, province, city, name, company, keycode } =
            node.profile;
        Self {
            id: node.id,
            enterprise_id: node.enterprise_id,
            internal,
            isp,
            country,
            province,
            city,
            name,
            company,
            keycode,
            created_at: node.created_at,
            is_enabled: node.is_enabled,
            updated_at: node.updated_at,
            deleted_at: node.deleted_at,
            version: node.version,
        }
    }
}

/// How many nodes are asked for in one statement.
const LOOK_UP: usize = 500;

/// A list of nodes that is being narrowed down.
type Narrowed = nodes::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The nodes that fit the filter, wherever a list of them goes on.
fn fitting(filter: &NodeFilter) -> Narrowed {
    let mut query = nodes::table.filter(nodes::deleted_at.is_null()).into_boxed();
    if let Some(enterprise) = filter.enterprise {
        query = query.filter(nodes::enterprise_id.eq(enterprise.to_string()));
    }
    if let Some(text) = &filter.contains {
        let pattern = contains(text);
        query = query.filter(
            folded_like!(nodes::name, pattern.clone()).or(folded_like!(nodes::keycode, pattern)),
        );
    }
    query
}

fn texts(ids: &[NodeId]) -> Vec<&str> {
    ids.iter().map(AsRef::as_ref).collect()
}

impl Repository<'_> {
    fn may_pull(&mut self, node: &NodeId) -> Result<bool> {
        let found = Nodes::find_nodes(self, std::slice::from_ref(node))?;
        Ok(found.first().is_some_and(Node::may_pull))
    }
}

impl Nodes for Repository<'_> {
    fn insert_node(&mut self, node: &Node, key: &AccessKey) -> Result<()> {
        diesel::insert_into(nodes::table)
            .values(NodeRow::from(node.clone()))
            .execute(self.conn()?)?;
        let (id, enterprise) = (node.id.clone(), node.enterprise_id);
        self.insert_node_key(&NodeKey::new(key.clone(), id, enterprise, node.created_at))
    }

    fn list_nodes(&mut self, enterprise: EnterpriseId) -> Result<Vec<Node>> {
        let filter = NodeFilter { enterprise: Some(enterprise), ..NodeFilter::default() };
        let rows: Vec<NodeRow> = while_in_time!(fitting(&filter))
            .order(nodes::id)
            .select(NodeRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Node::from).collect())
    }

    fn list_some_nodes(&mut self, filter: &NodeFilter, limit: i64) -> Result<Vec<Node>> {
        let mut query = fitting(filter).select(NodeRow::as_select());
        if let Some(after) = &filter.after {
            query = query.filter(nodes::id.gt(after.to_string()));
        }
        let rows: Vec<NodeRow> = query.order(nodes::id).limit(limit).load(self.conn()?)?;
        Ok(rows.into_iter().map(Node::from).collect())
    }

    fn list_all_nodes(&mut self, after: Option<&NodeId>, limit: i64) -> Result<Vec<Node>> {
        let after = after.map(ToString::to_string).unwrap_or_default();
        let rows: Vec<NodeRow> = nodes::table
            .filter(nodes::id.gt(after))
            .order(nodes::id)
            .limit(limit)
            .select(NodeRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Node::from).collect())
    }

    fn find_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Node>> {
        let mut found = Vec::new();
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<NodeRow> = nodes::table
                .filter(nodes::id.eq_any(texts(some)))
                .order(nodes::id)
                .select(NodeRow::as_select())
                .load(self.conn()?)?;
            found.extend(rows.into_iter().map(Node::from));
        }
        Ok(found)
    }

    fn save_node(&mut self, node: &Node) -> Result<bool> {
        let ends = !node.may_pull() && self.may_pull(&node.id)?;
        let changed = diesel::update(nodes::table.find(node.id.to_string()))
            .filter(nodes::version.eq(node.version - 1))
            .set(NodeRow::from(node.clone()))
            .execute(self.conn()?)?;
        if ends && changed == 1 {
            self.note_end_of_access()?;
        }
        Ok(changed == 1)
    }

    fn update_times(&mut self, ids: &[NodeId]) -> Result<Vec<(NodeId, i64)>> {
        let mut found = Vec::new();
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<(String, i64)> = nodes::table
                .filter(nodes::id.eq_any(texts(some)))
                .select((nodes::id, nodes::last_update_time))
                .load(self.conn()?)?;
            for (id, time) in rows {
                found.push((parsed(&id)?, time));
            }
        }
        Ok(found)
    }

    fn node_keys(&mut self, nodes: &[NodeId]) -> Result<Vec<NodeKey>> {
        self.keys_of(nodes)
    }

    fn insert_node_key(&mut self, key: &NodeKey) -> Result<()> {
        self.add_key(key)
    }

    fn save_node_key(&mut self, key: &NodeKey) -> Result<()> {
        self.change_key(key)?;
        if key.revoked_at.is_some() || key.valid_until.is_some() {
            self.note_end_of_access()?;
        }
        Ok(())
    }

    fn note_key_uses(&mut self, uses: &[(AccessKeyId, DateTime<Utc>)]) -> Result<()> {
        self.note_uses_of_keys(uses)
    }

    fn note_contacts(&mut self, contacts: &[NodeContact]) -> Result<()> {
        self.write_contacts(contacts)
    }

    fn list_contacts(&mut self, nodes: &[NodeId]) -> Result<Vec<NodeContact>> {
        self.contacts_of(nodes)
    }

    fn note_agents(&mut self, agents: &[NodeAgent]) -> Result<()> {
        self.write_agents(agents)
    }

    fn list_agents(&mut self, node: &NodeId, since: DateTime<Utc>) -> Result<Vec<NodeAgent>> {
        self.agents_of(node, since)
    }

    fn forget_agents(&mut self, before: DateTime<Utc>) -> Result<usize> {
        self.drop_agents(before)
    }

    fn forget_keys_of_deleted(&mut self, before: DateTime<Utc>) -> Result<usize> {
        self.drop_keys_of_deleted(before)
    }
}
