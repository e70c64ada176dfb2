//! The fields of a body on this face: JSON, types taken at their word, unknown fields refused.

use std::fmt::Display;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use serde_json::{Map, Value};

use crate::error::{Error, FieldError, Problem, RequestError};
use crate::http::{body, json};

/// The fields of a body that were not asked for yet, and what was found wrong so far.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads the body; none counts as `{}`.
    pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Error> {
        let bytes = body::read(request, payload).await?;
        let kind = body::media_type(request);
        if !matches!(kind.as_str(), "" | "application/json") {
            return Err(RequestError::MediaType(kind).into());
        }
        if bytes.is_empty() {
            return Ok(Self { values: Map::new(), errors: Vec::new() });
        }
        match json::parse(&bytes) {
            Ok(Value::Object(values)) => Ok(Self { values, errors: Vec::new() }),
            Ok(_) => Err(RequestError::Malformed("the body must be an object".to_owned()).into()),
            Err(error) => Err(RequestError::Malformed(error.to_string()).into()),
        }
    }

    /// What was given; null is the same as nothing.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.values.shift_remove(field).filter(|value| !value.is_null())
    }

    /// Text that may be left out.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match self.take(field)? {
            Value::String(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(error) => self.refuse(field, Problem::Other(error.to_string())),
            },
            _ => self.refuse(field, Problem::NotText),
        }
    }

    /// Text that must be given.
    pub(super) fn required<T, E: Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match self.values.get(field) {
            None => self.refuse(field, Problem::Required),
            Some(Value::Null) => {
                self.values.shift_remove(field);
                self.refuse(field, Problem::Null)
            }
            Some(_) => self.optional(field, parse),
        }
    }

    /// A list of texts that may be left out.
    pub(super) fn list<T, E: Display>(
        &mut self,
        field: &'static str,
        parse: impl Fn(String) -> Result<T, E>,
    ) -> Vec<T> {
        let Some(value) = self.take(field) else { return Vec::new() };
        let Value::Array(values) = value else {
            let _: Option<()> = self.refuse(field, Problem::Other("must be an array".to_owned()));
            return Vec::new();
        };
        let mut parsed = Vec::new();
        for value in values {
            let outcome = match value {
                Value::String(text) => parse(text).map_err(|e| Problem::Other(e.to_string())),
                _ => Err(Problem::NotText),
            };
            match outcome {
                Ok(value) => parsed.push(value),
                Err(problem) => drop(self.refuse::<()>(field, problem)),
            }
        }
        parsed
    }

    /// A whole number that may be left out.
    pub(super) fn number(&mut self, field: &'static str, least: i64, most: i64) -> Option<i64> {
        let number = self.take(field)?.as_i64().filter(|n| (least..=most).contains(n));
        let wanted = || Problem::Other(format!("must be a whole number from {least} to {most}"));
        number.or_else(|| self.refuse(field, wanted()))
    }

    /// Refuses a field for what it means together with others.
    pub(super) fn complain(&mut self, field: &'static str, text: &str) {
        self.errors.push(FieldError::new(field, Problem::Other(text.to_owned())));
    }

    fn refuse<T>(&mut self, field: &'static str, problem: Problem) -> Option<T> {
        self.errors.push(FieldError::new(field, problem));
        None
    }

    /// Refuses what was not asked for, and all that was found wrong.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        for (name, _) in self.values {
            self.errors.push(FieldError::new("", Problem::UnknownField(name)));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}

/// A wrong field: its JSON pointer, a stable code, and a text.
pub(super) fn described(error: &FieldError) -> (String, &'static str, String) {
    let pointer = format!("/{}", error.field);
    match &error.problem {
        Problem::Required => (pointer, "required", "must be given".to_owned()),
        Problem::Null => (pointer, "null", "must not be null".to_owned()),
        Problem::Blank => (pointer, "blank", "must not be empty".to_owned()),
        Problem::NotText => (pointer, "not_text", "must be a string".to_owned()),
        Problem::NotBoolean => (pointer, "not_boolean", "must be true or false".to_owned()),
        Problem::TooLong(most) => (pointer, "too_long", format!("at most {most} characters")),
        Problem::Char(c) => (pointer, "character", format!("must not contain {c:?}")),
        Problem::NameTaken => (pointer, "taken", "exists already".to_owned()),
        Problem::UnknownField(name) => {
            let name = name.replace('~', "~0").replace('/', "~1");
            (format!("/{name}"), "unknown", "there is no such field".to_owned())
        }
        Problem::Other(text) => (pointer, "invalid", text.clone()),
        Problem::Rule(_) | Problem::Status(_) | Problem::NotObject(_) => {
            (pointer, "invalid", "is not accepted".to_owned())
        }
    }
}
