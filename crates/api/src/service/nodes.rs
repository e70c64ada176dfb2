//! Nodes.

pub mod care;
pub mod change;
pub mod contacts;
pub mod forgetting;
pub mod keys;
pub mod reading;
mod removal;
pub mod run;
pub mod setup;
pub mod survey;

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;

use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::ids;

/// A node that was just registered, with what its owner needs to set it up.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The node.
    pub node: Node,
    /// Its key pair.
    pub key: AccessKey,
    /// The enterprise that it belongs to.
    pub enterprise: Enterprise,
}

/// Registers a node in the caller's enterprise.
///
/// # Errors
/// A keycode that is taken in the enterprise; failures of the storage.
pub async fn register(
    app: &App,
    session: &Session,
    profile: NodeProfile,
) -> Result<Registered, Error> {
    let (actor, enterprise_id) = (session.actor.clone(), session.caller.enterprise_id);
    let now = app.clock.now();
    let node = Node::new(ids::node_id(), enterprise_id, profile, now);
    let key = ids::access_key();
    app.write(session.writer(), move |tx| {
        let enterprise = enterprise(tx, enterprise_id)?;
        tx.insert_node(&node, &key)?;
        let subject = (node.clone(), key.clone());
        let entry = Entry::done(&actor, now, None, Some(&subject)).showing(vec!["sk"]);
        let (node, key) = subject;
        Ok(Changed::new(Registered { node, key, enterprise }, entry))
    })
    .await
}

/// The enterprise with this identifier.
///
/// # Errors
/// No such enterprise; failures of the storage.
pub fn enterprise(tx: &mut dyn Tx, id: EnterpriseId) -> Result<Enterprise, Error> {
    tx.find_enterprise(id)?.ok_or(Error::NotFound(Thing::Enterprise))
}

/// A node of this enterprise that is not deleted.
///
/// # Errors
/// No such node; failures of the storage.
pub fn find(tx: &mut dyn Tx, enterprise: EnterpriseId, id: &NodeId) -> Result<Node, Error> {
    let own = |node: &Node| node.enterprise_id == enterprise && node.deleted_at.is_none();
    let found = tx.find_nodes(std::slice::from_ref(id))?.pop().filter(own);
    found.ok_or(Error::NotFound(Thing::Node))
}

/// A node that is not deleted, if it exists for the caller.
///
/// # Errors
/// No such node for him; failures of the storage.
pub fn find_for(tx: &mut dyn Tx, caller: &Caller, id: &NodeId) -> Result<Node, Error> {
    let own = |node: &Node| caller.reaches(node.enterprise_id) && node.deleted_at.is_none();
    let found = tx.find_nodes(std::slice::from_ref(id))?.pop().filter(own);
    found.ok_or(Error::NotFound(Thing::Node))
}
