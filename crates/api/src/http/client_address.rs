//! Where a request comes from: its peer, unless that is a proxy that is believed about it.

use std::net::{IpAddr, SocketAddr};

use actix_web::{HttpRequest, web};
use ipnet::IpNet;

use crate::app::App;

/// The header in which proxies name those who called them, the last one at the end.
const FORWARDED: &str = "x-forwarded-for";

/// The address of the client, as far as it is known.
#[must_use]
pub fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let app = request.app_data::<web::Data<App>>();
    let trusted = app.map_or(&[][..], |app| &app.door.trusted_proxies);
    if trusted.is_empty() {
        return Some(peer.to_canonical());
    }
    let forwarded = request.headers().get_all(FORWARDED);
    // What is no text is no address either.
    let forwarded = forwarded.map(|value| value.to_str().unwrap_or_default());
    Some(client_address(peer, forwarded, trusted))
}

/// The address of the client behind `peer`. Anybody may write into the header, but only what a
/// trusted proxy added at its end is true: so it is read from there, through trusted proxies, to
/// the first address that is none of them. What is no address ends the walk.
pub fn client_address<'a>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !trusts(&client) {
        return client;
    }
    let lines: Vec<_> = forwarded.collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = address(entry.trim()) else { break };
        client = address;
        if !trusts(&client) {
            break;
        }
    }
    client
}

/// An address, which some proxies write with its port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let bare = bare.filter(|text| text.contains(':')).unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests;
