//! Reading regions, from memory: one, those that fit a filter, or all of an enterprise.

use std::collections::HashMap;
use std::sync::Arc;

use cadastre_domain::id::{EnterpriseId, RegionId, TeamId};
use cadastre_domain::region::{Region, Scope, Status};
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;
use cadastre_domain::visibility::caller_sees;
use cadastre_storage::{
    Bodies, Holding, ListedRegion, MOST_SCANNED, Model, ModelRegion, Total, Tx,
};
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::reads::ReadClass;

/// All regions of an enterprise, and the bodies that are kept of them as they are.
#[derive(Debug)]
pub struct Listing {
    /// The regions, the oldest first; none when there is a body that shows them.
    pub regions: Vec<Arc<ModelRegion>>,
    /// Their bodies.
    pub bodies: Arc<Bodies>,
}

/// The regions of the caller's enterprise, of every status and scope, the oldest first, to be shown
/// by the body in this place.
///
/// # Errors
/// Failures of the storage.
pub async fn list(app: &App, session: &Session, place: usize) -> Result<Listing, Error> {
    let regions = app.regions().await?;
    let listing = |holding: &Holding| {
        let bodies = holding.bodies();
        let shown = bodies[place].get().is_some();
        let all = || holding.after(None).cloned().collect();
        Listing { regions: if shown { Vec::new() } else { all() }, bodies }
    };
    let none = || Listing { regions: Vec::new(), bodies: Arc::default() };
    Ok(regions.holding(session.caller.enterprise_id).map_or_else(none, listing))
}

/// The region, if the caller sees it.
///
/// # Errors
/// No such region for him; failures of the storage.
pub async fn find(app: &App, session: &Session, id: RegionId) -> Result<Arc<ModelRegion>, Error> {
    let caller = &session.caller;
    let open = open_for(app, caller, ReadClass::LookUp, move |tx, team| {
        Ok(tx.find_opening(team, id)?.into_iter().map(|opening| opening.region_id).collect())
    });
    let open = open.await?;
    let found = app.regions().await?.find(id).cloned();
    let sees = |found: &Arc<ModelRegion>| sees(caller, &found.listed.region, &open);
    found.filter(sees).ok_or(Error::NotFound(Thing::Region))
}

/// Which regions are asked for: those that fit all of this.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in this status.
    pub status: Option<Status>,
    /// Those with this scope.
    pub scope: Option<Scope>,
    /// Those with all of these labels, whatever the value where none is given.
    pub labels: Vec<(String, Option<String>)>,
    /// Those whose name or alias contains this, given in lower case, in upper or lower case.
    pub contains: Option<String>,
    /// Those that depend on a certificate that expires before this time.
    pub expires_before: Option<DateTime<Utc>>,
}

impl Filter {
    /// Whether a region is asked for.
    #[must_use]
    pub fn fits(&self, listed: &ListedRegion) -> bool {
        let region = &listed.region;
        let expires = |before| listed.certificates_expire_at.is_some_and(|at| at < before);
        let label = |(key, wanted): &(String, Option<String>)| {
            let value = region.labels.get(key);
            value.is_some_and(|value| wanted.as_ref().is_none_or(|wanted| wanted == value))
        };
        self.status.is_none_or(|status| status == region.status)
            && self.scope.is_none_or(|scope| scope == region.scope)
            && self.labels.iter().all(label)
            && self.expires_before.is_none_or(expires)
            && self.contains.as_ref().is_none_or(|text| is_in(text, region))
    }
}

/// Whether the name or the alias contains the text, in upper or lower case.
fn is_in(text: &str, region: &Region) -> bool {
    let contains = |whole: &str| whole.to_lowercase().contains(text);
    contains(region.name.as_ref()) || contains(region.alias.as_ref())
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The regions behind this one.
    pub after: Option<RegionId>,
    /// How many at most.
    pub limit: i64,
    /// Whether to count all that there are, too.
    pub total: bool,
}

