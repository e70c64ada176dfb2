//! What every request shares, and the one way off the event loop.

use std::sync::Arc;

use actix_web::web;
use cadastre_storage::{Store, Tx};

use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::config::DoorConfig;
use crate::error::Error;
use crate::http::limits::RateLimits;
use crate::logging;

/// The state of a running register.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Clock,
    /// Calls to the clusters of regions.
    pub clusters: Clusters,
    /// How clients come in.
    pub door: Arc<DoorConfig>,
    /// Limits of the dialing face.
    pub(crate) dialing_limits: Arc<RateLimits>,
    /// Database connections that read.
    pub readers: usize,
    /// The URL under which nodes reach this service.
    pub public_url: Arc<str>,
    /// The status with which the dialing face answers a wrong key: 401 or 403.
    pub wrong_key_status: u16,
}

impl App {
    /// Runs `work` on a thread that may block, without the right to write.
    ///
    /// # Errors
    /// Those of `work`, and that the database is not available.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, context) = (Arc::clone(&self.store), logging::context());
        web::block(move || context.run(|| store.read(work)))
            .await
            .map_err(|_| Error::Internal("the blocking pool is gone".into()))?
    }

    /// Leaves `work` in the write queue and answers after its commit. When the queue was idle, a
    /// thread that may block commits it, together with whatever comes meanwhile.
    ///
    /// # Errors
    /// Those of `work`, and that the queue is full or the database is not available.
    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let context = logging::context();
        let ticket = self.store.submit(move |tx| context.run(|| work(tx)))?;
        if ticket.drain {
            let store = Arc::clone(&self.store);
            // Runs to its end even when this caller goes away.
            drop(web::block(move || store.drain()));
        }
        ticket.await
    }
}
