//! Whether a task that is changed dials other places than before, and takes along secrets that it was
//! given for those.
//!
//! A caller who may change a task and is shown masks for its secrets could otherwise have them sent to
//! a host of his own. So masks stand for stored secrets only while every destination keeps its origin, and
//! is not reached by a laxer way: by redirects to anywhere, or without knowing who answers (ADR 0024).

use serde_json::{Map, Value};

use super::mask::Stored;
use crate::origin::Origin;

/// Members that are URLs, or a host with a port.
const PLACES: &[&str] = &["url", "server"];

/// Schemes of URLs whose host is where the agent connects to. Others may name it elsewhere, as
/// `dns://resolver/host` does.
const SCHEMES: &[&str] = &["http://", "https://", "ws://", "wss://", "socks5://"];

/// The member that names a host: with a port beside it, or as a header.
const HOST: &str = "host";

/// Members whose own members are data, not destinations, whatever they are called.
const DATA: &[&str] = &["tags", "form", "metadata"];

/// Members of a whole task out of which templates are filled.
const TEMPLATE_SOURCES: &[&str] = &["config_vars", "steps"];

/// Where one member of a task leads to.
#[derive(Debug, PartialEq, Eq)]
enum Destination {
    /// To this origin.
    Known(Origin),
    /// To where only the agent knows, once it has filled in the template.
    Template(String),
    /// Nowhere that can be told; the text decides.
    Unknown(String),
}

impl Destination {
    fn of(text: &str) -> Self {
        // What stands in a template may end the authority, so a template before the path leads anywhere.
        let start = text.find("://").map_or(0, |at| at + 3);
        let authority = text[start..].split(['/', '?', '#']).next().unwrap_or_default();
        if text[..start].contains("{{") || authority.contains("{{") {
            return Self::Template(text.to_owned());
        }
        let scheme = &text[..start];
        let origin = if start == 0 {
            Origin::of_authority(text)
        } else if SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            Origin::of_url(text)
        } else {
            None
        };
        origin.map_or_else(|| Self::Unknown(text.to_owned()), Self::Known)
    }
}

/// Whether `sent`, in which stored secrets stand again, leads to a place to which `stored` does not lead
/// from the same member, or to the same place by a laxer way.
///
/// Elements of lists are the same as for masks. Where a host is a template, that what fills it differs
/// counts as another place.
pub(super) fn leads_elsewhere(sent: &Value, stored: &Value) -> bool {
    let mut has_template = false;
    if differs("", sent, Some(stored), &mut has_template) {
        return true;
    }
    has_template && TEMPLATE_SOURCES.iter().any(|name| sent.get(name) != stored.get(name))
}

fn differs(name: &str, sent: &Value, stored: Option<&Value>, has_template: &mut bool) -> bool {
    match sent {
        Value::Object(object) => {
            let stored = stored.and_then(Value::as_object);
            let is_data = DATA.iter().any(|data| data.eq_ignore_ascii_case(name));
            !is_data
                && (places_differ(object, stored, has_template)
                    || object.iter().any(|(key, value)| {
                        let stored = stored.and_then(|stored| stored.get(key));
                        differs(key, value, stored, has_template)
                    }))
        }
        Value::Array(elements) => {
            let stored = Stored::of(stored);
            elements.iter().enumerate().any(|(index, element)| {
                differs(name, element, stored.counterpart(element, index), has_template)
            })
        }
        _ => false,
    }
}

fn places_differ(
    sent: &Map<String, Value>,
    stored: Option<&Map<String, Value>>,
    has_template: &mut bool,
) -> bool {
    let now = places(sent);
    *has_template |= now.iter().any(|(_, place)| matches!(place, Destination::Template(_)));
    let Some(stored) = stored else { return !now.is_empty() };
    let before = places(stored);
    let is_lost = |place: &&(String, Destination)| place.0 == HOST && !now.contains(place);
    now.iter().any(|place| !before.contains(place))
        || before.iter().any(|place| is_lost(&place))
        || stored.iter().any(|(name, value)| !sent.contains_key(name) && names_host(value))
        || is_laxer(sent, stored)
}

/// Whether secrets of a task may reach more peers than before, at the same destination.
fn is_laxer(sent: &Map<String, Value>, stored: &Map<String, Value>) -> bool {
    [follows_redirects, ignores_certificates, is_plain]
        .iter()
        .any(|is_lax| is_lax(sent) && !is_lax(stored))
}

/// What a task says in these options, if it has them. Null is none, as for the agent.
fn options<'a>(task: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    task.get("advance_options")?.get(name)?.as_object()
}

fn is_on(options: &Map<String, Value>, name: &str) -> bool {
    options.get(name) == Some(&Value::Bool(true))
}

/// Whether the agent goes where the answer to an HTTP request sends it, perhaps to another host. It does, unless
/// there are options of the request that do not say so.
fn follows_redirects(task: &Map<String, Value>) -> bool {
    let follows = |options| is_on(options, "follow_redirect");
    task.contains_key("method") && options(task, "request_options").is_none_or(follows)
}

/// Whether the agent takes any peer for the destination.
fn ignores_certificates(task: &Map<String, Value>) -> bool {
    let ignores = |options| is_on(options, "ignore_server_certificate_error");
    options(task, "certificate").is_some_and(ignores)
}

/// Whether the agent speaks gRPC without TLS. It does, unless it is told which authority to trust, or to trust
/// any.
fn is_plain(task: &Map<String, Value>) -> bool {
    let has_authority = |options: &Map<String, Value>| {
        options.get("ca").and_then(Value::as_str).is_some_and(|ca| !ca.is_empty())
    };
    task.contains_key("server")
        && !ignores_certificates(task)
        && !options(task, "certificate").is_some_and(has_authority)
}

/// Whether these are headers that name a host. Without them, another host at the same address is asked.
fn names_host(headers: &Value) -> bool {
    headers.as_object().is_some_and(|object| places(object).iter().any(|(name, _)| name == HOST))
}

/// Where an object leads to by itself, each place with the member that names it.
fn places(object: &Map<String, Value>) -> Vec<(String, Destination)> {
    // Every member that Go reads as this one: names may differ in case, and which of them counts is not told.
    let texts = |name: &str| -> Vec<&str> {
        let members = object.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        members.filter_map(|(_, value)| value.as_str()).filter(|text| !text.is_empty()).collect()
    };
    let mut places = Vec::new();
    for name in PLACES {
        let of_member = texts(name).into_iter();
        places.extend(of_member.map(|text| ((*name).to_owned(), Destination::of(text))));
    }
    let ports = texts("port");
    for host in texts(HOST) {
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        if ports.is_empty() {
            places.push((HOST.to_owned(), Destination::of(&host)));
        }
        let full = ports.iter().map(|port| Destination::of(&format!("{host}:{port}")));
        places.extend(full.map(|place| (HOST.to_owned(), place)));
    }
    places
}

#[cfg(test)]
mod tests;
