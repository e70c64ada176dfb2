//! What is written of pulls in one transaction, and in halves when it is refused.

use std::collections::HashSet;
use std::fmt;

use cadastre_domain::node::{AccessKeyId, NodeAgent, NodeContact};
use cadastre_storage::{StorageError, Store};
use chrono::{DateTime, Utc};

/// After how many failures without a success the database is at fault, and not what is written.
const FAILURES: usize = 16;

/// What is written in one transaction.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub(super) contacts: Vec<NodeContact>,
    pub(super) agents: Vec<NodeAgent>,
    pub(super) uses: Vec<(AccessKeyId, DateTime<Utc>)>,
}

/// Whom it is about.
impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.contacts.iter().map(|contact| contact.node_id.to_string());
        let keys = self.uses.iter().map(|(key, _)| key.to_string());
        f.write_str(&nodes.chain(keys).collect::<Vec<_>>().join(", "))
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// How many parts with nodes were written.
    pub(super) written: usize,
    /// The parts that were not, and why.
    pub(super) refused: Vec<(Batch, StorageError)>,
}

impl Outcome {
    /// Writes a batch; when it is refused, each half of it, until what is refused stands alone.
    pub(super) fn write(&mut self, store: &Store, batch: Batch) {
        let (written, has_nodes) = (batch.clone(), !batch.contacts.is_empty());
        let outcome = store.write(move |tx| {
            tx.note_contacts(&written.contacts)?;
            tx.note_agents(&written.agents)?;
            tx.note_key_uses(&written.uses)
        });
        let Err(error) = outcome else {
            self.written += usize::from(has_nodes);
            return;
        };
        let is_hopeless = self.written == 0 && self.refused.len() >= FAILURES;
        match batch.halves() {
            Ok(halves) if matches!(error, StorageError::Query(_)) && !is_hopeless => {
                for half in halves {
                    self.write(store, half);
                }
            }
            Ok(halves) => self.refused.extend(halves.map(|half| (half, error.clone()))),
            Err(batch) => self.refused.push((batch, error)),
        }
    }
}

impl Batch {
    /// Two parts of it, or itself when it is of a single thing.
    fn halves(mut self) -> Result<[Self; 2], Self> {
        if self.contacts.is_empty() {
            if self.uses.len() < 2 {
                return Err(self);
            }
            let uses = self.uses.split_off(self.uses.len() / 2);
            return Ok([self, Self { uses, ..Self::default() }]);
        }
        if !self.uses.is_empty() {
            let uses = std::mem::take(&mut self.uses);
            return Ok([self, Self { uses, ..Self::default() }]);
        }
        if self.contacts.len() < 2 {
            return Err(self);
        }
        let contacts = self.contacts.split_off(self.contacts.len() / 2);
        let nodes: HashSet<_> = contacts.iter().map(|contact| contact.node_id.clone()).collect();
        let (agents, rest) =
            self.agents.into_iter().partition(|agent| nodes.contains(&agent.node_id));
        let first = Self { contacts: self.contacts, agents: rest, uses: Vec::new() };
        Ok([first, Self { contacts, agents, uses: Vec::new() }])
    }
}
