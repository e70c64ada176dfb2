//! Identifiers of the dialing interface that are a prefix and 32 hexadecimal digits (dialing
//! contract, section 1.4).

use std::fmt;
use std::str::FromStr;

use super::{HexId, IdError, Prefix};

/// An identifier of 16 bytes, written as a prefix and 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedId<K>(HexId<K>);

/// Marks the identifier of a dial task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKind {}
impl Prefix for TaskKind {
    const PREFIX: &'static str = "dial_";
}

/// Marks the identifier of a tag of dial tasks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagKind {}
impl Prefix for TagKind {
    const PREFIX: &'static str = "tag_";
}

/// Marks the identifier of a variable of dial tasks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VariableKind {}
impl Prefix for VariableKind {
    const PREFIX: &'static str = "var_";
}

/// Marks the identifier of tasks that a node is to run once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunKind {}
impl Prefix for RunKind {
    const PREFIX: &'static str = "run_";
}

/// Identifies a dial task.
pub type TaskId = NamedId<TaskKind>;
/// Identifies a tag of dial tasks.
pub type TagId = NamedId<TagKind>;
/// Identifies a variable of dial tasks.
pub type VariableId = NamedId<VariableKind>;
/// Identifies tasks that a node is to run once.
pub type RunId = NamedId<RunKind>;

impl<K> From<HexId<K>> for NamedId<K> {
    fn from(id: HexId<K>) -> Self {
        Self(id)
    }
}

impl<K: Prefix> fmt::Display for NamedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", K::PREFIX, self.0)
    }
}

impl<K: Prefix> fmt::Debug for NamedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Prefix> FromStr for NamedId<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.strip_prefix(K::PREFIX).ok_or(IdError::Named(K::PREFIX))?;
        digits.parse().map(Self).map_err(|_| IdError::Named(K::PREFIX))
    }
}

impl<K: Prefix> TryFrom<String> for NamedId<K> {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<K: Prefix> From<NamedId<K>> for String {
    fn from(id: NamedId<K>) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "dial_",
            "0123456789abcdef0123456789abcdef",
            "tag_0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(text.parse::<TaskId>(), Err(IdError::Named("dial_")), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_task_id_prints_back_the_same(text in "dial_[0-9a-f]{32}") {
            prop_assert_eq!(text.parse::<TaskId>().map(String::from), Ok(text));
        }
    }
}
