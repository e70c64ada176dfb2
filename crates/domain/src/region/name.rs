//! The name of a region.

use serde::{Deserialize, Serialize};

/// 1 to 64 letters and digits of any script, `_`, `-` and `.`; unique in the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionName(String);

/// Why a text is no region name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegionNameError {
    /// Empty, or longer than 64 characters.
    #[error("a region name has 1 to {max} characters, not {0}", max = RegionName::LONGEST)]
    Length(usize),
    /// Holds a character that is not allowed.
    #[error("a region name must not contain {0:?}")]
    Char(char),
}

impl RegionName {
    /// The most characters that a name has.
    pub const LONGEST: usize = 64;
}

impl TryFrom<String> for RegionName {
    type Error = RegionNameError;

    fn try_from(text: String) -> Result<Self, RegionNameError> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let length = text.chars().count();
        if !(1..=Self::LONGEST).contains(&length) {
            return Err(RegionNameError::Length(length));
        }
        match text.chars().find(|&c| !allowed(c)) {
            Some(stranger) => Err(RegionNameError::Char(stranger)),
            None => Ok(Self(text)),
        }
    }
}

impl From<RegionName> for String {
    fn from(name: RegionName) -> Self {
        name.0
    }
}

impl AsRef<str> for RegionName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<String, RegionNameError> {
        RegionName::try_from(text.to_owned()).map(String::from)
    }

    #[test]
    fn letters_and_digits_of_any_script_are_allowed() {
        for name in ["r1", "rainbond", "上海-1区", "a_b-c.d", "Ω", "٣"] {
            assert_eq!(parse(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_could_be_a_path_or_markup_is_refused() {
        for (name, c) in [("a/b", '/'), ("a b", ' '), ("..\\", '\\'), ("<a>", '<'), ("a\0", '\0')] {
            assert_eq!(parse(name), Err(RegionNameError::Char(c)));
        }
    }

    #[test]
    fn the_limits_count_characters() {
        assert_eq!(parse(""), Err(RegionNameError::Length(0)));
        assert!(parse(&"区".repeat(64)).is_ok());
        assert_eq!(parse(&"区".repeat(65)), Err(RegionNameError::Length(65)));
    }

    proptest! {
        #[test]
        fn what_parses_prints_back_the_same(text in r"[\w.\-]{0,70}|.*") {
            if let Ok(name) = parse(&text) {
                prop_assert_eq!(name, text);
            }
        }
    }
}
