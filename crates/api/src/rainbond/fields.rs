//! The fields of a body, read as the original does (contract 1.1 and 2.1): numbers count as text,
//! white space around is cut off, and every wrong field is told, not only the first.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use cadastre_domain::json;
use cadastre_domain::text::TextError;
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value};

use crate::error::{Error, FieldError, FieldErrors, Problem, RequestError, Rule};
use crate::http::body;

/// What a field must look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    required: bool,
    null: bool,
    blank: bool,
    most: usize,
}

impl Shape {
    /// Must be given; not null, not blank, at most so many characters.
    pub(super) const fn required(most: usize) -> Self {
        Self { required: true, null: false, blank: false, most }
    }

    /// May be left out; otherwise as [`Self::required`].
    pub(super) const fn optional(most: usize) -> Self {
        Self { required: false, ..Self::required(most) }
    }

    /// May be blank, too.
    pub(super) const fn or_blank(self) -> Self {
        Self { blank: true, ..self }
    }

    /// May be null or blank, too.
    pub(super) const fn or_nothing(self) -> Self {
        Self { null: true, blank: true, ..self }
    }
}

/// A field as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// Left out, or wrong.
    Absent,
    /// Null.
    Null,
    /// Text, trimmed.
    Text(String),
}

impl Given {
    /// The text, if it is one.
    pub(super) fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// The fields of a body, and what was found wrong with them so far.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    errors: FieldErrors,
}

impl Fields {
    /// Reads the body: JSON, a form or a multipart form. No body is an empty object.
    pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Error> {
        let bytes = body::read(request, payload).await?;
        let values = match body::media_type(request).as_str() {
            _ if bytes.is_empty() => Map::new(),
            "application/json" => object(&bytes)?,
            "application/x-www-form-urlencoded" => form(&bytes)?,
            "multipart/form-data" => multipart(request, bytes).await?,
            other => return Err(RequestError::MediaType(other.to_owned()).into()),
        };
        Ok(Self { values, errors: FieldErrors::new() })
    }

    /// The field as text of this shape.
    pub(super) fn given(&mut self, field: &'static str, shape: Shape) -> Given {
        let checked = match self.values.get(field) {
            None if shape.required => Err(Problem::Required),
            None => Ok(Given::Absent),
            Some(Value::Null) if shape.null => Ok(Given::Null),
            Some(Value::Null) => Err(Problem::Null),
            Some(Value::String(text)) => check(text, shape),
            Some(Value::Number(number)) => check(&number.to_string(), shape),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(Problem::NotText),
        };
        checked.unwrap_or_else(|problem| {
            self.refuse(field, problem);
            Given::Absent
        })
    }

    /// The field as a value of a type, which breaks `rule` when it does not parse.
    pub(super) fn ruled<T: TryFrom<String>>(
        &mut self,
        field: &'static str,
        shape: Shape,
        rule: Rule,
    ) -> Option<T> {
        let text = self.given(field, shape).text()?;
        T::try_from(text).map_err(|_| self.refuse(field, Problem::Rule(rule))).ok()
    }

    /// The field as text of a type whose limits are those of the shape.
    pub(super) fn plain<T: TryFrom<String, Error = TextError>>(
        &mut self,
        field: &'static str,
        shape: Shape,
    ) -> Option<T> {
        let text = self.given(field, shape).text()?;
        T::try_from(text).map_err(|error| self.refuse(field, error.into())).ok()
    }

