//! Changing and deleting nodes.

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::NodeEdit;

use super::reading::{Seen, see};
use super::removal::remove;
use super::{enterprise, find};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldError, Problem};
use crate::service::saved;

/// Changes what is said about a node of the caller's enterprise. A keycode may be named, but has to be
/// the node's own. Where nothing differs, nothing is written.
///
/// # Errors
/// No such node, another keycode; failures of the storage.
pub async fn edit(
    app: &App,
    session: &Session,
    id: NodeId,
    keycode: Option<String>,
    edit: NodeEdit,
) -> Result<(Seen, Enterprise), Error> {
    let (shared, session, now) = (app.clone(), session.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let before = find(tx, session.caller.enterprise_id, &id)?;
        let own = before.profile.keycode.as_ref();
        if keycode.as_deref().is_some_and(|keycode| keycode != own) {
            return Err(FieldError::new("keycode", Problem::Fixed).into());
        }
        let changed = match before.edited(edit.clone(), now) {
            None => Changed::nothing(before),
            Some(after) => {
                saved(tx.save_node(&after)?)?;
                let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
                Changed::new(after, entry)
            }
        };
        changed.try_map(|node| {
            let enterprise = enterprise(tx, node.enterprise_id)?;
            Ok((see(&shared, tx, node)?, enterprise))
        })
    })
    .await
}

/// Deletes a node of the caller's enterprise. Its keycode is free again, and its tasks and the watches
/// of regions go on without it. Its keys are kept, so that its agent can be told to stop.
///
/// # Errors
/// No such node; failures of the storage.
pub async fn delete(app: &App, session: &Session, id: NodeId) -> Result<(), Error> {
    let (session, now) = (session.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let before = find(tx, session.caller.enterprise_id, &id)?;
        remove(tx, &session.actor, &before, now)
    })
    .await
}
