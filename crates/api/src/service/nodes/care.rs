//! What is done to nodes on the native face: changing what is said about them, switching them on and
//! off, deleting them.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{Node, NodeEdit};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::find_for;
use crate::app::Changed;
use crate::auth::Session;
use crate::error::Error;
use crate::service::{Expected, saved};

/// Changes what is said about a node. Where nothing differs, nothing is written.
///
/// # Errors
/// No such node for the caller, another version; failures of the storage.
pub fn edit(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (&NodeId, &Expected),
    edit: NodeEdit,
    now: DateTime<Utc>,
) -> Result<Changed<Node>, Error> {
    let before = find_for(tx, &session.caller, id)?;
    expected.check(before.version)?;
    match before.edited(edit, now) {
        None => Ok(Changed::nothing(before)),
        Some(after) => save(tx, session, &before, after, now),
    }
}

/// Enables or disables a node, unless it is so already. One that is enabled again is delivered all its
/// tasks once more: its agent stopped them when it was told that the node is disabled, but did not
/// forget how far it had read (dialing contract, section 3.2).
///
/// # Errors
/// No such node for the caller; failures of the storage.
pub fn switch(
    tx: &mut dyn Tx,
    session: &Session,
    id: &NodeId,
    enabled: bool,
    now: DateTime<Utc>,
) -> Result<Changed<Node>, Error> {
    let before = find_for(tx, &session.caller, id)?;
    if before.is_enabled == enabled {
        return Ok(Changed::nothing(before));
    }
    if enabled {
        tx.redeliver(id, now)?;
    }
    let after = Node { is_enabled: enabled, ..before.changed(now) };
    save(tx, session, &before, after, now)
}

fn save(
    tx: &mut dyn Tx,
    session: &Session,
    before: &Node,
    after: Node,
    now: DateTime<Utc>,
) -> Result<Changed<Node>, Error> {
    saved(tx.save_node(&after)?)?;
    let entry = Entry::done(&session.actor, now, Some(before), Some(&after));
    Ok(Changed::new(after, entry))
}

/// Deletes a node. Its keycode is free again, and its tasks go on without it. Its keys are kept for a
/// while, so that its agent can be told to stop.
///
/// # Errors
/// No such node for the caller, another version; failures of the storage.
pub fn delete(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (&NodeId, &Expected),
    now: DateTime<Utc>,
) -> Result<Changed<()>, Error> {
    let before = find_for(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let after = Node { deleted_at: Some(now), ..before.changed(now) };
    saved(tx.save_node(&after)?)?;
    tx.withdraw_deliveries(id, now)?;
    Ok(Changed::new((), Entry::done(&session.actor, now, Some(&before), None)))
}
