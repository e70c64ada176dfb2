//! Versions of agents, as points tell them in `datakit_version` (dialing contract, section 4).

use std::fmt;
use std::str::FromStr;

/// A version: up to four numbers. What stands behind a hyphen or a plus does not count, and neither
/// does a `v` in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentVersion([u32; 4]);

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version of an agent is one to four numbers with dots between, as 1.84.1")]
pub struct AgentVersionError;

impl FromStr for AgentVersion {
    type Err = AgentVersionError;

    fn from_str(text: &str) -> Result<Self, AgentVersionError> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '+']).next().unwrap_or_default();
        let mut version = [0; 4];
        for (place, number) in numbers.split('.').enumerate() {
            let slot = version.get_mut(place).ok_or(AgentVersionError)?;
            // A number with a sign parses, too.
            let digits = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
            *slot = number.parse().ok().filter(|_| digits).ok_or(AgentVersionError)?;
        }
        Ok(Self(version))
    }
}

impl fmt::Display for AgentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = self.0;
        write!(f, "{major}.{minor}.{patch}")?;
        if build == 0 { Ok(()) } else { write!(f, ".{build}") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Result<AgentVersion, AgentVersionError> {
        text.parse()
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        let ordered = ["1.9.99", "1.10.0", "1.84.0", "1.84.1", "1.84.1.2", "2.0.0", "10.0.0"];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]).ok() < version(pair[1]).ok(), "{pair:?}");
        }
        for same in ["v1.84.1", "1.84.1-rc2", "1.84.1+g8f2", "1.84.1-12-g8f2", "1.84.1.0"] {
            assert_eq!(version(same), version("1.84.1"), "{same}");
        }
        assert_eq!(version("2"), version("2.0.0"));
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "v", "x", "1.", ".1", "1..2", "+1.2", "-1", "1.2.3.4.5", "4294967296"] {
            assert_eq!(version(text), Err(AgentVersionError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_version_prints_back_the_same(a: u32, b: u32, c: u32, d: u32) {
            let version = AgentVersion([a, b, c, d]);
            prop_assert_eq!(version.to_string().parse(), Ok(version));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<AgentVersion>();
        }
    }
}
