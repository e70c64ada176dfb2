//! SIGHUP: certificates change while the server serves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use rustls::version::{TLS12, TLS13};

use crate::certificates::{Authority, Certificate};
use crate::support::{Place, Server, TlsClient, TlsPeer, VERSIONS, eventually};

/// A server that shows one certificate, and another that it is to show.
struct Site {
    authority: Authority,
    first: Certificate,
    second: Certificate,
    place: Place,
    server: Server,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new("authority");
        let [first, second] = ["first", "second"].map(|name| authority.issue(name, &["localhost"]));
        let place = Place::empty().with_tls(&first);
        let server = place.ready_with_tls();
        Self { authority, first, second, place, server }
    }

    fn connect(&self) -> TlsPeer {
        TlsClient::new(&self.authority, &TLS13).connect(self.server.address).unwrap()
    }

    /// Sends a SIGHUP and waits until its outcome is in the log; answers the line.
    fn hang_up(&self) -> String {
        let count = |log: &str| log.lines().filter(|line| line.contains("SIGHUP: ")).count();
        let before = count(&self.server.log());
        self.server.signal(Signal::HUP);
        eventually("a SIGHUP is done", || count(&self.server.log()) > before);
        let log = self.server.log();
        assert_eq!(count(&log), before + 1, "{log}");
        log.lines().filter(|line| line.contains("SIGHUP: ")).last().unwrap().to_owned()
    }
}

#[test]
fn a_new_certificate_is_shown_to_new_connections_and_old_ones_go_on() {
    let site = Site::new();
    let mut old = site.connect();
    assert_eq!(old.certificate(), site.first.der);
    old.get("/livez").unwrap();
    site.place.put(&site.second);
    assert!(site.hang_up().contains(" INFO "));
    for version in VERSIONS {
        let client = TlsClient::new(&site.authority, version);
        let mut new = client.connect(site.server.address).unwrap();
        assert_eq!(new.certificate(), site.second.der);
        assert!(new.get("/livez").unwrap().starts_with("http/1.1 200 "));
    }
    assert!(old.get("/livez").unwrap().starts_with("http/1.1 200 "));
}

#[test]
fn files_that_cannot_be_used_change_nothing_and_are_told_in_one_line() {
    let site = Site::new();
    let bad: [(&str, Option<&str>, &str); 5] = [
        ("cert.pem", Some("no certificate"), "no certificate in PEM form"),
        ("cert.pem", Some(&site.second.pem), "does not belong to the certificate"),
        ("cert.pem", None, "No such file"),
        ("key.pem", Some(""), "no private key in PEM form"),
        ("key.pem", None, "No such file"),
    ];
    for (file, content, reason) in bad {
        site.place.put(&site.first);
        match content {
            Some(content) => fs::write(site.place.path(file), content).unwrap(),
            None => fs::remove_file(site.place.path(file)).unwrap(),
        }
        let line = site.hang_up();
        assert!(line.contains(" ERROR ") && line.contains(reason), "{line}");
        assert!(line.contains("CADASTRE_TLS_") && !line.contains("PRIVATE"), "{line}");
        let mut peer = site.connect();
        assert_eq!(peer.certificate(), site.first.der, "{line}");
        assert!(peer.get("/livez").is_ok(), "{line}");
    }
    site.place.put(&site.second);
    site.hang_up();
    assert_eq!(site.connect().certificate(), site.second.der);
}

#[test]
fn the_authority_of_clients_changes_too() {
    let [servers, before, after] = ["servers", "before", "after"].map(Authority::new);
    let first = servers.issue("server", &["localhost"]);
    let place = Place::empty().with_tls(&first).with("CADASTRE_TLS_CLIENT_CA", "ca.pem");
    fs::write(place.path("ca.pem"), before.pem()).unwrap();
    let server = place.ready_with_tls();
    let second = servers.issue("second", &["localhost"]);
    let site = Site { authority: servers, first, second, place, server };
    let clients = [before.issue("client", &[]), after.issue("client", &[])];
    let let_in = || {
        clients.each_ref().map(|client| {
            let client = TlsClient::new(&site.authority, &TLS12).with(client);
            client.connect(site.server.address).and_then(|mut peer| peer.get("/livez")).is_ok()
        })
    };
    assert_eq!(let_in(), [true, false]);
    fs::write(site.place.path("ca.pem"), after.pem()).unwrap();
    site.hang_up();
    assert_eq!(let_in(), [false, true]);
    fs::write(site.place.path("ca.pem"), "no certificate").unwrap();
    assert!(site.hang_up().contains("CADASTRE_TLS_CLIENT_CA"));
    assert_eq!(let_in(), [false, true]);
}

#[test]
fn without_tls_a_hangup_is_ignored() {
    let server = Place::empty().ready();
    for _ in 0..3 {
        server.signal(Signal::HUP);
    }
    eventually("it was heard", || server.log().contains("SIGHUP: "));
    assert_eq!(server.get("/livez", "").status, 200);
    server.stop();
}

#[test]
fn a_key_that_everybody_can_read_is_warned_of() {
    let site = Site::new();
    let warns = |mode: u32| {
        let key = site.place.path("key.pem");
        fs::set_permissions(key, fs::Permissions::from_mode(mode)).unwrap();
        let server = site.place.ready_with_tls();
        let log = server.stop().stderr;
        let mut lines = log.lines().filter(|line| line.contains("CADASTRE_TLS_KEY"));
        let line = lines.next().map(str::to_owned);
        assert!(line.iter().all(|line| line.contains(" WARN ") && line.contains("key.pem")));
        assert_eq!(lines.next(), None, "{log}");
        line.is_some()
    };
    assert!(warns(0o644) && warns(0o604));
    assert!(!warns(0o600) && !warns(0o640));
}
