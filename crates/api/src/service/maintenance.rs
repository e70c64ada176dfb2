//! Windows of maintenance: planning, changing, and what the register does by itself when their time
//! comes.

use std::collections::HashSet;

use cadastre_domain::audit::{Actor, Entry, Origin};
use cadastre_domain::id::{EnterpriseId, WindowId};
use cadastre_domain::maintenance::{Edge, Window, WindowDraft, WindowRefusal};
use cadastre_domain::region::{RegionDetail, RegionEdit, Status};
use cadastre_domain::token::Caller;
use cadastre_storage::{ChangedBy, RegionSave, SetChange, Tx, WindowFilter};
use chrono::{DateTime, Utc};

use super::regions::change::{Named, Writing, find};
use super::{Counted, Expected, saved, watches};
use crate::app::{App, Changed, Writer};
use crate::error::{Error, FieldError, Problem, Thing};

/// How many windows are dealt with in one transaction.
const BATCH: i64 = 50;

/// Plans a window for a region. One that begins now is begun at once.
///
/// # Errors
/// No such region for the caller, a window that cannot be; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    id: WindowId,
    draft: &WindowDraft,
) -> Result<Changed<Window>, Error> {
    let (actor, now) = (&writing.session.actor, writing.now);
    let detail = find(tx, &writing.session.caller, named, Thing::Region)?;
    let others = tx.open_windows(detail.region.id)?;
    let window = draft.clone().plan(id, &detail.region, &others, now).map_err(refused)?;
    tx.insert_window(&window)?;
    let planned = Changed::new((), Entry::done(actor, now, None, Some(&window)));
    if window.due(now).is_none() {
        return Ok(planned.map(|()| window));
    }
    let (after, status) = window.clone().advance(&detail, now);
    take(tx, actor, planned, (&window, after), (detail, status), now)
}

/// A refusal as that of a field, when one end of the window alone is to be corrected.
fn refused(refusal: WindowRefusal) -> Error {
    let field = match refusal.edge() {
        Some(Edge::Start) => "starts_at",
        Some(Edge::End) => "ends_at",
        None => return refusal.into(),
    };
    FieldError::new(field, Problem::Other(refusal.to_string())).into()
}

/// At most `limit` windows that fit the filter, the oldest first, and if `counted`, how many there
/// are on all pages.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &WindowFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Window>, Error> {
    let windows = tx.list_windows(filter, limit)?;
    let total = counted.then(|| tx.count_windows(filter)).transpose()?;
    Ok(Counted::found(windows, total))
}

/// The window, if it exists for the caller.
///
/// # Errors
/// No such window; failures of the storage.
pub fn find_window(tx: &mut dyn Tx, caller: &Caller, id: WindowId) -> Result<Window, Error> {
    let found = tx.find_window(id)?;
    found.filter(|w| caller.reaches(w.enterprise_id)).ok_or(Error::NotFound(Thing::Window))
}

/// Gives a window another end. When that is its end already, nothing is written.
///
/// # Errors
/// No such window, another version, an end that cannot be; failures of the storage.
pub fn extend(
    tx: &mut dyn Tx,
    writing: &Writing,
    id: WindowId,
    expected: &Expected,
    ends_at: Option<DateTime<Utc>>,
) -> Result<Changed<Window>, Error> {
    let before = find_window(tx, &writing.session.caller, id)?;
    expected.check(before.version)?;
    let Some(ends_at) = ends_at else { return Ok(Changed::nothing(before)) };
    let others = tx.open_windows(before.region_id)?;
    let (actor, now) = (&writing.session.actor, writing.now);
    let after = before.clone().extend(ends_at, &others, now).map_err(refused)?;
    if after.ends_at == before.ends_at {
        return Ok(Changed::nothing(before));
    }
    saved(tx.save_window(&after)?)?;
    let entry = Entry::done(actor, now, Some(&before), Some(&after));
    Ok(Changed::new(after, entry))
}

