//! Secrets in tasks: where they stand, and how a task is shown without them.
//!
//! They are: the values of members that are named like secrets (`password`, `private_key`,
//! `cookies`, …), wherever they stand; the values of headers, metadata and form fields whose names
//! speak of credentials; the values of variables that are marked as secure; and in URLs the user
//! information and the values of parameters whose names speak of credentials. Bodies, messages and
//! scripts are shown: what is secret in them belongs into a secure variable.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::fault::{MOST_FAULTS, TaskFaultReason, told};
use super::field::{Faults, Path};

/// What stands where a secret is not shown.
pub const MASK: &str = "***";

/// Members whose values are secrets, whatever they belong to.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "private_key",
    "cookies",
    "cookie",
    "token",
    "access_token",
    "api_key",
    "secret",
    "secret_key",
    "authorization",
];

/// Members that map names to values, of which some are secrets by their names.
const NAMED: &[&str] = &["headers", "metadata", "form"];

/// Members that are URLs.
const URLS: &[&str] = &["url", "server"];

/// Words in the names of headers and parameters that hold credentials.
const WORDS: &[&str] =
    &["auth", "cookie", "token", "secret", "passw", "pwd", "credential", "session", "signature"];

/// What of a text is secret.
#[derive(Clone, Copy)]
enum Secrecy {
    /// All of it.
    Whole,
    /// Parts of a URL.
    Url,
}

/// An object in a task: the name by which it is a member, and whether it is a secure variable.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    is_secure: bool,
}

impl<'a> Place<'a> {
    fn of(name: &'a str, object: &Map<String, Value>) -> Self {
        Self { name, is_secure: object.get("secure") == Some(&Value::Bool(true)) }
    }

    /// What is secret of the text in this member.
    fn secrecy(self, key: &str) -> Option<Secrecy> {
        let is = |names: &[&str], name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let secure = key == "value" && self.is_secure;
        if is(NAMED, self.name) {
            speaks_of_credentials(key).then_some(Secrecy::Whole)
        } else if secure || is(SECRETS, key) {
            Some(Secrecy::Whole)
        } else {
            is(URLS, key).then_some(Secrecy::Url)
        }
    }
}

fn speaks_of_credentials(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("key") || WORDS.iter().any(|word| name.contains(word))
}

/// The text without what is secret of it.
fn masked(text: &str, secrecy: Secrecy) -> String {
    match secrecy {
        Secrecy::Whole if text.is_empty() => String::new(),
        Secrecy::Whole => MASK.to_owned(),
        Secrecy::Url => masked_url(text),
    }
}

fn masked_url(text: &str) -> String {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) => (text, format!("#{fragment}")),
        None => (text, String::new()),
    };
    let (place, query) = match text.split_once('?') {
        Some((place, query)) => (place, format!("?{}", masked_query(query))),
        None => (text, String::new()),
    };
    format!("{}{query}{fragment}", masked_place(place))
}

fn masked_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && speaks_of_credentials(name) => {
            format!("{name}={MASK}")
        }
        _ => pair.to_owned(),
    };
    query.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// What stands before the query, with another password; or with another user, if he has none: he may
/// be a token.
fn masked_place(place: &str) -> String {
    let (scheme, rest) = match place.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), place),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else { return place.to_owned() };
    let user = match user.split_once(':') {
        Some((name, "")) => format!("{name}:"),
        Some((name, _)) => format!("{name}:{MASK}"),
        None => masked(user, Secrecy::Whole),
    };
    format!("{scheme}{user}@{host}{path}")
}

/// Masks what is secret in an object that is the member `name` of another.
pub(super) fn hide(name: &str, object: &mut Map<String, Value>) {
    let place = Place::of(name, object);
    for (key, value) in object.iter_mut() {
        match (place.secrecy(key), value) {
            (Some(secrecy), Value::String(text)) => *text = masked(text, secrecy),
            (_, value) => hide_in(key, value),
        }
    }
}

fn hide_in(name: &str, value: &mut Value) {
    match value {
        Value::Object(object) => hide(name, object),
        Value::Array(elements) => elements.iter_mut().for_each(|element| hide_in(name, element)),
        _ => {}
    }
}

/// Takes certificates with their keys out of a task and its steps: a masked key is none, and an agent
/// might not take the task.
pub(super) fn drop_certificates(task: &mut Map<String, Value>) {
    for (key, value) in task.iter_mut() {
        match (key.as_str(), value) {
            ("advance_options", Value::Object(options)) => drop(options.remove("certificate")),
            ("task", Value::Object(inner)) => drop_certificates(inner),
            ("steps", Value::Array(steps)) => {
                steps.iter_mut().filter_map(Value::as_object_mut).for_each(drop_certificates);
            }
            _ => {}
        }
    }
}

