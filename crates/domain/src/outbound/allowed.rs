//! Networks that an operator allows although they are refused otherwise.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::{AddressKind, refuse};

/// The addresses to which the register connects: those of the public network, and of the networks that
/// an operator names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    named: Vec<IpNet>,
    has_private: bool,
}

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address, a slash and a number of bits, as 10.20.0.0/16 or fd00::/8")]
pub struct AllowedError;

impl Allowed {
    /// These networks, each written as `10.20.0.0/16`; an address alone is a network of one.
    ///
    /// # Errors
    /// When one of them is none. One with bits behind its prefix is none, either: it is not known
    /// what was meant.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, AllowedError> {
        let named = texts.into_iter().map(network).collect::<Result<_, _>>()?;
        Ok(Self { named, has_private: false })
    }

    /// The same and private networks: RFC 1918, unique-local IPv6 and the networks that customers of a
    /// carrier share. Clusters stand there.
    #[must_use]
    pub fn with_private(self) -> Self {
        Self { has_private: true, ..self }
    }

    /// Lets the register connect to this address, or tells why not.
    ///
    /// # Errors
    /// The kind of address that is refused.
    pub fn check(&self, address: IpAddr) -> Result<(), AddressKind> {
        let Some(kind) = refuse(address) else { return Ok(()) };
        if self.has_private && kind.is_private() {
            return Ok(());
        }
        // The system connects to a mapped address as to the one in it.
        let real = address.to_canonical();
        let is_allowed = |net: &IpNet| net.contains(&address) || net.contains(&real);
        if self.named.iter().any(is_allowed) { Ok(()) } else { Err(kind) }
    }
}

fn network(text: &str) -> Result<IpNet, AllowedError> {
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => IpNet::from_str(text).map_err(|_| AllowedError)?,
    };
    if net.addr() == net.network() { Ok(net) } else { Err(AllowedError) }
}
