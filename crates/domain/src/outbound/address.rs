//! Kinds of addresses to which the register does not connect by itself.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// This machine itself.
    Loopback,
    /// Machines on the same wire.
    LinkLocal,
    /// Where clouds tell a machine its credentials.
    Metadata,
    /// A private network (RFC 1918).
    Private,
    /// A network that several customers of a carrier share (RFC 6598).
    Shared,
    /// A private network of IPv6 (RFC 4193), or a site-local one as they were called before.
    UniqueLocal,
    /// Many machines at once.
    Multicast,
    /// None at all.
    Unspecified,
    /// Set aside for documents, measurements, protocols or the future.
    Reserved,
}

impl AddressKind {
    /// Whether it is an address of a private network, as opposed to one of this machine, its wire, its
    /// cloud, or none that a server has.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::Shared | Self::UniqueLocal)
    }

    /// The kind in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::UniqueLocal => "unique-local",
            Self::Multicast => "multicast",
            Self::Unspecified => "unspecified",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why the register does not connect to this address; nothing when it is one of the public network.
///
/// An IPv6 address that stands for an IPv4 address, which gateways and the system itself translate,
/// is judged as that one, too.
#[must_use]
pub fn refuse(address: IpAddr) -> Option<AddressKind> {
    match address {
        IpAddr::V4(address) => refuse_v4(address),
        IpAddr::V6(address) => refuse_v6(address),
    }
}

fn refuse_v4(address: Ipv4Addr) -> Option<AddressKind> {
    match address.octets() {
        // Amazon, Google, Microsoft and most others; Alibaba; the wire server of Microsoft; Oracle.
        [169, 254, 169, 254] | [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => {
            Some(AddressKind::Metadata)
        }
        [0, 0, 0, 0] => Some(AddressKind::Unspecified),
        [127, ..] => Some(AddressKind::Loopback),
        [169, 254, ..] => Some(AddressKind::LinkLocal),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(AddressKind::Private),
        [100, 64..=127, ..] => Some(AddressKind::Shared),
        [224..=239, ..] => Some(AddressKind::Multicast),
        // This network and the future; protocols and documents; relays of 6to4; measurements;
        // documents; documents.
        [0 | 240..=255, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Some(AddressKind::Reserved),
        _ => None,
    }
}

fn refuse_v6(address: Ipv6Addr) -> Option<AddressKind> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(AddressKind::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(AddressKind::Loopback),
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => {
            Some(AddressKind::Metadata)
        }
        // Mapped (`::ffff:`) and translated (`::ffff:0:`) ones, those of NAT64, and those of 6to4, in
        // which the address of the relay stands in front.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => refuse_v4(embedded(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] => {
            refuse_v4(embedded(high, low)).or(Some(AddressKind::Reserved))
        }
        [0xfe80..=0xfebf, ..] => Some(AddressKind::LinkLocal),
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Some(AddressKind::UniqueLocal),
        [0xff00..=0xffff, ..] => Some(AddressKind::Multicast),
        // Protocols, Teredo and ORCHID among them; documents; documents.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some(AddressKind::Reserved),
        [0x2000..=0x3fff, ..] => None,
        // Everything else was never given to anybody, the NAT64 of a network of one's own included.
        _ => Some(AddressKind::Reserved),
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}
