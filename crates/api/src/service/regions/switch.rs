//! Giving a region another status, by its identifier alone.

use cadastre_domain::region::{RegionDetail, RegionEdit, Status};

use super::change::{Named, Writing, find, set_status};
use crate::app::App;
use crate::auth::Session;
use crate::cluster::ClusterError;
use crate::error::{Error, Thing};
use crate::service::{Expected, check_authority};

/// What whoever names no region is told.
const THING: Thing = Thing::ShownManagedRegion;

/// Gives a region another status. Where clusters are called, that of a region which is to be enabled
/// must answer. The answer shows the region's secrets.
///
/// # Errors
/// No such region, a status that it cannot take, a cluster that does not answer; failures of the
/// storage.
pub async fn switch(
    app: &App,
    session: &Session,
    id: &str,
    status: Status,
) -> Result<RegionDetail, Error> {
    let (writing, named) = (Writing::new(app, session).shown(), Named::id(id));
    if status == Status::Enabled && app.clusters.enabled() {
        check_answers(app, &writing, &named).await?;
    }
    app.write(session.writer(), move |tx| {
        set_status(tx, &writing, (&named, THING), &Expected::Any, status)
    })
    .await
}

/// Makes sure that the cluster of a region answers that can be enabled and is not.
async fn check_answers(app: &App, writing: &Writing, named: &Named) -> Result<(), Error> {
    let (caller, now, named) = (writing.session.caller.clone(), writing.now, named.clone());
    let detail = app
        .read(move |tx| {
            let before = find(tx, &caller, &named, THING)?;
            let enable = RegionEdit { status: Some(Status::Enabled), ..RegionEdit::default() };
            // It is not bothered when the rules refuse anyway.
            before.edit(enable, now)?;
            Ok(before)
        })
        .await?;
    if detail.region.status == Status::Enabled {
        return Ok(());
    }
    let check = async || check_authority(app, &writing.session).await;
    app.clusters.test(&detail, check).await.map_err(|error| match error {
        Error::Cluster(ClusterError::TestFailed(failure)) => {
            ClusterError::NotReached(detail.region.name.into(), failure).into()
        }
        other => other,
    })
}
