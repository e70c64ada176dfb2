//! Rows and queries of nodes and their key pairs.

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKey, Keycode, Node, NodeProfile, NodeText, NodeWord};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{node_keys, nodes};
use super::{Repository, Result};
use crate::Nodes;
use crate::vault::Place;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = nodes, treat_none_as_default_value = false)]
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
}

impl From<NodeRow> for Node {
    fn from(row: NodeRow) -> Self {
        let NodeRow { internal, isp, country, province, city, name, company, keycode, .. } = row;
        let profile =
            NodeProfile { internal, isp, country, province, city, name, company, keycode };
        Self { id: row.id, enterprise_id: row.enterprise_id, profile, created_at: row.created_at }
    }
}

impl From<Node> for NodeRow {
    fn from(node: Node) -> Self {
        let Node { id, enterprise_id, profile, created_at } = node;
        let NodeProfile { internal, isp, country, province, city, name, company, keycode } =
            profile;
        Self {
            id,
            enterprise_id,
            internal,
            isp,
            country,
            province,
            city,
            name,
            company,
            keycode,
            created_at,
        }
    }
}

/// Where the secret half of a key pair stands.
pub(super) const fn place(row: &str) -> Place<'_> {
    Place { table: "node_keys", row, column: "secret" }
}

impl Nodes for Repository<'_> {
    fn insert_node(&mut self, node: &Node, key: &AccessKey) -> Result<()> {
        diesel::insert_into(nodes::table)
            .values(NodeRow::from(node.clone()))
            .execute(self.conn()?)?;
        let (key_id, row) = (self.sealing_key()?, key.id.to_string());
        let sealed = self.safe.vault.seal(&key_id, place(&row), key.secret.reveal().as_bytes())?;
        diesel::insert_into(node_keys::table)
            .values((
                node_keys::id.eq(&row),
                node_keys::node_id.eq(node.id.to_string()),
                node_keys::secret.eq(sealed),
                node_keys::key_id.eq(key_id.to_string()),
                node_keys::created_at.eq(node.created_at),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn list_nodes(&mut self, enterprise: EnterpriseId) -> Result<Vec<Node>> {
        let rows = nodes::table
            .filter(nodes::enterprise_id.eq(enterprise.to_string()))
            .order(nodes::id)
            .select(NodeRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Node::from).collect())
    }
}
