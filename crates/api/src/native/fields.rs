//! The fields of a body on this face: JSON, types taken at their word, unknown fields refused.

use std::fmt::Display;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Bytes;
use cadastre_domain::json;
use cadastre_domain::region::{Change, OTHER_ORIGIN, StatusRefusal};
use serde_json::{Map, Value};

use crate::error::{Error, FieldError, FieldErrors, Problem, RequestError};
use crate::http::body;

/// The fields of a body that were not asked for yet, and what was found wrong so far.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    errors: FieldErrors,
}

/// A body in which nothing stands.
#[derive(utoipa::ToSchema)]
#[schema(as = Nothing)]
pub(super) struct NothingBody {}

impl Fields {
    /// Reads the body; none counts as `{}`.
    pub(super) async fn read(
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<(Self, Bytes), Error> {
        let bytes = body::read(request, payload).await?;
        let kind = body::media_type(request);
        let patch = request.method() == Method::PATCH && kind == "application/merge-patch+json";
        if !patch && !matches!(kind.as_str(), "" | "application/json") {
            return Err(RequestError::MediaType(kind).into());
        }
        Ok((Self::parse(&bytes)?, bytes))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Ok(Self { values: Map::new(), errors: FieldErrors::new() });
        }
        match json::parse(bytes) {
            Ok(Value::Object(values)) => Ok(Self { values, errors: FieldErrors::new() }),
            Ok(_) => Err(RequestError::Malformed("the body must be an object".to_owned()).into()),
            Err(error) => Err(RequestError::Malformed(error.to_string()).into()),
        }
    }

    /// What was given; null is the same as nothing.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.values.shift_remove(last(field)).filter(|value| !value.is_null())
    }

    /// Whether anything was given.
    pub(super) fn has(&self, field: &str) -> bool {
        self.values.get(field).is_some_and(|value| !value.is_null())
    }

    /// Whether null was given, which in a merge patch takes something away.
    pub(super) fn is_null(&self, field: &str) -> bool {
        self.values.get(field).is_some_and(Value::is_null)
    }

    /// Refuses null for what a merge patch cannot take away.
    pub(super) fn not_null(&mut self, field: &'static str) {
        if self.is_null(field) {
            self.values.shift_remove(field);
            let _: Option<()> = self.refuse(field, Problem::Null);
        }
    }

    /// The fields of an object within, which are empty when it is left out. They are asked for by
    /// their whole names, as `addresses/api_url`, and given back to [`Self::close`].
    pub(super) fn open(&mut self, field: &'static str) -> Self {
        let values = match self.take(field) {
            None => Map::new(),
            Some(Value::Object(values)) => values,
            Some(_) => {
                let _: Option<()> = self.refuse(field, Problem::Other(OBJECT.to_owned()));
                Map::new()
            }
        };
        Self { values, errors: FieldErrors::new() }
    }

    /// Takes over what was found wrong within, and refuses what was not asked for there.
    pub(super) fn close(&mut self, field: &'static str, inner: Self) {
        let unknown = inner.values.into_iter().map(|(name, _)| Problem::UnknownField(name));
        self.errors.append(inner.errors);
        self.errors.extend(unknown.map(|problem| FieldError::new(field, problem)));
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
        match self.values.get(last(field)) {
            None => self.refuse(field, Problem::Required),
            Some(Value::Null) => {
                self.values.shift_remove(last(field));
                self.refuse(field, Problem::Null)
            }
            Some(_) => self.optional(field, parse),
        }
    }

    /// What a merge patch (RFC 7396) makes of text: nothing when it is left out, null takes it away.
    pub(super) fn change<T, E: Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Change<T> {
        match self.values.get(last(field)) {
            None => Change::Keep,
            Some(Value::Null) => {
                self.values.shift_remove(last(field));
                Change::Clear
            }
            Some(_) => self.optional(field, parse).map_or(Change::Keep, Change::Set),
        }
    }

    /// Text that a merge patch may replace, but not take away.
    pub(super) fn replaced<T, E: Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        if self.values.get(last(field))?.is_null() {
            self.values.shift_remove(last(field));
            return self.refuse(field, Problem::Null);
        }
        self.optional(field, parse)
    }

    /// True or false, which may be left out.
    pub(super) fn flag(&mut self, field: &'static str) -> Option<bool> {
        match self.take(field)? {
            Value::Bool(value) => Some(value),
            _ => self.refuse(field, Problem::NotBoolean),
        }
    }

    /// A value of any shape that may be left out.
    pub(super) fn value(&mut self, field: &'static str) -> Option<Value> {
        self.take(field)
    }

    /// A list of at most so many texts that may be left out. Of a longer one no element is looked at.
    pub(super) fn list<T, E: Display>(
        &mut self,
        field: &'static str,
        most: usize,
        parse: impl Fn(String) -> Result<T, E>,
    ) -> Vec<T> {
        let Some(value) = self.take(field) else { return Vec::new() };
        let Value::Array(values) = value else {
            let _: Option<()> = self.refuse(field, Problem::Other("must be an array".to_owned()));
            return Vec::new();
        };
        if values.len() > most {
            let text = format!("must have at most {most} elements");
            let _: Option<()> = self.refuse(field, Problem::Other(text));
            return Vec::new();
        }
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
        number.or_else(|| self.refuse(field, Problem::NotWithin(least, most)))
    }

    /// Whether null was given, after which it counts as nothing.
    pub(super) fn cleared(&mut self, field: &str) -> bool {
        let null = self.is_null(last(field));
        if null {
            self.values.shift_remove(last(field));
        }
        null
    }

    /// Whether anything was found wrong so far.
    pub(super) fn has_complaints(&self) -> bool {
        !self.errors.is_empty()
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
        let unknown = self.values.into_iter().map(|(name, _)| Problem::UnknownField(name));
        self.errors.extend(unknown.map(|problem| FieldError::new("", problem)));
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}

