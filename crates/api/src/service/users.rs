//! Adding, listing and renaming users, and telling callers who they are.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::token::Caller;
use cadastre_domain::user::{User, UserId, UserName};
use cadastre_storage::{Found, Tx, UserFilter};
use chrono::{DateTime, Utc};

use super::{Counted, Expected, saved};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};

/// Adds a user.
///
/// # Errors
/// An enterprise that does not exist; a name that is taken in it; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    actor: &Actor,
    enterprise: EnterpriseId,
    name: &UserName,
    now: DateTime<Utc>,
) -> Result<Changed<User>, Error> {
    tx.find_enterprise(enterprise)?.ok_or(Error::NotFound(Thing::Enterprise))?;
    let id = tx.insert_user(enterprise, name, now)?;
    let user = User::new(id, enterprise, name.clone(), now);
    let entry = Entry::done(actor, now, None, Some(&user));
    Ok(Changed::new(user, entry))
}

/// The user that the caller acts for.
///
/// # Errors
/// Failures of the storage.
pub async fn current(app: &App, session: &Session) -> Result<User, Error> {
    let id = session.caller.user_id;
    let found = app.read(move |tx| Ok(tx.find_user(id)?)).await?;
    found.ok_or(Error::NotFound(Thing::User))
}

/// The user with this number, if it exists for the caller.
///
/// # Errors
/// No such user; failures of the storage.
pub fn find(tx: &mut dyn Tx, caller: &Caller, id: UserId) -> Result<User, Error> {
    let found = tx.find_user(id)?.filter(|user| caller.reaches(user.enterprise_id));
    found.ok_or(Error::NotFound(Thing::User))
}

/// At most `limit` users, and how many fit the filter if they are `counted`.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    filter: &UserFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<User>, Error> {
    let all = UserFilter { after: None, ..filter.clone() };
    let total = counted.then(|| tx.count_users(&all)).transpose()?;
    let Found { items, rest } = tx.list_users(filter, limit)?;
    Ok(Counted::found(Found { items, rest: rest.map(|id| id.0) }, total))
}

/// Renames a user, for whom tokens go on acting. When that is its name already, nothing is written.
///
/// # Errors
/// No such user, another version, a name that is taken; failures of the storage.
pub fn rename(
    tx: &mut dyn Tx,
    session: &Session,
    (id, expected): (UserId, &Expected),
    name: Option<UserName>,
    now: DateTime<Utc>,
) -> Result<Changed<User>, Error> {
    let before = find(tx, &session.caller, id)?;
    expected.check(before.version)?;
    let Some(name) = name.filter(|name| *name != before.name) else {
        return Ok(Changed::nothing(before));
    };
    let after = before.clone().rename(name, now);
    saved(tx.save_user(&after)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    Ok(Changed::new(after, entry))
}
