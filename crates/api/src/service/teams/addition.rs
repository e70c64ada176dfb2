//! Adding teams with everything that can be said of them.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::team::{Team, TeamAlias, TeamName};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;

use super::{insert, prepare};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};

/// A request for a team.
#[derive(Debug, Clone)]
pub struct Added {
    /// What people will call it.
    pub alias: TeamAlias,
    /// Its technical name, if it is not to be made up.
    pub name: Option<TeamName>,
    /// Memory that it may use, in MB; 0 is without limit.
    pub limit_memory: i32,
    /// The enterprise to which it will belong.
    pub enterprise: EnterpriseId,
}

/// The team of a request, which is not in the register yet.
///
/// # Errors
/// None that can be foreseen.
pub fn prepared(app: &App, caller: &Caller, request: Added) -> Result<Team, Error> {
    let team = prepare(app, caller, request.alias)?;
    let name = request.name.unwrap_or_else(|| team.name.clone());
    let (enterprise_id, limit_memory) = (request.enterprise, request.limit_memory);
    Ok(Team { name, enterprise_id, limit_memory, ..team })
}

/// Adds a team that was prepared.
///
/// # Errors
/// An enterprise that does not exist, a name that is taken in it; failures of the storage.
pub fn add(tx: &mut dyn Tx, session: &Session, team: &Team) -> Result<Changed<Team>, Error> {
    tx.find_enterprise(team.enterprise_id)?.ok_or(Error::NotFound(Thing::Enterprise))?;
    insert(tx, session, team, None)
}
