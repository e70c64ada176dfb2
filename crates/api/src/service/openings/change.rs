//! Closing regions for teams, and changing how much of them they may use.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::RegionId;
use cadastre_domain::impact::{Impact, of_closing};
use cadastre_domain::opening::{Opening, QuotaEdit};
use cadastre_domain::region::RegionDetail;
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::caller_sees;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::{Place, close, regions, teams};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::service::{Expected, check_authority, not_told, saved};

/// The opening with its team and its region, for a caller who may see them.
///
/// # Errors
/// No such team; [`Error::NotOpen`] also when there is no such region for the caller, so that
/// nobody learns of one; failures of the storage.
pub fn find(
    tx: &mut dyn Tx,
    caller: &Caller,
    place: &Place,
) -> Result<(Team, RegionDetail, Opening), Error> {
    let team = teams::find(tx, caller, &place.team)?;
    let region = match regions::find(tx, caller, &place.region, Thing::Region) {
        Err(Error::NotFound(_)) => Err(Error::NotOpen),
        found => found,
    }?;
    let opening = tx.find_opening(team.id, region.region.id)?.ok_or(Error::NotOpen)?;
    if !caller_sees(caller, &region.region, &[team.id]).granted {
        return Err(Error::NotOpen);
    }
    Ok((team, region, opening))
}

/// Closes a region for a team. Where clusters are called, the region's forgets the team before; one that is
/// not reached does not, and the audit entry says so.
///
/// # Errors
/// As [`find`]; another version, a cluster that does not forget the team or is not called.
pub async fn close_for(
    app: &App,
    session: &Session,
    place: Place,
    expected: Expected,
) -> Result<(Team, Opening), Error> {
    let find = {
        let caller = session.caller.clone();
        move |tx: &mut dyn Tx| {
            let found = find(tx, &caller, &place)?;
            expected.check(found.2.version)?;
            Ok(found)
        }
    };
    let mut missed = None;
    if app.clusters.enabled() {
        let (team, region, _) = app.read(find.clone()).await?;
        let check = async || check_authority(app, session).await;
        missed = app.clusters.delete_tenant(&team, &region, check).await?;
    }
    let (actor, now) = (session.actor.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        let (team, region, opening) = find(tx)?;
        let mut entry = close(tx, &actor, opening.clone(), &region.region, now)?;
        entry.reason = missed.map(not_told);
        Ok(Changed::new((team, opening), entry))
    })
    .await
}

/// Lets a team use more or less of a region. Where nothing differs, nothing is written.
///
/// # Errors
/// As [`find`]; another version.
pub fn set_quota(
    tx: &mut dyn Tx,
    session: &Session,
    place: &Place,
    expected: &Expected,
    edit: QuotaEdit,
    now: DateTime<Utc>,
) -> Result<Changed<Opening>, Error> {
    let (team, _, before) = find(tx, &session.caller, place)?;
    expected.check(before.version)?;
    let quota = before.quota.edit(edit);
    if before.quota == quota {
        return Ok(Changed::nothing(before));
    }
    let after = before.clone().with_quota(quota, now);
    saved(tx.save_opening(&after)?)?;
    let of = |opening: &Opening| (opening.clone(), team.enterprise_id);
    let entry = Entry::done(&session.actor, now, Some(&of(&before)), Some(&of(&after)));
    Ok(Changed::new(after, entry))
}

/// What would come of closing a region for a team, and which region that is.
///
/// # Errors
/// As [`find`].
pub fn impact_of_closing(
    tx: &mut dyn Tx,
    caller: &Caller,
    place: &Place,
) -> Result<(RegionId, Impact), Error> {
    let (_, region, opening) = find(tx, caller, place)?;
    Ok((region.region.id, of_closing(&region.region, &opening)))
}
