//! Adding users.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserName};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::app::Changed;
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
    let user = User { id, enterprise_id: enterprise, name: name.clone(), created_at: now };
    let entry = Entry::done(actor, now, None, Some(&user));
    Ok(Changed::new(user, entry))
}
