//! The key pair by which a node signs what it sends.

use std::fmt;

use crate::secret::Secret;

/// The public half: 20 characters of `0-9A-Za-z`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessKeyId(String);

/// The secret half: 40 characters of `0-9A-Za-z`. The signature check needs it in clear.
#[derive(Debug, Clone)]
pub struct SecretKey(Secret);

/// A key pair of a node.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// The public half.
    pub id: AccessKeyId,
    /// The secret half.
    pub secret: SecretKey,
}

/// Why a text is no half of a key pair. The text itself is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {length} characters of 0-9, A-Z and a-z")]
pub struct AccessKeyError {
    length: usize,
}

fn check(text: &str, length: usize) -> Result<(), AccessKeyError> {
    if text.len() == length && text.bytes().all(|c| c.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(AccessKeyError { length })
    }
}

impl TryFrom<String> for AccessKeyId {
    type Error = AccessKeyError;

    fn try_from(text: String) -> Result<Self, AccessKeyError> {
        check(&text, 20)?;
        Ok(Self(text))
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<AccessKeyId> for String {
    fn from(id: AccessKeyId) -> Self {
        id.0
    }
}

impl TryFrom<String> for SecretKey {
    type Error = AccessKeyError;

    fn try_from(text: String) -> Result<Self, AccessKeyError> {
        check(&text, 40)?;
        Ok(Self(Secret::from(text)))
    }
}

impl SecretKey {
    /// The value in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_key_is_not_printed() {
        let key = SecretKey::try_from("utiGZCqZkEe6ZzKyW30xczv96joMrmvGAfxuJ7Fr".to_owned());
        assert_eq!(format!("{key:?}"), "Ok(SecretKey(***))");
    }

    proptest! {
        #[test]
        fn what_parses_prints_back_the_same(id in "[0-9A-Za-z]{20}", secret in "[0-9A-Za-z]{40}") {
            prop_assert_eq!(AccessKeyId::try_from(id.clone()).map(String::from), Ok(id));
            prop_assert_eq!(SecretKey::try_from(secret.clone()).map(|key| key.reveal() == secret), Ok(true));
        }

        #[test]
        fn other_lengths_and_letters_are_refused(text in ".{0,45}") {
            let wanted = |n| text.len() == n && text.bytes().all(|c| c.is_ascii_alphanumeric());
            prop_assert_eq!(AccessKeyId::try_from(text.clone()).is_ok(), wanted(20));
            prop_assert_eq!(SecretKey::try_from(text.clone()).is_ok(), wanted(40));
        }
    }
}
