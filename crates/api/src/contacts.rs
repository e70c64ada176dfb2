//! What is known of the pulls of nodes, as far as it is not written yet. Noted in memory and written
//! in groups: no pull waits for it. Whoever asks gets it together with what is written.
//!
//! It grows with the nodes of the register and no further: only nodes that there are are noted, each
//! with a bounded number of agents.

mod batch;
mod known;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKeyId, NodeAgent, NodeContact, PullRefusal, RefusedPull};
use cadastre_storage::{StorageError, Store};
use chrono::{DateTime, TimeDelta, Utc};

use batch::{Batch, Outcome};
use known::Known;

/// How long it need not be written that a node, of which nothing else is new, pulled again: much less
/// than it may be silent.
const WRITTEN_EVERY: TimeDelta = TimeDelta::seconds(15);

/// How many nodes are written in one transaction, so that other writers do not wait long.
const WRITTEN: usize = 1000;

/// A pull that is accepted.
#[derive(Debug, Clone, Copy)]
pub struct AcceptedPull<'a> {
    /// The node.
    pub node: &'a NodeId,
    /// The key that it was signed with.
    pub key: &'a AccessKeyId,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// What it says in `Date`.
    pub date: &'a str,
    /// Its cursor.
    pub cursor: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is known of the pulls of nodes.
#[derive(Debug, Default)]
pub struct Contacts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    nodes: HashMap<NodeId, Known>,
    /// When keys were used last, as far as that is not written yet.
    uses: HashMap<AccessKeyId, DateTime<Utc>>,
    /// When that was written last.
    uses_written: Option<DateTime<Utc>>,
}

impl Contacts {
    /// Notes a pull that is accepted.
    pub fn accepted(&self, pull: &AcceptedPull<'_>) {
        let mut state = self.lock();
        state.note(pull.node, |known| known.accept(pull));
        match state.uses.get_mut(pull.key) {
            Some(at) => *at = pull.at.max(*at),
            None => drop(state.uses.insert(pull.key.clone(), pull.at)),
        }
    }

    /// Notes that a pull of a node was refused.
    pub fn refused(&self, node: &NodeId, at: DateTime<Utc>, reason: PullRefusal) {
        self.lock().note(node, |known| known.refuse(RefusedPull { at, reason }));
    }

    /// What is known of the pulls of this node, on its own or together with what is `stored`.
    #[must_use]
    pub fn of(&self, node: &NodeId, stored: Option<NodeContact>) -> Option<NodeContact> {
        match self.lock().nodes.get(node) {
            Some(known) => Some(known.contact.clone().merged(stored)),
            None => stored,
        }
    }

    /// The agents of this node that pulled at `since` or later, together with those that are
    /// `stored`, by address and key.
    #[must_use]
    pub fn agents(
        &self,
        node: &NodeId,
        since: DateTime<Utc>,
        stored: Vec<NodeAgent>,
    ) -> Vec<NodeAgent> {
        let mut all = stored;
        if let Some(known) = self.lock().nodes.get(node) {
            for agent in known.agents() {
                let same =
                    |other: &NodeAgent| other.address == agent.address && other.key == agent.key;
                let before = all.iter().position(same).map(|place| all.swap_remove(place));
                all.push(agent.clone().merged(before));
            }
        }
        let place = |agent: &NodeAgent| (agent.address.clone(), agent.key.to_string());
        all.retain(|agent| agent.last_seen_at >= since);
        all.sort_by_key(place);
        all
    }

    /// When this key was used last, as far as that is not written yet.
    #[must_use]
    pub fn use_of(&self, key: &AccessKeyId) -> Option<DateTime<Utc>> {
        self.lock().uses.get(key).copied()
    }

    /// Writes what was noted until now, as far as it is due at `now`: what is news, and of the rest what
    /// was not written lately. Blocks, as [`write`](Self::write) does.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn write_due(&self, store: &Store, now: DateTime<Utc>) -> Result<(), StorageError> {
        let batches = self.lock().take_batches(now, now - WRITTEN_EVERY);
        self.write_all(store, batches)
    }

    /// Writes what was noted until now. Blocks. What comes meanwhile waits for the next time, or it
    /// would never end while very many pull. What cannot be written now waits on, too; what the
    /// database takes for no node but others is dropped, so that one node holds up no others.
    ///
    /// There are no audit entries for it: it is what machines do all the time, and changes nothing.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn write(&self, store: &Store) -> Result<(), StorageError> {
        let (never, always) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let batches = self.lock().take_batches(never, always);
        self.write_all(store, batches)
    }

    fn write_all(&self, store: &Store, batches: Vec<Batch>) -> Result<(), StorageError> {
        let mut written = Ok(());
        for batch in batches {
            if written.is_err() {
                self.lock().put_back(batch);
                continue;
            }
            let mut outcome = Outcome::default();
            outcome.write(store, batch);
            written = self.take_back(outcome);
        }
        written
    }

    /// Takes back what could not be written, but for what is itself the reason.
    fn take_back(&self, outcome: Outcome) -> Result<(), StorageError> {
        let mut failure = None;
        for (batch, error) in outcome.refused {
            if outcome.written > 0
                && !batch.contacts.is_empty()
                && let StorageError::Query(cause) = &error
            {
                log::error!("what is known of the pulls of {batch} is dropped: {cause}");
                continue;
            }
            self.lock().put_back(batch);
            failure = Some(error);
        }
        failure.map_or(Ok(()), Err)
    }

    /// Forgets nodes that pulled last before this time.
    pub fn forget(&self, before: DateTime<Utc>) {
        let mut state = self.lock();
        state.nodes.retain(|_, known| !known.is_written() || known.last_at() >= Some(before));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn note(&mut self, node: &NodeId, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.nodes.get_mut(node) {
            change(known);
        } else {
            let mut known = Known::new(node.clone());
            change(&mut known);
            self.nodes.insert(node.clone(), known);
        }
    }

    /// What is not written yet and is news, or was not written since `before`; from now on, it counts
    /// as written at `now`.
    fn take_batches(&mut self, now: DateTime<Utc>, before: DateTime<Utc>) -> Vec<Batch> {
        let mut due: Vec<_> =
            self.nodes.values_mut().filter(|known| known.is_due(before)).collect();
        let batches = due.chunks_mut(WRITTEN).map(|some| batch_of(some, now));
        let mut batches: Vec<_> = batches.collect();
        if self.uses_written.is_none_or(|written| written <= before) {
            self.uses_written = Some(now);
            let uses: Vec<_> = self.uses.drain().collect();
            let parts = uses.chunks(WRITTEN);
            batches.extend(parts.map(|uses| Batch { uses: uses.to_vec(), ..Batch::default() }));
        }
        batches
    }

    /// Takes back what could not be written. What came meanwhile is newer.
    fn put_back(&mut self, batch: Batch) {
        for contact in batch.contacts {
            if let Some(known) = self.nodes.get_mut(&contact.node_id) {
                known.note_unwritten();
            }
        }
        self.uses_written = self.uses_written.filter(|_| batch.uses.is_empty());
        for agent in batch.agents {
            if let Some(known) = self.nodes.get_mut(&agent.node_id) {
                known.renew(&agent);
            }
        }
        for (key, at) in batch.uses {
            self.uses.entry(key).or_insert(at);
        }
    }
}

fn batch_of(nodes: &mut [&mut Known], now: DateTime<Utc>) -> Batch {
    let mut batch = Batch::default();
    for known in nodes {
        known.note_written(now);
        batch.contacts.push(known.contact.clone());
        batch.agents.extend(known.take_new_agents());
    }
    batch
}

#[cfg(test)]
mod tests;
