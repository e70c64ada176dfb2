//! Paths and methods that are not served. Below `/openapi` and `/api/v1` the answer is JSON in the
//! face's shape; elsewhere it is plain text, which dial nodes rely on below `/v1`.

use cadastre_domain::role::Role;

use crate::faces::Face;
use crate::raw::Peer;
use crate::support::{Answer, Register, registers};

/// A register, and a key that may do everything in its enterprise.
struct Scene {
    register: Register,
    key: String,
}

fn scenes() -> impl Iterator<Item = Scene> {
    registers().map(|register| {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        Scene { register, key }
    })
}

impl Scene {
    /// The answer to a request for this target, written as it is.
    fn ask(&self, method: &str, target: &str) -> Answer {
        let key = &self.key;
        let mut peer = Peer::of(&self.register);
        peer.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: register\r\nConnection: close\r\n\
             Authorization: {key}\r\nDF-API-KEY: {key}\r\n\r\n"
        ));
        let answer = if method == "HEAD" { peer.head() } else { peer.answer() };
        answer.unwrap_or_else(|| panic!("{} {method} {target}", self.register.name))
    }
}

fn check_plain(answer: &Answer, status: u16, told: &str) {
    assert_eq!(answer.status(), status, "{told} {answer:?}");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{told} {answer:?}");
    assert!(!answer.text.starts_with('{'), "{told} {answer:?}");
}

/// Paths that are served, or begin others that are.
const STARTS: [(Face, &str); 11] = [
    (Face::Rainbond, "/openapi"),
    (Face::Rainbond, "/openapi/v1"),
    (Face::Rainbond, "/openapi/v1/regions/r1/status"),
    (Face::Rainbond, "/openapi/v1/grctl/ip"),
    (Face::Rainbond, "/openapi/v1/teams/%00"),
    (Face::Rainbond, "/openapi/v2"),
    (Face::Rainbond, "/openapi/v2/manage"),
    (Face::Rainbond, "/openapi/v2/manage/regions"),
    (Face::Dialing, "/api/v1"),
    (Face::Dialing, "/api/v1/dialing_region"),
    (Face::Dialing, "/api/v1/dialing_region/regist"),
];

/// What makes each of them lead nowhere.
const ENDS: [&str; 15] = [
    "/",
    "/-.-",
    "//",
    "/%00",
    "/%2f",
    "/%zz",
    "/%",
    "/%ff",
    "/..",
    "/%2e%2e/%2e%2e",
    "/~",
    "/;a=b",
    "/a/b/c/d/e/f/g",
    "/*",
    "/'%22%3Cscript%3E",
];

#[test]
fn a_path_that_leads_nowhere_is_answered_by_its_face() {
    for scene in scenes() {
        for (face, start) in STARTS {
            for end in ENDS {
                for method in ["GET", "POST", "DELETE"] {
                    let told = format!("{} {method} {start}{end}", scene.register.name);
                    let answer = scene.ask(method, &format!("{start}{end}"));
                    assert_eq!(answer.status(), 404, "{told} {answer:?}");
                    face.check_refusal(&answer, &told);
                }
            }
        }
    }
}

/// Paths of no face. Those below `/v1` are what dial nodes ask.
const ELSEWHERE: [&str; 22] = [
    "/",
    "/nowhere",
    "/v1",
    "/v1/",
    "/v1/task?region_id=reg_1&since=0",
    "/v1/task/pull/",
    "/v1/check/token",
    "/v1/variable/update",
    "/v1/stream",
    "/openapi2",
    "/openapi.json",
    "/api",
    "/api/v2",
    "/api/v1x",
    "//openapi/v1/regions",
    "/openapi%2fv1%2fregions",
    "/../openapi/v1/regions",
    "/livez/",
    "/readyz/x",
    "*",
    "http://register",
    "http://register/nowhere",
];

