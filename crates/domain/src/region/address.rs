//! Where a region is reached. The text is kept as it was given; parsing only decides.
//!
//! Hosts may be names of one label, as clusters use them inside, and IPv6 literals; user info is
//! refused, because a password has no place in an address (`contract` decisions D15 and R18).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::text::Text;

/// The root domain of the HTTP applications in a region: 1 to 256 characters, no other rule.
pub type HttpDomain = Text<1, 256>;

/// The URL of a region's API: `http` or `https`, up to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(String);

/// The URL of a region's websocket: `ws`, `wss`, `http` or `https`, up to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebsocketUrl(String);

/// Where TCP applications are reached: an IPv4 or IPv6 address or a DNS name with a dot in it (or
/// `localhost`), each with an optional port, up to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpAddress(String);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Longer than 256 characters.
    #[error("an address has at most {LONGEST} characters")]
    TooLong,
    /// Does not begin with one of the allowed schemes and `://`.
    #[error("the scheme is not one that is allowed here")]
    Scheme,
    /// Names a user.
    #[error("an address must not name a user")]
    UserInfo,
    /// The host is no address and no DNS name.
    #[error("the host is no IPv4 address, no [IPv6 address] and no DNS name")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// What follows the host holds a character that a URL cannot have.
    #[error("the path holds a character that a URL cannot have")]
    Path,
}

/// The most characters that an address has.
const LONGEST: usize = 256;

impl TryFrom<String> for ApiUrl {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        check_url(&text, &["http", "https"])?;
        Ok(Self(text))
    }
}

impl TryFrom<String> for WebsocketUrl {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        check_url(&text, &["ws", "wss", "http", "https"])?;
        Ok(Self(text))
    }
}

impl TryFrom<String> for TcpAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        check_length(&text)?;
        // An IPv6 address without a port may stand without brackets.
        if text.parse::<Ipv6Addr>().is_err() {
            check_authority(&text)?;
            check_outside(text.split(':').next().unwrap_or_default())?;
        }
        Ok(Self(text))
    }
}

/// Checks that a host, if it is a name, is one that means the same outside of a cluster: it has a
/// dot, or is `localhost`. A name that looks like an address with something behind it is refused.
fn check_outside(host: &str) -> Result<(), AddressError> {
    let labels: Vec<&str> = host.split('.').collect();
    let octet = |label: &str| label.parse::<u8>().is_ok();
    let refused = match labels[..] {
        [only] => !only.starts_with('[') && !only.eq_ignore_ascii_case("localhost"),
        [a, b, c, d] => {
            octet(a)
                && octet(b)
                && octet(c)
                && !octet(d)
                && d.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    };
    if refused { Err(AddressError::Host) } else { Ok(()) }
}

fn check_length(text: &str) -> Result<(), AddressError> {
    if text.chars().count() > LONGEST { Err(AddressError::TooLong) } else { Ok(()) }
}

fn check_url(text: &str, schemes: &[&str]) -> Result<(), AddressError> {
    check_length(text)?;
    let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
    if !schemes.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed)) {
        return Err(AddressError::Scheme);
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(AddressError::UserInfo);
    }
    check_authority(authority)?;
    if path.chars().all(is_url_char) { Ok(()) } else { Err(AddressError::Path) }
}

/// Paths may hold non-ASCII letters, as people paste them, but nothing that ends or hides a URL.
fn is_url_char(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\' | '`')
}

/// Checks `host` or `host:port`.
pub(crate) fn check_authority(authority: &str) -> Result<(), AddressError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or(AddressError::Host)?;
        address.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => check_port(port),
            None if after.is_empty() => Ok(()),
            None => Err(AddressError::Host),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    check_host(host)?;
    port.map_or(Ok(()), check_port)
}

fn check_port(port: &str) -> Result<(), AddressError> {
    let digits = (1..=5).contains(&port.len()) && port.bytes().all(|c| c.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if digits => Ok(()),
        _ => Err(AddressError::Port),
    }
}

/// Checks an IPv4 address or a DNS name (RFC 1123: labels of up to 63 letters, digits and inner
/// hyphens, 253 in all). A name whose last label is a number is a misspelt address.
fn check_host(host: &str) -> Result<(), AddressError> {
    let last_is_number = host
        .rsplit('.')
        .next()
        .is_some_and(|label| !label.is_empty() && label.bytes().all(|c| c.is_ascii_digit()));
    let valid = if last_is_number {
        host.parse::<Ipv4Addr>().is_ok()
    } else {
        host.len() <= 253 && host.split('.').all(is_label)
    };
    if valid { Ok(()) } else { Err(AddressError::Host) }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl AsRef<str> for ApiUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for WebsocketUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for TcpAddress {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<ApiUrl> for String {
    fn from(url: ApiUrl) -> Self {
        url.0
    }
}

impl From<WebsocketUrl> for String {
    fn from(url: WebsocketUrl) -> Self {
        url.0
    }
}

impl From<TcpAddress> for String {
    fn from(address: TcpAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests;
