//! From text to checked values. Every complaint names the variable, the value unless it is secret,
//! and what is accepted, on one line.

use std::fmt::Display;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::str::FromStr;

use cadastre_domain::region::ApiUrl;
use cadastre_domain::secret::Secret;

/// A setting that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// A complaint about a secret, whose value is not told.
    pub(super) fn secret(name: &str, wanted: &str) -> Self {
        Self(format!("{name} is not accepted: {wanted}"))
    }

    /// A complaint that names its variable by itself.
    pub(super) fn told(complaint: &impl Display) -> Self {
        Self(complaint.to_string())
    }
}

/// One setting by its variable, and its value if one was given. An empty value is none, as
/// composition files give it for variables that are not set.
pub(super) struct Setting {
    name: &'static str,
    value: Option<String>,
}

impl Setting {
    pub(super) fn new(name: &'static str, value: Option<String>) -> Self {
        Self { name, value: value.filter(|value| !value.is_empty()) }
    }

    /// The value as it was given.
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// A complaint about the value.
    pub(super) fn refuse(&self, wanted: impl Display) -> ConfigError {
        let value = self.value.as_deref().unwrap_or_default();
        ConfigError(format!("{} is {value:?}, which is not accepted: {wanted}", self.name))
    }

    /// An address with port.
    pub(super) fn address(&self, default: &str) -> Result<SocketAddr, ConfigError> {
        let text = self.value.as_deref().unwrap_or(default);
        let mut found = text.to_socket_addrs().ok().into_iter().flatten();
        found.next().ok_or_else(|| self.refuse("give an address and a port, as 127.0.0.1:8080"))
    }

    /// The base of URLs, without a slash at the end.
    pub(super) fn url(&self, default: String) -> Result<String, ConfigError> {
        let Some(text) = &self.value else { return Ok(default) };
        ApiUrl::try_from(text.clone())
            .map(|url| String::from(url).trim_end_matches('/').to_owned())
            .map_err(|error| self.refuse(format!("give an http or https URL; {error}")))
    }

    /// A number within bounds, which are both accepted.
    pub(super) fn number<T>(&self, default: T, least: T, most: T) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let Some(value) = &self.value else { return Ok(default) };
        match value.parse() {
            Ok(number) if (&least..=&most).contains(&&number) => Ok(number),
            _ => Err(self.refuse(format!("give a number from {least} to {most}"))),
        }
    }

    /// Values separated by commas, none of which is empty; no value is an empty list.
    pub(super) fn list<T>(
        &self,
        parse: impl Fn(&str) -> Option<T>,
        wanted: &str,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(value) = &self.value else { return Ok(Vec::new()) };
        let values = value.split(',').map(|part| parse(part.trim())).collect::<Option<_>>();
        values.ok_or_else(|| self.refuse(format!("give {wanted}")))
    }

    /// One of these words; the first is the default.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let wanted = self.value.as_deref().unwrap_or(words[0].0);
        words.iter().find(|(word, _)| *word == wanted).map(|(_, value)| *value).ok_or_else(|| {
            let words = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
            self.refuse(format!("give {}", words.join(" or ")))
        })
    }
}

/// A secret, given as such or in a file.
pub(super) fn secret(
    name: &str,
    value: Option<String>,
    file: Option<String>,
) -> Result<Option<Secret>, ConfigError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(value), given(file)) {
        (None, None) => Ok(None),
        (Some(value), None) => Ok(Some(Secret::from(value))),
        (None, Some(file)) => {
            let text = fs::read_to_string(&file).map_err(|error| {
                ConfigError(format!("{name}_FILE is {file:?}, which cannot be read: {error}"))
            })?;
            Ok(Some(Secret::from(text.trim_end_matches(['\n', '\r']).to_owned())))
        }
        (Some(_), Some(_)) => {
            Err(ConfigError(format!("{name} and {name}_FILE are both given: give only one")))
        }
    }
}
