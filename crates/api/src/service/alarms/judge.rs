//! Who judges what is known, and knows when nobody could be heard.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::Outage;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::evaluation::{CHUNK, evaluate};
use crate::app::App;
use crate::error::Error;
use crate::service::nodes::contacts::contacts;

/// Judges again and again. A server that was not there, or did not reach the database, does not take
/// nodes for silent that it could not hear.
#[derive(Debug)]
pub struct Judge {
    /// When it judged last.
    judged_at: Option<DateTime<Utc>>,
    /// When it could not hear anybody, and has not judged since.
    deaf_at: Option<DateTime<Utc>>,
    outage: Option<Outage>,
}

impl Judge {
    /// One that begins at `now`.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self { judged_at: None, deaf_at: Some(now), outage: None }
    }

    /// Judges everything once; how many alarms changed.
    ///
    /// # Errors
    /// Those of [`evaluate`].
    pub async fn judge(&mut self, app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
        let judged = self.hear_and_judge(app, now).await;
        if judged.is_ok() {
            (self.judged_at, self.deaf_at) = (Some(now), None);
        } else {
            self.deaf_at = Some(now);
        }
        judged
    }

    async fn hear_and_judge(&mut self, app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
        let mut outage = self.outage;
        if let Some(until) = self.deaf_at {
            let heard = match self.judged_at {
                Some(at) => Some(at),
                None => latest_pull(app, until).await?,
            };
            let last = heard.map(|since| Outage { since, until }.after(self.outage));
            outage = last.or(outage);
        }
        let changed = evaluate(app, outage, now).await?;
        self.outage = outage;
        Ok(changed)
    }
}

/// When the last pull was accepted that came before this time, as far as it is known: another server
/// may have been there to do so.
async fn latest_pull(app: &App, before: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Error> {
    let (mut after, mut latest) = (None::<NodeId>, None);
    loop {
        let (place, shared) = (after.take(), app.clone());
        let read = move |tx: &mut dyn Tx| {
            let nodes = tx.list_all_nodes(place.as_ref(), CHUNK)?;
            let ids: Vec<_> = nodes.into_iter().map(|node| node.id).collect();
            let pulls = contacts(&shared, tx, &ids)?;
            let times = pulls.values().filter_map(|contact| contact.pulls.accepted_at);
            Ok((ids.last().cloned(), times.filter(|at| *at < before).max()))
        };
        let (last, found) = app.read(read).await?;
        latest = latest.max(found);
        if last.is_none() {
            return Ok(latest);
        }
        after = last;
    }
}
