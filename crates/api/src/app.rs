//! What every request shares, and the one way off the event loop.

use std::future::Future;
use std::sync::{Arc, RwLockReadGuard};
use std::time::{Duration, Instant};

use actix_web::web;
use cadastre_domain::alarm::AgentVersion;
use cadastre_domain::audit::Entry;
use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{AccessKeyId, Node, NodeKey};
use cadastre_storage::{Model, StorageError, Store, Ticket, TokenProof, Tx, WriteOwner};
use chrono::{DateTime, Utc};

use crate::auth::{AlteredTokens, Remembered, TokenLookUps, Uses};
use crate::clock::{Clock, LastDone};
use crate::cluster::Clusters;
use crate::computations::Computations;
use crate::config::DoorConfig;
use crate::contacts::Contacts;
use crate::error::{Error, NodeRefusal, Unauthenticated};
use crate::freshness::Freshness;
use crate::http::limits::RateLimits;
use crate::http::refusals::RefusalBudget;
use crate::http::throttle::WrongTokens;
use crate::logging;
use crate::native::once::Running;
use crate::outbound::Outbound;
use crate::reads::{ListReads, ReadClass};
use crate::service::results::Keeper;
use crate::streams::Streams;
use crate::threads::Threads;

/// What a change came to, together with the audit entries that tell of it. Whoever changes anything
/// has to make one, so that no change goes without its entry.
#[derive(Debug)]
pub struct Changed<T> {
    value: T,
    entries: Vec<Entry>,
}

impl<T> Changed<T> {
    /// A change that this entry tells.
    pub fn new(value: T, entry: Entry) -> Self {
        Self { value, entries: vec![entry] }
    }

    /// Nothing changed: all was as it should be.
    pub const fn nothing(value: T) -> Self {
        Self { value, entries: Vec::new() }
    }

    /// With one more entry.
    #[must_use]
    pub fn and(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// With another value.
    #[must_use]
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Changed<U> {
        Changed { value: value(self.value), entries: self.entries }
    }

    /// With another value, if there is one.
    ///
    /// # Errors
    /// Those of `value`.
    pub fn try_map<U, E>(self, value: impl FnOnce(T) -> Result<U, E>) -> Result<Changed<U>, E> {
        Ok(Changed { value: value(self.value)?, entries: self.entries })
    }

    /// The value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The entries that tell of it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value, after its entries were recorded in the transaction of the change.
    pub fn recorded_in(self, tx: &mut dyn Tx) -> T {
        for entry in self.entries {
            tx.record(entry);
        }
        self.value
    }
}

/// How long a caller waits for what he wants to read. PostgreSQL may be stopped, or gone behind a network
/// that still answers for it, and then its client library waits for ever.
const LONGEST_READ: Duration = Duration::from_secs(10);

/// How long a caller waits until what he wants to change is written. Longer, because it may have been
/// written when he is told that it is not known.
const LONGEST_WRITE: Duration = Duration::from_secs(20);

/// What comes of `work`, if it comes in time.
async fn within<T, E: From<StorageError>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late().into()))
}

fn late() -> StorageError {
    StorageError::Unavailable("it does not answer in time".to_owned())
}

/// On whose authority a write happens. [`App::write`] asks for it, so no handler can leave it out.
#[derive(Debug, Clone)]
pub enum Writer {
    /// The register itself: its background work, and its notes of refusals.
    Register,
    /// A caller. The write does not happen unless the token is accepted at that moment.
    Token {
        /// That the token was presented.
        proof: TokenProof,
        /// The enterprise of the token.
        enterprise: EnterpriseId,
    },
    /// A node. The write does not happen unless it may pull and the key that it signed with is valid at that
    /// moment.
    Node {
        /// The node.
        node: NodeId,
        /// The key.
        key: AccessKeyId,
        /// The enterprise of the node.
        enterprise: EnterpriseId,
    },
}

