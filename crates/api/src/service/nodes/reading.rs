//! Listing and showing nodes, and whether they are alive.

use std::collections::HashSet;

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{Node, NodeKey, Pulls};
use cadastre_domain::role::Right;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::contacts::contacts;
use super::{enterprise, find};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::Error;
use crate::reads::ReadClass;

/// A node, and what is known of its pulls.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The node.
    pub node: Node,
    /// Its pulls.
    pub pulls: Pulls,
}

/// A node with what its owner needs to set it up.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The node, and what is known of its pulls.
    pub seen: Seen,
    /// The newest of its keys that are valid; none when all were revoked or have ended.
    pub key: Option<NodeKey>,
    /// Whether the caller sees the secret part of the key.
    pub reveal: bool,
    /// The enterprise that it belongs to.
    pub enterprise: Enterprise,
}

/// The nodes of the caller's enterprise, the oldest first: all, or those that are alive or not.
/// Whether one is, is reckoned now.
///
/// # Errors
/// Failures of the storage.
pub async fn list(app: &App, session: &Session, alive: Option<bool>) -> Result<Vec<Seen>, Error> {
    let (shared, enterprise) = (app.clone(), session.caller.enterprise_id);
    let now = app.clock.now();
    app.read_as(ReadClass::Page(enterprise), move |tx| {
        let nodes = tx.list_nodes(enterprise)?;
        let mut seen = see_all(&shared, tx, nodes)?;
        if let Some(alive) = alive {
            let living = living(tx, &seen, now)?;
            seen.retain(|seen| living.contains(&seen.node.id) == alive);
        }
        Ok(seen)
    })
    .await
}

/// Adds to nodes what is known of their pulls.
fn see_all(app: &App, tx: &mut dyn Tx, nodes: Vec<Node>) -> Result<Vec<Seen>, Error> {
    let ids: Vec<_> = nodes.iter().map(|node| node.id.clone()).collect();
    let contacts = contacts(app, tx, &ids)?;
    let pulls = |node: &Node| contacts.get(&node.id).map(|contact| contact.pulls);
    let seen = |node: Node| Seen { pulls: pulls(&node).unwrap_or_default(), node };
    Ok(nodes.into_iter().map(seen).collect())
}

/// Adds to a node what is known of its pulls.
pub(super) fn see(app: &App, tx: &mut dyn Tx, node: Node) -> Result<Seen, Error> {
    let known = contacts(app, tx, std::slice::from_ref(&node.id))?.remove(&node.id);
    Ok(Seen { pulls: known.map(|contact| contact.pulls).unwrap_or_default(), node })
}

/// Those of these nodes that are alive. Only the keys of nodes that pulled lately are looked at.
fn living(tx: &mut dyn Tx, seen: &[Seen], now: DateTime<Utc>) -> Result<HashSet<NodeId>, Error> {
    let alive = |seen: &&Seen| seen.pulls.liveness(seen.node.is_enabled, true, now).is_alive();
    let ids: Vec<_> = seen.iter().filter(alive).map(|seen| seen.node.id.clone()).collect();
    let keys = tx.node_keys(&ids)?.into_iter();
    Ok(keys.filter(|key| key.is_valid(now)).map(|key| key.node_id).collect())
}

/// A node of the caller's enterprise with its key. If he sees its secret part, that is noted.
///
/// # Errors
/// No such node; failures of the storage.
pub async fn show(app: &App, session: &Session, id: NodeId) -> Result<Shown, Error> {
    let writer = session.writer();
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    let reveal = session.caller.may(Right::RevealSecrets);
    let class = ReadClass::Page(session.caller.enterprise_id);
    let look = move |tx: &mut dyn Tx| {
        let node = find(tx, session.caller.enterprise_id, &id)?;
        let enterprise = enterprise(tx, node.enterprise_id)?;
        let mut keys = tx.node_keys(std::slice::from_ref(&node.id))?.into_iter();
        let key = keys.rfind(|key| key.is_valid(now));
        let seen = see(&shared, tx, node)?;
        let entry = key.as_ref().filter(|_| reveal);
        let entry = entry.map(|key| Entry::revealed(&session.actor, now, key, vec!["sk"]));
        Ok::<_, Error>((Shown { seen, key, reveal, enterprise }, entry))
    };
    let read = look.clone();
    // It has as many keys as were ever made for it.
    let (shown, entry) = app.read_as(class, move |tx| read(tx)).await?;
    if entry.is_none() {
        return Ok(shown);
    }
    // Read again, so that what is shown and that it was shown are of one transaction.
    app.write(writer, move |tx| {
        let (shown, entry) = look(tx)?;
        let shown = Changed::nothing(shown);
        Ok(match entry {
            Some(entry) => shown.and(entry),
            None => shown,
        })
    })
    .await
}
