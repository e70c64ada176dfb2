//! The parameters of a query: each at most once, unknown ones refused.

use std::fmt::Display;

use crate::error::{Error, FieldError, Problem};

/// Parameters that were not asked for yet, and what was found wrong so far.
#[derive(Debug)]
pub(super) struct Query {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Takes a query apart.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let values = serde_urlencoded::from_str::<Vec<(String, String)>>(text);
        let values = values.map_err(|_| {
            Error::from(FieldError::new("", Problem::Other("the query does not parse".to_owned())))
        })?;
        Ok(Self { values, errors: Vec::new() })
    }

    /// A parameter that may be left out.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let place = self.values.iter().position(|(given, _)| given == name)?;
        let (_, text) = self.values.remove(place);
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(FieldError::new(name, Problem::Other(error.to_string())));
                None
            }
        }
    }

    /// Text that may be left out.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name, |text| Ok::<_, std::convert::Infallible>(text.to_owned()))
    }

    /// Refuses what was not asked for, and all that was found wrong.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        for (name, _) in self.values {
            self.errors.push(FieldError::new("", Problem::UnknownField(name)));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}
