//! Whom a request comes from, whatever its header says.

use proptest::prelude::*;

use super::*;

/// The peer, the lines of the header, and the address that counts. Trusted are 10.0.0.0/8,
/// 192.0.2.7 and 2001:db8:1::/48.
const CASES: &[(&str, &[&str], &str)] = &[
    // Nobody is believed who is not trusted.
    ("198.51.100.1", &[], "198.51.100.1"),
    ("198.51.100.1", &["203.0.113.5"], "198.51.100.1"),
    ("192.0.2.8", &["203.0.113.5"], "192.0.2.8"),
    // A trusted proxy is.
    ("10.1.2.3", &[], "10.1.2.3"),
    ("10.1.2.3", &["203.0.113.5"], "203.0.113.5"),
    ("192.0.2.7", &["203.0.113.5"], "203.0.113.5"),
    ("2001:db8:1::9", &["2001:db8:2::5"], "2001:db8:2::5"),
    // What the client wrote stands further to the left.
    ("10.1.2.3", &["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
    ("10.1.2.3", &["10.9.9.9, 203.0.113.5"], "203.0.113.5"),
    ("10.1.2.3", &["nonsense, 203.0.113.5"], "203.0.113.5"),
    // Through several proxies.
    ("10.1.2.3", &["1.1.1.1, 203.0.113.5, 192.0.2.7, 10.7.7.7"], "203.0.113.5"),
    ("10.1.2.3", &["10.4.4.4, 10.5.5.5"], "10.4.4.4"),
    // Lines are one list, in their order.
    ("10.1.2.3", &["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
    ("10.1.2.3", &["203.0.113.5", "10.5.5.5"], "203.0.113.5"),
    ("10.1.2.3", &["1.1.1.1,203.0.113.5", "10.5.5.5,10.6.6.6"], "203.0.113.5"),
    // What is no address ends the walk.
    ("10.1.2.3", &["203.0.113.5, nonsense"], "10.1.2.3"),
    ("10.1.2.3", &["203.0.113.5, unknown, 10.5.5.5"], "10.5.5.5"),
    ("10.1.2.3", &["203.0.113.5,"], "10.1.2.3"),
    ("10.1.2.3", &[""], "10.1.2.3"),
    ("10.1.2.3", &["203.0.113.5", ""], "10.1.2.3"),
    ("10.1.2.3", &["203.0.113.5 10.5.5.5"], "10.1.2.3"),
    ("10.1.2.3", &["10.0.0.0/8"], "10.1.2.3"),
    ("10.1.2.3", &["[203.0.113.5]"], "10.1.2.3"),
    // Ports and brackets, as some proxies write them.
    ("10.1.2.3", &["203.0.113.5:4711"], "203.0.113.5"),
    ("10.1.2.3", &["[2001:db8:2::5]:4711"], "2001:db8:2::5"),
    ("10.1.2.3", &["[2001:db8:2::5]"], "2001:db8:2::5"),
    ("10.1.2.3", &["\t203.0.113.5 "], "203.0.113.5"),
    // An IPv4 address in the clothes of IPv6 is what it is.
    ("::ffff:10.1.2.3", &["203.0.113.5"], "203.0.113.5"),
    ("::ffff:198.51.100.1", &["203.0.113.5"], "198.51.100.1"),
    ("10.1.2.3", &["203.0.113.5, ::ffff:10.5.5.5"], "203.0.113.5"),
    ("10.1.2.3", &["::ffff:203.0.113.5"], "203.0.113.5"),
];

fn trusted() -> Vec<IpNet> {
    ["10.0.0.0/8", "192.0.2.7/32", "2001:db8:1::/48"].map(|text| text.parse().unwrap()).into()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn the_last_address_that_is_no_trusted_proxy_counts() {
    for (peer, lines, expected) in CASES {
        let found = client_address(ip(peer), lines.iter().copied(), &trusted());
        assert_eq!(found, ip(expected), "{peer} {lines:?}");
    }
}

#[test]
fn without_trusted_proxies_the_header_is_not_read() {
    for (peer, lines, _) in CASES {
        let found = client_address(ip(peer), lines.iter().copied(), &[]);
        assert_eq!(found, ip(peer).to_canonical(), "{peer} {lines:?}");
    }
}

proptest! {
    #[test]
    fn whatever_a_client_writes_it_is_found_where_it_is(
        client in any::<[u8; 4]>().prop_map(IpAddr::from),
        written in prop::collection::vec("[ -~]{0,40}", 0..4),
        proxies in prop::collection::vec(any::<[u8; 3]>(), 0..4),
    ) {
        prop_assume!(!trusted().iter().any(|network| network.contains(&client)));
        let proxy = |[a, b, c]: [u8; 3]| IpAddr::from([10, a, b, c]).to_string();
        let mut added = vec![client.to_string()];
        added.extend(proxies.into_iter().map(proxy));
        let added = added.join(", ");
        let lines: Vec<_> = written.iter().map(String::as_str).chain([added.as_str()]).collect();
        let found = client_address(ip("10.0.0.1"), lines.iter().copied(), &trusted());
        prop_assert_eq!(found, client);
        let joined = lines.join(",");
        let found = client_address(ip("10.0.0.1"), [joined.as_str()].into_iter(), &trusted());
        prop_assert_eq!(found, client);
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client(
        peer in any::<[u8; 16]>().prop_map(IpAddr::from),
        lines in prop::collection::vec(".{0,40}", 0..4),
    ) {
        let peer = peer.to_canonical();
        prop_assume!(!trusted().iter().any(|network| network.contains(&peer)));
        let found = client_address(peer, lines.iter().map(String::as_str), &trusted());
        prop_assert_eq!(found, peer);
    }
}
