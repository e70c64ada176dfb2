//! Opening regions for teams.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::RegionId;
use cadastre_domain::opening::{
    Opening, OpeningDecision, OpeningRefusal, decide_opening, may_open_for,
};
use cadastre_domain::region::{RegionDetail, RegionName};
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::teams;
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldError, Thing};

/// Opens a region, by its name, for a team. Opening it again changes nothing.
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
    region: Result<String, Vec<FieldError>>,
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
        app.clusters.create_tenant(&team, &region).await?;
    }
    let (actor, now) = (session.actor.clone(), app.clock.now());
    app.write(move |tx| {
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

/// Opens the region; without an entry when it was open before.
pub(super) fn insert(
    tx: &mut dyn Tx,
    actor: &Actor,
    team: &Team,
    region_id: RegionId,
    now: DateTime<Utc>,
) -> Result<Option<Entry>, Error> {
    let opening = Opening { team_id: team.id, region_id, created_at: now };
    let inserted = tx.insert_opening(&opening)?;
    let subject = (opening, team.enterprise_id);
    Ok(inserted.then(|| Entry::done(actor, now, None, Some(&subject))))
}

fn decide(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &str,
    region: &Result<String, Vec<FieldError>>,
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
