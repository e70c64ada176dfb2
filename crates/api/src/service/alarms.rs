//! Alarms: showing them, and the job that judges what is known and moves them on.

pub mod evaluation;
pub mod facts;
pub mod judge;

use cadastre_domain::alarm::{Alarm, AlarmEvent};
use cadastre_domain::id::AlarmId;
use cadastre_domain::token::Caller;
use cadastre_storage::{AlarmFilter, Tx};

use super::Counted;
use crate::error::{Error, Thing};

/// How much of its history an alarm tells.
pub const SHOWN_EVENTS: i64 = 100;

/// At most `limit` alarms that fit the filter, the oldest first, and if `counted`, how many there are
/// on all pages.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &AlarmFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Alarm>, Error> {
    let alarms = tx.list_alarms(filter, limit)?;
    let total = counted.then(|| tx.count_alarms(filter)).transpose()?;
    Ok(Counted::found(alarms, total))
}

/// The alarm with the latest part of its history, if it exists for the caller.
///
/// # Errors
/// No such alarm; failures of the storage.
pub fn find(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: AlarmId,
) -> Result<(Alarm, Vec<AlarmEvent>), Error> {
    let found = tx.find_alarm(id)?.filter(|alarm| caller.reaches(alarm.enterprise_id));
    let alarm = found.ok_or(Error::NotFound(Thing::Alarm))?;
    let events = tx.list_alarm_events(id, SHOWN_EVENTS)?;
    Ok((alarm, events))
}
