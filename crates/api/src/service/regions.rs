//! Registering, changing and listing regions.

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::{EnterpriseId, RegionId, TeamId};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{
    Region, RegionDetail, RegionDraft, RegionEdit, RegionName, StatusRefusal,
};
use cadastre_domain::team::{DEFAULT_TEAM, Team, TeamName};
use cadastre_domain::token::Caller;
use cadastre_storage::{StorageError, Tx};
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::error::{Error, FieldError, Problem, Thing};
use crate::ids;

/// A request to register a region.
#[derive(Debug)]
pub struct Registration {
    /// What is said about the region, or what is wrong with it.
    pub draft: Result<RegionDraft, Invalid>,
    /// The enterprise, if it was named.
    pub enterprise: Option<String>,
}

/// What is wrong with a draft, and its name if that is in order: a name that is taken is told
/// together with the rest.
#[derive(Debug)]
pub struct Invalid {
    /// The wrong fields.
    pub errors: Vec<FieldError>,
    /// The name.
    pub name: Option<RegionName>,
}

/// The regions of the caller's enterprise, of every status and scope, the oldest first.
///
/// # Errors
/// Failures of the storage.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Region>, Error> {
    let enterprise = caller.enterprise_id;
    app.read(move |tx| Ok(tx.list_regions(enterprise)?)).await
}

/// Registers a region. The first of an enterprise brings a team along.
///
/// # Errors
/// Wrong fields, all at once; an enterprise that the caller does not reach; a name that is taken;
/// a cluster that does not answer, when clusters are called; failures of the storage.
pub async fn register(
    app: &App,
    caller: &Caller,
    registration: Registration,
) -> Result<RegionDetail, Error> {
    let now = app.clock.now();
    let draft = complete(app, registration.draft, now).await?;
    let enterprise = enterprise_of(app, caller, registration.enterprise).await?;
    if app.clusters.enabled() {
        check_name_is_free(app, &draft.name).await?;
        app.clusters.test(&draft.addresses.api, &draft.credentials).await?;
    }
    let detail = draft.register(ids::hex_id(), enterprise, now).map_err(refused)?;
    let (caller, default_team) = (caller.clone(), ids::hex_id());
    app.write(move |tx| {
        let first = !tx.has_regions(enterprise)?;
        tx.insert_region(&detail)?;
        if first {
            bring_default_team(tx, &caller, default_team, &detail.region, now)?;
        }
        Ok(detail.clone())
    })
    .await
}

/// The draft when nothing is wrong with it, otherwise everything that is.
async fn complete(
    app: &App,
    draft: Result<RegionDraft, Invalid>,
    now: DateTime<Utc>,
) -> Result<RegionDraft, Error> {
    let invalid = match draft {
        Ok(draft) => {
            let id = RegionId::from_bytes([0; 16]);
            let enterprise = EnterpriseId::from_bytes([0; 16]);
            match draft.clone().register(id, enterprise, now) {
                Ok(_) => return Ok(draft),
                Err(refusal) => Invalid {
                    errors: vec![FieldError::new("status", Problem::Status(refusal))],
                    name: Some(draft.name),
                },
            }
        }
        Err(invalid) => invalid,
    };
    let mut errors = invalid.errors;
    if let Some(name) = invalid.name
        && app.read(move |tx| Ok(tx.region_name_taken(&name)?)).await?
    {
        errors.insert(0, FieldError::new("region_name", Problem::NameTaken));
    }
    Err(Error::Fields(errors))
}

async fn check_name_is_free(app: &App, name: &RegionName) -> Result<(), Error> {
    let name = name.clone();
    if app.read(move |tx| Ok(tx.region_name_taken(&name)?)).await? {
        return Err(FieldError::new("region_name", Problem::NameTaken).into());
    }
    Ok(())
}

/// The enterprise that the region will belong to: the caller's, or one that he reaches (D2).
async fn enterprise_of(
    app: &App,
    caller: &Caller,
    named: Option<String>,
) -> Result<EnterpriseId, Error> {
    let Some(named) = named else { return Ok(caller.enterprise_id) };
    let unknown = Error::NotFound(Thing::Enterprise);
    let id = named.parse().map_err(|_| unknown.clone())?;
    if !caller.reaches(id) {
        return Err(unknown);
    }
    if id == caller.enterprise_id {
        return Ok(id);
    }
    let found: Option<Enterprise> = app.read(move |tx| Ok(tx.find_enterprise(id)?)).await?;
    found.map(|enterprise| enterprise.id).ok_or(unknown)
}

/// Opens the region for the team that comes with the first region of an enterprise (D17), as far
/// as the region's status allows.
fn bring_default_team(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: TeamId,
    region: &Region,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let name = DEFAULT_TEAM.to_owned().try_into().map_err(internal)?;
    let known = tx.find_team_named(region.enterprise_id, &name)?;
    let team_id = if let Some(team) = known {
        team.id
    } else {
        let user = tx.find_user_name(caller.user_id)?.map(String::from).unwrap_or_default();
        tx.insert_team(&default_team(caller, id, name, &user, region.enterprise_id, now)?)?;
        id
    };
    if region.status.can_be_opened() {
        tx.insert_opening(&Opening { team_id, region_id: region.id, created_at: now })?;
    }
    Ok(())
}

fn default_team(
    caller: &Caller,
    id: TeamId,
    name: TeamName,
    user: &str,
    enterprise_id: EnterpriseId,
    now: DateTime<Utc>,
) -> Result<Team, Error> {
    // A user's name may be as long as an alias: the words behind it must fit, too.
    let user: String = user.chars().take(59).collect();
    Ok(Team {
        id,
        enterprise_id,
        name,
        alias: format!("{user} 工作空间").try_into().map_err(internal)?,
        namespace: DEFAULT_TEAM.to_owned(),
        is_active: true,
        limit_memory: 0,
        creator: caller.user_id,
        created_at: now,
        updated_at: now,
        expires_at: None,
    })
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string().into())
}

/// Changes a region of any enterprise.
///
/// # Errors
/// No such region; a status that it cannot take; failures of the storage.
pub async fn edit(app: &App, id: &str, edit: RegionEdit) -> Result<RegionDetail, Error> {
    let unknown = || Error::NotFound(Thing::ManagedRegion);
    let id: RegionId = id.parse().map_err(|_| unknown())?;
    let now = app.clock.now();
    app.write(move |tx| {
        let before = tx.find_region_detail(id)?.ok_or_else(unknown)?;
        let after = before.edit(edit.clone(), now).map_err(refused)?;
        if tx.save_region(&after)? {
            Ok(after)
        } else {
            // Only somebody who writes past the register can have changed it in between.
            Err(StorageError::Unavailable("the region changed meanwhile".into()).into())
        }
    })
    .await
}

fn refused(refusal: StatusRefusal) -> Error {
    FieldError::new("status", Problem::Status(refusal)).into()
}