/// Calls a window off. One that has begun ends now.
///
/// # Errors
/// No such window, another version, one that is over; failures of the storage.
pub fn cancel(
    tx: &mut dyn Tx,
    writing: &Writing,
    id: WindowId,
    expected: &Expected,
) -> Result<Changed<Window>, Error> {
    let (actor, now) = (&writing.session.actor, writing.now);
    let before = find_window(tx, &writing.session.caller, id)?;
    expected.check(before.version)?;
    let region = region_of(tx, &before)?;
    let (after, status) = before.clone().cancel(&region, now)?;
    take(tx, actor, Changed::nothing(()), (&before, after), (region, status), now)
}

fn region_of(tx: &mut dyn Tx, window: &Window) -> Result<RegionDetail, Error> {
    tx.find_region_detail(window.region_id)?.ok_or(Error::NotFound(Thing::Region))
}

/// Writes what became of a window and of its region, behind what changed already.
fn take(
    tx: &mut dyn Tx,
    actor: &Actor,
    changed: Changed<()>,
    (before, after): (&Window, Window),
    (region, status): (RegionDetail, Option<Status>),
    now: DateTime<Utc>,
) -> Result<Changed<Window>, Error> {
    saved(tx.save_window(&after)?)?;
    let entry = Entry::done(actor, now, Some(before), Some(&after));
    let changed = changed.map(|()| after).and(entry);
    match status {
        Some(status) => {
            let moved = move_region(tx, actor, &region, status, now)?;
            Ok(moved.into_iter().fold(changed, Changed::and))
        }
        None => Ok(changed),
    }
}

/// Gives the region of a window another status, and brings the tasks that watch it in step.
fn move_region(
    tx: &mut dyn Tx,
    actor: &Actor,
    before: &RegionDetail,
    status: Status,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, Error> {
    let edit = RegionEdit { status: Some(status), ..RegionEdit::default() };
    let after = before.edit(edit, now)?;
    let by = ChangedBy::from(actor);
    let save = RegionSave { detail: &after, set: SetChange::Keep, previous_until: None, by };
    saved(tx.save_region(&save)?)?;
    let mut entries = vec![Entry::done(actor, now, Some(before), Some(&after))];
    entries.extend(watches::follow(tx, actor, &after.region, now)?);
    Ok(entries)
}

/// The register itself, when the time of a window has come.
fn register(enterprise: EnterpriseId) -> Actor {
    Actor {
        origin: Origin::Server,
        operation: "run_maintenance",
        token_id: None,
        user_id: None,
        enterprise_id: Some(enterprise),
    }
}

/// Begins and ends the windows whose time has come by `now`; how many. Every server may ask: their
/// transactions take turns, and a window that was dealt with is not due again.
///
/// # Errors
/// Failures of the storage.
pub async fn run_due(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut done = 0;
    loop {
        // Asked without a transaction that writes, as mostly nothing is due.
        let due = app.read(move |tx| Ok(tx.due_windows(now, BATCH)?)).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let (mut progress, mut stuck) = (false, HashSet::new());
        for window in due {
            let id = window.id;
            // What comes later for a region waits for what comes before.
            if stuck.contains(&window.region_id) {
                continue;
            }
            let stepped = app.write(Writer::Register, move |tx| run_one(tx, id, now)).await;
            match stepped {
                Ok(true) => {
                    (done, progress) = (done + 1, true);
                }
                Ok(false) => {}
                Err(error) => {
                    stuck.insert(window.region_id);
                    log::error!("the window of maintenance {id} waits: {error}");
                }
            }
        }
        if !progress {
            return Ok(done);
        }
    }
}

/// Deals with one window, if it is still due; whether it was.
fn run_one(tx: &mut dyn Tx, id: WindowId, now: DateTime<Utc>) -> Result<Changed<bool>, Error> {
    let window = tx.find_window(id)?.filter(|window| window.due(now).is_some());
    let Some(window) = window else { return Ok(Changed::nothing(false)) };
    let (actor, region) = (register(window.enterprise_id), region_of(tx, &window)?);
    let (after, status) = window.clone().advance(&region, now);
    let done = take(tx, &actor, Changed::nothing(()), (&window, after), (region, status), now)?;
    Ok(done.map(|_| true))
}
