//! Deleting teams.

use std::collections::HashMap;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::RegionId;
use cadastre_domain::impact::{TeamImpact, team_deletion};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{Region, RegionDetail};
use cadastre_domain::team::Team;
use cadastre_domain::token::Caller;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::{Named, find};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::cluster::ClusterFailure;
use crate::error::Error;
use crate::reads::ReadClass;
use crate::service::{Expected, check_authority, not_told, openings, saved};

/// The regions whose clusters were told to forget a team, and why one was not reached.
type ClusterNotices = HashMap<RegionId, Option<ClusterFailure>>;

/// Deletes a team. All that is open for it is closed, and tokens do not belong to it any more.
/// Where clusters are called, those of its regions forget it before; of one that is not reached, the audit
/// entry says that it does not.
///
/// # Errors
/// No such team, another version, a cluster that does not forget the team or is not called; failures of the
/// storage.
pub async fn delete(
    app: &App,
    session: &Session,
    named: Named,
    expected: Expected,
) -> Result<Team, Error> {
    let mut told = app.clusters.enabled().then(ClusterNotices::new);
    loop {
        if let Some(told) = &mut told {
            tell_clusters(app, session, &named, &expected, told).await?;
        }
        let writer = session.writer();
        let (session, named, expected) = (session.clone(), named.clone(), expected.clone());
        let (told, now) = (told.clone(), app.clock.now());
        let work =
            move |tx: &mut dyn Tx| remove(tx, &session, (&named, &expected), told.as_ref(), now);
        // Nothing comes of it when another region was opened meanwhile.
        if let Some(team) = app.write(writer, work).await? {
            return Ok(team);
        }
    }
}

/// Tells the clusters of the team's regions that were not told yet.
async fn tell_clusters(
    app: &App,
    session: &Session,
    named: &Named,
    expected: &Expected,
    told: &mut ClusterNotices,
) -> Result<(), Error> {
    let (caller, named, expected) = (session.caller.clone(), named.clone(), expected.clone());
    let known = told.clone();
    let (team, regions) = app
        .read_as(ReadClass::Page(session.caller.enterprise_id), move |tx| {
            let team = find(tx, &caller, &named)?;
            expected.check(team.version)?;
            let mut regions: Vec<RegionDetail> = Vec::new();
            for opening in tx.openings_of_team(team.id)? {
                if !known.contains_key(&opening.region_id) {
                    regions.extend(tx.find_region_detail(opening.region_id)?);
                }
            }
            Ok((team, regions))
        })
        .await?;
    for region in regions {
        let check = async || check_authority(app, session).await;
        let missed = app.clusters.delete_tenant(&team, &region, check).await?;
        told.insert(region.region.id, missed);
    }
    Ok(())
}

/// Removes a team with its openings; nothing when one of them is about a region whose cluster was
/// not told.
fn remove(
    tx: &mut dyn Tx,
    session: &Session,
    (named, expected): (&Named, &Expected),
    told: Option<&ClusterNotices>,
    now: DateTime<Utc>,
) -> Result<Changed<Option<Team>>, Error> {
    let team = find(tx, &session.caller, named)?;
    expected.check(team.version)?;
    let open = openings::all_of(tx, &team)?;
    let untold = |(opening, _): &(Opening, Region)| {
        told.is_some_and(|told| !told.contains_key(&opening.region_id))
    };
    if open.iter().any(untold) {
        return Ok(Changed::nothing(None));
    }
    let actor = &session.actor;
    let mut changed = Changed::new(Some(team.clone()), Entry::done(actor, now, Some(&team), None));
    for (opening, region) in open {
        let missed = told.and_then(|told| *told.get(&opening.region_id)?);
        let mut entry = openings::close(tx, actor, opening, &region, now)?;
        entry.reason = missed.map(not_told);
        changed = changed.and(entry);
    }
    saved(tx.delete_team(team.id, team.version)?)?;
    Ok(changed)
}

/// What would come of a deletion.
///
/// # Errors
/// No such team; failures of the storage.
pub fn impact_of_deletion(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
) -> Result<TeamImpact, Error> {
    let team = find(tx, caller, named)?;
    let open = openings::all_of(tx, &team)?;
    let open: Vec<_> = open.into_iter().map(|(opening, region)| (opening, region.status)).collect();
    Ok(team_deletion(&team, &open))
}