    /// The field as yes or no, if it is given.
    pub(super) fn flag(&mut self, field: &'static str) -> Option<bool> {
        let found = match self.values.get(field)? {
            Value::Null => Err(Problem::Null),
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) => flag(text.trim()),
            Value::Number(number) => flag(&number.to_string()),
            Value::Array(_) | Value::Object(_) => Err(Problem::NotBoolean),
        };
        found.map_err(|problem| self.refuse(field, problem)).ok()
    }

    /// The field as a whole number from `least` to `most`, if it is given.
    pub(super) fn whole(&mut self, field: &'static str, least: i64, most: i64) -> Option<i64> {
        let number = match self.values.get(field)? {
            Value::Null => {
                self.refuse(field, Problem::Null);
                return None;
            }
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let within = number.filter(|number| (least..=most).contains(number));
        if within.is_none() {
            self.refuse(field, Problem::NotWithin(least, most));
        }
        within
    }

    /// Notes that every field is wrong that is none of these.
    pub(super) fn only(&mut self, known: &[&str]) {
        let others = self.values.keys().filter(|name| !known.contains(&name.as_str()));
        let others = others.map(|name| FieldError::new("", Problem::UnknownField(name.clone())));
        self.errors.extend(others);
    }

    /// Notes that the field is wrong.
    pub(super) fn refuse(&mut self, field: &'static str, problem: Problem) {
        self.errors.push(FieldError::new(field, problem));
    }

    /// What was found wrong.
    pub(super) fn into_errors(self) -> FieldErrors {
        self.errors
    }
}

/// The words that the original takes for yes and no.
fn flag(text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Problem::NotBoolean),
    }
}

fn check(text: &str, shape: Shape) -> Result<Given, Problem> {
    let text = text.trim();
    if text.is_empty() && !shape.blank {
        Err(Problem::Blank)
    } else if text.chars().count() > shape.most {
        Err(Problem::TooLong(shape.most))
    } else if text.contains('\0') {
        Err(Problem::Char('\0'))
    } else {
        Ok(Given::Text(text.to_owned()))
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    let kind = match json::parse(bytes) {
        Ok(Value::Object(values)) => return Ok(values),
        Ok(Value::Null) => "null",
        Ok(Value::Array(_)) => "list",
        Ok(Value::String(_)) => "str",
        Ok(Value::Bool(_)) => "bool",
        Ok(Value::Number(number)) => {
            if number.is_f64() {
                "float"
            } else {
                "int"
            }
        }
        Err(error) => {
            return Err(RequestError::Malformed(format!("JSON parse error - {error}")).into());
        }
    };
    Err(FieldError::new("non_field_errors", Problem::NotObject(kind)).into())
}

/// The most fields of a form. The largest that there is has about twenty.
const MOST_FORM_FIELDS: usize = 1_000;

fn too_many_fields(kind: &str) -> Error {
    let text = format!("{kind} parse error - more than {MOST_FORM_FIELDS} fields");
    RequestError::Malformed(text).into()
}

fn form(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    if bytes.split(|byte| *byte == b'&').count() > MOST_FORM_FIELDS {
        return Err(too_many_fields("form"));
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes)
        .map_err(|error| RequestError::Malformed(format!("form parse error - {error}")))?;
    let mut values = Map::new();
    pairs.into_iter().try_for_each(|(name, value)| insert(&mut values, name, value))?;
    Ok(values)
}

async fn multipart(request: &HttpRequest, bytes: Bytes) -> Result<Map<String, Value>, Error> {
    let malformed = |reason: &dyn std::fmt::Display| {
        Error::from(RequestError::Malformed(format!("multipart parse error - {reason}")))
    };
    let mut parts = Multipart::new(request.headers(), stream::iter([Ok(bytes)]));
    let mut values = Map::new();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| malformed(&error))?;
        if values.len() == MOST_FORM_FIELDS {
            return Err(too_many_fields("multipart"));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let mut text = Vec::new();
        while let Some(chunk) = part.next().await {
            text.extend_from_slice(&chunk.map_err(|error| malformed(&error))?);
        }
        let text = String::from_utf8(text).map_err(|error| malformed(&error))?;
        insert(&mut values, name, text)?;
    }
    Ok(values)
}

fn insert(values: &mut Map<String, Value>, name: String, text: String) -> Result<(), Error> {
    match values.insert(name, text.into()) {
        None => Ok(()),
        Some(_) => Err(RequestError::Malformed("a field stands twice in the form".into()).into()),
    }
}
