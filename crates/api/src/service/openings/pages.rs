//! Openings page by page: those of a team, and those of a region.

use std::collections::HashMap;

use cadastre_domain::id::TeamId;
use cadastre_domain::opening::Opening;
use cadastre_domain::region::Region;
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_storage::{OpenRegionFilter, TeamFilter, Tx};

use super::{regions, seen_by, teams};
use crate::error::{Error, Thing};
use crate::service::Counted;

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PageAsked<I> {
    /// Behind which thing it begins.
    pub after: Option<I>,
    /// How many things it has at most.
    pub limit: i64,
    /// Whether all are counted.
    pub counted: bool,
}

/// Some of the openings of a team whose regions the caller sees, with the regions.
///
/// # Errors
/// No such team; failures of the storage.
pub fn page_of_team(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &teams::Named,
    contains: Option<&str>,
    asked: PageAsked<cadastre_domain::id::RegionId>,
) -> Result<Counted<(Opening, Region)>, Error> {
    let team = teams::find(tx, caller, team)?;
    let all = OpenRegionFilter { contains: contains.map(str::to_owned), ..seen_by(caller, &team) };
    let total = asked.counted.then(|| tx.count_some_open_regions(&all)).transpose()?;
    let filter = OpenRegionFilter { after: asked.after, ..all };
    Ok(Counted::found(tx.scan_open_regions(&filter, asked.limit)?, total))
}

/// Some of the openings of a region, with the teams.
///
/// # Errors
/// No such region for the caller; failures of the storage.
pub fn page_of_region(
    tx: &mut dyn Tx,
    caller: &Caller,
    region: &regions::Named,
    asked: PageAsked<TeamId>,
) -> Result<Counted<(Opening, Team)>, Error> {
    let id = regions::find(tx, caller, region, Thing::Region)?.region.id;
    let total = asked.counted.then(|| tx.count_openings_of_region(id)).transpose()?;
    let openings = tx.openings_of_region(id, asked.after, asked.limit)?;
    let among = Some(openings.iter().map(|opening| opening.team_id).collect());
    let filter = TeamFilter { among, ..TeamFilter::default() };
    let teams = tx.list_teams(&filter, 0, asked.limit)?;
    let mut teams: HashMap<TeamId, Team> = teams.into_iter().map(|team| (team.id, team)).collect();
    let with_team = |opening: Opening| Some((teams.remove(&opening.team_id)?, opening));
    let found = openings.into_iter().filter_map(with_team).map(|(team, opening)| (opening, team));
    Ok(Counted::whole(found.collect(), total))
}
