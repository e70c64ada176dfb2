//! Hosts and ports in the addresses of a region.

/// Where something is dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address; an IPv6 address without its brackets.
    pub host: String,
    /// The port, if one is told.
    pub port: Option<u16>,
}

/// The endpoint of a URL, with the port that its scheme stands for where it tells none.
pub(super) fn of_url(url: &str) -> Option<Endpoint> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let endpoint = of_authority(authority)?;
    let usual = match scheme.to_ascii_lowercase().as_str() {
        "https" | "wss" => 443,
        _ => 80,
    };
    Some(Endpoint { port: endpoint.port.or(Some(usual)), ..endpoint })
}

/// The endpoint of `host`, `host:port`, `[address]`, `[address]:port`, or a bare IPv6 address.
pub(super) fn of_authority(text: &str) -> Option<Endpoint> {
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(Endpoint { host: text.to_owned(), port: None });
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            (host, behind.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.filter(|port| !port.is_empty()).map(str::parse).transpose().ok()?;
    (!host.is_empty()).then(|| Endpoint { host: host.to_owned(), port })
}

/// A URL of a websocket: the scheme of HTTP stands for that of websockets.
pub(super) fn websocket(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "ws",
        _ => "wss",
    };
    format!("{scheme}://{rest}")
}
