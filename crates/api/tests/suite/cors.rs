//! Calls from pages in a browser: off unless origins are set.

use cadastre_domain::role::Role;

use crate::faces::Face;
use crate::support::{Answer, Register, register_with};

const CONSOLE: &str = "https://console.example.com";
const OTHER: &str = "http://localhost:3000";
const STRANGER: &str = "https://evil.example.com";

/// A register that pages of two origins may call.
fn open() -> Register {
    register_with(|o| o.door.cors_origins = Some(format!("{CONSOLE}, {OTHER}")))
}

/// Asks whether a page may make a call.
fn preflight(register: &Register, path: &str, origin: &str, headers: &str) -> Answer {
    let call = register.request("OPTIONS", path).header("origin", origin);
    let call = call.header("access-control-request-method", "POST");
    let call = if headers.is_empty() {
        call
    } else {
        call.header("access-control-request-headers", headers)
    };
    call.send()
}

/// The parts of a list in a header, in lower case and sorted.
fn list(answer: &Answer, name: &str) -> Vec<String> {
    let mut parts: Vec<_> =
        answer.header(name).split(',').map(|part| part.trim().to_lowercase()).collect();
    parts.sort();
    parts
}

fn tells_nothing(answer: &Answer) -> bool {
    answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-"))
}

#[test]
fn without_origins_nothing_is_told_and_options_is_a_method_like_others() {
    let register = register_with(|_| {});
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let (regions, nodes) = (Face::Rainbond.path(), Face::Dialing.path());
    for (path, status) in [(regions, 401), (nodes, 405), ("/livez", 405), ("/", 404)] {
        let answer = preflight(&register, path, CONSOLE, "authorization");
        assert_eq!(answer.status(), status, "{path} {answer:?}");
        assert!(tells_nothing(&answer), "{path} {answer:?}");
    }
    let answer = register.request("GET", regions).key(&key).header("origin", CONSOLE).send();
    assert!(answer.status() == 200 && tells_nothing(&answer), "{answer:?}");
}

#[test]
fn pages_of_the_origins_that_are_set_may_call() {
    let register = open();
    let wanted = "authorization, df-api-key, if-match, idempotency-key, content-type";
    for origin in [CONSOLE, OTHER] {
        for path in [Face::Rainbond.path(), Face::Dialing.path(), "/cadastre/v1/any"] {
            let answer = preflight(&register, path, origin, wanted);
            assert_eq!((answer.status(), answer.text.as_str()), (200, ""), "{path} {answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            let methods = ["delete", "get", "head", "patch", "post", "put"];
            assert_eq!(list(&answer, "access-control-allow-methods"), methods);
            let headers =
                ["authorization", "content-type", "df-api-key", "idempotency-key", "if-match"];
            assert_eq!(list(&answer, "access-control-allow-headers"), headers);
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert_eq!(answer.header("x-request-id").len(), 32);
        }
    }
}

#[test]
fn their_calls_are_answered_and_may_be_read_with_what_matters() {
    let register = open();
    let key = register.token(Role::Admin, register.enterprise, &[]);
    for (key, status) in [(key.as_str(), 200), ("wrong", 401)] {
        let call = register.request("GET", Face::Rainbond.path()).key(key);
        let answer = call.header("origin", CONSOLE).send();
        assert_eq!(answer.status(), status, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), CONSOLE);
        let exposed = ["etag", "retry-after", "x-request-id"];
        assert_eq!(list(&answer, "access-control-expose-headers"), exposed);
        assert!(list(&answer, "vary").contains(&"origin".to_owned()), "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}

#[test]
fn pages_of_other_origins_may_not() {
    let register = open();
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let near = [
        STRANGER,
        "null",
        "https://console.example.com.evil.example",
        "http://console.example.com",
        "https://console.example.com:8443",
        "https://CONSOLE.example.com",
        "https://sub.console.example.com",
    ];
    for origin in near {
        let answer = preflight(&register, Face::Rainbond.path(), origin, "authorization");
        assert_eq!(answer.status(), 400, "{origin} {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        let call = register.request("GET", Face::Rainbond.path()).key(&key);
        let answer = call.header("origin", origin).send();
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[test]
fn other_headers_and_methods_are_not_allowed() {
    let register = open();
    let answer = preflight(&register, Face::Rainbond.path(), CONSOLE, "authorization, x-other");
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (400, ""));
    let call = register.request("OPTIONS", Face::Rainbond.path()).header("origin", CONSOLE);
    let answer = call.header("access-control-request-method", "TRACE").send();
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (400, ""));
}

#[test]
fn clients_that_are_no_browsers_notice_nothing() {
    let register = open();
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let answer = register.request("GET", Face::Rainbond.path()).key(&key).send();
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, ""));
    let options = register.request("OPTIONS", Face::Rainbond.path()).key(&key).send();
    assert_eq!(options.status(), 405, "{options:?}");
}
