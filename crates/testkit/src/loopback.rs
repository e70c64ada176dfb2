//! Addresses of loopback that no other test uses.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

/// An address of loopback (Linux has all of 127.0.0.0/8) of which nobody else on this machine takes a
/// port: what listens there can go and come back on the same port, and where nothing was made to
/// listen, connections are refused. On 127.0.0.1 every test and every connection takes ports at random.
#[must_use]
pub fn own_loopback() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let [.., number] = (NEXT.fetch_add(1, Ordering::Relaxed) % 200).to_be_bytes();
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 16 + number, high, low)
}
