//! Registering and listing regions.

pub mod change;
pub mod managed;
pub mod reading;
pub mod removal;
pub mod show;
pub mod switch;

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::{EnterpriseId, TeamId};
use cadastre_domain::region::{Region, RegionDetail, RegionDraft, RegionName, RegionRefusal};
use cadastre_domain::role::Right;
use cadastre_domain::team::{DEFAULT_TEAM, Team};
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::{check_authority, openings};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, FieldError, FieldErrors, Problem, Thing, of_region};
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
    pub errors: FieldErrors,
    /// The name.
    pub name: Option<RegionName>,
}

/// Registers a region. The first of an enterprise brings a team along.
///
/// # Errors
/// Wrong fields, all at once; an enterprise that the caller does not reach; a name that is taken;
/// a cluster that does not answer, when clusters are called; failures of the storage.
pub async fn register(
    app: &App,
    session: &Session,
    registration: Registration,
) -> Result<RegionDetail, Error> {
    let (caller, now) = (&session.caller, app.clock.now());
    let mut detail = complete(app, caller, registration.draft, now).await?;
    let enterprise = enterprise_of(app, caller, registration.enterprise).await;
    let calls = app.clusters.enabled();
    // A name that is taken is told before anything else; if nothing else is wrong, by the write.
    if calls || enterprise.is_err() {
        check_name_is_free(app, &detail.region.name).await?;
    }
    detail.region.enterprise_id = enterprise?;
    let addition = Addition::new(app, session, detail, true).await?;
    let (detail, team) = app.write(session.writer(), move |tx| insert(tx, &addition)).await?;
    if let Some(team) = team {
        open_for_default_team(app, session, team, &detail.region.name).await;
    }
    Ok(detail)
}

/// A region that is in order, and may be added.
#[derive(Debug)]
pub struct Addition {
    session: Session,
    detail: RegionDetail,
    default_team: TeamId,
    calls: bool,
    shows_secrets: bool,
}

impl Addition {
    /// The region of this draft, in the caller's enterprise or one that was named, to be added with
    /// an answer that shows no secrets. Its cluster must answer, when clusters are called.
    ///
    /// # Errors
    /// TLS material that is not coherent; an enterprise that the caller does not reach; a cluster
    /// that does not answer; failures of the storage.
    pub async fn of(
        app: &App,
        session: &Session,
        draft: RegionDraft,
        enterprise: Option<String>,
    ) -> Result<Self, Error> {
        let enterprise = enterprise_of(app, &session.caller, enterprise).await?;
        let detail = registered(app, draft, enterprise, app.clock.now()).await??;
        Self::new(app, session, detail, false).await
    }

    async fn new(
        app: &App,
        session: &Session,
        detail: RegionDetail,
        shows_secrets: bool,
    ) -> Result<Self, Error> {
        let calls = app.clusters.enabled();
        if calls {
            app.clusters.test(&detail, async || check_authority(app, session).await).await?;
        }
        let (session, default_team) = (session.clone(), ids::hex_id());
        Ok(Self { session, detail, default_team, calls, shows_secrets })
    }
}

/// Adds the region. The first of an enterprise brings a team along (D17), for which it is opened if
/// it can be; where clusters are called, that is left to the caller, who is told the team.
///
/// # Errors
/// A name that is taken; failures of the storage.
pub fn insert(
    tx: &mut dyn Tx,
    addition: &Addition,
) -> Result<Changed<(RegionDetail, Option<TeamId>)>, Error> {
    let Addition { session, detail, default_team, calls, shows_secrets } = addition;
    let (region, actor) = (&detail.region, &session.actor);
    let first = !tx.has_regions(region.enterprise_id)?;
    tx.insert_region(detail, actor.into())?;
    let mut created = Entry::done(actor, region.created_at, None, Some(detail));
    if *shows_secrets {
        created = created.showing(revealed(&session.caller, detail));
    }
    if !first {
        return Ok(Changed::new((detail.clone(), None), created));
    }
    let (team, brought) = bring_default_team(tx, session, *default_team, region)?;
    let open = region.status.can_be_opened();
    let mut entries = Vec::from_iter(brought);
    if open && !*calls {
        entries.extend(openings::insert(tx, actor, &team, region.id, region.created_at)?);
    }
    let to_be_opened = (open && *calls).then_some(team.id);
    let changed = Changed::new((detail.clone(), to_be_opened), created);
    Ok(entries.into_iter().fold(changed, Changed::and))
}

