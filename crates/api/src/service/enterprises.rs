//! Creating, listing and renaming enterprises. These use cases run on the command line, too, so they
//! are given a transaction and not the running application.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::enterprise::{DEFAULT_ENTERPRISE, Enterprise, EnterpriseName};
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::token::Caller;
use cadastre_storage::{EnterpriseFilter, Tx};
use chrono::{DateTime, Utc};

use super::{Counted, Expected, saved};
use crate::app::Changed;
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::ids;

/// Creates an enterprise.
///
/// # Errors
/// A name that is taken; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    actor: &Actor,
    name: &EnterpriseName,
    now: DateTime<Utc>,
) -> Result<Changed<Enterprise>, Error> {
    let enterprise = Enterprise::new(ids::hex_id(), name.clone(), ids::parent_key_id(), now);
    tx.insert_enterprise(&enterprise)?;
    let entry = Entry::done(actor, now, None, Some(&enterprise));
    Ok(Changed::new(enterprise, entry))
}

/// The enterprise with this identifier, if it exists for the caller.
///
/// # Errors
/// No such enterprise; failures of the storage.
pub fn find(tx: &mut dyn Tx, caller: &Caller, id: EnterpriseId) -> Result<Enterprise, Error> {
    let found = if caller.reaches(id) { tx.find_enterprise(id)? } else { None };
    found.ok_or(Error::NotFound(Thing::Enterprise))
}

/// At most `limit` enterprises, and how many fit the filter if they are `counted`.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &EnterpriseFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Enterprise>, Error> {
    let all = EnterpriseFilter { after: None, ..filter.clone() };
    let total = counted.then(|| tx.count_enterprises(&all)).transpose()?;
    Ok(Counted::found(tx.list_some_enterprises(filter, limit)?, total))
}

/// Renames an enterprise. When that is its name already, nothing is written.
///
/// # Errors
/// No such enterprise, another version, a name that is taken; failures of the storage.
pub fn rename(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (EnterpriseId, &Expected),
    name: Option<EnterpriseName>,
    now: DateTime<Utc>,
) -> Result<Changed<Enterprise>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let Some(name) = name.filter(|name| *name != before.name) else {
        return Ok(Changed::nothing(before));
    };
    let after = before.clone().rename(name, now);
    saved(tx.save_enterprise(&after)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    Ok(Changed::new(after, entry))
}

/// The enterprise named `default`, which is created when there is none.
///
/// # Errors
/// Failures of the storage.
pub fn ensure_default(
    tx: &mut dyn Tx,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Changed<Enterprise>, Error> {
    let name = EnterpriseName::try_from(DEFAULT_ENTERPRISE.to_owned())
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    match tx.find_enterprise_named(&name)? {
        Some(enterprise) => Ok(Changed::nothing(enterprise)),
        None => create(tx, actor, &name, now),
    }
}
