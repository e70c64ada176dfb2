//! The keys of nodes: a second one beside the first, until a time or until it is used first, and the
//! end of one.

use std::net::IpAddr;

use cadastre_domain::audit::{Actor, Entry, Origin};
use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKey, AccessKeyId, NodeKey, Overlap};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::find_for;
use crate::app::{App, Changed, Writer};
use crate::auth::Session;
use crate::error::{Error, Thing};

/// The keys of a node, the oldest first, and when they were used as far as anybody knows.
///
/// # Errors
/// No such node for the caller; failures of the storage.
pub fn list(
    app: &App,
    tx: &mut dyn Tx,
    caller: &Caller,
    id: &NodeId,
) -> Result<Vec<NodeKey>, Error> {
    find_for(tx, caller, id)?;
    let keys = tx.node_keys(std::slice::from_ref(id))?;
    Ok(keys.into_iter().map(|key| with_last_use(app, key)).collect())
}

fn with_last_use(app: &App, key: NodeKey) -> NodeKey {
    let used = app.contacts.use_of(&key.pair.id);
    let (first_used_at, last_used_at) = (key.first_used_at.or(used), key.last_used_at.max(used));
    NodeKey { first_used_at, last_used_at, ..key }
}

/// Makes another key for a node.
///
/// # Errors
/// No such node for the caller, too many valid keys; failures of the storage.
pub fn add(
    tx: &mut dyn Tx,
    session: &Session,
    id: &NodeId,
    (pair, overlap): (AccessKey, Overlap),
    now: DateTime<Utc>,
) -> Result<Changed<NodeKey>, Error> {
    let node = find_for(tx, &session.caller, id)?;
    let keys = tx.node_keys(std::slice::from_ref(id))?;
    let new = NodeKey::new(pair, node.id, node.enterprise_id, now);
    let (ended, new) = NodeKey::added(&keys, new, overlap, now)?;
    tx.insert_node_key(&new)?;
    let entry = Entry::done(&session.actor, now, None, Some(&new)).showing(vec!["sk"]);
    let made = Changed::new(new, entry);
    save(tx, &session.actor, (&keys, ended), made, now)
}

/// Saves those of `keys` that changed, behind what changed already.
fn save<T>(
    tx: &mut dyn Tx,
    actor: &Actor,
    (keys, changed): (&[NodeKey], Vec<NodeKey>),
    mut so_far: Changed<T>,
    now: DateTime<Utc>,
) -> Result<Changed<T>, Error> {
    for after in changed {
        let before = keys.iter().find(|key| key.pair.id == after.pair.id);
        tx.save_node_key(&after)?;
        so_far = so_far.and(Entry::done(actor, now, before, Some(&after)));
    }
    Ok(so_far)
}

/// Revokes a key of a node. To revoke one that has ended changes nothing.
///
/// # Errors
/// No such node or key for the caller, the last valid one unless it is forced; failures of the
/// storage.
pub fn revoke(
    tx: &mut dyn Tx,
    session: &Session,
    (id, key, forced): (&NodeId, &AccessKeyId, bool),
    now: DateTime<Utc>,
) -> Result<Changed<()>, Error> {
    find_for(tx, &session.caller, id)?;
    let keys = tx.node_keys(std::slice::from_ref(id))?;
    let before = keys.iter().find(|known| known.pair.id == *key);
    let before = before.ok_or(Error::NotFound(Thing::NodeKey))?;
    let revoked = before.revoked(&keys, forced, now)?.into_iter().collect();
    save(tx, &session.actor, (&keys, revoked), Changed::nothing(()), now)
}

/// That a key is used which ends the others when it is used first.
#[derive(Debug, Clone)]
pub struct FirstUse {
    /// The node.
    pub node: NodeId,
    /// Its enterprise.
    pub enterprise: EnterpriseId,
    /// The key.
    pub key: AccessKeyId,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// The id of the request.
    pub request: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// Ends the other keys of the node, unless that was done already.
///
/// # Errors
/// That the key is not valid any more; failures of the storage.
pub async fn first_use(app: &App, used: FirstUse) -> Result<(), Error> {
    let actor = Actor {
        origin: Origin::Request { address: used.address, id: used.request },
        operation: "use_node_key",
        token_id: None,
        user_id: None,
        enterprise_id: Some(used.enterprise),
    };
    let writer = Writer::Node {
        node: used.node.clone(),
        key: used.key.clone(),
        enterprise: used.enterprise,
    };
    app.write(writer, move |tx| {
        let keys = tx.node_keys(std::slice::from_ref(&used.node))?;
        let own = keys.iter().find(|key| key.pair.id == used.key);
        let changed = own.map(|key| key.used_first(&keys, used.now)).unwrap_or_default();
        save(tx, &actor, (&keys, changed), Changed::nothing(()), used.now)
    })
    .await
}
