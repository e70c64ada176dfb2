//! Creating and listing enterprises. These use cases run on the command line, too, so they are
//! given a transaction and not the running application.

use cadastre_domain::enterprise::{DEFAULT_ENTERPRISE, Enterprise, EnterpriseName};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::ids;

/// Creates an enterprise.
///
/// # Errors
/// A name that is taken; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    name: &EnterpriseName,
    now: DateTime<Utc>,
) -> Result<Enterprise, Error> {
    let enterprise = Enterprise {
        id: ids::hex_id(),
        name: name.clone(),
        parent_key_id: ids::parent_key_id(),
        created_at: now,
    };
    tx.insert_enterprise(&enterprise)?;
    Ok(enterprise)
}

/// The enterprise named `default`, which is created when there is none.
///
/// # Errors
/// Failures of the storage.
pub fn ensure_default(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Enterprise, Error> {
    let name = EnterpriseName::try_from(DEFAULT_ENTERPRISE.to_owned())
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    match tx.find_enterprise_named(&name)? {
        Some(enterprise) => Ok(enterprise),
        None => create(tx, &name, now),
    }
}
