//! One master key.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KeyId, VaultError};

/// What is hashed in front of a key to identify it, so that the identifier is no hash that
/// something else computes of the same key.
const LABEL: &[u8] = b"cadastre key id 1\0";

/// How many bytes a key has.
const BYTES: usize = 32;

/// How many digits a key has where it is written.
pub(super) const DIGITS: usize = 2 * BYTES;

/// A master key, wiped from memory when dropped; boxed, so that it is not copied when it moves.
pub(super) struct MasterKey(Box<Zeroizing<[u8; BYTES]>>);

impl MasterKey {
    /// A new key, from the system's generator of random numbers.
    pub(super) fn random() -> Result<Self, VaultError> {
        let mut key = Self(Box::default());
        super::sealing::fill(&mut key.0[..])?;
        Ok(key)
    }

    /// The key that these digits write, when they are 64 hexadecimal ones.
    pub(super) fn from_hex(digits: &[u8]) -> Option<Self> {
        let mut key = Self(Box::default());
        if digits.len() != DIGITS {
            return None;
        }
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (value(pair[0])? << 4) | value(pair[1])?;
        }
        Some(key)
    }

    /// Writes the key in digits, into room that is there already: a text that grows leaves a copy
    /// behind.
    pub(super) fn write_hex(&self, text: &mut Vec<u8>) {
        const DIGIT: &[u8; 16] = b"0123456789abcdef";
        for byte in self.0.iter() {
            text.extend([DIGIT[usize::from(byte >> 4)], DIGIT[usize::from(byte & 15)]]);
        }
    }

    /// What identifies the key.
    pub(super) fn id(&self) -> KeyId {
        let hash = Sha256::new().chain_update(LABEL).chain_update(self.bytes()).finalize();
        KeyId(hex(&hash[..8]))
    }

    /// The key itself.
    pub(super) fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

/// These bytes in digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A text takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
