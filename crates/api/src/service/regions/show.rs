//! Showing single regions with what belongs to them, each to those who see it.

use std::sync::Arc;

use actix_web::web::Bytes;
use cadastre_domain::audit::Entry;
use cadastre_domain::region::{Region, RegionDetail};
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::caller_sees;
use cadastre_storage::{Model, ModelRegion, Tx};

use super::change::{Named, find, stored};
use super::revealed;
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::cluster::Resources;
use crate::error::{Error, Thing};
use crate::kept;

/// The largest body that is kept, in bytes: certificates may be long, and regions many.
const LARGEST_KEPT: usize = 8 * 1024;

/// Which region is sought, and how much of it.
#[derive(Debug, Clone)]
pub struct Sought {
    /// Its name or, failing that, its identifier.
    pub text: String,
    /// Whether its cluster is to be asked, where clusters are called, how it does.
    pub extended: bool,
}

/// A region as it is shown.
#[derive(Debug)]
pub struct Shown {
    /// The region.
    pub detail: RegionDetail,
    /// Whether the caller sees its key.
    pub reveal: bool,
    /// How its cluster does; nothing where clusters are not called.
    pub health: Option<Health>,
}

/// How the cluster of a region does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Health {
    /// It was not asked.
    NotAsked,
    /// It answers, and has this.
    Answers(Resources),
    /// It does not answer as it should.
    Fails,
}

/// A region with its certificates and, for who may see it, its key, as `render` shows it. What
/// shows no secret is kept in memory, where regions are as fresh as in the database.
///
/// # Errors
/// No such region for the caller; failures of the storage.
pub async fn by_name_or_id(
    app: &App,
    session: &Session,
    sought: &Sought,
    render: impl FnOnce(Shown) -> Result<Bytes, Error>,
) -> Result<Bytes, Error> {
    let (caller, named) = (&session.caller, [Named::name(&sought.text), Named::id(&sought.text)]);
    // What members of teams see depends on more than the region.
    let in_memory = if caller.may(Right::ReadRegions) && !sought.extended {
        Some(in_memory(&*app.regions().await?, caller, &named)?)
    } else {
        None
    };
    let place = if caller.may(Right::RevealSecrets) {
        kept::RAINBOND_REGION_WITHOUT_KEY
    } else {
        kept::RAINBOND_REGION
    };
    if let Some(body) = in_memory.as_ref().and_then(|region| region.bodies[place].get()) {
        return Ok(body.clone());
    }
    let shown = look(app, session, named, sought.extended).await?;
    let secret = shown.reveal;
    let body = render(shown)?;
    if let Some(region) = in_memory
        && !secret
        && body.len() <= LARGEST_KEPT
    {
        // It is no older than the region beside which it is kept, as it was read later.
        kept::keep(&region.bodies, place, &body);
    }
    Ok(body)
}

/// The first of these that the caller reaches.
fn in_memory(model: &Model, caller: &Caller, named: &[Named]) -> Result<Arc<ModelRegion>, Error> {
    let found = named.iter().find_map(|named| {
        let region = match named {
            Named::Id(id) => model.find(*id),
            Named::Name(name) => model.find_named(name),
            Named::Nothing => None,
        };
        region.filter(|region| caller.reaches(region.listed.region.enterprise_id))
    });
    found.cloned().ok_or(Error::NotFound(Thing::SoughtRegion))
}

async fn look(
    app: &App,
    session: &Session,
    named: [Named; 2],
    extended: bool,
) -> Result<Shown, Error> {
    let caller = session.caller.clone();
    let look = move |tx: &mut dyn Tx| seen(tx, &caller, &named);
    let (detail, reveal) = reveal(app, session, &["key"], look).await?;
    let health = match (app.clusters.enabled(), extended) {
        (false, _) => None,
        (true, false) => Some(Health::NotAsked),
        (true, true) => {
            Some(app.clusters.resources(&detail).await.map_or(Health::Fails, Health::Answers))
        }
    };
    Ok(Shown { detail, reveal, health })
}

/// A region of any enterprise, for the management interface, which sees its secrets.
///
/// # Errors
/// No such region; failures of the storage.
pub async fn managed(app: &App, session: &Session, id: &str) -> Result<RegionDetail, Error> {
    let (caller, named) = (session.caller.clone(), Named::id(id));
    let look = move |tx: &mut dyn Tx| find(tx, &caller, &named, Thing::ShownManagedRegion);
    Ok(reveal(app, session, &["token", "key"], look).await?.0)
}

/// What `look` finds, and whether any of these secrets of it is shown. If so, that is noted, and
/// both are of one transaction.
async fn reveal(
    app: &App,
    session: &Session,
    secrets: &'static [&'static str],
    look: impl Fn(&mut dyn Tx) -> Result<RegionDetail, Error> + Clone + Send + 'static,
) -> Result<(RegionDetail, bool), Error> {
    let writer = session.writer();
    let (session, now) = (session.clone(), app.clock.now());
    let look = move |tx: &mut dyn Tx| {
        let detail = look(tx)?;
        let mut revealed = revealed(&session.caller, &detail);
        revealed.retain(|secret| secrets.contains(secret));
        let reveal = !revealed.is_empty();
        let entry = reveal.then(|| Entry::revealed(&session.actor, now, &detail, revealed));
        Ok::<_, Error>(((detail, reveal), entry))
    };
    let first = look.clone();
    let (found, entry) = app.read(move |tx| first(tx)).await?;
    if entry.is_none() {
        return Ok(found);
    }
    // Looked for again, as it may be another one by now.
    let again = move |tx: &mut dyn Tx| {
        let (found, entry) = look(tx)?;
        Ok(match entry {
            Some(entry) => Changed::new(found, entry),
            None => Changed::nothing(found),
        })
    };
    app.write(writer, again).await
}

/// The first of these that the caller sees.
fn seen(tx: &mut dyn Tx, caller: &Caller, named: &[Named]) -> Result<RegionDetail, Error> {
    for named in named {
        if let Some(detail) = stored(tx, named)?
            && sees(tx, caller, &detail.region)?
        {
            return Ok(detail);
        }
    }
    Err(Error::NotFound(Thing::SoughtRegion))
}

/// Whether the caller sees a region.
fn sees(tx: &mut dyn Tx, caller: &Caller, region: &Region) -> Result<bool, Error> {
    let mut open = Vec::new();
    if !caller.may(Right::ReadRegions) {
        for team in &caller.teams {
            if tx.is_open(*team, region.id)? {
                open.push(*team);
            }
        }
    }
    Ok(caller_sees(caller, region, &open).granted)
}
