//! What a machine needs to be the agent of a node.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKeyId, Node, NodeKey};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::app::Changed;
use crate::error::{Error, Thing};

/// A node, and a key with which its agents sign.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The node.
    pub node: Node,
    /// A key that is valid.
    pub key: NodeKey,
}

/// A node of any enterprise with the key that is asked for, or else the newest of those that are
/// valid. That its secret was shown is noted.
///
/// # Errors
/// No such node, no such key that is valid; failures of the storage.
pub fn setup(
    tx: &mut dyn Tx,
    actor: &Actor,
    (id, key): (&NodeId, Option<&AccessKeyId>),
    now: DateTime<Utc>,
) -> Result<Changed<Setup>, Error> {
    let node = tx.find_nodes(std::slice::from_ref(id))?.pop();
    let node = node.filter(|node| node.deleted_at.is_none()).ok_or(Error::NotFound(Thing::Node))?;
    let wanted =
        |found: &NodeKey| found.is_valid(now) && key.is_none_or(|wanted| found.pair.id == *wanted);
    let mut keys = tx.node_keys(std::slice::from_ref(id))?.into_iter();
    let key = keys.rfind(wanted).ok_or(Error::NotFound(Thing::NodeKey))?;
    let entry = Entry::revealed(actor, now, &key, vec!["sk"]);
    Ok(Changed::new(Setup { node, key }, entry))
}
