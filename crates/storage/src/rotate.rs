//! `cadastre key rotate`: a new master key, while others serve.

use cadastre_domain::audit::Entry;
use chrono::{DateTime, Utc};

use crate::{KeyId, Keyring, StorageError, Store};

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
    /// Makes a new master key current, seals everything anew, and removes the old keys when nothing
    /// needs them, which `entry` tells. Whoever serves meanwhile goes on: each transaction asks which key is current.
    /// May be broken off at any point and started again.
    ///
    /// # Errors
    /// Failures of the key file and of the storage.
    pub fn rotate_keys(
        &self,
        keyring: &Keyring,
        now: DateTime<Utc>,
        entry: Entry,
    ) -> Result<Rotation, StorageError> {
        // First into the file: whoever meets the key in the register finds it there.
        let key = keyring.add()?;
        let new = key.clone();
        self.write(move |tx| tx.switch_key(&new, now))?;
        let mut resealed = 0;
        loop {
            match self.write(|tx| tx.reseal(CHUNK))? {
                0 => break,
                count => resealed += count,
            }
        }
        let current = key.clone();
        let rotation = self.write(move |tx| {
            let removed = tx.forget_keys()?;
            let rotation = Rotation { key: current.clone(), resealed, removed };
            tx.record(entry.clone());
            Ok::<_, StorageError>(rotation)
        })?;
        // Last from the file: until the commit, they might have been needed.
        for old in &rotation.removed {
            keyring.remove(old)?;
        }
        Ok(rotation)
    }
}
