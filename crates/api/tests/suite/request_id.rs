//! Every answer has an identifier of its own, by which its request is found in the log.

use std::collections::HashSet;

use cadastre_domain::role::Role;
use serde_json::json;

use crate::faces::{Face, each_site};
use crate::support::{Answer, Call, Register, registers};

/// The identifier, after a check of its form and of what goes with it.
fn id(answer: &Answer) -> String {
    let id = answer.header("x-request-id");
    let hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    assert!(id.len() == 32 && id.bytes().all(hex), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
    id.to_owned()
}

const JSON: &str = "application/json";

/// A request with this key on both faces.
fn call(register: &Register, method: &str, path: &str, key: &str) -> Call {
    register.request(method, path).key(key).api_key(key)
}

/// Requests to create something, each with the status of its answer.
fn creations(register: &Register, face: Face, key: &str) -> Vec<(u16, Call)> {
    let post = |key| call(register, "POST", face.path(), key);
    let large = "x".repeat(1024 * 1024 + 1);
    let (stranger, taken) = if face == Face::Rainbond { (401, 400) } else { (403, 409) };
    let team = register.token(Role::Team, register.enterprise, &[]);
    vec![
        (stranger, post("wrong")),
        (403, post(&team)),
        (face.created(), post(key).json(&face.body("x"))),
        (taken, post(key).json(&face.body("x"))),
        (400, post(key).json(&json!({}))),
        (400, post(key).body(JSON, "{")),
        (413, post(key).body(JSON, large)),
        (415, post(key).body("text/plain", "x")),
        (405, call(register, "DELETE", face.path(), key)),
    ]
}

/// Answers of every status.
fn answers(register: &Register) -> Vec<(u16, Answer)> {
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let ask = |method, path| call(register, method, path, &key);
    let regions = Face::Rainbond.path();
    let mut requests = vec![
        (200, ask("GET", "/livez")),
        (200, ask("HEAD", "/readyz")),
        (405, ask("POST", "/livez")),
        (404, ask("GET", "/")),
        (404, ask("GET", "/v1/task/nowhere")),
        (401, ask("GET", "/v1/task/pull?since=0")),
        (404, ask("GET", "/openapi/nowhere")),
        (404, ask("GET", "/openapi/v1/nowhere")),
        (404, ask("GET", "/api/v1/nowhere")),
        (200, ask("GET", regions)),
        (200, ask("HEAD", regions)),
        (406, ask("GET", regions).header("accept", "image/png")),
        (405, ask("HEAD", Face::Dialing.path())),
    ];
    requests.extend(Face::ALL.into_iter().flat_map(|face| creations(register, face, &key)));
    requests.into_iter().map(|(status, call)| (status, call.send())).collect()
}

#[test]
fn every_answer_has_an_identifier_that_no_other_has() {
    for register in registers() {
        let mut seen = HashSet::new();
        for (status, answer) in answers(&register) {
            assert_eq!(answer.status(), status, "{} {answer:?}", register.name);
            assert!(seen.insert(id(&answer)), "{} {answer:?}", register.name);
        }
    }
}

#[test]
fn an_identifier_of_the_client_is_not_taken_over() {
    each_site(|site| {
        let mine = "0123456789abcdef0123456789abcdef";
        let answer = site.post().header("x-request-id", mine).json(&json!({})).send();
        assert_ne!(id(&answer), mine, "{}", site.name());
    });
}

#[test]
fn the_trace_id_of_the_dialing_face_is_the_identifier() {
    for register in registers() {
        let mut compared = 0;
        for (_, answer) in answers(&register) {
            if answer.text.contains("traceId") {
                let trace = answer.json()["traceId"].as_str().unwrap().to_owned();
                let uuid = trace.strip_prefix("TRACE-").unwrap();
                assert_eq!(uuid, uuid.to_ascii_uppercase(), "{}", register.name);
                assert_eq!(uuid.replace('-', "").to_ascii_lowercase(), id(&answer), "{trace}");
                compared += 1;
            }
        }
        assert_eq!(compared, 10, "{}", register.name);
    }
}
