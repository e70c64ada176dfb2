//! The vault whose keys are in a file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::key::MasterKey;
use super::text::{self, Flaw, Ring};
use super::{KeyId, Place, Vault, VaultError, file, sealing};

/// Master keys in a file. It is read when a key is asked for that is not known yet, and the keys
/// are wiped from memory when this is dropped.
pub struct Keyring {
    path: PathBuf,
    known: RwLock<Arc<Ring>>,
}

impl Keyring {
    /// The keys in this file. Nothing is read yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, known: RwLock::default() }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What identifies the keys of the file as it is now, each once, in the order of its lines.
    pub fn keys(&self) -> Result<Vec<KeyId>, VaultError> {
        Ok(self.load()?.ids())
    }

    /// Adds a new key at the end of the file, for a rotation. Once it is answered, the key is on
    /// the disk.
    pub fn add(&self) -> Result<KeyId, VaultError> {
        let key = MasterKey::random()?;
        let ring = file::rewrite(&self.path, |text| {
            let text = text::with(text, &key);
            let ring = self.parse(&text)?;
            Ok((text, ring))
        })?;
        self.remember(ring);
        Ok(key.id())
    }

    /// Removes a key from the file. The last one stays. Whether something is still sealed with it
    /// is the caller's to know; other processes forget it when they read the file again.
    pub fn remove(&self, key: &KeyId) -> Result<(), VaultError> {
        let ring = file::rewrite(&self.path, |text| {
            let ring = self.parse(text)?;
            if ring.find(key).is_none() {
                return Err(VaultError::UnknownKey(key.clone()));
            }
            if ring.ids().len() == 1 {
                return Err(VaultError::LastKey(self.path.clone()));
            }
            let text = text::without(text, key);
            let ring = self.parse(&text)?;
            Ok((text, ring))
        })?;
        self.remember(ring);
        Ok(())
    }

    /// The key, from memory or else from the file.
    fn find(&self, id: &KeyId) -> Result<Arc<MasterKey>, VaultError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).find(id).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        self.load()?.find(id).cloned().ok_or_else(|| VaultError::UnknownKey(id.clone()))
    }

    fn load(&self) -> Result<Arc<Ring>, VaultError> {
        let ring = self.parse(&file::read(&self.path)?)?;
        Ok(self.remember(ring))
    }

    fn parse(&self, text: &[u8]) -> Result<Ring, VaultError> {
        let path = || self.path.clone();
        Ring::parse(text).map_err(|flaw| match flaw {
            Flaw::Line(line) => VaultError::Malformed { path: path(), line },
            Flaw::Empty => VaultError::Empty(path()),
            Flaw::TooLarge => VaultError::TooLarge(path()),
        })
    }

    fn remember(&self, ring: Ring) -> Arc<Ring> {
        let ring = Arc::new(ring);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ring);
        ring
    }
}

impl Vault for Keyring {
    fn first_key(&self) -> Result<KeyId, VaultError> {
        let ring = match self.load() {
            Err(VaultError::Missing(_)) => {
                file::create(&self.path, &text::first(&MasterKey::random()?))?;
                self.load()?
            }
            ring => {
                log::warn!(
                    "beginning an empty register with the key file {}, which exists; if there was a register \
                     before, its database is lost or another one is configured",
                    self.path.display()
                );
                ring?
            }
        };
        // The process that made it may be about to do this, and the register must not be there
        // before the key is. A folder that cannot be written to needs none of it.
        let _ = file::keep(&self.path);
        ring.ids().pop().ok_or_else(|| VaultError::Empty(self.path.clone()))
    }

    fn has_keys(&self) -> bool {
        self.path.metadata().is_ok_and(|facts| facts.len() > 0)
    }

    fn check(&self, key: &KeyId) -> Result<(), VaultError> {
        self.find(key).map(drop)
    }

    fn seal(&self, key: &KeyId, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        sealing::seal(&*self.find(key)?, key, place, plain)
    }

    fn open(
        &self,
        key: &KeyId,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        sealing::open(&*self.find(key)?, key, place, sealed)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("path", &self.path).finish_non_exhaustive()
    }
}
