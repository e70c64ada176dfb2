//! Certificates as PEM text.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::tls::{Certificate, Certificates, TlsUnreadable, read};
use crate::text::{Text, TextError};

/// Certificates as PEM text: 1 to 65,535 characters. Never the name of a file.
///
/// Copies share the text and what was found in it, so it is read once for all who ask.
#[derive(Clone)]
pub struct Pem(Arc<Inner>);

struct Inner {
    text: Text<1, 65_535>,
    /// What was found, where at most so many certificates may be.
    found: OnceLock<(usize, Result<Vec<Certificate>, TlsUnreadable>)>,
}

impl Pem {
    /// The certificates in it, of which there may be `most`.
    pub(super) fn certificates(&self, most: usize) -> Certificates<'_> {
        let found = self.0.found.get_or_init(|| (most, read(self.as_ref(), most)));
        match found {
            (allowed, Ok(certificates)) if *allowed == most => Ok(Cow::Borrowed(certificates)),
            (allowed, Err(reason)) if *allowed == most => Err(*reason),
            _ => read(self.as_ref(), most).map(Cow::Owned),
        }
    }
}

impl TryFrom<String> for Pem {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Ok(Self(Arc::new(Inner { text: text.try_into()?, found: OnceLock::new() })))
    }
}

impl AsRef<str> for Pem {
    fn as_ref(&self) -> &str {
        self.0.text.as_ref()
    }
}

impl From<Pem> for String {
    fn from(pem: Pem) -> Self {
        pem.as_ref().to_owned()
    }
}

impl PartialEq for Pem {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Pem {}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pem").field(&self.as_ref()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tls::sample::{Authority, ca_named};
    use super::*;

    #[test]
    fn what_was_found_for_one_limit_says_nothing_of_another() {
        let both = ["one", "other"].map(|name| Authority::root(ca_named(name)).pem()).concat();
        let pem = Pem::try_from(both).expect("it is short");
        let found = |most| pem.certificates(most).map(|found| found.len());
        assert_eq!(found(2), Ok(2));
        assert_eq!(found(1), Err(TlsUnreadable::TooMany { most: 1 }));
        assert_eq!(pem.clone().certificates(2).map(|found| found.len()), Ok(2));
        let pem = Pem::try_from("none".to_owned()).expect("it is short");
        assert_eq!(pem.certificates(1).map(|found| found.len()), Err(TlsUnreadable::Missing));
        assert_eq!(pem.certificates(1).map(|found| found.len()), Err(TlsUnreadable::Missing));
    }

    #[test]
    fn texts_are_the_same_to_the_letter() {
        let pem = |text: &str| Pem::try_from(text.to_owned());
        assert_eq!(pem("a"), pem("a"));
        assert_ne!(pem("a"), pem("b"));
        assert_eq!(pem(""), Err(TextError::TooShort(1)));
        assert_eq!(String::from(pem("a").expect("it is short")), "a");
        assert_eq!(format!("{:?}", pem("a")), "Ok(Pem(\"a\"))");
    }
}
