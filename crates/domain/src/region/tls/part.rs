//! The parts of the TLS material.

use std::fmt;
use std::str::FromStr;

/// One part of the TLS material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsPart {
    /// The CA.
    Ca,
    /// The client certificate.
    Certificate,
    /// The private key.
    Key,
}

/// The text names no part of the TLS material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a part of the TLS material is one of ca, certificate, key")]
pub struct TlsPartError;

impl TlsPart {
    /// All parts, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Ca, Self::Certificate, Self::Key];

    /// The part in one word, which is the name of its field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ca => "ca",
            Self::Certificate => "certificate",
            Self::Key => "key",
        }
    }
}

impl fmt::Display for TlsPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TlsPart {
    type Err = TlsPartError;

    fn from_str(text: &str) -> Result<Self, TlsPartError> {
        Self::ALL.into_iter().find(|part| part.as_str() == text).ok_or(TlsPartError)
    }
}

impl TryFrom<String> for TlsPart {
    type Error = TlsPartError;

    fn try_from(text: String) -> Result<Self, TlsPartError> {
        text.parse()
    }
}

impl From<TlsPart> for String {
    fn from(part: TlsPart) -> Self {
        part.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_part_prints_back_the_same() {
        for part in TlsPart::ALL {
            assert_eq!(part.to_string().parse(), Ok(part));
        }
    }

    proptest! {
        #[test]
        fn every_other_text_is_refused(text in "(ca|certificate|key|Ca|.*)") {
            let known = TlsPart::ALL.map(TlsPart::as_str).contains(&&*text);
            prop_assert_eq!(text.parse::<TlsPart>().is_ok(), known);
        }
    }
}
