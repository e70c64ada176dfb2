//! Who may call the dialing face, and how: keys, roles, types of bodies, methods and paths.

use cadastre_api::auth::LEASE;
use cadastre_domain::role::Role;
use cadastre_storage::StorageError;
use chrono::TimeDelta;
use serde_json::json;

use crate::dialing_cases::{REGISTER, example};
use crate::raw::Peer;
use crate::support::{Answer, Call, Register, registers, registers_with};

/// Checks the status and the whole body of a refusal.
fn check(answer: &Answer, status: u16, code: &str, message: &str) {
    let expected = json!({
        "code": status,
        "content": {},
        "errorCode": code,
        "message": message,
        "success": false,
        "traceId": answer.json()["traceId"],
    });
    assert_eq!((answer.status(), &answer.text), (status, &expected.to_string()));
}

fn check_unknown_key(answer: &Answer, status: u16) {
    check(answer, status, "ft.InvalidAPIKey", "the API key is missing or not valid");
}

fn check_nothing_stored(register: &Register) {
    let id = register.enterprise;
    let nodes: Result<Vec<_>, StorageError> = register.app.store.read(|tx| tx.list_nodes(id));
    assert_eq!(nodes.unwrap(), [], "{}", register.name);
}

fn post(register: &Register) -> Call {
    register.request("POST", REGISTER).json(&example())
}

#[test]
fn nobody_gets_in_without_a_key_that_is_known() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        check_unknown_key(&post(&register).send(), 403);
        let upper = key.to_ascii_uppercase();
        let beside = [format!("{key}x"), key[1..].to_owned(), format!("Bearer {key}"), upper];
        for wrong in ["", " ", "null", "é", &"x".repeat(10_000)] {
            check_unknown_key(&post(&register).api_key(wrong).send(), 403);
        }
        for wrong in beside {
            check_unknown_key(&post(&register).api_key(&wrong).send(), 403);
        }
        check_unknown_key(&post(&register).key(&key).send(), 403);
        check_nothing_stored(&register);
    }
}

#[test]
fn a_key_is_refused_from_the_moment_it_expires() {
    for register in registers() {
        check_unknown_key(
            &post(&register).api_key(&register.expired_token(Role::Admin)).send(),
            403,
        );
        let key = register.expiring_token(Role::Admin, TimeDelta::seconds(10));
        register.pass(TimeDelta::microseconds(9_999_999));
        assert_eq!(post(&register).api_key(&key).send().status(), 200, "{}", register.name);
        register.pass(TimeDelta::microseconds(1));
        check_unknown_key(&post(&register).api_key(&key).send(), 403);
    }
}

#[test]
fn a_key_is_refused_as_soon_as_it_is_revoked() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        assert_eq!(post(&register).api_key(&key).send().status(), 200, "{}", register.name);
        let now = register.app.clock.now();
        let revoked: Result<_, StorageError> = register.app.store.write(move |tx| {
            let id = tx.list_tokens()?[0].id;
            tx.revoke_token(id, now)
        });
        assert!(revoked.unwrap(), "{}", register.name);
        // Who revokes by other ways than the register's own waits as long as these do.
        std::thread::sleep(LEASE);
        check_unknown_key(&post(&register).api_key(&key).send(), 403);
    }
}

#[test]
fn the_status_for_a_wrong_key_is_a_setting() {
    for register in registers_with(|o| o.dialing_wrong_key_status = Some("401".into())) {
        check_unknown_key(&post(&register).send(), 401);
        check_unknown_key(&post(&register).api_key("wrong").send(), 401);
        let viewer = register.token(Role::Viewer, register.enterprise, &[]);
        assert_eq!(post(&register).api_key(&viewer).send().status(), 403, "{}", register.name);
    }
}

#[test]
fn only_those_who_manage_nodes_register_them() {
    for register in registers() {
        for role in [Role::Viewer, Role::Team] {
            let key = register.token(role, register.enterprise, &[]);
            let answer = post(&register).api_key(&key).send();
            let message = "the role of this API key does not allow this";
            check(&answer, 403, "ft.AccessDenied", message);
            // What they send is not even read.
            let broken = register.request("POST", REGISTER).api_key(&key).body("text/plain", "{");
            check(&broken.send(), 403, "ft.AccessDenied", message);
        }
        check_nothing_stored(&register);
        for (n, role) in [Role::Operator, Role::Admin, Role::Platform].into_iter().enumerate() {
            let key = register.token(role, register.enterprise, &[]);
            let mut body = example();
            body["keycode"] = json!(format!("k{n}"));
            let answer = register.request("POST", REGISTER).api_key(&key).json(&body).send();
            assert_eq!(answer.status(), 200, "{} {role} {answer:?}", register.name);
        }
    }
}

#[test]
fn what_comes_from_a_stranger_is_not_judged() {
    for register in registers() {
        for (kind, body) in [("application/json", "{"), ("text/plain", "x"), ("", "[]")] {
            let call = register.request("POST", REGISTER).api_key("wrong").body(kind, body);
            check_unknown_key(&call.send(), 403);
        }
    }
}

#[test]
fn json_is_taken_with_any_parameter_and_without_a_type() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let kinds = [
            "application/json",
            "application/json;charset=UTF-8",
            "application/json; charset=utf-8; profile=x",
            "Application/JSON ;charset=gbk",
            "",
        ];
        for (n, kind) in kinds.into_iter().enumerate() {
            let mut body = example();
            body["keycode"] = json!(format!("k{n}"));
            let call = register.request("POST", REGISTER).api_key(&key);
            let answer = call.body(kind, body.to_string()).send();
            assert_eq!(answer.status(), 200, "{} {kind:?} {answer:?}", register.name);
        }
        let body = example().to_string();
        let mut peer = Peer::of(&register);
        peer.send(format!("POST {REGISTER} HTTP/1.1\r\nHost: register\r\nDF-API-KEY: {key}\r\n"));
        peer.send(format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let answer = peer.answer().unwrap();
        assert_eq!(answer.status(), 200, "{} without a type {answer:?}", register.name);
    }
}

#[test]
fn a_body_of_another_type_is_not_read() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let kinds = [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/xml",
            "application/json-patch+json",
            "application/jsonp",
            "json",
            "*/*",
        ];
        for kind in kinds {
            let call = register.request("POST", REGISTER).api_key(&key);
            let answer = call.body(kind, example().to_string()).send();
            let message = format!("a body of type {kind:?} is not read, send JSON");
            check(&answer, 415, "ft.UnsupportedMediaType", &message);
        }
        check_nothing_stored(&register);
    }
}

#[test]
fn a_wrong_method_is_told_which_one_is_right() {
    for register in registers() {
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "post"] {
            let answer = register.request(method, REGISTER).send();
            let message = format!("the method {method} is not served here");
            check(&answer, 405, "ft.MethodNotAllowed", &message);
            assert_eq!(answer.header("allow"), "POST", "{method}");
        }
    }
}

#[test]
fn a_path_that_leads_nowhere_is_told_so() {
    for register in registers() {
        let nowhere = [
            "/api/v1",
            "/api/v1/",
            "/api/v1/dialing_region",
            "/api/v1/dialing_region/regist/",
            "/api/v1/dialing_region/Regist",
            "/api/v1/dialing_region/register",
        ];
        for path in nowhere {
            for method in ["GET", "POST", "DELETE"] {
                let answer = register.request(method, path).send();
                check(&answer, 404, "ft.NotFound", "no such path");
            }
        }
    }
}
