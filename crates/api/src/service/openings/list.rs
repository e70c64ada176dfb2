//! Which regions are open for a team, and which of them it can use now.

use cadastre_domain::opening::Opening;
use cadastre_domain::region::{OpeningUse, Region, Status};
use cadastre_domain::role::Right;
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::caller_sees;
use cadastre_storage::{OpenRegionFilter, Tx};

use super::{regions, teams};
use crate::error::{Error, Thing};
use crate::service::Slice;

/// Some of the regions that are open for a team.
#[derive(Debug)]
pub struct OpenRegions {
    /// The team.
    pub team: Team,
    /// The openings with their regions, by the age of the regions.
    pub regions: Vec<(Opening, Region)>,
    /// How many there are in all.
    pub total: i64,
}

/// The regions open for a team whose name or alias contains this text: of every status to those who
/// read all regions, to members of the team those that teams see.
///
/// # Errors
/// No such team; failures of the storage.
pub fn list_of_team(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &teams::Named,
    contains: Option<String>,
    slice: Slice,
) -> Result<OpenRegions, Error> {
    let team = teams::find(tx, caller, team)?;
    let filter = OpenRegionFilter { contains, ..seen_by(caller, &team) };
    Ok(OpenRegions {
        regions: tx.list_open_regions(&filter, slice.offset, slice.limit)?,
        total: tx.count_open_regions(&filter)?,
        team,
    })
}

/// Whether the regions open for a team are looked through for those with this text, or for those that the
/// caller sees.
#[must_use]
pub fn is_filtered(caller: &Caller, contains: Option<&str>) -> bool {
    contains.is_some() || !caller.may(Right::ReadRegions)
}

/// Those regions open for a team that a caller sees.
#[must_use]
pub fn seen_by(caller: &Caller, team: &Team) -> OpenRegionFilter {
    let shown = Status::ALL.into_iter().filter(|status| status.seen_by_its_teams());
    let statuses = (!caller.may(Right::ReadRegions)).then(|| shown.collect());
    OpenRegionFilter { team: team.id, contains: None, statuses, after: None }
}

/// All openings of a team, with their regions.
pub(in crate::service) fn all_of(
    tx: &mut dyn Tx,
    team: &Team,
) -> Result<Vec<(Opening, Region)>, Error> {
    let filter = OpenRegionFilter { team: team.id, contains: None, statuses: None, after: None };
    Ok(tx.list_open_regions(&filter, 0, i64::MAX)?)
}

/// Lets those pass who ask for something that a team has in a region.
///
/// # Errors
/// No such team or region for the caller; one that is not enabled, or not open for the team;
/// failures of the storage.
pub fn check_usable(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &teams::Named,
    region: &regions::Named,
) -> Result<(), Error> {
    let team = teams::find(tx, caller, team)?;
    let region = regions::find(tx, caller, region, Thing::Region)?.region;
    // The platform reaches regions of every enterprise, its team has those of its own.
    if region.enterprise_id != team.enterprise_id {
        return Err(Error::NotFound(Thing::Region));
    }
    let open = tx.is_open(team.id, region.id)?.then_some(team.id);
    if !caller_sees(caller, &region, open.as_slice()).granted {
        return Err(Error::NotFound(Thing::Region));
    }
    match region.status.opening_use() {
        OpeningUse::Usable if open.is_some() => Ok(()),
        _ => Err(Error::NotUsable),
    }
}
