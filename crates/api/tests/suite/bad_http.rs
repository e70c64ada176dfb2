//! HTTP that is broken, cut off, or larger than it should be. What gets as far as a face is
//! refused in its shape; the rest may be a bare 400. Nothing hangs and nothing is stored.

use cadastre_domain::role::Role;

use crate::faces::{Site, each_site, sites};
use crate::raw::Peer;
use crate::support::{Answer, registers};

const JSON: &str = "Content-Type: application/json\r\n";

/// The head of a request with a JSON body of this length, and with more headers.
fn head(site: &Site, length: impl std::fmt::Display, more: &str) -> String {
    site.head(&format!("{JSON}Content-Length: {length}\r\n{more}"))
}

/// A whole good request.
fn good(site: &Site, name: &str, more: &str) -> String {
    let body = site.face.body(name).to_string();
    format!("{}{body}", head(site, body.len(), more))
}

#[test]
fn a_request_whose_length_is_in_doubt_is_refused_bare() {
    each_site(|site| {
        let body = site.face.body("bad").to_string();
        let length = body.len();
        let framings = [
            "Content-Length: -1".to_owned(),
            format!("Content-Length: +{length}"),
            format!("Content-Length: 0x{length:x}"),
            format!("Content-Length: {length}.0"),
            format!("Content-Length: {length}, {length}"),
            "Content-Length: ten".to_owned(),
            "Content-Length: 99999999999999999999999999".to_owned(),
            format!("Content-Length: {length}\r\nContent-Length: {}", length + 1),
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
            "Transfer-Encoding: gzip, chunked".to_owned(),
            "Transfer-Encoding: chunked, identity".to_owned(),
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked".to_owned(),
            "Transfer-Encoding : chunked".to_owned(),
        ];
        for framing in framings {
            let head = site.head(&format!("{JSON}{framing}\r\n"));
            let answer = site.exchange(&[head.as_bytes(), body.as_bytes()]);
            let answer = answer.unwrap_or_else(|| panic!("{} {framing}", site.name()));
            assert_eq!(answer.status(), 400, "{} {framing} {answer:?}", site.name());
            site.check_untouched(&framing);
        }
        site.check_serves("good");
    });
}

#[test]
fn an_announced_body_that_is_too_large_is_not_waited_for() {
    each_site(|site| {
        for length in [1024 * 1024 + 1, usize::MAX] {
            for more in ["", "Expect: 100-continue\r\n"] {
                let mut peer = Peer::of(site.register);
                peer.send(head(site, length, more));
                site.check_refused(&peer.answer().unwrap(), &[413], &format!("{length} {more}"));
            }
        }
        site.check_serves("good");
    });
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    each_site(|site| {
        let body = site.face.body("bad").to_string();
        let chunked = site.head(&format!("{JSON}Transfer-Encoding: chunked\r\n"));
        let chunk = format!("{:x}\r\n{body}\r\n", body.len());
        let cut = [
            format!("{}{body}", head(site, body.len() + 1, "")),
            head(site, body.len(), ""),
            format!("{chunked}{chunk}"),
            format!("{chunked}{chunk}0\r\n"),
            format!("{chunked}{:x}\r\n{body}", body.len() + 1),
        ];
        for request in cut {
            let Some(answer) = site.exchange(&[request.as_bytes()]) else {
                panic!("{} {request}", site.name())
            };
            site.check_refused(&answer, &[400], &request);
            // A client that goes away without waiting for an answer.
            Peer::of(site.register).send(&request);
            site.check_untouched(&request);
        }
        site.check_serves("good");
    });
}

/// Chunks of a body that are malformed.
fn bad_chunks(body: &str) -> Vec<String> {
    let size = format!("{:x}", body.len());
    let good = format!("{size}\r\n{body}\r\n");
    vec![
        format!("zz\r\n{body}\r\n"),
        format!("-1\r\n{body}\r\n"),
        format!("ffffffffffffffffff\r\n{body}\r\n"),
        format!("{size}\r\n{body}"),
        format!("{size}{body}\r\n"),
        format!("\r\n{size}\r\n{body}\r\n"),
        format!("{size};a\u{1}\r\n{body}\r\n"),
        format!("{good}zz\r\n"),
        format!("{good}0\r\n\u{1}: x\r"),
        format!("{}ffffffffffffffffff\r\n", "4000\r\n".to_owned() + &" ".repeat(0x4000) + "\r\n"),
    ]
}

