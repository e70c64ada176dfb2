//! What is forgotten of nodes when it is old.

use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, Changed, Writer};
use crate::error::Error;

/// For how long it is remembered what was: tombstones of tasks, keys of deleted nodes, agents that do
/// not pull any more, and deleted variables. After that, every agent has passed them (dialing
/// contract, section 7, decision 6).
pub const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// For how long runs are kept that agents were asked for; they are told of them within seconds.
const RUNS_KEPT: TimeDelta = TimeDelta::hours(1);

/// How many tombstones are forgotten in one transaction, so that other writers do not wait long.
const AT_ONCE: usize = 500;

/// Forgets what is old.
///
/// There are no audit entries for it: it changes nothing that anybody sees.
///
/// # Errors
/// Failures of the storage.
pub async fn forget(app: &App, now: DateTime<Utc>) -> Result<(), Error> {
    let before = now - REMEMBERED;
    let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    loop {
        let gone = app.write(Writer::Register, move |tx| {
            Ok(Changed::nothing(tx.forget_tombstones(before, limit)?))
        });
        if gone.await? < AT_ONCE {
            break;
        }
    }
    app.write(Writer::Register, move |tx| {
        others(tx, before, now)?;
        Ok(Changed::nothing(()))
    })
    .await?;
    app.store.forget_deleted_nodes(before);
    app.contacts.forget(before);
    Ok(())
}

fn others(tx: &mut dyn Tx, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Error> {
    tx.forget_keys_of_deleted(before)?;
    tx.forget_agents(before)?;
    tx.forget_variables(before)?;
    tx.forget_runs(now - RUNS_KEPT)?;
    Ok(())
}
