//! Whoever sends wrong tokens is told to wait, on each face in its own words; others are not.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Register, registers_with};

/// How many wrong tokens a minute are let pass here.
const LIMIT: usize = 5;

/// A request on each face, with this token.
const FACES: [(&str, &str); 3] = [
    ("rainbond", "/openapi/v1/regions"),
    ("dialing", "/api/v1/dialing_region/regist"),
    ("native", "/cadastre/v1/users"),
];

fn limited(settings: &[(&str, &str)]) -> impl Iterator<Item = Register> {
    registers_with(move |options| {
        options.door.wrong_tokens = Some(LIMIT.to_string());
        for (name, value) in settings {
            match *name {
                "trusted_proxies" => options.door.trusted_proxies = Some((*value).to_owned()),
                _ => options.door.token_limit = Some((*value).to_owned()),
            }
        }
    })
}

fn call(register: &Register, face: &str, token: &str) -> Call {
    let (_, path) = FACES.into_iter().find(|(name, _)| *name == face).unwrap();
    if face == "dialing" {
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
        register.request("POST", path).api_key(token).json(&body)
    } else {
        register.request("GET", path).key(token)
    }
}

/// Checks that an answer tells to wait, as its face does.
fn check_told_to_wait(face: &str, answer: &Answer) {
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{face}: {answer:?}");
    let body = answer.json();
    let expected = match face {
        "rainbond" => (429, "error_type", "Throttled"),
        "dialing" => (401, "errorCode", "ft.TriggerApiAkCurrentLimiting"),
        _ => (429, "code", "rate_limited"),
    };
    let (status, field, value) = expected;
    assert_eq!(
        (answer.status(), &body[field]),
        (status, &Value::from(value)),
        "{face}: {answer:?}"
    );
}

#[test]
fn too_many_wrong_tokens_from_an_address_are_told_to_wait_on_every_face() {
    for register in limited(&[]) {
        let used = register.token(Role::Admin, register.enterprise, &[]);
        let fresh = register.token(Role::Admin, register.enterprise, &[]);
        assert_eq!(call(&register, "native", &used).send().status(), 200);
        for _ in 0..LIMIT {
            let answer = call(&register, "native", "wrong").send();
            assert_eq!(answer.status(), 401, "{answer:?}");
        }
        for (face, _) in FACES {
            check_told_to_wait(face, &call(&register, face, "wrong").send());
            // A right one that was not seen before is not told from a wrong one.
            check_told_to_wait(face, &call(&register, face, &fresh).send());
            // Whoever was known goes on.
            assert_eq!(call(&register, "native", &used).send().status(), 200, "{face}");
        }
    }
}

#[test]
fn right_tokens_are_not_counted() {
    for register in limited(&[]) {
        for _ in 0..LIMIT * 3 {
            let token = register.token(Role::Viewer, register.enterprise, &[]);
            assert_eq!(call(&register, "native", &token).send().status(), 200);
        }
    }
}

#[test]
fn addresses_behind_a_trusted_proxy_are_counted_apart() {
    for register in limited(&[("trusted_proxies", "127.0.0.1")]) {
        let from = |address: &str| {
            let call = call(&register, "native", "wrong").header("x-forwarded-for", address);
            call.send().status()
        };
        assert_eq!([(); LIMIT].map(|()| from("192.0.2.1")), [401; LIMIT]);
        assert_eq!((from("192.0.2.1"), from("192.0.2.2")), (429, 401));
        // What stands before the address that the proxy itself saw, anybody can write.
        assert_eq!(from("192.0.2.9, 192.0.2.1"), 429);
    }
}

#[test]
fn what_somebody_else_says_of_his_address_is_not_believed() {
    for register in limited(&[("trusted_proxies", "192.0.2.200")]) {
        let from = |number: usize| {
            let address = format!("192.0.2.{number}");
            let call = call(&register, "native", "wrong").header("x-forwarded-for", &address);
            call.send().status()
        };
        let statuses: Vec<_> = (0..=LIMIT).map(from).collect();
        assert_eq!(statuses[..LIMIT], [401; LIMIT]);
        assert_eq!(statuses[LIMIT], 429, "another header is not another address");
    }
}

#[test]
fn a_token_has_its_limit_on_all_faces_together() {
    for register in limited(&[("token_limit", "3")]) {
        let token = register.token(Role::Admin, register.enterprise, &[]);
        let other = register.token(Role::Admin, register.enterprise, &[]);
        for (face, _) in FACES {
            assert_eq!(call(&register, face, &token).send().status(), 200, "{face}");
        }
        for (face, _) in FACES {
            check_told_to_wait(face, &call(&register, face, &token).send());
        }
        assert_eq!(call(&register, "native", &other).send().status(), 200);
    }
}
