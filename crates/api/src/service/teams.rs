//! Creating and reading teams.

use cadastre_domain::audit::Entry;
use cadastre_domain::opening::decide_opening;
use cadastre_domain::region::RegionDetail;
use cadastre_domain::team::{Team, TeamAlias, TeamName};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;

use super::openings::{self, find_region};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::ids;

/// A request to create a team.
#[derive(Debug)]
pub struct NewTeam {
    /// What people will call it.
    pub alias: TeamAlias,
    /// The name of a region to open for it at once.
    pub region: Option<String>,
}

/// Creates a team in the caller's enterprise and opens a region for it when one is named. Either
/// both happen or nothing does.
///
/// # Errors
/// As for opening a region; failures of the storage.
pub async fn create(app: &App, session: &Session, request: NewTeam) -> Result<Team, Error> {
    let team = new_team(app, &session.caller, request.alias)?;
    let open = {
        let (team, caller) = (team.clone(), session.caller.clone());
        move |tx: &mut dyn Tx| region_to_open(tx, &caller, &team, request.region.as_deref())
    };
    if app.clusters.enabled()
        && let Some(region) = app.read(open.clone()).await?
    {
        app.clusters.create_tenant(&team, &region).await?;
    }
    let actor = session.actor.clone();
    app.write(move |tx| {
        let (region, now) = (open(tx)?, team.created_at);
        tx.insert_team(&team)?;
        let created = Entry::done(&actor, now, None, Some(&team));
        let changed = Changed::new(team.clone(), created);
        let opened = match region {
            Some(region) => openings::insert(tx, &actor, &team, region.region.id, now)?,
            None => None,
        };
        Ok(match opened {
            Some(opened) => changed.and(opened),
            None => changed,
        })
    })
    .await
}

fn new_team(app: &App, caller: &Caller, alias: TeamAlias) -> Result<Team, Error> {
    let id = ids::hex_id();
    let now = app.clock.now();
    let name = TeamName::try_from(ids::team_name())
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    let namespace = id.to_string();
    Ok(Team::new(id, caller.enterprise_id, name, alias, namespace, caller.user_id, now))
}

fn region_to_open(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &Team,
    region: Option<&str>,
) -> Result<Option<RegionDetail>, Error> {
    let Some(name) = region else { return Ok(None) };
    let region = find_region(tx, name)?;
    decide_opening(caller, team, &region.region, false)?;
    Ok(Some(region))
}

/// The team of this identifier, for a caller who may see it.
///
/// # Errors
/// No such team; one that was asked for by its name; failures of the storage.
pub async fn find(app: &App, session: &Session, team: String) -> Result<Team, Error> {
    let caller = session.caller.clone();
    app.read(move |tx| {
        let (team, by_name) = find_by_any(tx, &caller, &team)?;
        if !caller.acts_for(team.id) {
            return Err(Error::NotFound(Thing::Team));
        }
        if by_name { Err(Error::NotFound(Thing::TeamByName)) } else { Ok(team) }
    })
    .await
}

/// The team with this identifier or, in the caller's enterprise, with this name; and whether it
/// was the name.
pub(super) fn find_by_any(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &str,
) -> Result<(Team, bool), Error> {
    let by_id = match team.parse() {
        Ok(id) => tx.find_team(id)?.filter(|team| caller.reaches(team.enterprise_id)),
        Err(_) => None,
    };
    if let Some(team) = by_id {
        return Ok((team, false));
    }
    let by_name = match TeamName::try_from(team.to_owned()) {
        Ok(name) => tx.find_team_named(caller.enterprise_id, &name)?,
        Err(_) => None,
    };
    by_name.map(|team| (team, true)).ok_or(Error::NotFound(Thing::Team))
}
