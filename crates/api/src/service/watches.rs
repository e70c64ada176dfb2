//! Watching regions: a watch, and the dial tasks that follow from it and from its region.

mod tasks;

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::region::RegionDetail;
use cadastre_domain::task::Frequency;
use cadastre_domain::token::Caller;
use cadastre_domain::watch::{Planned, Watch, WatchId, plan};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::regions::change::{Named, Writing, find};
use super::{Expected, saved};
use crate::app::Changed;
use crate::error::{Error, FieldError, Problem, Thing};
pub(super) use tasks::end;
pub use tasks::follow;

/// What is said about a watch when it is made.
#[derive(Debug, Clone)]
pub struct WatchDraft {
    /// The nodes that dial.
    pub nodes: Vec<NodeId>,
    /// How often they do.
    pub frequency: Frequency,
    /// From how many nodes the region must be down before that is an alarm.
    pub down_from: u32,
    /// Whether a certificate that does not verify is a failure.
    pub verifies_tls: bool,
}

/// What is to be changed of a watch; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct WatchEdit {
    /// The nodes that dial.
    pub nodes: Option<Vec<NodeId>>,
    /// How often they do.
    pub frequency: Option<Frequency>,
    /// From how many nodes the region must be down before that is an alarm.
    pub down_from: Option<u32>,
    /// Whether a certificate that does not verify is a failure.
    pub verifies_tls: Option<bool>,
}

/// A watch with the tasks that it is to have.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The watch.
    pub watch: Watch,
    /// Its tasks, or why there is none.
    pub planned: Vec<Planned>,
}

impl Watched {
    fn new(watch: Watch, detail: &RegionDetail) -> Self {
        Self { planned: plan(&detail.region, &watch), watch }
    }
}

/// Watches a region from some nodes: makes the tasks that follow from its addresses.
///
/// # Errors
/// No such region for the caller, nodes that are not there; failures of the storage, above all that
/// the region is watched already.
pub fn create(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    draft: WatchDraft,
    id: WatchId,
) -> Result<Changed<Watched>, Error> {
    let (actor, now) = (&writing.session.actor, writing.now);
    let detail = find(tx, &writing.session.caller, named, Thing::Region)?;
    let enterprise_id = detail.region.enterprise_id;
    let watch = Watch {
        id,
        region_id: detail.region.id,
        enterprise_id,
        nodes: known(tx, enterprise_id, draft.nodes)?,
        frequency: draft.frequency,
        down_from: draft.down_from,
        verifies_tls: draft.verifies_tls,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    tx.insert_watch(&watch)?;
    let mut changed = Changed::new((), Entry::done(actor, now, None, Some(&watch)));
    for entry in tasks::follow_watch(tx, actor, &detail.region, &watch, now)? {
        changed = changed.and(entry);
    }
    Ok(changed.map(|()| Watched::new(watch, &detail)))
}

/// The watch of a region.
///
/// # Errors
/// No such region for the caller, or one that is not watched; failures of the storage.
pub fn show(tx: &mut dyn Tx, caller: &Caller, named: &Named) -> Result<Watched, Error> {
    let (detail, watch) = watched(tx, caller, named)?;
    Ok(Watched::new(watch, &detail))
}

fn watched(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
) -> Result<(RegionDetail, Watch), Error> {
    let detail = find(tx, caller, named, Thing::Region)?;
    let watch = tx.find_watch(detail.region.id)?.ok_or(Error::NotFound(Thing::Watch))?;
    Ok((detail, watch))
}

/// Changes a watch, and its tasks with it. When nothing differs, nothing is written.
///
/// # Errors
/// As [`show`]; another version, nodes that are not there.
pub fn change(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    expected: &Expected,
    edit: WatchEdit,
) -> Result<Changed<Watched>, Error> {
    let (actor, now) = (&writing.session.actor, writing.now);
    let (detail, before) = watched(tx, &writing.session.caller, named)?;
    expected.check(before.version)?;
    let nodes = match edit.nodes {
        Some(nodes) => known(tx, before.enterprise_id, nodes)?,
        None => before.nodes.clone(),
    };
    let mut after = Watch {
        nodes,
        frequency: edit.frequency.unwrap_or(before.frequency),
        down_from: edit.down_from.unwrap_or(before.down_from),
        verifies_tls: edit.verifies_tls.unwrap_or(before.verifies_tls),
        ..before.clone()
    };
    if after == before {
        return Ok(Changed::nothing(Watched::new(before, &detail)));
    }
    (after.version, after.updated_at) = (before.version + 1, now);
    saved(tx.save_watch(&after)?)?;
    let entry = Entry::done(actor, now, Some(&before), Some(&after));
    let mut changed = Changed::new((), entry);
    for entry in tasks::follow_watch(tx, actor, &detail.region, &after, now)? {
        changed = changed.and(entry);
    }
    Ok(changed.map(|()| Watched::new(after, &detail)))
}

/// Watches a region no more: its tasks go, what they found is kept.
///
/// # Errors
/// As [`show`]; another version.
pub fn remove(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    expected: &Expected,
) -> Result<Changed<()>, Error> {
    let (_, watch) = watched(tx, &writing.session.caller, named)?;
    expected.check(watch.version)?;
    let mut changed = Changed::nothing(());
    for entry in end(tx, &writing.session.actor, &watch, writing.now)? {
        changed = changed.and(entry);
    }
    saved(tx.delete_watch(watch.region_id, watch.version)?)?;
    Ok(changed)
}

/// Takes a node that is deleted out of all watches, be it that none is left in one. The entries tell
/// of them. Their tasks stay as they are: the node has them no more.
pub(super) fn leave(
    tx: &mut dyn Tx,
    actor: &Actor,
    node: &NodeId,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for before in tx.watches_from(node)? {
        let mut after = Watch { updated_at: now, version: before.version + 1, ..before.clone() };
        after.nodes.retain(|left| left != node);
        saved(tx.save_watch(&after)?)?;
        entries.push(Entry::done(actor, now, Some(&before), Some(&after)));
    }
    Ok(entries)
}

/// These nodes in the order of their identifiers, each once, if all of them are there.
fn known(
    tx: &mut dyn Tx,
    enterprise: EnterpriseId,
    mut nodes: Vec<NodeId>,
) -> Result<Vec<NodeId>, Error> {
    nodes.sort();
    nodes.dedup();
    let found = tx.find_nodes(&nodes)?;
    let own = found.iter().filter(|n| n.enterprise_id == enterprise && n.deleted_at.is_none());
    if own.count() == nodes.len() {
        Ok(nodes)
    } else {
        Err(FieldError::new("nodes", Problem::NoSuch(Thing::Node)).into())
    }
}
