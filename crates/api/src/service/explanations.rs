//! Why a region is seen and opened, or not: by the rules that decide.

use cadastre_domain::region::Region;
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::{self, Explanation, Verdict};
use cadastre_storage::Tx;

use super::regions::change as regions;
use super::teams;
use crate::error::{Error, Thing};

/// A region and a team, and how things stand between them and the caller.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The region.
    pub region: Region,
    /// The team.
    pub team: Team,
    /// That the caller sees the region.
    pub caller_sees: Verdict,
    /// Whether the team sees it, and whether the caller may open it for the team.
    pub explanation: Explanation,
}

/// Explains who sees a region and who may open it.
///
/// # Errors
/// No such team; no such region, which is also said of one that the caller does not see; failures of
/// the storage.
pub fn explain(
    tx: &mut dyn Tx,
    caller: &Caller,
    region: &regions::Named,
    team: &teams::Named,
) -> Result<Explained, Error> {
    let team = teams::find(tx, caller, team)?;
    let region = regions::find(tx, caller, region, Thing::Region)?.region;
    let mut open = Vec::new();
    for id in &caller.teams {
        if tx.is_open(*id, region.id)? {
            open.push(*id);
        }
    }
    let caller_sees = visibility::caller_sees(caller, &region, &open);
    if !caller_sees.granted {
        return Err(Error::NotFound(Thing::Region));
    }
    let opening = tx.find_opening(team.id, region.id)?;
    let explanation = visibility::explain(caller, &team, &region, opening.as_ref());
    Ok(Explained { region, team, caller_sees, explanation })
}