/// The secrets of a region that this caller is shown.
pub(super) fn revealed(caller: &Caller, detail: &RegionDetail) -> Vec<&'static str> {
    if caller.may(Right::RevealSecrets) { detail.credentials.secrets() } else { Vec::new() }
}

/// Opens the first region for the team that came with it, where its cluster must be told. The
/// region is registered whatever the cluster says, and can be opened later.
pub async fn open_for_default_team(
    app: &App,
    session: &Session,
    team: TeamId,
    region: &RegionName,
) {
    let region = Ok(region.clone().into());
    if let Err(error) = openings::open(app, session, team.to_string(), region).await {
        log::warn!("the first region is not open for the team that came with it: {error}");
    }
}

/// The region of a draft. To read certificates takes time, so that is not done on the event loop.
async fn registered(
    app: &App,
    draft: RegionDraft,
    enterprise: EnterpriseId,
    now: DateTime<Utc>,
) -> Result<Result<RegionDetail, RegionRefusal>, Error> {
    let id = ids::hex_id();
    let credentials = &draft.credentials;
    if credentials.ca.is_none() && credentials.certificate.is_none() && credentials.key.is_none() {
        return Ok(draft.register(id, enterprise, now));
    }
    app.computations.run(enterprise, move || draft.register(id, enterprise, now)).await
}

/// The region of the draft when nothing is wrong with it, otherwise everything that is.
async fn complete(
    app: &App,
    caller: &Caller,
    draft: Result<RegionDraft, Invalid>,
    now: DateTime<Utc>,
) -> Result<RegionDetail, Error> {
    let Invalid { mut errors, name } = match draft {
        Ok(draft) => {
            let name = Some(draft.name.clone());
            match registered(app, draft, caller.enterprise_id, now).await? {
                Ok(detail) => return Ok(detail),
                Err(refusal) => Invalid { errors: of_region(refusal), name },
            }
        }
        Err(invalid) => invalid,
    };
    if let Some(name) = name
        && app.read(move |tx| Ok(tx.region_name_taken(&name)?)).await?
    {
        // In the published order only `region_id` stands before the name.
        let place = errors.iter().take_while(|error| error.field == "region_id").count();
        errors.insert(place, FieldError::new("region_name", Problem::NameTaken));
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

/// The team that comes with the first region of an enterprise, and that it was made if it was.
fn bring_default_team(
    tx: &mut dyn Tx,
    session: &Session,
    id: TeamId,
    region: &Region,
) -> Result<(Team, Option<Entry>), Error> {
    let caller = &session.caller;
    let enterprise = region.enterprise_id;
    let name = DEFAULT_TEAM.to_owned().try_into().map_err(internal)?;
    if let Some(team) = tx.find_team_named(enterprise, &name)? {
        return Ok((team, None));
    }
    let user = tx.find_user_name(caller.user_id)?.map(String::from).unwrap_or_default();
    // A user's name may be as long as an alias: the words behind it must fit, too.
    let user: String = user.chars().take(59).collect();
    let alias = format!("{user} 工作空间").try_into().map_err(internal)?;
    let namespace = DEFAULT_TEAM.to_owned();
    let (creator, now) = (caller.user_id, region.created_at);
    let team = Team::new(id, enterprise, name, alias, namespace, creator, now);
    tx.insert_team(&team)?;
    let entry = Entry::done(&session.actor, now, None, Some(&team));
    Ok((team, Some(entry)))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string().into())
}
