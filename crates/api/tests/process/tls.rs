//! TLS: who gets in by it, and who does not.

use std::io::{Read as _, Write as _};
use std::time::Instant;

use rustls::version::{TLS12, TLS13};

use crate::certificates::Authority;
use crate::support::{LIMIT, Place, Server, TlsClient, VERSIONS};

/// An authority, and a server that shows a certificate by it.
fn served() -> (Authority, Place, Server) {
    let authority = Authority::new("authority");
    let place = Place::empty().with_tls(&authority.issue("server", &["localhost"]));
    let server = place.ready_with_tls();
    (authority, place, server)
}

/// What the server answers to bytes that are no TLS that it speaks.
fn answer_to(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = server.connect();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // A server that has not read everything may reset the connection when it closes it.
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// The first message of a client that speaks nothing newer than this version of TLS.
fn hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    // No session; ECDHE-ECDSA with AES-128-GCM and with AES-128-CBC; no compression.
    body.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    // The extensions: secp256r1, and ECDSA with SHA-256 on it.
    body.extend([0, 16, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(body.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    record
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_everything_says_https() {
    let (authority, _place, server) = served();
    for version in VERSIONS {
        let mut peer = TlsClient::new(&authority, version).connect(server.address).unwrap();
        let head = peer.get("/readyz").unwrap();
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert!(head.contains("\r\nstrict-transport-security: max-age=31536000\r\n"), "{head}");
    }
    let url = format!("https://{}", server.address);
    assert!(server.printed().starts_with(&format!("Cadastre listens on {url} (")));
    assert!(server.curl_line().ends_with(&format!(" {url}/openapi/v1/regions")));
    assert!(!server.printed().contains("http://"), "{}", server.printed());
}

#[test]
fn nodes_are_told_the_https_url_of_the_register() {
    let (authority, place, server) = served();
    crate::support::require(&["curl"]);
    std::fs::write(place.path("ca.pem"), authority.pem()).unwrap();
    let (key, port) = (place.first_token(), server.address.port());
    let node = r#"{"internal":false,"isp":"telecom","country":"China","keycode":"cn"}"#;
    let ended = place.shell(&format!(
        "curl -sS --cacert ca.pem -H 'DF-API-KEY: {key}' -H 'Content-Type: application/json' \
         -d '{node}' https://localhost:{port}/api/v1/dialing_region/regist \
         --connect-to localhost:{port}:127.0.0.1:{port}"
    ));
    let url = format!("\"server\":\"https://{}\"", server.address);
    assert!(ended.stdout.contains(&url), "{ended:?}");
}

#[test]
fn tls_1_1_and_older_are_refused() {
    let (_, _place, server) = served();
    for minor in 0..=2 {
        // A fatal alert, protocol_version.
        let answer = answer_to(&server, &hello(minor));
        assert_eq!(answer, [21, 3, 3, 0, 2, 2, 70], "TLS 1.{minor}");
    }
    // The same message is answered with a handshake in a version that is spoken.
    let mut stream = server.connect();
    stream.write_all(&hello(3)).unwrap();
    let mut answer = [0; 6];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!((answer[0], answer[5]), (22, 2), "{answer:?}");
}

#[test]
fn plain_http_is_refused_on_the_port_of_tls() {
    let (authority, _place, server) = served();
    let answer = answer_to(&server, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
    assert!(TlsClient::new(&authority, &TLS13).connect(server.address).is_ok());
}

#[test]
fn only_http_1_1_is_offered() {
    let (authority, _place, server) = served();
    for version in VERSIONS {
        let client = || TlsClient::new(&authority, version);
        let both = client().with_protocols(&["h2", "http/1.1"]).connect(server.address).unwrap();
        assert_eq!(both.protocol(), Some(&b"http/1.1"[..]));
        let refused = client().with_protocols(&["h2"]).connect(server.address);
        assert!(refused.is_err(), "{:?}", refused.map(|peer| peer.protocol().map(<[u8]>::to_vec)));
    }
}

#[test]
fn a_handshake_that_does_not_come_to_an_end_is_broken_off() {
    let authority = Authority::new("authority");
    let place = Place::empty()
        .with("CADASTRE_HEADER_TIMEOUT", "1")
        .with_tls(&authority.issue("server", &["localhost"]));
    let server = place.ready_with_tls();
    let start = Instant::now();
    // Nothing at all, a part of a handshake, and a handshake after which nothing comes.
    for begun in [&b""[..], &hello(3)[..20]] {
        assert_eq!(answer_to(&server, begun), b"", "{begun:?}");
    }
    let rest = TlsClient::new(&authority, &TLS12).connect(server.address).unwrap().rest();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408 "), "{rest}");
    assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
}

#[test]
fn clients_need_a_certificate_of_the_authority_that_is_set() {
    let [ours, theirs, servers] = ["ours", "theirs", "servers"].map(Authority::new);
    let place = Place::empty().with_tls(&servers.issue("server", &["localhost"]));
    std::fs::write(place.path("ca.pem"), ours.pem()).unwrap();
    let place = place.with("CADASTRE_TLS_CLIENT_CA", "ca.pem");
    let server = place.ready_with_tls();
    for version in VERSIONS {
        // With TLS 1.3, a client hears of it only after the handshake.
        let status = |client: TlsClient| {
            let asked = client.connect(server.address).and_then(|mut peer| peer.get("/livez"));
            asked.map(|head| head[9..12].to_owned()).ok()
        };
        let client = || TlsClient::new(&servers, version);
        assert_eq!(status(client()), None, "{version:?}");
        assert_eq!(status(client().with(&theirs.issue("client", &[]))), None, "{version:?}");
        assert_eq!(status(client().with(&ours.issue_expired("client"))), None, "{version:?}");
        let known = client().with(&ours.issue("client", &[]));
        assert_eq!(status(known).as_deref(), Some("200"), "{version:?}");
    }
}

#[test]
fn files_that_cannot_be_used_stop_the_start_with_one_line() {
    let authority = Authority::new("authority");
    let [mine, other] = ["mine", "other"].map(|name| authority.issue(name, &["localhost"]));
    let cases = [
        ("CADASTRE_TLS_CERT", "none.pem", "No such file"),
        ("CADASTRE_TLS_CERT", "key.pem", "no certificate in PEM form"),
        ("CADASTRE_TLS_KEY", "cert.pem", "no private key in PEM form"),
        ("CADASTRE_TLS_KEY", "other.pem", "does not belong to the certificate"),
        ("CADASTRE_TLS_CLIENT_CA", "key.pem", "no certificate in PEM form"),
    ];
    for (name, file, reason) in cases {
        let place = Place::empty().with_tls(&mine).with(name, file);
        std::fs::write(place.path("other.pem"), &other.key).unwrap();
        let refusal = place.run(&[]).refusal();
        let named = format!("{name} is {file:?}, which cannot be used: ");
        assert!(refusal.starts_with(&named) && refusal.contains(reason), "{refusal}");
        assert!(!place.path("cadastre-data").exists());
    }
}
