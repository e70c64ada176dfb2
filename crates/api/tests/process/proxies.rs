//! Whom the access log names: the client, and no proxy that is trusted.

use std::io::{Read as _, Write as _};

use crate::support::{Place, Server};

/// Asks for a path with these lines in the head.
fn ask(server: &Server, path: &str, lines: &str) {
    let mut stream = server.connect();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

/// The address that the access log of a server with this setting names for a request.
fn logged(proxies: &str, lines: &str) -> String {
    let server = Place::empty().with("CADASTRE_TRUSTED_PROXIES", proxies).ready();
    ask(&server, "/asked", lines);
    let log = server.stop().stderr;
    let address = log.split_once(" access: GET /asked ").and_then(|(_, rest)| rest.split_once(' '));
    address.unwrap_or_else(|| panic!("{log}")).0.to_owned()
}

#[test]
fn the_header_counts_only_when_the_peer_is_trusted() {
    let forwarded = "X-Forwarded-For: 203.0.113.9, 198.51.100.4\r\n";
    assert_eq!(logged("", forwarded), "127.0.0.1");
    assert_eq!(logged("10.0.0.0/8", forwarded), "127.0.0.1");
    assert_eq!(logged("127.0.0.0/8", forwarded), "198.51.100.4");
    assert_eq!(logged("127.0.0.1", forwarded), "198.51.100.4");
    assert_eq!(logged("127.0.0.1,198.51.100.4", forwarded), "203.0.113.9");
    assert_eq!(logged("127.0.0.1", ""), "127.0.0.1");
}

#[test]
fn several_lines_are_one_and_what_is_no_address_is_not_logged() {
    let lines = "X-Forwarded-For: 203.0.113.9\r\nX-FORWARDED-FOR: 2001:db8::5\r\n";
    assert_eq!(logged("127.0.0.1", lines), "2001:db8::5");
    let lines = "X-Forwarded-For: 203.0.113.9, hush\r\nForwarded: for=203.0.113.9\r\n";
    assert_eq!(logged("127.0.0.1", lines), "127.0.0.1");
}
