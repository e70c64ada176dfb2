//! Deleting regions.

use cadastre_domain::audit::Entry;
use cadastre_domain::impact::{self, Impact};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{RegionDetail, decide_deletion};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;

use super::change::{Named, Writing, find, touching};
use super::revealed;
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::service::{Expected, openings, saved, watches};

/// Deletes a region, and closes it for the teams that have it open, where the rules allow that.
/// Everything that belongs to it alone goes, too; the audit stays.
///
/// # Errors
/// No such region, another version, what the rules refuse; failures of the storage.
pub fn delete(
    tx: &mut dyn Tx,
    writing: &Writing,
    (named, thing): (&Named, Thing),
    expected: &Expected,
    force: bool,
) -> Result<Changed<RegionDetail>, Error> {
    let (actor, now) = (&writing.session.actor, writing.now);
    let detail = find(tx, &writing.session.caller, named, thing)?;
    expected.check(detail.region.version)?;
    let open = open(tx, &detail)?;
    decide_deletion(&detail.region, open.len(), force)?;
    let mut entry = Entry::done(actor, now, Some(&detail), None);
    if writing.shows_secrets {
        entry = entry.showing(revealed(&writing.session.caller, &detail));
    }
    let mut changed = Changed::new(detail.clone(), entry);
    for opening in open {
        changed = changed.and(openings::close(tx, actor, opening, &detail.region, now)?);
    }
    for window in tx.open_windows(detail.region.id)? {
        changed = changed.and(Entry::done(actor, now, Some(&window), None));
    }
    if let Some(watch) = tx.find_watch(detail.region.id)? {
        for entry in watches::end(tx, actor, &watch, now)? {
            changed = changed.and(entry);
        }
    }
    saved(tx.delete_region(detail.region.id, detail.region.version)?)?;
    Ok(changed)
}

/// What would come of a deletion.
///
/// # Errors
/// No such region; failures of the storage.
pub fn impact_of_deletion(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    force: bool,
) -> Result<Impact, Error> {
    let detail = find(tx, caller, named, Thing::Region)?;
    let openings = open(tx, &detail)?;
    touching(tx, &detail.region, impact::of_deletion(&detail.region, &openings, force))
}

/// All openings of the region.
fn open(tx: &mut dyn Tx, detail: &RegionDetail) -> Result<Vec<Opening>, Error> {
    Ok(tx.openings_of_region(detail.region.id, None, i64::MAX)?)
}

/// Deletes a region of any enterprise, for the management interface: the answer shows its secrets.
///
/// # Errors
/// As [`delete`].
pub async fn delete_managed(
    app: &App,
    session: &Session,
    id: &str,
    force: bool,
) -> Result<RegionDetail, Error> {
    let (writing, named) = (Writing::new(app, session).shown(), Named::id(id));
    let place = Thing::ManagedRegion;
    app.write(session.writer(), move |tx| {
        delete(tx, &writing, (&named, place), &Expected::Any, force)
    })
    .await
}
