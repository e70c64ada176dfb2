//! What is known of the pulls of nodes: the one place in which it is looked up.

use std::collections::HashMap;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{NodeAgent, NodeContact};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::error::Error;

/// What is known of the pulls of these nodes: what is written, and what is not yet. A node that has
/// never pulled has none.
///
/// # Errors
/// Failures of the storage.
pub fn contacts(
    app: &App,
    tx: &mut dyn Tx,
    ids: &[NodeId],
) -> Result<HashMap<NodeId, NodeContact>, Error> {
    let found = tx.list_contacts(ids)?.into_iter();
    let mut stored: HashMap<_, _> =
        found.map(|contact| (contact.node_id.clone(), contact)).collect();
    let known = |id: &NodeId| Some((id.clone(), app.contacts.of(id, stored.remove(id))?));
    Ok(ids.iter().filter_map(known).collect())
}

/// The agents of a node that pulled at `since` or later: those that are written, and those that are
/// not yet.
///
/// # Errors
/// Failures of the storage.
pub fn agents(
    app: &App,
    tx: &mut dyn Tx,
    id: &NodeId,
    since: DateTime<Utc>,
) -> Result<Vec<NodeAgent>, Error> {
    // All of them: one that pulls still may be written with an earlier time.
    let stored = tx.list_agents(id, DateTime::UNIX_EPOCH)?;
    Ok(app.contacts.agents(id, since, stored))
}
