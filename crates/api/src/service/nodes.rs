//! Registering nodes.

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::token::Caller;

use crate::app::App;
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
    caller: &Caller,
    profile: NodeProfile,
) -> Result<Registered, Error> {
    let enterprise_id = caller.enterprise_id;
    let node = Node { id: ids::node_id(), enterprise_id, profile, created_at: app.clock.now() };
    let key = ids::access_key();
    app.write(move |tx| {
        let enterprise =
            tx.find_enterprise(enterprise_id)?.ok_or(Error::NotFound(Thing::Enterprise))?;
        tx.insert_node(&node, &key)?;
        Ok(Registered { node: node.clone(), key: key.clone(), enterprise })
    })
    .await
}
