//! `fields=`: only some fields of each thing.

use serde::Serialize;
use serde_json::Value;

use super::query::Query;
use crate::error::Error;

/// Which fields are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection(Option<Vec<String>>);

impl Selection {
    /// Takes `fields`, each of which must be one of `known`.
    pub(super) fn read(query: &mut Query, known: &'static [&'static str]) -> Self {
        let parse = |text: &str| {
            let names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
            match names.iter().find(|name| !known.contains(&name.as_str())) {
                None => Ok(names),
                Some(_) => Err(format!("must be some of {}, with commas between", known.join(","))),
            }
        };
        Self(query.take("fields", parse))
    }

    /// Whether all fields are shown.
    pub(super) const fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// What is shown of a thing.
    pub(super) fn of<T: Serialize>(&self, thing: &T) -> Result<Value, Error> {
        let value = serde_json::to_value(thing);
        let mut value = value.map_err(|error| Error::Internal(error.to_string().into()))?;
        if let (Some(names), Value::Object(fields)) = (&self.0, &mut value) {
            fields.retain(|name, _| names.iter().any(|chosen| chosen == name));
        }
        Ok(value)
    }
}
