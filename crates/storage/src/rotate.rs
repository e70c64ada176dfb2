//! `cadastre key rotate`: a new master key, while others serve.

use std::sync::Arc;

use cadastre_domain::audit::Entry;
use chrono::{DateTime, Utc};

use crate::{KeyId, Keyring, StorageError, Store, Tx};

/// How many secrets are sealed anew in one transaction: few enough that other writers do not wait
/// long.
const CHUNK: i64 = 50;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The key that secrets are sealed with now.
    pub key: KeyId,
    /// How many rows were sealed anew.
    pub resealed: usize,
    /// The keys that nothing needed any more, which were removed from the file.
    pub removed: Vec<KeyId>,
}

impl Store {
    /// Makes a new master key current, reseals everything with it, and removes from the file every key that the
    /// register does not need; `entry` records the rotation. Servers go on meanwhile: each transaction asks which
    /// key is current. A rotation may be stopped at any point and run again; the next one also removes the keys
    /// that a stopped one left in the file.
    ///
    /// # Errors
    /// Failures of the key file and of the storage.
    pub fn rotate_keys(
        &self,
        keyring: &Arc<Keyring>,
        now: DateTime<Utc>,
        entry: &Entry,
    ) -> Result<Rotation, StorageError> {
        let file = Arc::clone(keyring);
        let (key, mut removed) = self.write(move |tx| {
            // First, because the file holds a limited number of keys.
            let removed = remove_unknown_keys(tx, &file)?;
            // Into the file before the commit: a server that meets the key in the register finds it there.
            let key = file.add()?;
            tx.switch_key(&key, now)?;
            Ok::<_, StorageError>((key, removed))
        })?;
        let mut resealed = 0;
        loop {
            let entry = entry.clone();
            let count = self.write(move |tx| {
                let count = tx.reseal(CHUNK)?;
                if count == 0 {
                    // At once: another rotation may make a further key current, and then this one is needed.
                    tx.forget_keys()?;
                    tx.record(entry.clone());
                }
                Ok::<_, StorageError>(count)
            })?;
            if count == 0 {
                break;
            }
            resealed += count;
        }
        // In a transaction of its own: until that commit, the old keys might have been needed.
        let file = Arc::clone(keyring);
        removed.extend(self.write(move |tx| remove_unknown_keys(tx, &file))?);
        Ok(Rotation { key, resealed, removed })
    }
}

/// Removes from the file the keys that the register does not know, and returns them. Runs in a write
/// transaction, so that no other rotation has added a key that it has not committed yet.
fn remove_unknown_keys(tx: &mut dyn Tx, keyring: &Keyring) -> Result<Vec<KeyId>, StorageError> {
    let known = tx.master_keys()?;
    let is_known = |key: &KeyId| known.iter().any(|(id, ..)| id == key);
    let unknown: Vec<_> = keyring.keys()?.into_iter().filter(|key| !is_known(key)).collect();
    for key in &unknown {
        keyring.remove(key)?;
    }
    Ok(unknown)
}