#[test]
fn a_malformed_chunk_is_refused_in_the_shape_of_the_face_and_hung_up_on() {
    each_site(|site| {
        let body = site.face.body("bad").to_string();
        let head = site.head(&format!("{JSON}Transfer-Encoding: chunked\r\n"));
        for chunk in bad_chunks(&body) {
            let what = format!("{} {chunk:.80}", site.name());
            let request = format!("{head}{chunk}0\r\n\r\n");
            let answer = site.exchange(&[request.as_bytes()]);
            let answer = answer.unwrap_or_else(|| panic!("no answer: {what}"));
            site.check_refused(&answer, &[400], &what);
            assert_eq!(answer.header("connection"), "close", "{what} {answer:?}");
            assert_eq!(answer.header("x-request-id").len(), 32, "{what} {answer:?}");
            // Also when the client waits for the answer, and when the handler waits for the body.
            let mut peer = Peer::of(site.register);
            peer.send(
                site.head(&format!("{JSON}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n")),
            );
            peer.go_on();
            peer.send(&chunk);
            peer.send("0\r\n\r\n");
            let answer = peer.answer().unwrap_or_else(|| panic!("no answer: {what}"));
            site.check_refused(&answer, &[400], &what);
            assert!(peer.answer().is_none(), "{what}");
        }
        site.check_serves("good");
    });
}

#[test]
fn a_malformed_chunk_of_an_unknown_caller_is_answered_like_a_good_one() {
    each_site(|site| {
        let body = site.face.body("bad").to_string();
        let head = site.head(&format!("{JSON}Transfer-Encoding: chunked\r\n"));
        let head = head.replace(&site.key, "wrong");
        for chunk in bad_chunks(&body) {
            let answer = site.exchange(&[format!("{head}{chunk}0\r\n\r\n").as_bytes()]);
            let answer = answer.unwrap_or_else(|| panic!("{} {chunk:.80}", site.name()));
            site.check_refused(&answer, &[401, 403], &format!("{chunk:.80}"));
        }
    });
}

#[test]
fn a_malformed_chunk_is_refused_in_the_native_shape_and_in_that_of_agents_too() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let token = register.shared_result_token(register.enterprise);
        for chunk in bad_chunks("{}") {
            let mut peer = Peer::of(&register);
            peer.send(format!(
                "POST /cadastre/v1/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
                 {JSON}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
            ));
            let answer = peer.answer().unwrap_or_else(|| panic!("{} {chunk:.80}", register.name));
            assert_eq!(answer.status(), 400, "{answer:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
            assert_eq!(answer.json()["code"], "malformed_body", "{answer:?}");
            assert!(peer.answer().is_none());
            let mut peer = Peer::of(&register);
            peer.send(format!(
                "POST /v1/write/logging?token={token} HTTP/1.1\r\nHost: x\r\n\
                 Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
            ));
            let answer = peer.answer().unwrap_or_else(|| panic!("{} {chunk:.80}", register.name));
            assert_eq!(answer.status(), 400, "{answer:?}");
            assert_eq!(answer.json()["error_code"], "kodo.InvalidParameter", "{answer:?}");
        }
    }
}

#[test]
fn a_head_that_breaks_off_or_is_no_http_is_refused_bare_or_hung_up_on() {
    each_site(|site| {
        let good = good(site, "bad", "");
        let path = site.face.path();
        let requests = [
            good[..20].to_owned(),
            good.replace("HTTP/1.1", "HTTP/9.9"),
            good.replace("HTTP/1.1", "HTTP/2.0"),
            good.replace("HTTP/1.1", "FTP/1.0"),
            good.replacen(' ', "", 1),
            good.replace("Host: register\r\n", ""),
            good.replace("Host: register\r\n", "Host: register\r\nHost: other\r\n"),
            good.replace("Host: register", "Host register"),
            good.replace("Host: register", "Host: re\0gister"),
            good.replace("Host: register", ": register"),
            good.replace(path, "no path"),
            good.replace(path, &format!("{path}\u{e9}")),
            "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".to_owned(),
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "\0".repeat(100),
            String::new(),
        ];
        for request in requests {
            let answer = site.exchange(&[request.as_bytes()]);
            let status = answer.as_ref().map_or(400, Answer::status);
            assert_eq!(status, 400, "{} {request} {answer:?}", site.name());
            site.check_untouched(&request);
        }
        site.check_serves("good");
    });
}

#[test]
fn a_large_head_is_read_and_a_larger_one_refused() {
    each_site(|site| {
        let with = |count: usize, length: usize| {
            let header = |n: usize| format!("X-{n}: {}\r\n", "x".repeat(length));
            good(site, "bad", &(0..count).map(header).collect::<String>())
        };
        for (count, length) in [(1, 200_000), (90, 2_000), (200, 1)] {
            let answer = site.exchange(&[with(count, length).as_bytes()]);
            // A server that has hung up may have done so before the answer could be read.
            let status = answer.as_ref().map_or(431, Answer::status);
            assert_eq!(status, 431, "{} {count} {length} {answer:?}", site.name());
            site.check_untouched("a large head");
        }
        let answer = site.exchange(&[with(1, 100_000).as_bytes()]).unwrap();
        assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
    });
}

