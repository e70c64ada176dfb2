//! How often one key and one workspace may call the dialing face. S23 of the published cases, and
//! the decision on limits: off by default, and with `Retry-After`.

use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::json;

use crate::dialing_cases::REGISTER;
use crate::support::{Answer, Register, registers, registers_with};

/// The answer to a request that is not stored: it has no fields.
fn call(register: &Register, key: &str) -> Answer {
    register.request("POST", REGISTER).api_key(key).json(&json!({})).send()
}

/// Calls with the keys in turn as often as that is let through; the answer to one call more.
fn call_once_too_often(register: &Register, keys: &[String], limit: usize) -> Answer {
    for (number, key) in keys.iter().cycle().take(limit).enumerate() {
        let answer = call(register, key);
        assert_eq!(answer.status(), 400, "{} {number} {answer:?}", register.name);
    }
    call(register, &keys[0])
}

/// Checks the whole refusal.
fn check(answer: &Answer, code: &str, message: &str) {
    let expected = json!({
        "code": 401,
        "content": {},
        "errorCode": code,
        "message": message,
        "success": false,
        "traceId": answer.json()["traceId"],
    });
    assert_eq!((answer.status(), &answer.text), (401, &expected.to_string()));
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{answer:?}");
}

#[test]
fn s23_a_key_is_refused_beyond_its_limit() {
    for register in registers_with(|o| o.dialing_key_limit = Some("20".into())) {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let refusal = call_once_too_often(&register, std::slice::from_ref(&key), 20);
        check(&refusal, "ft.TriggerApiAkCurrentLimiting", "too many requests with this API key");
        // Another key of the same workspace has a limit of its own.
        let other = register.token(Role::Admin, register.enterprise, &[]);
        assert_eq!(call(&register, &other).status(), 400, "S23 on {}", register.name);
    }
}

#[test]
fn a_workspace_is_refused_beyond_its_limit_whichever_keys_are_used() {
    for register in registers_with(|o| o.dialing_workspace_limit = Some("20".into())) {
        let key = || register.token(Role::Admin, register.enterprise, &[]);
        let refusal = call_once_too_often(&register, &[key(), key()], 20);
        let code = "ft.TriggerApiWorkspaceCurrentLimiting";
        check(&refusal, code, "too many requests to this workspace");
        // Another workspace has a limit of its own.
        let other = register.token(Role::Admin, register.add_enterprise("other"), &[]);
        assert_eq!(call(&register, &other).status(), 400, "{}", register.name);
    }
}

#[test]
fn a_key_that_waited_is_served_again() {
    for register in registers_with(|o| o.dialing_key_limit = Some("60".into())) {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let refused = call_once_too_often(&register, std::slice::from_ref(&key), 60);
        assert_eq!(refused.status(), 401, "{} {refused:?}", register.name);
        register.pass(TimeDelta::seconds(1));
        assert_eq!(call(&register, &key).status(), 400, "{}", register.name);
    }
}

#[test]
fn strangers_do_not_use_up_the_limit_of_others() {
    for register in registers_with(|o| o.dialing_workspace_limit = Some("1".into())) {
        for _ in 0..3 {
            assert_eq!(call(&register, "wrong").status(), 403, "{}", register.name);
        }
        let key = register.token(Role::Admin, register.enterprise, &[]);
        assert_eq!(call(&register, &key).status(), 400, "{}", register.name);
    }
}

#[test]
fn there_is_no_limit_unless_one_is_set() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        for n in 0..250 {
            let answer = call(&register, &key);
            assert_eq!(answer.status(), 400, "{} {n} {answer:?}", register.name);
        }
    }
}

#[test]
fn the_other_face_has_no_limit() {
    for register in registers_with(|o| o.dialing_key_limit = Some("1".into())) {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        for _ in 0..10 {
            let answer = register.request("GET", "/openapi/v1/regions").key(&key).send();
            assert_eq!(answer.status(), 200, "{} {answer:?}", register.name);
        }
    }
}