const OBJECT: &str = "must be an object";

/// The last part of a field's name.
fn last(field: &str) -> &str {
    field.rsplit('/').next().unwrap_or(field)
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
        Problem::NotWithin(least, most) => {
            (pointer, "invalid", format!("must be a whole number from {least} to {most}"))
        }
        Problem::TooLong(most) => (pointer, "too_long", format!("at most {most} characters")),
        Problem::Char(c) => (pointer, "character", format!("must not contain {c:?}")),
        Problem::NameTaken => (pointer, "taken", "exists already".to_owned()),
        Problem::NoSuch(_) => (pointer, "no_such", "names nothing that there is".to_owned()),
        Problem::Fixed => (pointer, "fixed", "never changes".to_owned()),
        Problem::Repeated => (pointer, "repeated", "must not be given more than once".to_owned()),
        Problem::UnknownField(name) => {
            let name = name.replace('~', "~0").replace('/', "~1");
            let place = if error.field.is_empty() { String::new() } else { pointer };
            (format!("{place}/{name}"), "unknown", "there is no such field".to_owned())
        }
        Problem::Other(text) => (pointer, "invalid", text.clone()),
        Problem::Status(refusal) => (pointer, "status_refused", refusal_text(refusal)),
        Problem::Tls(fault) => (pointer, "incoherent", fault.to_string()),
        Problem::OtherOrigin => (pointer, "other_origin", OTHER_ORIGIN.to_owned()),
        Problem::Rule(_) | Problem::NotObject(_) => {
            (pointer, "invalid", "is not accepted".to_owned())
        }
    }
}

/// Why a region does not get a status, with every fault.
fn refusal_text(refusal: &StatusRefusal) -> String {
    match refusal {
        StatusRefusal::Transition(error) => error.to_string(),
        StatusRefusal::NotReady(faults) => {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            format!("{refusal}: {}", faults.join("; "))
        }
    }
}
