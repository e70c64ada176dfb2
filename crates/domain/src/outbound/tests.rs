//! Every kind of address at both ends of its range, and one beyond each end.

use std::net::{IpAddr, Ipv4Addr};

use super::AddressKind::{
    LinkLocal, Loopback, Metadata, Multicast, Private, Reserved, Shared, UniqueLocal, Unspecified,
};
use super::*;

fn of(text: &str) -> Option<AddressKind> {
    refuse(text.parse::<IpAddr>().unwrap_or_else(|_| panic!("{text} is no address")))
}

#[test]
fn every_range_of_ipv4_is_refused_from_end_to_end() {
    for (first, last, kind) in [
        ("0.0.0.1", "0.255.255.255", Reserved),
        ("10.0.0.0", "10.255.255.255", Private),
        ("100.64.0.0", "100.127.255.255", Shared),
        ("127.0.0.0", "127.255.255.255", Loopback),
        ("169.254.0.0", "169.254.255.255", LinkLocal),
        ("172.16.0.0", "172.31.255.255", Private),
        ("192.0.0.0", "192.0.0.255", Reserved),
        ("192.0.2.0", "192.0.2.255", Reserved),
        ("192.88.99.0", "192.88.99.255", Reserved),
        ("192.168.0.0", "192.168.255.255", Private),
        ("198.18.0.0", "198.19.255.255", Reserved),
        ("198.51.100.0", "198.51.100.255", Reserved),
        ("203.0.113.0", "203.0.113.255", Reserved),
        ("224.0.0.0", "239.255.255.255", Multicast),
        ("240.0.0.0", "255.255.255.255", Reserved),
    ] {
        assert_eq!((of(first), of(last)), (Some(kind), Some(kind)), "{first} {last}");
    }
    assert_eq!(of("0.0.0.0"), Some(Unspecified));
    for metadata in ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"] {
        assert_eq!(of(metadata), Some(Metadata), "{metadata}");
    }
}

/// What stands on both sides of the ranges, where that is not refused itself.
const PUBLIC: [&str; 27] = [
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.1.255",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "168.63.129.17",
];

#[test]
fn what_is_beside_a_range_is_not_refused() {
    for address in PUBLIC {
        assert_eq!(of(address), None, "{address}");
    }
}

#[test]
fn every_range_of_ipv6_is_refused_from_end_to_end() {
    for (first, last, kind) in [
        ("::2:0:0:0:0", "::ff:ffff:ffff:ffff:ffff", Reserved),
        ("100::", "1fff:ffff::", Reserved),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal),
        ("fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast),
    ] {
        assert_eq!((of(first), of(last)), (Some(kind), Some(kind)), "{first} {last}");
    }
    assert_eq!((of("::"), of("::1")), (Some(Unspecified), Some(Loopback)));
    assert_eq!(of("fd00:ec2::254"), Some(Metadata));
    assert_eq!(of("fd20:ce::254"), Some(Metadata));
    for public in
        ["2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::", "2606:4700::1"]
    {
        assert_eq!(of(public), None, "{public}");
    }
    assert_eq!((of("3ffe:ffff::"), of("3fff:1000::")), (None, None));
}

#[test]
fn an_ipv4_address_is_refused_in_every_disguise() {
    let refused = [
        ("127.0.0.1", Loopback),
        ("169.254.169.254", Metadata),
        ("100.100.100.200", Metadata),
        ("10.1.2.3", Private),
        ("192.168.0.1", Private),
        ("100.64.0.1", Shared),
        ("169.254.1.1", LinkLocal),
        ("224.0.0.1", Multicast),
        ("203.0.113.7", Reserved),
    ];
    for (text, kind) in refused {
        let address: Ipv4Addr = text.parse().expect("an address");
        let [a, b, c, d] = address.octets();
        let hex = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
        for disguise in [
            format!("::ffff:{hex}"),
            format!("::ffff:0:{hex}"),
            format!("::{hex}"),
            format!("64:ff9b::{hex}"),
            format!("2002:{hex}::1"),
        ] {
            assert_eq!(of(&disguise), Some(kind), "{disguise}");
        }
    }
    // Teredo and what is compatible are refused whatever stands in them.
    assert_eq!((of("2001:0:808:808::1"), of("::8.8.8.8")), (Some(Reserved), Some(Reserved)));
    for public in ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"] {
        assert_eq!(of(public), None, "{public}");
    }
}

fn allowed(networks: &[&str]) -> Result<Allowed, AllowedError> {
    Allowed::new(networks.iter().copied())
}

#[test]
fn only_what_an_allowed_network_contains_is_let_through() {
    let some = allowed(&["127.0.0.1", "10.20.0.0/16", "fd12::/16"]).expect("networks");
    for (address, answer) in [
        ("127.0.0.1", Ok(())),
        ("127.0.0.2", Err(Loopback)),
        ("::ffff:127.0.0.1", Ok(())),
        ("::1", Err(Loopback)),
        ("10.20.255.255", Ok(())),
        ("10.21.0.0", Err(Private)),
        ("fd12:ffff::1", Ok(())),
        ("fd13::1", Err(UniqueLocal)),
        ("64:ff9b::10.20.0.1", Err(Private)),
        ("8.8.8.8", Ok(())),
    ] {
        assert_eq!(some.check(address.parse().expect("an address")), answer, "{address}");
    }
    assert_eq!(Allowed::default().check(IpAddr::from([127, 0, 0, 1])), Err(Loopback));
}

#[test]
fn where_private_networks_are_let_through_all_else_is_refused_unless_it_is_named() {
    let clusters = Allowed::default().with_private();
    for address in [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "fd12::1",
        "::ffff:10.1.2.3",
        "64:ff9b::10.1.2.3",
        "8.8.8.8",
        "2606:4700::1",
    ] {
        assert_eq!(clusters.check(address.parse().expect("an address")), Ok(()), "{address}");
    }
    let refused = [
        ("127.0.0.1", Loopback),
        ("127.255.0.9", Loopback),
        ("::1", Loopback),
        ("::ffff:127.0.0.1", Loopback),
        ("64:ff9b::127.0.0.1", Loopback),
        ("2002:7f00:1::1", Loopback),
        ("169.254.0.1", LinkLocal),
        ("::ffff:169.254.0.1", LinkLocal),
        ("fe80::1", LinkLocal),
        ("169.254.169.254", Metadata),
        ("::ffff:169.254.169.254", Metadata),
        ("100.100.100.200", Metadata),
        ("fd00:ec2::254", Metadata),
        ("224.0.0.1", Multicast),
        ("ff02::1", Multicast),
        ("0.0.0.0", Unspecified),
        ("::", Unspecified),
        ("::ffff:0.0.0.0", Unspecified),
        ("240.0.0.1", Reserved),
    ];
    for (text, kind) in refused {
        let address = text.parse().expect("an address");
        assert_eq!(clusters.check(address), Err(kind), "{text}");
        let named = allowed(&[text]).expect("a network").with_private();
        assert_eq!(named.check(address), Ok(()), "{text} is named");
    }
}

#[test]
fn what_is_no_network_is_none() {
    for text in ["", "x", "10.0.0.0/33", "10.0.0.1/8", "::1/0", "10.0.0/8", "localhost", "1.2.3.4/"]
    {
        assert_eq!(allowed(&[text]), Err(AllowedError), "{text}");
    }
    assert!(allowed(&["0.0.0.0/0", "::/0", "::1"]).is_ok());
}
