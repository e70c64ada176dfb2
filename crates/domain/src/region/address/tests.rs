//! Hosts, ports and schemes at their boundaries, and texts of all kinds.

use proptest::prelude::*;

use super::*;

fn url(text: &str) -> Result<(), AddressError> {
    ApiUrl::try_from(text.to_owned()).map(|_| ())
}

fn tcp(text: &str) -> Result<(), AddressError> {
    TcpAddress::try_from(text.to_owned()).map(|_| ())
}

#[test]
fn hosts_of_every_kind_are_accepted() {
    for text in [
        "http://127.0.0.1:18080",
        "https://rbd-api-api:8443",
        "https://localhost",
        "HTTPS://Example.COM/",
        "http://[::1]:80/path?x=1",
        "http://[2001:db8::1]",
        "https://a.b-c.d:65535/v2/show?region=上海",
        "http://host?query",
    ] {
        assert_eq!(url(text), Ok(()), "{text}");
    }
}

#[test]
fn what_is_no_url_is_refused_with_its_reason() {
    for (text, reason) in [
        ("bad", AddressError::Scheme),
        ("ftp://a.example.com", AddressError::Scheme),
        ("ws://a.example.com", AddressError::Scheme),
        (" http://a.example.com", AddressError::Scheme),
        ("http://", AddressError::Host),
        ("http:///path", AddressError::Host),
        ("http://u:p@a.example.com", AddressError::UserInfo),
        ("http://a_b.example.com", AddressError::Host),
        ("http://例子.中国", AddressError::Host),
        ("http://-a.example.com", AddressError::Host),
        ("http://a..b", AddressError::Host),
        ("http://256.1.1.1", AddressError::Host),
        ("http://1.2.3", AddressError::Host),
        ("http://::1", AddressError::Host),
        ("http://[::1", AddressError::Host),
        ("http://[::1]x", AddressError::Host),
        ("http://a:0", AddressError::Port),
        ("http://a:65536", AddressError::Port),
        ("http://a:+80", AddressError::Port),
        ("http://a:", AddressError::Port),
        ("http://a/b c", AddressError::Path),
        ("http://a/\0", AddressError::Path),
        ("http://a#b", AddressError::Host),
    ] {
        assert_eq!(url(text), Err(reason), "{text}");
    }
}

#[test]
fn only_the_websocket_takes_websocket_schemes() {
    for (text, for_api, for_websocket) in [
        ("ws://h", false, true),
        ("wss://h", false, true),
        ("http://h", true, true),
        ("https://h", true, true),
        ("ftp://h", false, false),
    ] {
        assert_eq!(url(text).is_ok(), for_api, "{text}");
        assert_eq!(WebsocketUrl::try_from(text.to_owned()).is_ok(), for_websocket, "{text}");
    }
}

#[test]
fn tcp_takes_addresses_and_names_with_an_optional_port() {
    for text in [
        "1.2.3.4",
        "1.2.3.4:80",
        "::1",
        "[::1]",
        "[::1]:80",
        "tcp.example.com",
        "a.b:80",
        "localhost",
        "LocalHost:80",
        "1.2.3.4.example.com",
        "1.2.3.x4",
    ] {
        assert_eq!(tcp(text), Ok(()), "{text}");
    }
    for text in ["", "bad!", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.999", "1.2.3.4:", "::1:x"] {
        assert!(tcp(text).is_err(), "{text}");
    }
}

#[test]
fn what_means_nothing_outside_of_a_cluster_is_no_tcp_address() {
    for text in ["bad", "tcp:80", "1.2.3.4x", "1.2.3.4x:80", "1.2.3.4-5"] {
        assert_eq!(tcp(text), Err(AddressError::Host), "{text}");
    }
}

#[test]
fn the_longest_address_has_256_characters() {
    let long = |n: usize| format!("http://h/{}", "a".repeat(n - "http://h/".len()));
    assert_eq!(url(&long(256)), Ok(()));
    assert_eq!(url(&long(257)), Err(AddressError::TooLong));
}

proptest! {
    #[test]
    fn what_parses_prints_back_the_same(text in r"((ws|http)s?://)?[\[\]a-z0-9.:@/?\-]{0,40}|.*") {
        if let Ok(parsed) = ApiUrl::try_from(text.clone()) {
            prop_assert_eq!(parsed.as_ref(), &text);
            prop_assert_eq!(String::from(parsed), text.clone());
        }
        if let Ok(parsed) = WebsocketUrl::try_from(text.clone()) {
            prop_assert_eq!(String::from(parsed), text.clone());
        }
        if let Ok(parsed) = TcpAddress::try_from(text.clone()) {
            prop_assert_eq!(String::from(parsed), text);
        }
    }

    #[test]
    fn every_ip_address_is_a_host(v4: Ipv4Addr, v6: Ipv6Addr, port in 1u16..) {
        prop_assert_eq!(url(&format!("http://{v4}:{port}")), Ok(()));
        prop_assert_eq!(url(&format!("http://[{v6}]:{port}/")), Ok(()));
        prop_assert_eq!(tcp(&v4.to_string()), Ok(()));
        prop_assert_eq!(tcp(&v6.to_string()), Ok(()));
    }
}
