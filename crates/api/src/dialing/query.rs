//! Parameters of a query on this face: each at most once, an empty one as if it were left out,
//! unknown ones passed over.

use std::fmt::Display;
use std::str::FromStr;

use crate::error::{Error, FieldError, FieldErrors, Problem};

/// The most words in a list with commas.
const MOST_WORDS: usize = 100;

/// The parameters of a query, and what was found wrong with them so far.
#[derive(Debug)]
pub(super) struct Query {
    values: Vec<(String, String)>,
    errors: FieldErrors,
}

impl Query {
    /// Takes a query apart.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let values = serde_urlencoded::from_str(text)
            .map_err(|_| FieldError::new("query", Problem::Other("does not parse".to_owned())))?;
        Ok(Self { values, errors: FieldErrors::new() })
    }

    /// What is given of a parameter.
    fn text(&mut self, name: &'static str) -> Option<String> {
        let mut given = self.values.iter().filter(|(key, _)| key == name).map(|(_, text)| text);
        let (first, more) = (given.next().cloned(), given.next().is_some());
        if more {
            return self.refuse(name, Problem::Repeated);
        }
        first.filter(|text| !text.is_empty())
    }

    /// A parameter that may be left out.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => self.refuse(name, Problem::Other(error.to_string())),
        }
    }

    /// A whole number in these limits, both included.
    pub(super) fn number(&mut self, name: &'static str, least: i64, most: i64) -> Option<i64> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => self.refuse(name, Problem::NotWithin(least, most)),
        }
    }

    /// A list of words with commas between.
    pub(super) fn words<T>(&mut self, name: &'static str) -> Vec<T>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.text(name).unwrap_or_default();
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        if words.clone().count() > MOST_WORDS {
            let problem = Problem::Other(format!("must have at most {MOST_WORDS} words"));
            return self.refuse(name, problem).unwrap_or_default();
        }
        let parsed: Result<_, _> = words.map(str::parse).collect();
        match parsed {
            Ok(words) => words,
            Err(error) => {
                let problem = Problem::Other(T::Err::to_string(&error));
                self.refuse(name, problem).unwrap_or_default()
            }
        }
    }

    fn refuse<T>(&mut self, name: &'static str, problem: Problem) -> Option<T> {
        self.errors.push(FieldError::new(name, problem));
        None
    }

    /// Refuses what was found wrong.
    pub(super) fn finish(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}
