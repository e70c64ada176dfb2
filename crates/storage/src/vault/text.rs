//! What stands in the key file.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::KeyId;
use super::key::{DIGITS, MasterKey};

/// The most keys that a file may hold.
pub(super) const MOST_KEYS: usize = 1000;
/// The most bytes that a file may have.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// How a new key file begins.
const HEADER: &str = "\
# Master keys of a Cadastre register. They open what the register keeps sealed in its database.
#
# Keep this file secret: only the user that runs the server may read it.
# Keep a copy of it, and keep that apart from copies of the database. Without its keys the sealed
# values are lost; with the keys and the database together anybody can read them.
#
# Each line is one key, 64 hexadecimal digits. The register knows which of them is current; a new
# register takes the last. Remove a key only with the command that checks that nothing needs it.
";

/// The text of a key file, wiped from memory when dropped.
pub(super) type Text = Zeroizing<Vec<u8>>;

/// The keys of a file, in the order of its lines, each once.
#[derive(Clone, Default)]
pub(super) struct Ring(Vec<(KeyId, Arc<MasterKey>)>);

/// Why a text is no key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// This line, beginning with 1, is neither a comment nor a key.
    Line(usize),
    /// No line is a key.
    Empty,
    /// There are too many keys or bytes.
    TooLarge,
}

impl Ring {
    /// Reads the keys of a text. Blank lines, and blanks around a key, are nothing; a key that is
    /// there twice stands where it stands last.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Flaw> {
        if text.len() > MOST_BYTES {
            return Err(Flaw::TooLarge);
        }
        let mut keys: Vec<(KeyId, Arc<MasterKey>)> = Vec::new();
        let mut count = 0;
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let Some(digits) = digits(line) else { continue };
            count += 1;
            if count > MOST_KEYS {
                return Err(Flaw::TooLarge);
            }
            let key = MasterKey::from_hex(digits).ok_or(Flaw::Line(index + 1))?;
            let id = key.id();
            keys.retain(|(known, _)| *known != id);
            keys.push((id, Arc::new(key)));
        }
        if keys.is_empty() { Err(Flaw::Empty) } else { Ok(Self(keys)) }
    }

    /// The key that is so identified.
    pub(super) fn find(&self, id: &KeyId) -> Option<&Arc<MasterKey>> {
        // The keys in use are the last.
        self.0.iter().rev().find(|(known, _)| known == id).map(|(_, key)| key)
    }

    /// What identifies each key, in the order of the lines.
    pub(super) fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(|(id, _)| id.clone()).collect()
    }
}

/// The text of a new file.
pub(super) fn first(key: &MasterKey) -> Text {
    with(HEADER.as_bytes(), key)
}

/// The text with one more key in a line of its own at the end.
pub(super) fn with(text: &[u8], key: &MasterKey) -> Text {
    // Room for all of it, because a text that grows leaves a copy behind.
    let mut longer = Zeroizing::new(Vec::with_capacity(text.len() + DIGITS + 2));
    longer.extend_from_slice(text);
    if text.last().is_some_and(|byte| *byte != b'\n') {
        longer.push(b'\n');
    }
    key.write_hex(&mut longer);
    longer.push(b'\n');
    longer
}

/// The text without the lines of a key. All else stays as it is.
pub(super) fn without(text: &[u8], id: &KeyId) -> Text {
    let mut shorter = Zeroizing::new(Vec::with_capacity(text.len()));
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let key = digits(line).and_then(MasterKey::from_hex);
        if key.is_none_or(|key| key.id() != *id) {
            shorter.extend_from_slice(line);
        }
    }
    shorter
}

/// What should be a key, in a line that is not blank and no comment.
fn digits(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") { None } else { Some(line) }
}

#[cfg(test)]
mod tests;
