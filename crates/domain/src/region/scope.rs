//! The scope of a region: who may open it for a team. It never crosses the enterprise border.

use std::str::FromStr;

/// Who may open a region for a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Only admins and operators of the enterprise.
    #[default]
    Private,
    /// A member of a team, too, for that team.
    Public,
}

/// The text names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope is private or public")]
pub struct ScopeError;

impl Scope {
    /// The scope in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text {
            "private" => Ok(Self::Private),
            "public" => Ok(Self::Public),
            _ => Err(ScopeError),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(value: Scope) -> Self {
        value.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_print_back_the_same() {
        for scope in [Scope::Private, Scope::Public] {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
    }

    proptest! {
        #[test]
        fn every_other_text_is_refused(text in "(private|public|Public| public|.*)") {
            prop_assert_eq!(text.parse::<Scope>().is_ok(), text == "private" || text == "public");
        }
    }
}
