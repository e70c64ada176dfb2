//! The labels of a region: free pairs of key and value, by which people sort and find regions.

use std::collections::BTreeMap;

use crate::text::{Line, TextError};

/// Up to 64 labels, in the order of their keys.
///
/// A key has 1 to 63 letters and digits of ASCII, `.`, `_`, `/` and `-`, and begins and ends with
/// a letter or digit. A value has up to 63 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Labels(BTreeMap<String, String>);

/// Why something is no set of labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// There are so many.
    #[error("there are at most {most} labels, not {0}", most = Labels::MOST)]
    TooMany(usize),
    /// A key is not allowed. It is not repeated: what is no key may be a secret in a wrong place.
    #[error(
        "the key of a label is not 1 to {longest} letters, digits, '.', '_', '/' and '-' \
         that begin and end with a letter or digit",
        longest = Labels::LONGEST
    )]
    Key,
    /// The value of this key is not allowed.
    #[error("the value of the label {key:?} {error}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong with its value.
        error: TextError,
    },
    /// The text is not one JSON object whose values are texts.
    #[error("labels are a JSON object whose values are texts")]
    Json,
}

/// A value of a label.
type LabelValue = Line<0, { Labels::LONGEST }>;

impl Labels {
    /// The most labels that a region has.
    pub const MOST: usize = 64;

    /// The most characters that a key has, and a value.
    pub const LONGEST: usize = 63;

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keys and values, in the order of the keys.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The labels after these changes, each of which gives a key a value or takes it away.
    ///
    /// # Errors
    /// When a key or a value is not allowed, or there are too many then.
    pub fn changed(
        &self,
        changes: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Result<Self, LabelError> {
        let mut pairs = self.0.clone();
        for (key, value) in changes {
            match value {
                Some(value) => drop(pairs.insert(key, value)),
                None => drop(pairs.remove(&key)),
            }
        }
        pairs.try_into()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_key(key: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    (1..=Labels::LONGEST).contains(&key.len())
        && key.starts_with(ends)
        && key.ends_with(ends)
        && key.bytes().all(|c| c.is_ascii_alphanumeric() || b"._/-".contains(&c))
}

impl TryFrom<BTreeMap<String, String>> for Labels {
    type Error = LabelError;

    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, LabelError> {
        if pairs.len() > Self::MOST {
            return Err(LabelError::TooMany(pairs.len()));
        }
        let checked = pairs.into_iter().map(|(key, value)| {
            if !is_key(&key) {
                return Err(LabelError::Key);
            }
            match LabelValue::try_from(value) {
                Ok(value) => Ok((key, value.into())),
                Err(error) => Err(LabelError::Value { key, error }),
            }
        });
        checked.collect::<Result<_, _>>().map(Self)
    }
}

impl From<Labels> for BTreeMap<String, String> {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}

/// Reads them from a JSON object, the form in which they are kept.
impl TryFrom<String> for Labels {
    type Error = LabelError;

    fn try_from(text: String) -> Result<Self, LabelError> {
        let pairs: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|_| LabelError::Json)?;
        pairs.try_into()
    }
}

/// Writes them as a JSON object without spaces, in the order of the keys.
impl From<Labels> for String {
    fn from(labels: Labels) -> Self {
        serde_json::json!(labels.0).to_string()
    }
}

#[cfg(test)]
mod tests;
