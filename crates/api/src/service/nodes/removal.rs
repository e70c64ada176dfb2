//! What goes with a node that is deleted.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::node::Node;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::app::Changed;
use crate::error::Error;
use crate::service::{saved, watches};

/// Deletes a node that was found before: it is delivered nothing any more, and watches go on without
/// it.
///
/// # Errors
/// Failures of the storage.
pub(super) fn remove(
    tx: &mut dyn Tx,
    actor: &Actor,
    before: &Node,
    now: DateTime<Utc>,
) -> Result<Changed<()>, Error> {
    let after = Node { deleted_at: Some(now), ..before.changed(now) };
    saved(tx.save_node(&after)?)?;
    tx.withdraw_deliveries(&before.id, now)?;
    let mut changed = Changed::new((), Entry::done(actor, now, Some(before), None));
    for entry in watches::leave(tx, actor, &before.id, now)? {
        changed = changed.and(entry);
    }
    Ok(changed)
}