/// Puts stored secrets back where they were sent as they are shown, and notes what is wrong with masks.
pub(super) struct Masks<'a> {
    faults: &'a mut Faults,
    /// Where secrets were put back, as it is told: the first of these places, and one more than are told.
    restored: Vec<String>,
}

impl<'a> Masks<'a> {
    /// Notes faults there.
    pub(super) const fn new(faults: &'a mut Faults) -> Self {
        Self { faults, restored: Vec::new() }
    }

    /// Puts stored secrets back into `sent`. A mask behind which nothing is stored is a fault: it is no
    /// secret that anybody has.
    pub(super) fn restore(&mut self, sent: &mut Value, stored: Option<&Value>) {
        self.restore_in(sent, stored, ("", &Path::root()));
    }

    /// The same in a part of a task, which stands in a member of this name, perhaps in arrays.
    fn restore_in(
        &mut self,
        sent: &mut Value,
        stored: Option<&Value>,
        (name, path): (&str, &Path<'_>),
    ) {
        match sent {
            Value::Object(object) => {
                let stored = stored.and_then(Value::as_object);
                self.restore_members(object, stored, (name, path));
            }
            Value::Array(elements) => {
                let stored = Stored::of(stored);
                let here = Rc::new(path.clone());
                for (index, element) in elements.iter_mut().enumerate() {
                    let counterpart = stored.counterpart(element, index);
                    self.restore_in(element, counterpart, (name, &here.element(index)));
                }
            }
            _ => {}
        }
    }

    fn restore_members(
        &mut self,
        object: &mut Map<String, Value>,
        stored: Option<&Map<String, Value>>,
        (name, path): (&str, &Path<'_>),
    ) {
        let now = Place::of(name, object);
        let before = stored.map(|object| Place::of(name, object));
        let here = Rc::new(path.clone());
        for (key, value) in object.iter_mut() {
            let path = here.member(key);
            let counterpart = stored.and_then(|stored| stored.get(key));
            let secrecy = now.secrecy(key);
            let Value::String(text) = value else {
                self.restore_in(value, counterpart, (key, &path));
                continue;
            };
            // Whoever makes a secure variable an open one has to say its value.
            let opened =
                secrecy.is_none() && before.is_some_and(|place| place.secrecy(key).is_some());
            let is_masked = secrecy
                .is_some_and(|secrecy| text.contains(MASK) && masked(text, secrecy) == *text);
            if !(is_masked || opened && text == MASK) {
                continue;
            }
            let kept = counterpart.and_then(Value::as_str);
            match (kept, secrecy) {
                (Some(kept), Some(secrecy)) if masked(kept, secrecy) == *text => {
                    kept.clone_into(text);
                    self.note_restored(&path);
                }
                _ => self.faults.push(&path, TaskFaultReason::Masked),
            }
        }
    }

    fn note_restored(&mut self, path: &Path<'_>) {
        if self.restored.len() <= MOST_FAULTS {
            self.restored.push(told(path));
        }
    }

    /// Refuses the masks for which secrets were put back, because the task leads to another place than
    /// they were given for.
    pub(super) fn refuse_restored(self) {
        for place in self.restored {
            self.faults.push(&place, TaskFaultReason::MaskedElsewhere);
        }
    }
}

/// The elements of a stored array, and where those with names are: to search all of them for each
/// element that is sent would take a time that grows with the square of their number.
pub(super) struct Stored<'a> {
    elements: &'a [Value],
    by_name: HashMap<&'a str, &'a Value>,
}

impl<'a> Stored<'a> {
    /// Those of this value, which has none if it is no array.
    pub(super) fn of(stored: Option<&'a Value>) -> Self {
        let elements = stored.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut by_name = HashMap::new();
        for element in elements {
            if let Some(name) = name_of(element) {
                by_name.entry(name).or_insert(element);
            }
        }
        Self { elements, by_name }
    }

    /// The stored element that a sent one stands for: that of the same name, or else of the same
    /// place.
    pub(super) fn counterpart(&self, sent: &Value, index: usize) -> Option<&'a Value> {
        let unnamed = |other: &&Value| other.get("name").is_none_or(|name| name == "");
        match name_of(sent) {
            Some(name) => self.by_name.get(name).copied(),
            None => self.elements.get(index).filter(unnamed),
        }
    }
}

/// The name of an element, if it has one.
fn name_of(element: &Value) -> Option<&str> {
    element.get("name").and_then(Value::as_str).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