/// A part of a list.
#[derive(Debug)]
pub struct Selected {
    /// The regions, the oldest first.
    pub regions: Vec<Arc<ModelRegion>>,
    /// The region behind which the list goes on, if it does.
    pub next: Option<RegionId>,
    /// How many there are in all, if that was asked for.
    pub total: Option<Total>,
}

/// Some of the regions that fit. Of the caller's enterprise, or of all for a platform token; for
/// members of teams, those that they see.
///
/// # Errors
/// Failures of the storage.
pub async fn select(
    app: &App,
    session: &Session,
    filter: &Filter,
    part: Part,
) -> Result<Selected, Error> {
    let caller = &session.caller;
    let open = open_for(app, caller, ReadClass::Page(caller.enterprise_id), |tx, team| {
        Ok(tx.openings_of_team(team)?.iter().map(|opening| opening.region_id).collect())
    });
    let open = open.await?;
    let all = caller.may(Right::ReadRegions);
    let fits = |region: &&Arc<ModelRegion>| {
        filter.fits(&region.listed) && (all || sees(caller, &region.listed.region, &open))
    };
    let model = app.regions().await?;
    let limit = usize::try_from(part.limit).unwrap_or(usize::MAX);
    let mut regions: Vec<Arc<ModelRegion>> = Vec::new();
    let (mut last, mut next) = (None, None);
    for (looked_at, region) in reached(&model, caller, part.after).enumerate() {
        if looked_at == MOST_SCANNED {
            next = last;
            break;
        }
        last = Some(region.listed.region.id);
        if !fits(&region) {
            continue;
        }
        if regions.len() == limit {
            next = regions.last().map(|region| region.listed.region.id);
            break;
        }
        regions.push(Arc::clone(region));
    }
    let total = part.total.then(|| count(reached(&model, caller, None), fits));
    Ok(Selected { regions, next, total })
}

/// How many regions fit, among as many as are looked at.
fn count<'a>(
    mut all: impl Iterator<Item = &'a Arc<ModelRegion>>,
    fits: impl FnMut(&&'a Arc<ModelRegion>) -> bool,
) -> Total {
    let count = all.by_ref().take(MOST_SCANNED).filter(fits).count();
    Total { count: i64::try_from(count).unwrap_or(i64::MAX), is_exact: all.next().is_none() }
}

/// The regions that exist for the caller behind `after`, the oldest first.
fn reached<'a>(
    model: &'a Model,
    caller: &Caller,
    after: Option<RegionId>,
) -> Box<dyn Iterator<Item = &'a Arc<ModelRegion>> + 'a> {
    match enterprise_of(caller) {
        None => Box::new(model.after(after)),
        Some(id) => {
            Box::new(model.holding(id).into_iter().flat_map(move |holding| holding.after(after)))
        }
    }
}

/// The enterprise whose regions alone exist for this caller; none for those who reach all.
fn enterprise_of(caller: &Caller) -> Option<EnterpriseId> {
    (!caller.may(Right::ManagePlatform)).then_some(caller.enterprise_id)
}

/// The teams for which each region is open, as far as they are the caller's: what members of teams
/// see depends on it, and nothing that others do.
type Open = HashMap<RegionId, Vec<TeamId>>;

async fn open_for(
    app: &App,
    caller: &Caller,
    class: ReadClass,
    regions: impl Fn(&mut dyn Tx, TeamId) -> Result<Vec<RegionId>, Error> + Send + 'static,
) -> Result<Open, Error> {
    if caller.may(Right::ReadRegions) || caller.teams.is_empty() {
        return Ok(Open::new());
    }
    let teams = caller.teams.clone();
    app.read_as(class, move |tx| {
        let mut open = Open::new();
        for team in &teams {
            for region in regions(tx, *team)? {
                open.entry(region).or_default().push(*team);
            }
        }
        Ok(open)
    })
    .await
}

fn sees(caller: &Caller, region: &Region, open: &Open) -> bool {
    let teams = open.get(&region.id).map_or(&[][..], Vec::as_slice);
    caller_sees(caller, region, teams).granted
}
