//! Opening regions for teams.

mod change;
mod list;
mod pages;

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::RegionId;
use cadastre_domain::opening::{
    Opening, OpeningDecision, OpeningRefusal, Quota, decide_opening, may_open_for,
};
use cadastre_domain::region::{Region, RegionDetail, RegionName};
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::caller_sees;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

pub use change::{close_for, find, impact_of_closing, set_quota};
pub(super) use list::all_of;
pub use list::{OpenRegions, check_usable, is_filtered, list_of_team, seen_by};
pub use pages::{PageAsked, page_of_region, page_of_team};

use super::regions::change as regions;
use super::{check_authority, saved, teams};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldErrors, Thing};

/// A team and a region, between which there is an opening or will be.
#[derive(Debug, Clone)]
pub struct Place {
    /// The team.
    pub team: teams::Named,
    /// The region.
    pub region: regions::Named,
}

/// Opens a region, by its name, for a team, without a limit. Opening it again changes nothing.
///
/// # Errors
/// In the order of the contract (section 5): no such team, no right to open for it, wrong fields,
/// no such region, a team that was asked for by name, a region of another enterprise or one that
/// the caller may not open, one that is not enabled; then what the cluster says, when clusters are
/// called.
pub async fn open(
    app: &App,
    session: &Session,
    team: String,
    region: Result<String, FieldErrors>,
) -> Result<Team, Error> {
    let decide = {
        let caller = session.caller.clone();
        move |tx: &mut dyn Tx| decide(tx, &caller, &team, &region)
    };
    let (team, region, decision) = app.read(decide.clone()).await?;
    if decision == OpeningDecision::AlreadyOpen {
        return Ok(team);
    }
    if app.clusters.enabled() {
        let check = async || check_authority(app, session).await;
        app.clusters.create_tenant(&team, &region, check).await?;
    }
    let (actor, now) = (session.actor.clone(), app.clock.now());
    app.write(session.writer(), move |tx| {
        // Decided again: the region may have been disabled meanwhile.
        let (team, region, _) = decide(tx)?;
        let entry = insert(tx, &actor, &team, region.region.id, now)?;
        Ok(match entry {
            Some(entry) => Changed::new(team, entry),
            None => Changed::nothing(team),
        })
    })
    .await
}

/// Opens the region without a limit; without an entry when it was open before.
pub(super) fn insert(
    tx: &mut dyn Tx,
    actor: &Actor,
    team: &Team,
    region_id: RegionId,
    now: DateTime<Utc>,
) -> Result<Option<Entry>, Error> {
    let opening = Opening::new(team.id, region_id, Quota::default(), now);
    let inserted = tx.insert_opening(&opening)?;
    let subject = (opening, team.enterprise_id);
    Ok(inserted.then(|| Entry::done(actor, now, None, Some(&subject))))
}

/// Closes a region for a team.
pub(super) fn close(
    tx: &mut dyn Tx,
    actor: &Actor,
    opening: Opening,
    region: &Region,
    now: DateTime<Utc>,
) -> Result<Entry, Error> {
    saved(tx.delete_opening(&opening)?)?;
    let subject = (opening, region.enterprise_id);
    Ok(Entry::done(actor, now, Some(&subject), None))
}

fn decide(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &str,
    region: &Result<String, FieldErrors>,
) -> Result<(Team, RegionDetail, OpeningDecision), Error> {
    let (team, by_name) = teams::find_by_any(tx, caller, team)?;
    if !may_open_for(caller, &team) {
        return Err(OpeningRefusal::NotPermitted.into());
    }
    let name = region.as_ref().map_err(|errors| Error::Fields(errors.clone()))?;
    let region = find_region(tx, name)?;
    if by_name {
        return Err(Error::NotFound(Thing::TeamByName));
    }
    let open = tx.is_open(team.id, region.region.id)?;
    let decision = decide_opening(caller, &team, &region.region, open)?;
    Ok((team, region, decision))
}

/// The region of this name, in any enterprise.
pub(super) fn find_region(tx: &mut dyn Tx, name: &str) -> Result<RegionDetail, Error> {
    let unknown = || Error::NotFound(Thing::Region);
    // A text that can be no name is the name of no region.
    let name = RegionName::try_from(name.to_owned()).map_err(|_| unknown())?;
    tx.find_region_named(&name)?.ok_or_else(unknown)
}

/// Tells the cluster of the region about the team, where clusters are called and the region is
/// going to be opened. To be called before [`open_with`], outside of its transaction.
///
/// # Errors
/// As [`open_with`]; what the cluster says.
pub async fn announce(app: &App, session: &Session, place: &Place) -> Result<(), Error> {
    if !app.clusters.enabled() {
        return Ok(());
    }
    let (caller, place) = (session.caller.clone(), place.clone());
    let decided = app.read(move |tx| decide_at(tx, &caller, &place)).await?;
    if let (team, region, None) = decided {
        let check = async || check_authority(app, session).await;
        app.clusters.create_tenant(&team, &region, check).await?;
    }
    Ok(())
}

/// Opens a region for a team with this quota, and whether it was so done: what is open already
/// stays as it is.
///
/// # Errors
/// No such team or region for the caller; one that he may not open, or that is not enabled;
/// failures of the storage.
pub fn open_with(
    tx: &mut dyn Tx,
    session: &Session,
    place: &Place,
    quota: Quota,
    now: DateTime<Utc>,
) -> Result<Changed<(Opening, bool)>, Error> {
    let (team, region, open) = decide_at(tx, &session.caller, place)?;
    if let Some(opening) = open {
        return Ok(Changed::nothing((opening, false)));
    }
    let opening = Opening::new(team.id, region.region.id, quota, now);
    saved(tx.insert_opening(&opening)?)?;
    let subject = (opening.clone(), team.enterprise_id);
    let entry = Entry::done(&session.actor, now, None, Some(&subject));
    Ok(Changed::new((opening, true), entry))
}

/// The team and the region, when it may be opened, and the opening that there is.
fn decide_at(
    tx: &mut dyn Tx,
    caller: &Caller,
    place: &Place,
) -> Result<(Team, RegionDetail, Option<Opening>), Error> {
    let team = teams::find(tx, caller, &place.team)?;
    let region = regions::find(tx, caller, &place.region, Thing::Region)?;
    let opening = tx.find_opening(team.id, region.region.id)?;
    let open = opening.as_ref().map(|opening| opening.team_id);
    if !caller_sees(caller, &region.region, open.as_slice()).granted {
        return Err(Error::NotFound(Thing::Region));
    }
    decide_opening(caller, &team, &region.region, opening.is_some())?;
    Ok((team, region, opening))
}
