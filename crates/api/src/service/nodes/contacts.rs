//! What is known of the pulls of nodes: the one place in which it is looked up.

use std::collections::HashMap;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::NodeContact;
use cadastre_storage::Tx;

use crate::app::App;
use crate::error::Error;

/// What is known of the pulls of these nodes. A node that has never pulled has none.
///
/// # Errors
/// Failures of the storage.
pub fn contacts(
    _app: &App,
    tx: &mut dyn Tx,
    ids: &[NodeId],
) -> Result<HashMap<NodeId, NodeContact>, Error> {
    let found = tx.list_contacts(ids)?.into_iter();
    Ok(found.map(|contact| (contact.node_id.clone(), contact)).collect())
}
