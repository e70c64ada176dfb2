//! What every answer of the rainbond face has in common (contract 1.1 to 1.3).

use std::collections::HashSet;

use actix_web::dev::Decompress;
use actix_web::error::PayloadError;
use actix_web::http::header::ContentEncoding;
use actix_web::web::Bytes;
use cadastre_domain::role::Role;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::rainbond_fixture::{REGIONS, bare_fixtures, fixtures, full};
use crate::support::Answer;

/// The paths, each with the methods that it serves.
const PATHS: [(&str, &str); 9] = [
    ("/openapi/v1/regions", "GET, POST, HEAD"),
    ("/openapi/v1/regions/r1", "GET, HEAD"),
    ("/openapi/v1/regions/{r1}/status", "PUT"),
    ("/openapi/v1/grctl/ip", "POST"),
    ("/openapi/v1/teams", "GET, POST, HEAD"),
    ("/openapi/v1/teams/{T}", "GET, PUT, DELETE, HEAD"),
    ("/openapi/v1/teams/{T}/regions", "GET, POST, HEAD"),
    ("/openapi/v2/manage/regions", "GET, POST, HEAD"),
    ("/openapi/v2/manage/regions/{r1}", "GET, PUT, DELETE, HEAD"),
];

/// A refusal of shape B, as its text.
pub fn framework(code: u16, name: &str, detail: &str) -> String {
    let body = json!({
        "detail": detail, "code": code, "msg": detail, "msg_show": detail, "error_type": name,
    });
    body.to_string()
}

/// Checks what every answer has in common.
pub fn check_headers(answer: &Answer, at: &str) {
    assert_eq!(answer.header("content-type"), "application/json", "{at}");
    assert_eq!(answer.header("vary"), "Accept, origin, Accept-Encoding", "{at}");
    assert_eq!(answer.header("x-frame-options"), "DENY", "{at}");
    let challenge = if answer.status() == 401 { "Token" } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge, "{at}");
    let id = answer.header("x-request-id");
    let is_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    assert!(id.len() == 32 && id.bytes().all(is_hex), "{at}: {id}");
}

#[test]
fn every_answer_says_what_it_is_whatever_its_status() {
    let region = |name: &str| json!({"region": name});
    let open = "POST /openapi/v1/teams/{T}/regions";
    let close = "DELETE /openapi/v1/teams/{T}/regions/r1";
    let put = "PUT /openapi/v2/manage/regions/{r1}";
    let calls = [
        ("{KA}", "GET /openapi/v1/regions", json!({}), 200, "GET, POST, HEAD"),
        ("{KA}", "POST /openapi/v1/regions", full(), 201, "GET, POST, HEAD"),
        ("{KA}", "POST /openapi/v1/regions", json!({}), 400, "GET, POST, HEAD"),
        ("", "POST /openapi/v1/regions", full(), 401, "GET, POST, HEAD"),
        ("{KP}", "GET /openapi/v1/regions", json!({}), 403, "GET, POST, HEAD"),
        ("{KA}", "DELETE /openapi/v1/regions", json!({}), 405, "GET, POST, HEAD"),
        ("{KA}", "POST /openapi/v1/teams", json!({"tenant_name": "a"}), 201, "GET, POST, HEAD"),
        ("{KA}", "GET /openapi/v1/teams/{T}", json!({}), 200, "GET, PUT, DELETE, HEAD"),
        ("{KO}", "GET /openapi/v1/teams/{T}", json!({}), 404, "GET, PUT, DELETE, HEAD"),
        ("{KA}", open, region("r1"), 201, "GET, POST, HEAD"),
        ("{KA}", open, region("r2"), 409, "GET, POST, HEAD"),
        ("{KP}", open, region("r1"), 403, "GET, POST, HEAD"),
        ("{KA}", close, json!({}), 200, "DELETE"),
        ("{KA}", close, json!({}), 400, "DELETE"),
        ("{KP}", "GET /openapi/v1/regions/r1", json!({}), 404, "GET, HEAD"),
        ("{KA}", "POST /openapi/v1/grctl/ip", json!({"region_name": "r1"}), 200, "POST"),
        ("{MK}", put, json!({}), 400, "GET, PUT, DELETE, HEAD"),
        ("{KA}", put, json!({}), 401, "GET, PUT, DELETE, HEAD"),
        (
            "{MK}",
            "DELETE /openapi/v2/manage/regions/{r1}",
            json!({}),
            400,
            "GET, PUT, DELETE, HEAD",
        ),
        ("{KA}", "GET /openapi/v1/nothing", json!({}), 404, ""),
    ];
    for fixture in fixtures() {
        for (key, request, body, status, allow) in &calls {
            let answer = fixture.send(key, request, body);
            let at = format!("{request} with {key:?} on {}", fixture.register.name);
            assert_eq!(answer.status(), *status, "{at}: {answer:?}");
            assert_eq!(answer.header("allow"), *allow, "{at}");
            check_headers(&answer, &at);
        }
    }
}

