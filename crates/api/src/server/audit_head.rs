//! Tells the log where the chain of the audit ends, so that an earlier state of the database that was
//! put back is noticed: `cadastre audit verify --contains` takes what is told.

use std::time::Duration;

use actix_web::web;
use cadastre_storage::{StorageError, Store};

use crate::app::App;
use crate::logging;

/// How often the end of the chain is told.
const INTERVAL: Duration = Duration::from_hours(1);

/// How long to wait while the database is not available.
const RETRY: Duration = Duration::from_secs(1);

/// Tells it at once, and then again and again.
pub(super) async fn tell(app: App) {
    loop {
        let store = app.store.clone();
        let told = web::block(move || log_audit_head(&store)).await;
        tokio::time::sleep(if matches!(told, Ok(Ok(()))) { INTERVAL } else { RETRY }).await;
    }
}

/// Tells it now. Blocks.
///
/// # Errors
/// That the database is not available.
pub(crate) fn log_audit_head(store: &Store) -> Result<(), StorageError> {
    let ends = store.read(|tx| tx.chain_ends())?;
    // Not filtered: who wants trouble only in the log still needs this to verify the audit.
    logging::always(module_path!(), &format_args!("the last audit entry is {}", ends.last));
    Ok(())
}
