//! Seals what must not be read by somebody who has only the database.
//!
//! The master keys are kept apart from the database, in a file; the register says which of them is
//! current, and beside each sealed value stands the [`KeyId`] of the key that opens it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

mod file;
mod key;
mod keyring;
mod sealing;
mod text;

pub(crate) use key::hex;
pub use keyring::Keyring;

/// Identifies a master key: the first 16 lower-case hexadecimal digits of SHA-256 over a fixed
/// label and the key. It says nothing about the key and is no secret.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KeyId(String);

/// Why a text identifies no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a key has 16 digits of 0-9 and a-f")]
pub struct KeyIdError;

impl TryFrom<String> for KeyId {
    type Error = KeyIdError;

    fn try_from(text: String) -> Result<Self, KeyIdError> {
        let is_digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 16 && text.bytes().all(is_digit) {
            Ok(Self(text))
        } else {
            Err(KeyIdError)
        }
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        Self::try_from(text.to_owned())
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a sealed value stands. It opens nowhere else, so that whoever can write to the database
/// cannot move it to a row that he may read.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The name of the table.
    pub table: &'a str,
    /// What identifies the row in its table, and never changes.
    pub row: &'a str,
    /// The name of the column.
    pub column: &'a str,
}

/// Why a value was not sealed or opened, or the keys not read or changed. No message holds a key,
/// a value, or what stands in the key file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VaultError {
    /// There is no key file.
    #[error("there is no key file {}", .0.display())]
    Missing(PathBuf),
    /// Others than the owner of the key file may read, write or execute it.
    #[error("the key file {} is open to others than its owner (mode {mode:04o}); chmod 600 closes it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions, the lowest twelve bits.
        mode: u32,
    },
    /// What should be the key file is a folder, a pipe or another thing.
    #[error("{} cannot be the key file: it is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A line of the key file is no comment and no key.
    #[error("line {line} of the key file {} is neither a comment nor 64 hexadecimal digits", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The number of the line, beginning with 1.
        line: usize,
    },
    /// The key file holds no key.
    #[error("the key file {} holds no key", .0.display())]
    Empty(PathBuf),
    /// The key file holds more than it may, or would.
    #[error("the key file {} has more than {} keys or {} bytes", .0.display(), text::MOST_KEYS, text::MOST_BYTES)]
    TooLarge(PathBuf),
    /// The only key of the key file is not removed.
    #[error("the key file {} holds no other key, so this one stays", .0.display())]
    LastKey(PathBuf),
    /// The key file holds no such key.
    #[error("the key file holds no key {0}")]
    UnknownKey(KeyId),
    /// A sealed value was changed, moved, or sealed with another key.
    #[error("a sealed value does not open: it was changed, moved, or sealed with another key")]
    DoesNotOpen,
    /// A text is longer than can be sealed, which is 256 GiB.
    #[error("the text is too long to be sealed")]
    TooLong,
    /// The system refused something; the message says what, and names the file.
    #[error("{0}")]
    Io(String),
}

/// Seals and opens values with master keys that only it knows.
pub trait Vault: Send + Sync {
    /// The key that a new register starts with: that of the file's last line. The file is made,
    /// with one new key, when it is not there.
    fn first_key(&self) -> Result<KeyId, VaultError>;

    /// Returns whether keys were made before, as far as can be told without opening them.
    fn has_keys(&self) -> bool;

    /// Whether the key is there. The file is read again when the key is not known yet: another
    /// process may have added it.
    fn check(&self, key: &KeyId) -> Result<(), VaultError>;

    /// Seals a value for its place. What comes out is 41 bytes longer than the value, and another
    /// each time.
    fn seal(&self, key: &KeyId, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError>;

    /// Opens what was sealed with this key for this place. The value is wiped from memory when it
    /// is dropped.
    fn open(
        &self,
        key: &KeyId,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError>;
}

#[cfg(test)]
mod tests;