#[test]
fn every_request_gets_an_id_of_its_own() {
    for fixture in bare_fixtures() {
        let id =
            |_| fixture.get("{KA}", "GET /openapi/v1/regions").header("x-request-id").to_owned();
        assert_eq!((0..5).map(id).collect::<HashSet<_>>().len(), 5);
    }
}

#[test]
fn strangers_are_told_so_in_full() {
    let missing = framework(401, "AuthenticationFailed", "No token");
    let unknown = framework(401, "AuthenticationFailed", "No such user or user is not admin");
    let invalid = framework(401, "AuthenticationFailed", "token is invalid");
    for fixture in fixtures() {
        for (path, _) in PATHS {
            let platform = path.starts_with("/openapi/v2");
            let unknown = if platform { &invalid } else { &unknown };
            for key in ["x", "{KX}", "Token {KA}", "Bearer {MK}", "{KA}x"] {
                let answer = fixture.get(key, &format!("PATCH {path}"));
                assert_eq!((answer.status(), &answer.text), (401, unknown), "{path} {key}");
            }
            let request = format!("PATCH {path}");
            for call in [fixture.call("", &request), fixture.call("", &request).key("")] {
                let answer = call.send();
                assert_eq!((answer.status(), &answer.text), (401, &missing), "{path}");
            }
        }
    }
}

#[test]
fn a_wrong_method_is_told_only_to_those_who_may_use_the_path() {
    let refused = framework(405, "MethodNotAllowed", "方法 “PATCH” 不被允许。");
    let expected = [
        ("{MK}", [405, 405, 405, 405, 405, 405, 405, 405, 405]),
        ("{KA}", [405, 405, 405, 405, 405, 405, 405, 401, 401]),
        ("{viewer}", [405, 405, 403, 403, 405, 405, 405, 401, 401]),
        ("{KP}", [403, 405, 403, 403, 405, 405, 405, 401, 401]),
        ("", [401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ];
    for mut fixture in fixtures() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        for (key, statuses) in expected {
            for ((path, allow), status) in PATHS.into_iter().zip(statuses) {
                let answer = fixture.get(key, &format!("PATCH {path}"));
                assert_eq!(answer.status(), status, "{path} {key}: {answer:?}");
                assert_eq!(answer.header("allow"), allow, "{path} {key}");
                assert_eq!(answer.text == refused, status == 405, "{path} {key}: {answer:?}");
            }
        }
    }
}

#[test]
fn roles_that_may_not_are_told_so_in_full() {
    let forbidden = framework(403, "PermissionDenied", "您没有执行该操作的权限。");
    for mut fixture in fixtures() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        for (key, request) in [
            ("{KP}", "GET /openapi/v1/regions"),
            ("{viewer}", "POST /openapi/v1/regions"),
            ("{viewer}", "POST /openapi/v1/teams"),
        ] {
            let answer = fixture.get(key, request);
            assert_eq!((answer.status(), &answer.text), (403, &forbidden), "{request}");
        }
    }
}

#[test]
fn a_path_that_leads_nowhere_is_told_in_json_before_anybody_is_asked_who_he_is() {
    let nowhere = framework(404, "NotFound", "未找到。");
    let paths = [
        "/openapi/v1/regions/",
        "/openapi/v1/teams/",
        "/openapi/v1/teams/{T}/",
        "/openapi/v1/teams/{T}/regions/",
        "/openapi/v2/manage/regions/{r1}/",
        "/openapi",
        "/openapi/",
        "/openapi/v1",
        "/openapi/v3/regions",
        "/openapi/v2/regions/{r1}",
        "/openapi/v1/Regions",
        "/openapi/v1/regions//",
        "/openapi/v1/teams/{T}/nothing",
        "/openapi/v1/teams/a.b",
        "/openapi/v1/teams/a+b/regions",
        "/openapi/v1/teams/a%20b",
        "/openapi/v1/teams/%E5%9B%A2/regions",
        "/openapi/v2/manage/regions/r.1",
        "/openapi/v2/manage/regions/%2e%2e",
    ];
    for fixture in fixtures() {
        for path in paths {
            for (key, method) in [("", "GET"), ("{KA}", "GET"), ("{MK}", "PUT"), ("wrong", "POST")]
            {
                let answer = fixture.get(key, &format!("{method} {path}"));
                let at = format!("{method} {path} on {}", fixture.register.name);
                assert_eq!((answer.status(), &answer.text), (404, &nowhere), "{at}");
                check_headers(&answer, &at);
            }
        }
    }
}

