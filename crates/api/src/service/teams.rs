//! Creating and reading teams.

mod addition;
mod change;
mod removal;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::TeamId;
use cadastre_domain::opening::decide_opening;
use cadastre_domain::region::RegionDetail;
use cadastre_domain::role::Role;
use cadastre_domain::team::{Team, TeamAlias, TeamName};
use cadastre_domain::token::Caller;
use cadastre_domain::user::UserName;
use cadastre_storage::{TeamFilter, Tx};

pub use addition::{Added, add, prepared};
pub use change::{TeamChange, change, edit};
pub use removal::{delete, impact_of_deletion};

use super::openings::{self, find_region};
use super::{Counted, Slice, check_authority};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::ids;
use crate::reads::ReadClass;

/// A request to create a team.
#[derive(Debug)]
pub struct NewTeam {
    /// What people will call it.
    pub alias: TeamAlias,
    /// The name of a region to open for it at once.
    pub region: Option<String>,
}

/// Which team is meant.
#[derive(Debug, Clone)]
pub enum Named {
    /// The one with this identifier.
    Id(String),
    /// The one with this identifier. Whoever gives a name instead is told so.
    IdNotName(String),
    /// The one with this identifier or, in the caller's enterprise, of this name.
    IdOrName(String),
}

/// Creates a team in the caller's enterprise and opens a region for it when one is named. Either
/// both happen or nothing does.
///
/// # Errors
/// As for opening a region; failures of the storage.
pub async fn create(app: &App, session: &Session, request: NewTeam) -> Result<Team, Error> {
    let team = prepare(app, &session.caller, request.alias)?;
    let region = request.region;
    if app.clusters.enabled() {
        let (made, caller, named) = (team.clone(), session.caller.clone(), region.clone());
        let open = move |tx: &mut dyn Tx| region_to_open(tx, &caller, &made, named.as_deref());
        if let Some(region) = app.read(open).await? {
            let check = async || check_authority(app, session).await;
            app.clusters.create_tenant(&team, &region, check).await?;
        }
    }
    let session = session.clone();
    app.write(session.writer(), move |tx| insert(tx, &session, &team, region.as_deref())).await
}

/// A team of the caller's enterprise, which is not in the register yet.
///
/// # Errors
/// None that can be foreseen.
pub fn prepare(app: &App, caller: &Caller, alias: TeamAlias) -> Result<Team, Error> {
    let id: TeamId = ids::hex_id();
    let now = app.clock.now();
    let name = TeamName::try_from(ids::team_name())
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    let namespace = id.to_string();
    Ok(Team::new(id, caller.enterprise_id, name, alias, namespace, caller.user_id, now))
}

/// Adds a team that was prepared, and opens the region of this name for it, without telling the
/// region's cluster.
///
/// # Errors
/// As for opening a region; failures of the storage.
pub fn insert(
    tx: &mut dyn Tx,
    session: &Session,
    team: &Team,
    region: Option<&str>,
) -> Result<Changed<Team>, Error> {
    let (actor, now) = (&session.actor, team.created_at);
    let region = region_to_open(tx, &session.caller, team, region)?;
    tx.insert_team(team)?;
    let changed = Changed::new(team.clone(), Entry::done(actor, now, None, Some(team)));
    let opened = match region {
        Some(region) => openings::insert(tx, actor, team, region.region.id, now)?,
        None => None,
    };
    Ok(opened.into_iter().fold(changed, Changed::and))
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

/// The team, for a caller who may see it.
///
/// # Errors
/// As [`find`].
pub async fn show(app: &App, session: &Session, named: Named) -> Result<Team, Error> {
    let caller = session.caller.clone();
    app.read(move |tx| find(tx, &caller, &named)).await
}

/// The team, for a caller who may see it.
///
/// # Errors
/// No such team; one that was asked for by its name where only the identifier will do; failures of
/// the storage.
pub fn find(tx: &mut dyn Tx, caller: &Caller, named: &Named) -> Result<Team, Error> {
    let (team, by_name) = match named {
        Named::Id(id) => (find_by_id(tx, caller, id)?.ok_or(Error::NotFound(Thing::Team))?, false),
        Named::IdNotName(text) | Named::IdOrName(text) => find_by_any(tx, caller, text)?,
    };
    if !caller.acts_for(team.id) {
        return Err(Error::NotFound(Thing::Team));
    }
    match named {
        Named::IdNotName(_) if by_name => Err(Error::NotFound(Thing::TeamByName)),
        _ => Ok(team),
    }
}

/// The team with this identifier or, in the caller's enterprise, with this name; and whether it
/// was the name.
pub(super) fn find_by_any(
    tx: &mut dyn Tx,
    caller: &Caller,
    team: &str,
) -> Result<(Team, bool), Error> {
    if let Some(team) = find_by_id(tx, caller, team)? {
        return Ok((team, false));
    }
    let by_name = match TeamName::try_from(team.to_owned()) {
        Ok(name) => tx.find_team_named(caller.enterprise_id, &name)?,
        Err(_) => None,
    };
    by_name.map(|team| (team, true)).ok_or(Error::NotFound(Thing::Team))
}

fn find_by_id(tx: &mut dyn Tx, caller: &Caller, id: &str) -> Result<Option<Team>, Error> {
    let Ok(id) = id.parse() else { return Ok(None) };
    Ok(tx.find_team(id)?.filter(|team| caller.reaches(team.enterprise_id)))
}

/// The teams of his enterprise that a caller sees: a `team` token those that it belongs to.
#[must_use]
pub fn seen_by(caller: &Caller) -> TeamFilter {
    let among = (caller.role == Role::Team).then(|| caller.teams.clone());
    TeamFilter { enterprise: Some(caller.enterprise_id), among, ..TeamFilter::default() }
}

/// At most `limit` teams, and how many fit the filter if they are `counted`.
///
/// # Errors
/// Failures of the storage.
pub fn page(
    tx: &mut dyn Tx,
    filter: &TeamFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Team>, Error> {
    let all = TeamFilter { after: None, ..filter.clone() };
    let total = counted.then(|| tx.count_some_teams(&all)).transpose()?;
    Ok(Counted::found(tx.scan_teams(filter, limit)?, total))
}

/// Some of the teams that a caller sees.
#[derive(Debug)]
pub struct SeenTeams {
    /// The teams, the oldest first.
    pub teams: Vec<Team>,
    /// How many there are in all.
    pub total: i64,
    /// The name of the user that the caller acts for.
    pub user: Option<UserName>,
}

/// The teams that the caller sees whose alias or name contains this text.
///
/// # Errors
/// Failures of the storage.
pub async fn list(
    app: &App,
    session: &Session,
    contains: Option<String>,
    slice: Slice,
) -> Result<SeenTeams, Error> {
    let (caller, filter) = (&session.caller, seen_by(&session.caller));
    let (user, filter) = (caller.user_id, TeamFilter { contains, ..filter });
    // The total alone makes no scan of it: it is counted in an index that has the enterprise's teams only.
    let class = ReadClass::of_list(caller, filter.contains.is_some());
    app.read_as(class, move |tx| {
        Ok(SeenTeams {
            teams: tx.list_teams(&filter, slice.offset, slice.limit)?,
            total: tx.count_teams(&filter)?,
            user: tx.find_user_name(user)?,
        })
    })
    .await
}
