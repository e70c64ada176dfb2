//! Which changes of an address move credentials, as a table.

use super::*;

/// URLs of one origin in each line.
const SAME: &[&[&str]] = &[
    &[
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com:443/other?x=1#y",
        "HTTPS://API.Example.COM:443",
        "https://api.example.com./v2",
        "https://user:password@api.example.com",
        "https://api.example.com:/",
        "https://api.example.com?x=https://elsewhere.example.com",
    ],
    &[
        "http://10.0.0.1",
        "http://10.0.0.1:80",
        "http://[::ffff:10.0.0.1]",
        "http://[::ffff:a00:1]/x",
    ],
    &["https://[2001:db8::1]:8443", "https://[2001:0DB8:0:0::0001]:8443/"],
    &["https://bücher.example", "https://BÜCHER.example.", "https://xn--bcher-kva.example:443"],
    &["ws://socket.example.com", "WS://socket.example.com:80/x"],
    &["wss://socket.example.com", "wss://socket.example.com:443"],
    &["grpc://rpc.example.com", "grpc://RPC.example.com"],
];

/// URLs of different origins.
const DIFFERENT: &[&str] = &[
    "https://api.example.com",
    "http://api.example.com",
    "http://api.example.com:443",
    "https://api.example.com:8443",
    "https://api.example.org",
    "https://api.example.com.evil.example",
    "https://api.example.com@evil.example",
    "https://evil.example/api.example.com",
    "https://evil.example?@api.example.com",
    "https://evil.example#@api2.example.com",
    "https://sub.api.example.com",
    "https://xn--bcher-kva.example",
    "https://bucher.example",
    "wss://api.example.com",
    "https://10.0.0.1",
    "https://10.0.0.2",
    "https://[2001:db8::1]",
    "https://[2001:db8::2]",
];

#[test]
fn other_spellings_of_an_origin_do_not_move_credentials() {
    for spellings in SAME {
        for (before, after) in
            spellings.iter().flat_map(|one| spellings.iter().map(move |o| (one, o)))
        {
            assert!(!moves_credentials(before, after), "{before} {after}");
        }
    }
}

#[test]
fn another_scheme_host_or_port_moves_credentials() {
    for (place, before) in DIFFERENT.iter().enumerate() {
        for (other, after) in DIFFERENT.iter().enumerate() {
            let evil = |url: &str| Origin::of_url(url).is_some_and(|o| o.host() == "evil.example");
            let same = place == other || (evil(before) && evil(after));
            assert_eq!(moves_credentials(before, after), !same, "{before} {after}");
        }
    }
}

#[test]
fn what_has_no_origin_is_told_apart_by_its_text() {
    for text in
        ["", "://", "https://", "example.com", "https://h:x", "https://[::1", "https://[::1]x"]
    {
        assert_eq!(Origin::of_url(text), None, "{text}");
        assert!(!moves_credentials(text, text), "{text}");
        assert!(moves_credentials(text, "https://api.example.com"), "{text}");
        assert!(moves_credentials("https://api.example.com", text), "{text}");
    }
}

#[test]
fn a_host_with_a_port_is_an_origin_without_a_scheme() {
    let of = |text: &str| Origin::of_authority(text).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(of("Example.com:443"), of("example.com.:443"));
    assert_eq!(of("[::1]:443"), of("[0::1]:443"));
    assert_eq!(of("::1"), of("[::1]"));
    assert_ne!(of("example.com:443"), of("example.com:80"));
    assert_ne!(of("example.com:443"), of("example.com"));
    assert_eq!((of("h:1").port(), of("h").port(), of("h").is_tls()), (Some(1), None, false));
    assert!(Origin::of_url("HTTPS://h").is_some_and(|origin| origin.is_tls()));
}