#[test]
fn a_client_that_does_not_take_json_is_refused_except_below_a_team() {
    let refused = framework(406, "NotAcceptable", "无法满足 Accept HTTP 头的请求。");
    let fine = ["", "*/*", "application/*", "application/json", "text/xml, application/JSON;q=0.1"];
    for fixture in fixtures() {
        for (path, allow) in PATHS {
            let send = |accept: &str| {
                fixture.call("{MK}", &format!("PATCH {path}")).header("accept", accept).send()
            };
            for accept in fine {
                assert_eq!(send(accept).status(), 405, "{path} {accept}");
            }
            for accept in ["image/png", "text/*", "application/xml, text/plain", "json"] {
                let answer = send(accept);
                let status = if path.starts_with("/openapi/v1/teams/") { 405 } else { 406 };
                assert_eq!(answer.status(), status, "{path} {accept}: {answer:?}");
                assert_eq!(answer.text == refused, status == 406, "{path} {accept}: {answer:?}");
                assert_eq!(answer.header("allow"), allow, "{path} {accept}");
            }
        }
    }
}

#[test]
fn a_head_is_answered_as_the_get_but_without_its_body() {
    for fixture in fixtures() {
        for (key, path) in [
            ("{KA}", "/openapi/v1/regions"),
            ("{KA}", "/openapi/v1/regions/r1"),
            ("{KA}", "/openapi/v1/teams/{T}"),
            ("{MK}", "/openapi/v2/manage/regions"),
            ("{MK}", "/openapi/v2/manage/regions/{r1}"),
        ] {
            let get = fixture.get(key, &format!("GET {path}"));
            let head = fixture.get(key, &format!("HEAD {path}"));
            assert_eq!((head.status(), head.text.as_str()), (200, ""), "{path}");
            for name in ["content-type", "content-length", "allow", "vary"] {
                assert_eq!(head.header(name), get.header(name), "{path} {name}");
            }
        }
        let closing = "HEAD /openapi/v1/teams/{T}/regions/r1";
        assert_eq!(fixture.get("{KA}", closing).status(), 405, "{}", fixture.register.name);
    }
}

#[test]
fn whoever_takes_gzip_gets_the_same_answer_in_gzip() {
    for fixture in fixtures() {
        let plain = fixture.get("{KA}", &format!("GET {REGIONS}"));
        assert_eq!(plain.header("content-encoding"), "");
        let url = format!("http://{}{REGIONS}", fixture.register.address());
        let request = ureq::get(url).header("authorization", fixture.fill("{KA}"));
        let mut zipped = request.header("accept-encoding", "gzip, br").call().unwrap();
        assert_eq!(zipped.headers()["content-encoding"], "gzip");
        let vary = zipped.headers().get_all("vary").iter().map(|v| v.to_str().unwrap());
        let vary = vary.collect::<Vec<_>>().join(", ").to_ascii_lowercase();
        for name in ["accept", "origin", "accept-encoding"] {
            assert!(vary.split(", ").any(|found| found == name), "{name} in {vary}");
        }
        assert_eq!(unzipped(zipped.body_mut().read_to_vec().unwrap()), plain.text);
    }
}

fn unzipped(body: Vec<u8>) -> String {
    let chunks = stream::iter([Ok::<_, PayloadError>(Bytes::from(body))]);
    let chunks = Decompress::new(chunks, ContentEncoding::Gzip).collect::<Vec<_>>();
    let chunks = actix_web::rt::System::new().block_on(chunks);
    let bytes = chunks.into_iter().flat_map(|chunk| chunk.unwrap().to_vec()).collect();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_query_string_changes_nothing() {
    for fixture in fixtures() {
        let plain = fixture.get("{KA}", &format!("GET {REGIONS}"));
        let asked =
            fixture.get("{KA}", &format!("GET {REGIONS}?status=1&page=2&query=r1&format=json"));
        assert_eq!(asked.text, plain.text);
        assert_eq!(fixture.get("", &format!("GET {REGIONS}?Authorization={{KA}}")).status(), 401);
    }
}