impl Writer {
    /// Whose turn in the write queue it takes.
    const fn owner(&self) -> WriteOwner {
        match self {
            Self::Register => None,
            Self::Token { enterprise, .. } | Self::Node { enterprise, .. } => Some(*enterprise),
        }
    }

    /// Lets the write happen, as the last thing before it: in its transaction, so that nothing can
    /// come between.
    fn check(&self, tx: &mut dyn Tx, clock: &Clock) -> Result<(), Error> {
        match self {
            Self::Register => Ok(()),
            Self::Token { proof, .. } => tx
                .check_token(proof, clock.now())?
                .map_err(|why| Error::Unauthenticated(Unauthenticated::Ended(why))),
            Self::Node { node, key, .. } => check_node(tx, node, key, clock.now()),
        }
    }
}

fn check_node(
    tx: &mut dyn Tx,
    node: &NodeId,
    key: &AccessKeyId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let node = std::slice::from_ref(node);
    let is_valid = |found: &NodeKey| found.pair.id == *key && found.is_valid(now);
    if !tx.node_keys(node)?.iter().any(is_valid) {
        return Err(Error::Node(NodeRefusal::KeyEnded));
    }
    let may_pull = tx.find_nodes(node)?.first().is_some_and(Node::may_pull);
    if may_pull { Ok(()) } else { Err(Error::Node(NodeRefusal::Stopped)) }
}

/// The state of a running register.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Clock,
    /// Calls to the clusters of regions.
    pub clusters: Clusters,
    /// Calls to webhooks.
    pub outbound: Outbound,
    /// When versions of agents were looked at last.
    pub agents_judged: Arc<LastDone>,
    /// When it was looked at last how long regions take.
    pub latency_judged: Arc<LastDone>,
    /// The oldest version of an agent that is wanted, if any is too old.
    pub oldest_agent: Option<AgentVersion>,
    /// Who everybody is taken for: to measure what authentication costs, and for nothing else.
    #[cfg(feature = "unguarded")]
    pub assumed: Option<crate::auth::Session>,
    /// Tokens that were found to be in order a moment ago.
    pub remembered: Arc<Remembered>,
    /// Tokens of which the log has told that they were altered.
    pub altered_tokens: Arc<AlteredTokens>,
    /// When tokens were used last, as far as that is not written yet.
    pub uses: Arc<Uses>,
    /// What is known of the pulls of nodes, as far as that is not written yet.
    pub contacts: Arc<Contacts>,
    /// The streams that agents keep open.
    pub streams: Arc<Streams>,
    /// Who waits for the regions in memory to be brought up to date.
    pub freshness: Arc<Freshness>,
    /// Requests with a key that are being worked on.
    pub running: Arc<Running>,
    /// Wrong tokens, by the address that they came from.
    pub wrong_tokens: Arc<WrongTokens>,
    /// Look-ups of texts of which nothing is known.
    pub look_ups: Arc<TokenLookUps>,
    /// How many refusals are recorded one by one.
    pub refusals: Arc<RefusalBudget>,
    /// Limits of one token over all faces.
    pub(crate) token_limits: Arc<RateLimits>,
    /// How clients come in.
    pub door: Arc<DoorConfig>,
    /// Limits of the dialing face.
    pub(crate) dialing_limits: Arc<RateLimits>,
    /// What is needed to take and keep results.
    pub results: Arc<Keeper>,
    /// How often to look whether the time of a window of maintenance has come.
    pub ticks: Duration,
    /// How many lists of one enterprise the database reads at once.
    pub readers: usize,
    /// The turns of lists, and their threads.
    pub lists: Arc<ListReads>,
    /// Computations that take long.
    pub computations: Arc<Computations>,
    /// The thread that commits what waits in the write queue.
    pub(crate) commits: Arc<Threads>,
    /// The URL under which nodes reach this service.
    pub public_url: Arc<str>,
    /// The status with which the dialing face answers a wrong key: 401 or 403.
    pub wrong_key_status: u16,
}

