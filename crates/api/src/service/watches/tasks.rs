//! The dial tasks of watches, which follow from the region.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::TaskId;
use cadastre_domain::region::Region;
use cadastre_domain::task::{DialTask, Task, TaskStatus};
use cadastre_domain::watch::{Watch, plan};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::service::saved;

/// Brings the tasks that watch a region in step with it, if it is watched: to be called with every
/// change of a region, in the same transaction. The entries tell of the tasks that were changed.
///
/// # Errors
/// Failures of the storage.
pub fn follow(
    tx: &mut dyn Tx,
    actor: &Actor,
    region: &Region,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, Error> {
    match tx.find_watch(region.id)? {
        Some(watch) => follow_watch(tx, actor, region, &watch, now),
        None => Ok(Vec::new()),
    }
}

/// Brings the tasks of a watch in step with it and with its region.
pub(super) fn follow_watch(
    tx: &mut dyn Tx,
    actor: &Actor,
    region: &Region,
    watch: &Watch,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, Error> {
    let stored = tx.tasks_of_region(region.id)?;
    let planned = plan(region, watch).into_iter();
    let mut wanted: Vec<(TaskId, DialTask)> = planned
        .filter_map(|planned| {
            let dial = planned.dial.ok()?;
            Some((watch.task_id(planned.part, dial.class())?, dial))
        })
        .collect();
    let mut entries = Vec::new();
    for before in stored.iter().filter(|task| watch.part_of(task.id).is_some()) {
        let dial = match wanted.iter().position(|(id, _)| *id == before.id) {
            Some(place) => wanted.swap_remove(place).1,
            // What cannot be dialled so any more rests, until it can again.
            None => before.dial.clone().with_status(TaskStatus::Stop),
        };
        entries.extend(change(tx, actor, before, dial, watch, now)?);
    }
    for (id, dial) in wanted {
        let task = new(id, dial, watch, actor, now);
        tx.insert_task(&task)?;
        entries.push(Entry::done(actor, now, None, Some(&task)));
    }
    Ok(entries)
}

fn new(id: TaskId, dial: DialTask, watch: &Watch, actor: &Actor, now: DateTime<Utc>) -> Task {
    Task {
        id,
        number: None,
        enterprise_id: watch.enterprise_id,
        dial,
        nodes: watch.nodes.clone(),
        tags: Vec::new(),
        region_id: Some(watch.region_id),
        created_by: actor.user_id,
        updated_by: actor.user_id,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        version: 1,
        target_since: now,
    }
}

/// Gives a task what it is to dial from where; its entry, if that is something else.
fn change(
    tx: &mut dyn Tx,
    actor: &Actor,
    before: &Task,
    dial: DialTask,
    watch: &Watch,
    now: DateTime<Utc>,
) -> Result<Option<Entry>, Error> {
    if before.dial == dial && before.nodes == watch.nodes {
        return Ok(None);
    }
    let nodes = watch.nodes.clone();
    let after = Task { nodes, ..next(before, actor, now).dialling(dial, now) };
    saved(tx.save_task(&after)?)?;
    Ok(Some(Entry::done(actor, now, Some(before), Some(&after))))
}

/// Removes the tasks of a watch. The entries tell of them, and of the watch, which is still to be
/// removed or goes with its region.
pub(in crate::service) fn end(
    tx: &mut dyn Tx,
    actor: &Actor,
    watch: &Watch,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, Error> {
    let mut entries = vec![Entry::done(actor, now, Some(watch), None)];
    for before in tx.tasks_of_region(watch.region_id)? {
        let after = Task { deleted_at: Some(now), ..next(&before, actor, now) };
        saved(tx.save_task(&after)?)?;
        entries.push(Entry::done(actor, now, Some(&before), None));
    }
    Ok(entries)
}

/// A task in its next version.
fn next(before: &Task, actor: &Actor, now: DateTime<Utc>) -> Task {
    let version = before.version + 1;
    Task { updated_by: actor.user_id, updated_at: now, version, ..before.clone() }
}
