//! The fields of a body on this face: JSON only, types taken at their word (contract 1.2).

use std::fmt::Display;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use cadastre_domain::json;
use cadastre_domain::text::TextError;
use serde_json::{Map, Value};

use crate::error::{Error, FieldError, FieldErrors, Problem, RequestError};
use crate::http::body;

/// The fields of a body, and what was found wrong with them so far.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    errors: FieldErrors,
}

impl Fields {
    /// Reads the body. A missing type counts as JSON.
    pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Error> {
        let bytes = body::read(request, payload).await?;
        let kind = body::media_type(request);
        if !matches!(kind.as_str(), "" | "application/json") {
            return Err(RequestError::MediaType(kind).into());
        }
        match json::parse(&bytes) {
            Ok(Value::Object(values)) => Ok(Self { values, errors: FieldErrors::new() }),
            Ok(_) => {
                Err(RequestError::Malformed("the body must be a JSON object".to_owned()).into())
            }
            Err(error) => Err(RequestError::Malformed(error.to_string()).into()),
        }
    }

    /// A boolean that must be given.
    pub(super) fn boolean(&mut self, field: &'static str) -> Option<bool> {
        let problem = match self.values.get(field) {
            Some(Value::Bool(value)) => return Some(*value),
            None => Problem::Required,
            Some(Value::Null) => Problem::Null,
            Some(_) => Problem::NotBoolean,
        };
        self.refuse(field, problem)
    }

    /// Text that must be given.
    pub(super) fn required<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error = TextError>,
    {
        match self.values.get(field) {
            None => self.refuse(field, Problem::Required),
            Some(Value::Null) => self.refuse(field, Problem::Null),
            Some(_) => self.text(field),
        }
    }

    /// Text that may be left out or null, which both mean the empty text.
    pub(super) fn optional<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error = TextError> + Default,
    {
        match self.values.get(field) {
            None | Some(Value::Null) => Some(T::default()),
            Some(_) => self.text(field),
        }
    }

    /// A boolean that may be left out, and must not be null.
    pub(super) fn given_boolean(&mut self, field: &'static str) -> Option<bool> {
        self.values.contains_key(field).then(|| self.boolean(field))?
    }

    /// Text that may be left out, and must not be null.
    pub(super) fn given<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error = TextError>,
    {
        self.values.contains_key(field).then(|| self.required(field))?
    }

    /// Text that may be left out, or null, which means the empty text.
    pub(super) fn given_or_null<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error = TextError> + Default,
    {
        self.values.contains_key(field).then(|| self.optional(field))?
    }

    /// Whatever stands in a field that must be given.
    pub(super) fn value(&mut self, field: &'static str) -> Option<Value> {
        match self.values.remove(field) {
            None => self.refuse(field, Problem::Required),
            Some(Value::Null) => self.refuse(field, Problem::Null),
            Some(value) => Some(value),
        }
    }

    /// Texts of this kind in an array that must be given and has at most so many, each once, in the
    /// order of their first mention.
    pub(super) fn array<T: PartialEq>(
        &mut self,
        field: &'static str,
        most: usize,
        parse: impl Fn(&str) -> Result<T, Problem>,
    ) -> Option<Vec<T>> {
        let Value::Array(elements) = self.value(field)? else {
            return self.refuse(field, Problem::Other("must be an array".to_owned()));
        };
        if elements.len() > most {
            let text = format!("must have at most {most} elements");
            return self.refuse(field, Problem::Other(text));
        }
        let (mut found, before) = (Vec::new(), self.errors.len());
        for (index, element) in elements.iter().enumerate() {
            if self.errors.has_more() {
                break;
            }
            let parsed = element.as_str().ok_or(Problem::NotText).and_then(&parse);
            match parsed {
                Ok(value) if found.contains(&value) => {}
                Ok(value) => found.push(value),
                Err(problem) => {
                    self.errors.push(FieldError::new(format!("{field}[{index}]"), problem));
                }
            }
        }
        (self.errors.len() == before).then_some(found)
    }

    /// Whether a field is given and not null.
    pub(super) fn has(&self, field: &'static str) -> bool {
        self.values.get(field).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is given, and null.
    pub(super) fn is_null(&self, field: &'static str) -> bool {
        self.values.get(field).is_some_and(Value::is_null)
    }

    /// A text of this kind that must be given.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, field: &'static str) -> Option<T> {
        let value = self.value(field)?;
        let Some(text) = value.as_str() else { return self.refuse(field, Problem::NotText) };
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => self.refuse(field, Problem::Other(T::Err::to_string(&error))),
        }
    }

    fn text<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error = TextError>,
    {
        let Some(Value::String(text)) = self.values.get(field) else {
            return self.refuse(field, Problem::NotText);
        };
        match T::try_from(text.clone()) {
            Ok(value) => Some(value),
            Err(error) => self.refuse(field, error.into()),
        }
    }

    /// Notes what is wrong with parts of a field.
    pub(super) fn refuse_parts<T>(&mut self, errors: FieldErrors) -> Option<T> {
        self.errors.append(errors);
        None
    }

    /// Notes that a field is wrong.
    pub(super) fn refuse<T>(&mut self, field: &'static str, problem: Problem) -> Option<T> {
        self.errors.push(FieldError::new(field, problem));
        None
    }

    /// Refuses what was found wrong.
    pub(super) fn finish(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }

    /// What was found wrong.
    pub(super) fn into_errors(self) -> FieldErrors {
        self.errors
    }
}