#[test]
fn what_can_be_no_name_of_a_region_is_no_path() {
    for scene in scenes() {
        // `/-.-` and `/..` may be names, and there is no such region.
        for end in ENDS.into_iter().filter(|end| !matches!(*end, "/-.-" | "/..")) {
            for method in ["GET", "POST", "DELETE"] {
                let told = format!("{} {method} {end}", scene.register.name);
                let answer = scene.ask(method, &format!("/openapi/v1/regions{end}"));
                assert_eq!(answer.status(), 404, "{told} {answer:?}");
                assert_eq!(answer.json()["error_type"], "NotFound", "{told}");
            }
        }
    }
}

#[test]
fn a_path_of_no_face_is_plain_text() {
    for scene in scenes() {
        for path in ELSEWHERE {
            for method in ["GET", "POST", "OPTIONS"] {
                let told = format!("{} {method} {path}", scene.register.name);
                let answer = scene.ask(method, path);
                check_plain(&answer, 404, &told);
                assert_eq!(answer.text, "not found\n", "{told}");
            }
            check_plain(&scene.ask("HEAD", path), 404, path);
        }
    }
}

#[test]
fn a_method_that_is_not_served_is_refused_with_those_that_are() {
    let odd = ["TRACE", "CONNECT", "OPTIONS", "PROPFIND", "PATCH", "DELETE", "PUT", "get", "X"];
    let long = "X".repeat(1000);
    for scene in scenes() {
        for method in odd.into_iter().chain([long.as_str()]) {
            for (face, allow) in [(Face::Rainbond, "GET, POST, HEAD"), (Face::Dialing, "POST")] {
                let told = format!("{} {method} {face:?}", scene.register.name);
                let answer = scene.ask(method, face.path());
                assert_eq!(answer.status(), 405, "{told} {answer:?}");
                assert_eq!(answer.header("allow"), allow, "{told}");
                face.check_refusal(&answer, &told);
            }
        }
        let head = scene.ask("HEAD", Face::Dialing.path());
        assert_eq!((head.status(), head.header("allow")), (405, "POST"), "{}", scene.register.name);
    }
}

#[test]
fn a_method_that_is_none_is_refused_bare() {
    for scene in scenes() {
        for method in ["G(T", "GET\0", "GÉT", "\"GET\""] {
            let answer = scene.ask(method, Face::Rainbond.path());
            assert_eq!(answer.status(), 400, "{} {method} {answer:?}", scene.register.name);
        }
    }
}

#[test]
fn a_long_path_is_answered_and_one_that_is_too_long_refused() {
    for scene in scenes() {
        let long = "a".repeat(60_000);
        let answer = scene.ask("GET", &format!("/openapi/{long}"));
        assert_eq!(answer.status(), 404, "{}", scene.register.name);
        Face::Rainbond.check_refusal(&answer, scene.register.name);
        let answer = scene.ask("GET", &format!("/api/v1/{long}"));
        assert_eq!(answer.status(), 404, "{}", scene.register.name);
        Face::Dialing.check_refusal(&answer, scene.register.name);
        check_plain(&scene.ask("GET", &format!("/v1/{long}")), 404, scene.register.name);
        let query = scene.ask("GET", &format!("/openapi/v1/regions?{long}"));
        assert_eq!((query.status(), query.text.as_str()), (200, "[]"), "{}", scene.register.name);
        let longer = scene.ask("GET", &format!("/openapi/{}", "a".repeat(100_000)));
        assert_eq!(longer.status(), 400, "{} {}", scene.register.name, longer.text);
    }
}

#[test]
fn a_path_means_the_same_however_it_is_written() {
    for scene in scenes() {
        let same = [
            "/openapi/v1/%72egions",
            "/%6fpenapi/v1/regions",
            "/openapi/v1/regions?",
            "/openapi/v1/regions?x=%zz&%00=%ff&&&=",
            "/openapi/v1/regions#part",
            "http://elsewhere.example.com/openapi/v1/regions",
        ];
        for path in same {
            let answer = scene.ask("GET", path);
            assert_eq!((answer.status(), answer.text.as_str()), (200, "[]"), "{path}");
        }
    }
}
