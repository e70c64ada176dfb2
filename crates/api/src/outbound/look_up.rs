//! Which addresses a host has. The system's resolver blocks, sometimes for long, so it runs on
//! threads of its own, of which there are only so many.

use std::collections::BTreeSet;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::thread;

use cadastre_domain::id::EnterpriseId;
use tokio::sync::oneshot;

use crate::fair_semaphore::FairSemaphore;

/// How many hosts are looked up at once. A call that waits longer than it may take has failed.
const AT_ONCE: usize = 16;

/// How many of them for one enterprise, whose hosts may be such that nobody ever answers.
const OF_ONE: usize = 4;

/// All addresses of a host; none when it is not known.
type Resolve = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

/// Looks hosts up.
#[derive(Clone)]
pub(super) struct LookUp {
    resolve: Arc<Resolve>,
    look_ups: FairSemaphore<EnterpriseId>,
}

impl LookUp {
    /// By the resolver of the system.
    pub(super) fn system() -> Self {
        Self::by(|host| {
            let found = (host, 0).to_socket_addrs().map(|all| all.map(|place| place.ip()));
            // An address may be told several times.
            found.map(|all| all.collect::<BTreeSet<_>>().into_iter().collect()).unwrap_or_default()
        })
    }

    /// By this.
    pub(super) fn by(resolve: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self { resolve: Arc::new(resolve), look_ups: FairSemaphore::new(AT_ONCE, OF_ONE) }
    }

    /// All addresses of this host, of which there is one at least, for this enterprise.
    pub(super) async fn of(&self, host: &str, enterprise: EnterpriseId) -> Option<Vec<IpAddr>> {
        let permit = self.look_ups.acquire(enterprise).await?;
        let (resolve, host) = (Arc::clone(&self.resolve), host.to_owned());
        let (sender, found) = oneshot::channel();
        let look = move || {
            // Held until the resolver is done, also when nobody waits for it any more.
            let _permit = permit;
            drop(sender.send(resolve(&host)));
        };
        thread::Builder::new().name("look-up".to_owned()).spawn(look).ok()?;
        found.await.ok().filter(|found| !found.is_empty())
    }
}
