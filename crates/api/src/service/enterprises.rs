//! Creating and listing enterprises. These use cases run on the command line, too, so they are
//! given a transaction and not the running application.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::enterprise::{DEFAULT_ENTERPRISE, Enterprise, EnterpriseName};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::app::Changed;
use crate::error::Error;
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
    let enterprise = Enterprise {
        id: ids::hex_id(),
        name: name.clone(),
        parent_key_id: ids::parent_key_id(),
        created_at: now,
    };
    tx.insert_enterprise(&enterprise)?;
    let entry = Entry::done(actor, now, None, Some(&enterprise));
    Ok(Changed::new(enterprise, entry))
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
