//! Secrets in tasks: where they stand, and how a task is shown without them.
//!
//! They are: the values of members that are named like secrets (`password`, `private_key`,
//! `cookies`, …), wherever they stand; the values of headers, metadata and form fields whose names
//! speak of credentials; the values of variables that are marked as secure; and in URLs the user
//! information and the values of parameters whose names speak of credentials. Bodies, messages and
//! scripts are shown: what is secret in them belongs into a secure variable.

use serde_json::{Map, Value};

use super::fault::{TaskFault, TaskFaultReason};
use super::field::Faults;

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

/// An object in a task, under the name by which it is a member.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    object: &'a Map<String, Value>,
}

impl Place<'_> {
    /// What is secret of the text in this member.
    fn secrecy(self, key: &str) -> Option<Secrecy> {
        let is = |names: &[&str], name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let secure = key == "value" && self.object.get("secure") == Some(&Value::Bool(true));
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
    let copy = object.clone();
    let place = Place { name, object: &copy };
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

/// The most masks that are told as refused because the task leads elsewhere.
const MOST_REFUSED: usize = 50;

/// Puts stored secrets back where they were sent as they are shown, and notes what is wrong with masks.
pub(super) struct Masks<'a> {
    faults: &'a mut Faults,
    /// Where secrets were put back: the first of these places.
    restored: Vec<String>,
}

impl<'a> Masks<'a> {
    /// Notes faults there.
    pub(super) fn new(faults: &'a mut Faults) -> Self {
        Self { faults, restored: Vec::new() }
    }

    /// Puts stored secrets back into `sent`. A mask behind which nothing is stored is a fault: it is no
    /// secret that anybody has.
    pub(super) fn restore(
        &mut self,
        sent: &mut Value,
        stored: Option<&Value>,
        (name, path): (&str, &str),
    ) {
        match sent {
            Value::Object(object) => {
                let stored = stored.and_then(Value::as_object);
                self.restore_members(object, stored, (name, path));
            }
            Value::Array(elements) => {
                let stored = stored.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                for (index, element) in elements.iter_mut().enumerate() {
                    let counterpart = counterpart(element, index, stored);
                    self.restore(element, counterpart, (name, &format!("{path}[{index}]")));
                }
            }
            _ => {}
        }
    }

    fn restore_members(
        &mut self,
        object: &mut Map<String, Value>,
        stored: Option<&Map<String, Value>>,
        (name, path): (&str, &str),
    ) {
        let copy = object.clone();
        let now = Place { name, object: &copy };
        let before = stored.map(|object| Place { name, object });
        for (key, value) in object.iter_mut() {
            let path = format!("{path}.{key}");
            let counterpart = stored.and_then(|stored| stored.get(key));
            let secrecy = now.secrecy(key);
            let Value::String(text) = value else {
                self.restore(value, counterpart, (key, &path));
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
                    self.note_restored(path);
                }
                _ => self.faults.push(TaskFault { field: path, reason: TaskFaultReason::Masked }),
            }
        }
    }

    fn note_restored(&mut self, path: String) {
        if self.restored.len() < MOST_REFUSED {
            self.restored.push(path);
        }
    }

    /// Refuses the masks for which secrets were put back, because the task leads to another place than
    /// they were given for.
    pub(super) fn refuse_restored(self) {
        let fault = |field| TaskFault { field, reason: TaskFaultReason::MaskedElsewhere };
        self.faults.extend(self.restored.into_iter().map(fault));
    }
}

/// The stored element that a sent one stands for: that of the same name, or else of the same place.
pub(super) fn counterpart<'a>(
    sent: &Value,
    index: usize,
    stored: &'a [Value],
) -> Option<&'a Value> {
    let name = sent.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    match name {
        Some(name) => stored.iter().find(|other| other["name"] == name),
        None => stored.get(index).filter(|other| other.get("name").is_none_or(|n| n == "")),
    }
}

#[cfg(test)]
mod tests;
