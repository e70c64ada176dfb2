//! The register without its guards: everybody is an admin, and nothing is sealed. Only to measure
//! what the guards cost; the program that is delivered cannot be built so.

use std::net::TcpListener;
use std::sync::Arc;

use cadastre_api::app::Writer;
use cadastre_api::auth::Session;
use cadastre_api::config::{Config, ServeOptions};
use cadastre_api::error::Error;
use cadastre_api::reads::ListReads;
use cadastre_api::server::{self, Stopping};
use cadastre_api::service::enterprises::ensure_default;
use cadastre_api::{logging, start};
use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::role::Role;
use cadastre_domain::token::Caller;
use cadastre_domain::user::UserName;
use cadastre_storage::{KeyId, Place, Settings, Store, Tx, Vault, VaultError};
use zeroize::Zeroizing;

use crate::Outcome;

/// Keeps everything in clear.
struct Glass;

impl Vault for Glass {
    fn first_key(&self) -> Result<KeyId, VaultError> {
        KeyId::try_from("0".repeat(16)).map_err(|error| VaultError::Io(error.to_string()))
    }

    fn has_keys(&self) -> bool {
        false
    }

    fn check(&self, _key: &KeyId) -> Result<(), VaultError> {
        Ok(())
    }

    fn seal(&self, _: &KeyId, _: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        Ok(plain.to_vec())
    }

    fn open(
        &self,
        _: &KeyId,
        _: Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(Zeroizing::new(sealed.to_vec()))
    }
}

/// Serves until killed.
pub fn serve(options: ServeOptions) -> Outcome {
    logging::start("info");
    let config = Config::new(options)?;
    let listener = TcpListener::bind(config.listen)?;
    let mut app = start::app(&config);
    let readers = u32::try_from(ListReads::connections(app.readers))?;
    let settings = config.database.store(readers, config.write_queue);
    app.store = Arc::new(Store::new(&Settings { vault: Arc::new(Glass), ..settings }));
    let now = app.clock.now();
    app.assumed = Some(app.store.prepare(now, move |tx| admin(tx, now))?);
    Ok(actix_web::rt::System::new().block_on(async move {
        server::serve(app, listener, config.workers, Stopping::default())?.await
    })?)
}

/// The one that everybody is.
fn admin(tx: &mut dyn Tx, now: chrono::DateTime<chrono::Utc>) -> Result<Session, Error> {
    let mut actor = Actor {
        origin: Origin::Server,
        operation: "measure",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    let enterprise_id = ensure_default(tx, &actor, now)?.recorded_in(tx).id;
    let name = UserName::try_from("admin".to_owned());
    let name = name.map_err(|error| Error::Internal(error.to_string().into()))?;
    let user_id = tx.ensure_user(enterprise_id, &name, now)?;
    actor.user_id = Some(user_id);
    actor.enterprise_id = Some(enterprise_id);
    let caller = Caller { user_id, enterprise_id, role: Role::Platform, teams: Vec::new() };
    Ok(Session { caller, actor, writer: Writer::Register })
}
