//! `Expect: 100-continue`: a caller who is refused is told so before he sends his body.

use cadastre_domain::role::Role;

use crate::faces::{Face, Site, each_site};
use crate::raw::Peer;

/// The head of a request with a body of this length, whose client waits to be told to go on.
fn head(site: &Site, length: usize) -> String {
    site.head(&format!(
        "Content-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n"
    ))
}

#[test]
fn a_caller_who_is_not_known_is_told_so_at_once() {
    each_site(|site| {
        let framings = ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"];
        for (framing, key) in
            framings.iter().flat_map(|framing| [(framing, "wrong"), (framing, "")])
        {
            let mut peer = Peer::of(site.register);
            let head = site.head(&format!("{framing}Expect: 100-continue\r\n"));
            peer.send(head.replace(&site.key, key));
            let answer = peer.answer_at_once().unwrap();
            site.check_refused(&answer, &[401, 403], framing);
            assert_eq!(answer.header("connection"), "close", "{answer:?}");
        }
        // The same as when nothing is expected.
        let request = head(site, 2).replace(&site.key, "wrong");
        let mut peer = Peer::of(site.register);
        peer.send(&request);
        let early = peer.answer_at_once().unwrap();
        let usual = format!("{}{{}}", request.replace("Expect: 100-continue\r\n", ""));
        let usual = site.exchange(&[usual.as_bytes()]).unwrap();
        assert_eq!(early.status(), usual.status());
        if site.face == Face::Rainbond {
            assert_eq!(early.text, usual.text);
        }
    });
}

#[test]
fn a_caller_without_the_right_and_one_whose_body_is_too_large_are_told_so_at_once() {
    each_site(|site| {
        let viewer = site.register.token(Role::Viewer, site.register.enterprise, &[]);
        let mut peer = Peer::of(site.register);
        peer.send(head(site, 100).replace(&site.key, &viewer));
        site.check_refused(&peer.answer_at_once().unwrap(), &[401, 403], "a viewer");
        let mut peer = Peer::of(site.register);
        peer.send(head(site, 1024 * 1024 + 1));
        site.check_refused(&peer.answer_at_once().unwrap(), &[413], "too large");
    });
}

#[test]
fn a_caller_who_is_let_in_is_told_to_go_on_and_his_connection_serves_on() {
    each_site(|site| {
        let mut peer = Peer::of(site.register);
        for name in ["one", "two"] {
            let body = site.face.body(name).to_string();
            peer.send(head(site, body.len()));
            peer.go_on();
            peer.send(&body);
            let answer = peer.answer_at_once().unwrap();
            assert_eq!(answer.status(), site.face.created(), "{answer:?}");
        }
        // Some do not wait.
        let body = site.face.body("three").to_string();
        peer.send(format!("{}{body}", head(site, body.len())));
        let answer = peer.answer().unwrap();
        assert_eq!(answer.status(), site.face.created(), "{answer:?}");
        peer.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(peer.answer().unwrap().status(), 200);
        assert_eq!(site.stored(), ["one", "two", "three"]);
    });
}

#[test]
fn a_client_that_goes_away_instead_of_going_on_changes_nothing() {
    each_site(|site| {
        for _ in 0..20 {
            let mut peer = Peer::of(site.register);
            peer.send(head(site, 100));
            peer.go_on();
        }
        site.check_untouched("no client went on");
        site.check_serves("good");
    });
}

#[test]
fn where_there_is_no_body_there_is_only_an_answer() {
    each_site(|site| {
        let mut peer = Peer::of(site.register);
        for _ in 0..2 {
            peer.send("GET /livez HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n");
            assert_eq!(peer.answer_at_once().unwrap().status(), 200);
            peer = Peer::of(site.register);
        }
    });
}
