//! What is dialled: URLs, hosts and ports, and who logs in there.
//!
//! A text with `{{` in it is a template, which the agent fills in before each dial; what comes out
//! is not known here.

use super::fault::TaskFaultReason;
use super::field::{Faults, Field};

fn is_template(text: &str) -> bool {
    text.contains("{{")
}

pub(super) fn url(field: &Field<'_>, schemes: &'static [&'static str], faults: &mut Faults) {
    let Some(text) = field.required_text(faults).filter(|text| !is_template(text)) else { return };
    let behind = schemes.iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let authority = behind.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let strange = |c: char| c.is_control() || c.is_whitespace();
    if !place_is_fine(place) || text.contains(strange) || !escapes_are_fine(text) {
        field.fault(TaskFaultReason::Url(schemes), faults);
    }
}

/// A host, in brackets if it is an IPv6 address, and perhaps a port.
fn place_is_fine(place: &str) -> bool {
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, behind)) if address.parse::<std::net::Ipv6Addr>().is_ok() => {
            (address, behind.strip_prefix(':').or(behind.is_empty().then_some("")))
        }
        Some(_) => return false,
        None => place.split_once(':').map_or((place, Some("")), |(host, port)| (host, Some(port))),
    };
    let strange = ['<', '>', '"', '\\', '^', '`', '{', '}', '|', '[', ']', '%'];
    let port_is_fine = port.is_some_and(|port| port.is_empty() || port_number(port));
    !host.is_empty() && port_is_fine && (host.contains(':') || !host.contains(strange))
}

/// Whether each `%` has two hexadecimal digits behind it, without which Go reads no URL.
fn escapes_are_fine(text: &str) -> bool {
    text.split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|digit| digit.is_ascii_hexdigit()))
}

pub(super) fn host(field: &Field<'_>, faults: &mut Faults) {
    let Some(text) = field.required_text(faults).filter(|text| !is_template(text)) else { return };
    let strange =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '@' | '?' | '#');
    if text.contains(strange) {
        field.fault(TaskFaultReason::Host, faults);
    }
}

pub(super) fn port(field: &Field<'_>, faults: &mut Faults) {
    let Some(text) = field.required_text(faults).filter(|text| !is_template(text)) else { return };
    if !port_number(text) {
        field.fault(TaskFaultReason::Port, faults);
    }
}

fn port_number(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

pub(super) fn login(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["username", "password"], faults) else { return };
    object.field("username").text(faults);
    object.field("password").text(faults);
}
