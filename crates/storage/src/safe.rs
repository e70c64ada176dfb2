//! The keys of a running register: the vault with the master keys, and the register's own keys,
//! which are kept in the database, sealed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use cadastre_domain::id::TokenId;
use cadastre_domain::secret::Secret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::mac::hmac_sha256;
use crate::vault::{KeyId, Place, hex};
use crate::{StorageError, Vault};

/// A key of 32 bytes.
pub(crate) type Key = Zeroizing<Vec<u8>>;

/// Everything that seals, opens and authenticates.
pub(crate) struct Safe {
    pub(crate) vault: Arc<dyn Vault>,
    keys: RwLock<Option<Arc<RegisterKeys>>>,
}

impl Safe {
    pub(crate) fn new(vault: Arc<dyn Vault>) -> Self {
        Self { vault, keys: RwLock::new(None) }
    }

    /// The register's own keys, when they were read before.
    pub(crate) fn keys(&self) -> Option<Arc<RegisterKeys>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens a sealed text.
    pub(crate) fn open_text(
        &self,
        key: &KeyId,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Secret, StorageError> {
        let plain = self.vault.open(key, place, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|e| StorageError::Query(Arc::new(e)))?;
        Ok(Secret::from(text.to_owned()))
    }

    /// Remembers the register's own keys for everybody, or that they have to be read anew. Only
    /// what is committed may be remembered.
    pub(crate) fn remember(&self, keys: Option<&Arc<RegisterKeys>>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.cloned();
    }
}

/// The register's own keys.
pub(crate) struct RegisterKeys {
    /// The peppers of tokens, by version; new tokens get the highest.
    pub(crate) peppers: BTreeMap<i32, Key>,
    /// The key of fingerprints in audit entries. It never changes: they are to be compared.
    pub(crate) fingerprint: Key,
    /// The key of the chain of audit entries. It never changes, either.
    pub(crate) audit: Key,
    /// The key of the codes over the rows of tokens. It follows from that of the audit, so that it cannot be
    /// exchanged by itself.
    pub(crate) token_rows: Key,
    /// Whether the tokens have such codes. Those of an earlier version get them at the first start.
    pub(crate) has_token_macs: bool,
}

/// What is stored of a token's text: an HMAC-SHA-256 under a pepper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCode {
    /// The version of the pepper.
    pub(crate) pepper_version: i32,
    /// The code, of 32 bytes.
    pub(crate) code: Vec<u8>,
}

/// That a caller presented a token's text: which token, and the digest of the text. So what is stored of
/// the token can be compared with it again later, without the text being kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenProof {
    /// The token.
    pub(crate) id: TokenId,
    /// What its codes are made of.
    pub(crate) digest: [u8; 32],
}

impl TokenProof {
    /// That this text of the token was presented.
    #[must_use]
    pub fn new(id: TokenId, text: &str) -> Self {
        Self { id, digest: Sha256::digest(text.as_bytes()).into() }
    }

    /// The token.
    #[must_use]
    pub const fn token(&self) -> TokenId {
        self.id
    }
}

impl fmt::Debug for TokenProof {
    /// Without the digest, by which a text that was badly chosen could be guessed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenProof").field("id", &self.id).finish_non_exhaustive()
    }
}

impl RegisterKeys {
    /// The keys, as they are stored.
    pub(crate) fn new(
        peppers: BTreeMap<i32, Key>,
        fingerprint: Key,
        audit: Key,
        has_token_macs: bool,
    ) -> Self {
        let token_rows = Key::new(hmac_sha256(&audit, &[b"key of token rows"]).to_vec());
        Self { peppers, fingerprint, audit, token_rows, has_token_macs }
    }

    /// The code of a token's text under the newest pepper.
    pub(crate) fn new_code(&self, text: &Secret) -> Option<TokenCode> {
        let (&pepper_version, pepper) = self.peppers.last_key_value()?;
        let code = code(pepper, &digest(text)).to_vec();
        Some(TokenCode { pepper_version, code })
    }

    /// The code of the digest of a token's text under the pepper of this version.
    pub(crate) fn code(&self, pepper_version: i32, digest: &[u8; 32]) -> Option<[u8; 32]> {
        self.peppers.get(&pepper_version).map(|pepper| code(pepper, digest))
    }

    /// What an entry tells of a secret: the same for the same secret in the same field of the same
    /// thing, and nothing else.
    pub(crate) fn fingerprint(&self, kind: &str, id: &str, field: &str, secret: &Secret) -> String {
        let parts = [kind.as_bytes(), id.as_bytes(), field.as_bytes(), secret.reveal().as_bytes()];
        let code = hmac_sha256(&self.fingerprint, &parts);
        hex(&code[..8])
    }
}

/// The digest that a code is made of. An earlier version of the register kept it as it is.
pub(crate) fn digest(text: &Secret) -> [u8; 32] {
    Sha256::digest(text.reveal().as_bytes()).into()
}

/// The code of a digest under a pepper.
pub(crate) fn code(pepper: &[u8], digest: &[u8]) -> [u8; 32] {
    hmac_sha256(pepper, &[b"token", digest])
}
