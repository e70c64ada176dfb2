//! The parameters of a query: each at most once, unless said otherwise; unknown ones refused.

use std::fmt::Display;

use chrono::{DateTime, Datelike as _, Utc};

use crate::error::{Error, FieldError, FieldErrors, Problem};

/// Parameters that were not asked for yet, and what was found wrong so far.
#[derive(Debug)]
pub(super) struct Query {
    values: Vec<(String, String)>,
    errors: FieldErrors,
}

impl Query {
    /// Takes a query apart.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let values = serde_urlencoded::from_str::<Vec<(String, String)>>(text);
        let values = values.map_err(|_| {
            Error::from(FieldError::new("", Problem::Other("the query does not parse".to_owned())))
        })?;
        Ok(Self { values, errors: FieldErrors::new() })
    }

    /// A parameter that may be left out.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let mut texts = self.texts(name);
        if texts.len() > 1 {
            self.errors.push(FieldError::new(name, Problem::Repeated));
            return None;
        }
        self.parsed(name, &texts.pop()?, parse)
    }

    /// All that was given of a parameter, in the order in which it was.
    fn texts(&mut self, name: &str) -> Vec<String> {
        let of_it = |(given, _): &mut (String, String)| given == name;
        self.values.extract_if(.., of_it).map(|(_, text)| text).collect()
    }

    fn parsed<T, E: Display>(
        &mut self,
        name: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(FieldError::new(name, Problem::Other(error.to_string())));
                None
            }
        }
    }

    /// A parameter that may be given several times, but not more often than this.
    pub(super) fn each<T, E: Display>(
        &mut self,
        name: &'static str,
        most: usize,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let texts = self.texts(name);
        if texts.len() > most {
            let text = format!("must not be given more than {most} times");
            self.errors.push(FieldError::new(name, Problem::Other(text)));
            return Vec::new();
        }
        texts.iter().filter_map(|text| self.parsed(name, text, &parse)).collect()
    }

    /// Text that must be given.
    pub(super) fn required(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name);
        if text.is_none() {
            self.errors.push(FieldError::new(name, Problem::Required));
        }
        text
    }

    /// Whether something is asked for: `true` or `false`, which is the same as nothing.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        let yes = |text: &str| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        };
        self.take(name, yes).unwrap_or_default()
    }

    /// A time that may be left out.
    pub(super) fn time(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        self.take(name, time)
    }

    /// Text that may be left out.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name, |text| Ok::<_, std::convert::Infallible>(text.to_owned()))
    }

    /// Refuses what was not asked for, and all that was found wrong.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let unknown = self.values.into_iter().map(|(name, _)| Problem::UnknownField(name));
        self.errors.extend(unknown.map(|problem| FieldError::new("", problem)));
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}

/// A time as RFC 3339 writes it, also when it is told in UTC: the offset of one at the end of the
/// year 9999 can lead beyond four digits, and texts of such times are not in the order of times.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text).ok();
    // Both databases keep whole microseconds, and no leap seconds.
    let time = time.and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()));
    let time = time.filter(|time| (0..=9999).contains(&time.year()));
    time.ok_or("must be a time as 2026-11-24T08:00:00Z")
}
