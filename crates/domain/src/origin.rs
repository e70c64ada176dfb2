//! Where a request goes: scheme, host and port.
//!
//! Credentials are given for one origin. When an address changes to another origin, credentials that
//! are stored must not follow it, because the party that answers there is another one, and a caller who
//! may write credentials may not read them (ADR 0024).

use std::net::{IpAddr, Ipv6Addr};

/// Scheme, host and port of an address, spelled in one way only: two addresses of the same origin have
/// equal origins, and two addresses whose spelling leaves a doubt have different ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// The origin of a URL, with the usual port of its scheme where it names none. User information is
    /// no part of it.
    ///
    /// A text without a scheme and a host has no origin. Where the host ends, URLs are read as Go reads
    /// them: at the first `/`, `?` or `#`.
    #[must_use]
    pub fn of_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let scheme = scheme.to_ascii_lowercase();
        let origin = Self::of_authority(place)?;
        let usual = match scheme.as_str() {
            "https" | "wss" => Some(443),
            "http" | "ws" => Some(80),
            _ => None,
        };
        Some(Self { port: origin.port.or(usual), scheme, ..origin })
    }

    /// The origin of `host`, `host:port`, `[address]`, `[address]:port` or a bare IPv6 address, which
    /// has no scheme.
    #[must_use]
    pub fn of_authority(text: &str) -> Option<Self> {
        let (host, port) = if text.parse::<Ipv6Addr>().is_ok() {
            (text, None)
        } else if let Some(rest) = text.strip_prefix('[') {
            let (address, after) = rest.split_once(']')?;
            (address, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        } else {
            text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
        };
        let port = port.filter(|port| !port.is_empty());
        let port = port.map(str::parse).transpose().ok()?;
        let host = normal_host(host)?;
        Some(Self { scheme: String::new(), host, port })
    }

    /// Whether requests to it are protected by TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.scheme.as_str(), "https" | "wss")
    }

    /// The host in its usual spelling, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if it is known.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

/// A host in lower case, without the dot at the end of an absolute name; an international name in its
/// ASCII form; an address as it is usually written.
fn normal_host(host: &str) -> Option<String> {
    if host.is_empty() {
        return None;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(address.to_canonical().to_string());
    }
    // A name that is none for IDNA is compared as it stands.
    let ascii = if host.is_ascii() { None } else { idna::domain_to_ascii(host).ok() };
    let mut host = ascii.unwrap_or_else(|| host.to_owned()).to_ascii_lowercase();
    if host.ends_with('.') && host.len() > 1 {
        host.pop();
    }
    Some(host)
}

/// Whether credentials that are sent to the URL `before` would go to another origin if it became
/// `after`. URLs of which one has no origin are told apart by their text.
#[must_use]
pub fn moves_credentials(before: &str, after: &str) -> bool {
    match (Origin::of_url(before), Origin::of_url(after)) {
        (Some(before), Some(after)) => before != after,
        _ => before != after,
    }
}

#[cfg(test)]
mod tests;