impl App {
    /// Runs `work` on a thread that may block, without the right to write: a look-up, whose cost does not
    /// depend on how much the caller asks for. Lists use [`Self::read_as`].
    ///
    /// # Errors
    /// Those of `work`, and that the database is not available.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, context) = (Arc::clone(&self.store), logging::context());
        let end = Instant::now() + LONGEST_READ;
        let read = web::block(move || {
            // While the database is away, work may wait for a thread for so long that its caller has gone.
            if Instant::now() < end { context.run(|| store.read(work)) } else { Err(late().into()) }
        });
        within(LONGEST_READ, async {
            read.await.map_err(|_| Error::Internal("the blocking pool is gone".into()))?
        })
        .await
    }

    /// Runs `work` without the right to write, when reads of this class have their turn.
    ///
    /// # Errors
    /// Those of `work`, that the database is not available, and that too many reads of this enterprise
    /// wait.
    pub async fn read_as<T: Send + 'static>(
        &self,
        class: ReadClass,
        work: impl FnMut(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let Some(turn) = self.lists.turn(class).await? else { return self.read(work).await };
        let (store, context) = (Arc::clone(&self.store), logging::context());
        let read = self.lists.run(turn, move || context.run(|| store.read(work)));
        within(LONGEST_READ, async {
            read.await.map_err(|_| Error::Internal("the threads for lists are gone".into()))?
        })
        .await
    }

    /// The regions and nodes in memory, with everything that was committed before this call, whoever wrote. To
    /// be held for a short time only, and never while something is waited for.
    ///
    /// # Errors
    /// That the database is not available.
    pub async fn regions(&self) -> Result<RwLockReadGuard<'_, Model>, Error> {
        within(LONGEST_READ, self.freshness.catch_up(&self.store)).await?;
        Ok(self.store.regions())
    }

    /// Leaves `work` in the write queue, with the audit entries of what it does, and answers after its commit.
    /// `work` does not run if the writer has lost its authority by then. When the queue was idle, the
    /// thread of commits wakes and commits it, together with what comes meanwhile. Enterprises take turns
    /// in the queue.
    ///
    /// # Errors
    /// Those of `work`, and that the queue is full or the database is not available. When it does not
    /// answer in time, the change may be written nevertheless.
    pub async fn write<T: Send + 'static>(
        &self,
        writer: Writer,
        mut work: impl FnMut(&mut dyn Tx) -> Result<Changed<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let context = logging::context();
        let clock = self.clock.clone();
        let owner = writer.owner();
        let work = move |tx: &mut dyn Tx| {
            context.run(|| {
                writer.check(tx, &clock)?;
                Ok(work(tx)?.recorded_in(tx))
            })
        };
        self.committed(self.store.submit(owner, work)?).await
    }

    /// [`Self::write`] for work that writes many rows, so many of them, of which its owner may have much:
    /// what others write comes first. It is for the register's own work and for
    /// posts of nodes, whose work asks by itself whether the node still may: a refusal is no error of it,
    /// which would have the work of all others in the transaction done again.
    ///
    /// # Errors
    /// Those of `work`, and that the queue is full or the database is not available.
    pub async fn write_bulk<T: Send + 'static>(
        &self,
        owner: WriteOwner,
        rows: usize,
        mut work: impl FnMut(&mut dyn Tx) -> Result<Changed<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let context = logging::context();
        let work = move |tx: &mut dyn Tx| context.run(|| Ok(work(tx)?.recorded_in(tx)));
        self.committed(self.store.submit_bulk(owner, rows, work)?).await
    }

    async fn committed<T>(&self, ticket: Ticket<T, Error>) -> Result<T, Error> {
        if ticket.drain {
            let store = Arc::clone(&self.store);
            // Runs to its end even when this caller goes away.
            drop(self.commits.run(move || store.drain()));
        }
        within(LONGEST_WRITE, ticket).await
    }
}