#[test]
fn a_key_of_any_length_is_only_unknown() {
    each_site(|site| {
        let long = "x".repeat(100_000);
        let request = good(site, "bad", "").replace(&site.key, &long);
        let answer = site.exchange(&[request.as_bytes()]).unwrap();
        site.check_refused(&answer, &[401, 403], "a key of 100,000 characters");
        let bytes = [b"\xff\xfe".as_slice(), "é".as_bytes(), b"\t", b"%00"];
        for key in bytes {
            let request = good(site, "bad", "");
            let (before, after) = request.split_once(&site.key).unwrap();
            let answer = site.exchange(&[before.as_bytes(), key, after.as_bytes()]).unwrap();
            site.check_refused(&answer, &[401, 403], &format!("{key:?}"));
        }
        site.check_serves("good");
    });
}

#[test]
fn a_connection_serves_on_after_a_refusal() {
    each_site(|site| {
        let mut peer = Peer::of(site.register);
        let stranger = good(site, "bad", "").replace(&site.key, "wrong");
        let refusals = [
            (format!("{}{{\"a\":", head(site, 5, "")), 400),
            (stranger, if site.face.created() == 201 { 401 } else { 403 }),
            (good(site, "bad", "").replace("application/json", "text/plain"), 415),
            (good(site, "bad", "Content-Encoding: gzip\r\n"), 415),
            (good(site, "bad", "").replace("POST", "PATCH"), 405),
            (good(site, "bad", "").replace(site.face.path(), "/nowhere"), 404),
        ];
        for (request, status) in refusals {
            peer.send(&request);
            let Some(answer) = peer.answer() else { panic!("{} {request}", site.name()) };
            assert_eq!(answer.status(), status, "{} {request} {answer:?}", site.name());
            if answer.header("connection") == "close" {
                peer = Peer::of(site.register);
            }
        }
        peer.send(good(site, "good", ""));
        assert_eq!(peer.answer().unwrap().status(), site.face.created(), "{}", site.name());
    });
}

#[test]
fn requests_that_come_at_once_are_answered_in_turn() {
    each_site(|site| {
        let bad = format!("{}[]", head(site, 2, ""));
        let alive = "GET /livez HTTP/1.1\r\nHost: register\r\n\r\n";
        let mut peer = Peer::of(site.register);
        peer.send([&good(site, "a", ""), &bad, alive, &good(site, "b", ""), alive].concat());
        let statuses = [(); 5].map(|()| peer.answer().unwrap().status());
        let created = site.face.created();
        assert_eq!(statuses, [created, 400, 200, created, 200], "{}", site.name());
        assert_eq!(site.stored(), ["a", "b"], "{}", site.name());
    });
}

#[test]
fn what_follows_a_body_is_another_request_and_never_part_of_it() {
    each_site(|site| {
        let hidden = good(site, "bad", "").replace(&site.key, "wrong");
        let mut peer = Peer::of(site.register);
        peer.send(format!("{}{}", good(site, "good", ""), hidden));
        assert_eq!(peer.answer().unwrap().status(), site.face.created(), "{}", site.name());
        assert!(matches!(peer.answer().unwrap().status(), 401 | 403), "{}", site.name());
        assert_eq!(site.stored(), ["good"], "{}", site.name());
    });
}

#[test]
fn http_1_0_is_served_and_hung_up_on() {
    each_site(|site| {
        let mut peer = Peer::of(site.register);
        peer.send(good(site, "good", "").replace("HTTP/1.1", "HTTP/1.0"));
        assert_eq!(peer.answer().unwrap().status(), site.face.created(), "{}", site.name());
        assert!(peer.answer().is_none(), "{}", site.name());
        let endless = site.head(JSON).replace("HTTP/1.1", "HTTP/1.0");
        let answer = site.exchange(&[endless.as_bytes(), b"{}"]).unwrap();
        assert_eq!(answer.status(), 400, "{} {answer:?}", site.name());
        assert_eq!(site.stored(), ["good"], "{}", site.name());
    });
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let registers = registers().collect::<Vec<_>>();
    let sites = registers.iter().flat_map(sites).collect::<Vec<_>>();
    let mut waiting = Vec::new();
    for site in &sites {
        let mut peer = Peer::of(site.register);
        peer.send(&good(site, "bad", "")[..40]);
        waiting.push(peer);
    }
    for (mut peer, site) in waiting.into_iter().zip(&sites) {
        let status = peer.answer().map(|answer| answer.status());
        assert!(matches!(status, None | Some(408)), "{} {status:?}", site.name());
        site.check_serves("good");
    }
}
