//! What every answer tells browsers, and that none tells what serves it.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::faces::Face;
use crate::raw::Peer;
use crate::support::{Answer, Register, register_with, registers};

/// What every answer says, each once.
const EXPECTED: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

/// Checks one answer.
fn check(answer: &Answer, at: &str) {
    for (name, value) in EXPECTED {
        let said: Vec<_> = answer.headers().get_all(name).iter().collect();
        assert_eq!(said, [value], "{at}: {name}");
    }
    for name in ["server", "x-powered-by", "via", "strict-transport-security"] {
        assert_eq!(answer.header(name), "", "{at}: {name}");
    }
    let version = env!("CARGO_PKG_VERSION");
    let told = format!("{:?} {}", answer.headers(), answer.text).to_lowercase();
    for word in ["actix", "cadastre", "rust", &format!("/{version}"), &format!("\"{version}\"")] {
        assert!(!told.contains(word), "{at}: {word} in {told}");
    }
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
}

/// Answers of every face and of every kind.
fn answers(register: &Register) -> Vec<(String, u16, Answer)> {
    let key = &register.token(Role::Admin, register.enterprise, &[]);
    let (regions, nodes) = (Face::Rainbond.path(), Face::Dialing.path());
    let calls = [
        ("GET", "/livez", 200),
        ("HEAD", "/livez", 200),
        ("GET", "/readyz", 200),
        ("POST", "/readyz", 405),
        ("GET", "/", 404),
        ("GET", "/v1/task/nowhere", 404),
        ("GET", "/v1/task/pull", 401),
        ("GET", regions, 200),
        ("HEAD", regions, 200),
        ("DELETE", regions, 405),
        ("OPTIONS", regions, 405),
        ("POST", regions, 400),
        ("GET", "/openapi/v1/nowhere", 404),
        ("GET", "/openapi/v2/manage/regions/x", 401),
        ("POST", nodes, 400),
        ("GET", nodes, 405),
        ("GET", "/api/v1/nowhere", 404),
    ];
    let call = |(method, path, status): (&str, &str, u16), key: &str| {
        let call = register.request(method, path).key(key).api_key(key);
        let call = if method == "POST" { call.json(&json!({})) } else { call };
        (format!("{method} {path} with {key:?}"), status, call.send())
    };
    let mut answers: Vec<_> = calls.into_iter().map(|c| call(c, key)).collect();
    answers.push(call(("GET", regions, 401), "wrong"));
    answers.push(call(("POST", nodes, 403), "wrong"));
    answers
}

#[test]
fn every_answer_tells_browsers_to_keep_their_hands_off() {
    for register in registers() {
        for (at, status, answer) in answers(&register) {
            assert_eq!(answer.status(), status, "{at} {answer:?}");
            check(&answer, &at);
        }
        let mut peer = Peer::of(&register);
        peer.send("GET / HTTP/1.0\r\n\r\n");
        check(&peer.answer().unwrap(), "HTTP/1.0");
    }
}

#[test]
fn a_created_thing_and_a_body_that_is_too_large_tell_it_too() {
    let register = register_with(|_| {});
    let key = register.token(Role::Admin, register.enterprise, &[]);
    for face in Face::ALL {
        let post = || register.request("POST", face.path()).key(&key).api_key(&key);
        let created = post().json(&face.body("x")).send();
        assert_eq!(created.status(), face.created(), "{created:?}");
        let headers: Vec<_> = EXPECTED.iter().map(|(name, _)| created.header(name)).collect();
        assert_eq!(headers, EXPECTED.map(|(_, value)| value));
        let large = post().body("application/json", "x".repeat(1024 * 1024 + 1)).send();
        assert_eq!(large.status(), 413);
        check(&large, "too large");
    }
}

#[test]
fn the_rainbond_face_says_what_it_always_said_and_says_it_once() {
    let register = register_with(|_| {});
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let answer = register.request("GET", Face::Rainbond.path()).key(&key).send();
    for (name, value) in [("x-frame-options", "DENY"), ("vary", "Accept, origin, Accept-Encoding")]
    {
        let said: Vec<_> = answer.headers().get_all(name).iter().collect();
        assert_eq!(said, [value], "{name}");
    }
}
