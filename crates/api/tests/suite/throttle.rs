//! Wrong tokens beyond a limit are told to wait, on each face in its own words; right ones are
//! accepted whatever else comes from their address.

use std::sync::Barrier;
use std::thread::{self, sleep};
use std::time::Duration;

use cadastre_api::auth::LEASE;
use cadastre_api::config::ServeOptions;
use cadastre_domain::role::Role;
use cadastre_storage::{AuditFilter, AuditRecord, StorageError};
use chrono::TimeDelta;
use serde_json::json;

use crate::problems::{STRANGER, WAIT, check};
use crate::support::{Answer, Call, Register, registers_with};

/// How many wrong tokens a minute are let pass here.
const LIMIT: usize = 5;

/// The faces.
const FACES: [&str; 3] = ["rainbond", "dialing", "native"];

/// Registers with that limit and other settings.
fn limited(settings: impl Fn(&mut ServeOptions)) -> impl Iterator<Item = Register> {
    registers_with(move |options| {
        options.door.wrong_tokens = Some(LIMIT.to_string());
        settings(options);
    })
}

/// A request on a face that changes nothing: the dialing face misses all fields.
fn call(register: &Register, face: &str, token: &str) -> Call {
    match face {
        "rainbond" => register.request("GET", "/openapi/v1/regions").key(token),
        "dialing" => {
            let call = register.request("POST", "/api/v1/dialing_region/regist");
            call.api_key(token).json(&json!({}))
        }
        _ => register.request("GET", "/cadastre/v1/users").key(token),
    }
}

/// What `call` answers to somebody who is let in.
fn let_in(face: &str) -> u16 {
    if face == "dialing" { 400 } else { 200 }
}

fn send(register: &Register, face: &str, token: &str) -> Answer {
    call(register, face, token).send()
}

/// Checks the whole answer of somebody who is told to wait, as its face words it; for how long.
fn check_told_to_wait(face: &str, answer: &Answer) -> u64 {
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{face}: {answer:?}");
    let (status, body) = match face {
        "rainbond" => {
            let text = "请求已被限流，请稍后再试。";
            let body = json!({
                "detail": text, "code": 429, "msg": text, "msg_show": text,
                "error_type": "Throttled",
            });
            (429, body)
        }
        "dialing" => {
            let body = json!({
                "code": 401, "content": {}, "errorCode": "ft.TriggerApiAkCurrentLimiting",
                "message": "too many requests with this API key", "success": false,
                "traceId": answer.json()["traceId"],
            });
            (401, body)
        }
        _ => {
            check(answer, WAIT, face);
            return wait;
        }
    };
    assert_eq!((answer.status(), &answer.text), (status, &body.to_string()), "{face}");
    wait
}

/// Sends as many wrong tokens as are let pass, each another one.
fn use_up(register: &Register) {
    for number in 0..LIMIT {
        check(&send(register, "native", &format!("wrong {number}")), STRANGER, "not yet");
    }
}

fn entries(register: &Register) -> Vec<AuditRecord> {
    let filter = AuditFilter::default();
    let entries: Result<_, StorageError> =
        register.app.store.read(|tx| tx.list_audit(&filter, 1000));
    entries.unwrap()
}

#[test]
fn too_many_wrong_tokens_from_an_address_are_told_to_wait_on_every_face() {
    for register in limited(|_| {}) {
        let fresh = register.token(Role::Admin, register.enterprise, &[]);
        use_up(&register);
        let before = entries(&register);
        let failed = before.iter().filter(|entry| entry.outcome == "sign_in_failed");
        assert_eq!(failed.count(), LIMIT, "{}", register.name);
        for face in FACES {
            check_told_to_wait(face, &send(&register, face, "wrong"));
        }
        // That would be the way to fill the disk.
        assert_eq!(entries(&register), before, "{}", register.name);
        for face in FACES {
            assert_eq!(send(&register, face, &fresh).status(), let_in(face), "{face}");
        }
    }
}

#[test]
fn the_wrong_tokens_of_all_faces_are_counted_together() {
    for register in limited(|_| {}) {
        for number in 0..LIMIT {
            let face = FACES[number % FACES.len()];
            let answer = send(&register, face, "wrong");
            let status = if face == "dialing" { 403 } else { 401 };
            assert_eq!(answer.status(), status, "{face}: {answer:?}");
        }
        for face in FACES {
            check_told_to_wait(face, &send(&register, face, "wrong"));
        }
    }
}

#[test]
fn a_right_token_is_accepted_whatever_wrong_ones_come_from_its_address() {
    for register in limited(|_| {}) {
        let used = register.token(Role::Admin, register.enterprise, &[]);
        for face in FACES {
            assert_eq!(send(&register, face, &used).status(), let_in(face), "{face}");
        }
        use_up(&register);
        // Also one that is not trusted any more without asking, and one that was never seen.
        for pause in [Duration::ZERO, LEASE] {
            sleep(pause);
            for face in FACES {
                check_told_to_wait(face, &send(&register, face, "wrong"));
                assert_eq!(send(&register, face, &used).status(), let_in(face), "{face}");
                let fresh = register.token(Role::Admin, register.enterprise, &[]);
                assert_eq!(send(&register, face, &fresh).status(), let_in(face), "{face}");
            }
        }
        // And on a server that has just been started and knows none.
        let beside = register.beside_with(|options| {
            options.door.wrong_tokens = Some(LIMIT.to_string());
        });
        use_up(&beside);
        check_told_to_wait("native", &send(&beside, "native", "wrong"));
        assert_eq!(send(&beside, "native", &used).status(), 200, "{}", register.name);
    }
}

#[test]
fn behind_a_proxy_that_is_not_named_strangers_do_not_lock_others_out() {
    for register in limited(|_| {}) {
        let behind = |token: &str, client: &str| {
            call(&register, "native", token).header("x-forwarded-for", client).send()
        };
        for number in 0..LIMIT {
            let client = format!("192.0.2.{number}");
            check(&behind("wrong", &client), STRANGER, "all clients are one address");
        }
        check_told_to_wait("native", &behind("wrong", "192.0.2.77"));
        for number in 0..LIMIT {
            let token = register.token(Role::Viewer, register.enterprise, &[]);
            let answer = behind(&token, &format!("198.51.100.{number}"));
            assert_eq!(answer.status(), 200, "{}", register.name);
        }
    }
}

#[test]
fn right_tokens_get_through_while_many_wrong_ones_are_sent_at_once() {
    for register in limited(|_| {}) {
        let tokens: Vec<_> =
            (0..20).map(|_| register.token(Role::Viewer, register.enterprise, &[])).collect();
        let (senders, each) = (16, 25);
        let begin = Barrier::new(senders + 1);
        let before = entries(&register).len();
        thread::scope(|scope| {
            for sender in 0..senders {
                let (register, begin) = (&register, &begin);
                scope.spawn(move || {
                    begin.wait();
                    for number in 0..each {
                        // With the form of a token and without.
                        let formed = format!("cad_{}_{sender}-{number}", "0".repeat(32));
                        let text = if number % 2 == 0 { formed } else { format!("x{number}") };
                        let status = send(register, "native", &text).status();
                        assert!([401, 429].contains(&status), "{status}");
                    }
                });
            }
            begin.wait();
            for token in &tokens {
                assert_eq!(send(&register, "native", token).status(), 200, "{}", register.name);
            }
        });
        // As many as the limit lets pass while it lasted, however many came at once.
        let noted = entries(&register).len() - before;
        assert!((LIMIT..=LIMIT * 3).contains(&noted), "{noted}");
    }
}

#[test]
fn a_chosen_token_of_any_form_is_accepted_after_wrong_ones() {
    for register in limited(|_| {}) {
        let chosen = "chosen by an operator, of any form";
        register.chosen_token(chosen);
        use_up(&register);
        check_told_to_wait("native", &send(&register, "native", "wrong"));
        assert_eq!(send(&register, "native", chosen).status(), 200, "{}", register.name);
    }
}

#[test]
fn who_has_waited_as_long_as_he_was_told_may_try_again() {
    for register in limited(|options| options.door.wrong_tokens = Some("60".to_owned())) {
        for _ in 0..60 {
            assert_eq!(send(&register, "native", "wrong").status(), 401);
        }
        let wait = check_told_to_wait("native", &send(&register, "native", "wrong"));
        register.pass(TimeDelta::seconds(wait.try_into().unwrap()));
        assert_eq!(send(&register, "native", "wrong").status(), 401, "{}", register.name);
    }
}

#[test]
fn right_tokens_and_missing_ones_are_not_counted() {
    for register in limited(|_| {}) {
        for number in 0..LIMIT * 3 {
            let token = register.token(Role::Viewer, register.enterprise, &[]);
            assert_eq!(send(&register, "native", &token).status(), 200, "{number}");
            let nobody = register.request("GET", "/cadastre/v1/users").send();
            check(&nobody, STRANGER, "no token");
        }
        use_up(&register);
        check_told_to_wait("native", &send(&register, "native", "wrong"));
    }
}

#[test]
fn tokens_that_have_ended_count_as_wrong() {
    for register in limited(|_| {}) {
        let expired = register.expired_token(Role::Admin);
        for _ in 0..LIMIT {
            check(&send(&register, "native", &expired), STRANGER, "expired");
        }
        check_told_to_wait("native", &send(&register, "native", &expired));
        check_told_to_wait("native", &send(&register, "native", "wrong"));
    }
}

#[test]
fn twenty_wrong_tokens_a_minute_pass_unless_set_otherwise_and_zero_is_no_limit() {
    for register in limited(|options| options.door.wrong_tokens = None) {
        for number in 0..20 {
            check(&send(&register, "native", "wrong"), STRANGER, &number.to_string());
        }
        check_told_to_wait("native", &send(&register, "native", "wrong"));
    }
    for register in limited(|options| options.door.wrong_tokens = Some("0".to_owned())) {
        for _ in 0..100 {
            check(&send(&register, "native", "wrong"), STRANGER, "no limit");
        }
    }
}

/// The answer to a wrong token that comes with this header.
fn forwarded(register: &Register, addresses: &str) -> Answer {
    call(register, "native", "wrong").header("x-forwarded-for", addresses).send()
}

#[test]
fn addresses_behind_a_trusted_proxy_are_counted_apart() {
    for register in limited(|options| options.door.trusted_proxies = Some("127.0.0.0/8".to_owned()))
    {
        for _ in 0..LIMIT {
            check(&forwarded(&register, "192.0.2.1"), STRANGER, "one");
        }
        assert_eq!(entries(&register)[0].address.as_deref(), Some("192.0.2.1"));
        check_told_to_wait("native", &forwarded(&register, "192.0.2.1"));
        check(&forwarded(&register, "192.0.2.2"), STRANGER, "another");
        // What stands before the address that the proxy itself saw, anybody can write.
        check_told_to_wait("native", &forwarded(&register, "192.0.2.9, 192.0.2.1"));
        check(&forwarded(&register, "192.0.2.1, 192.0.2.9"), STRANGER, "a third");
        // Through a second trusted one.
        check_told_to_wait("native", &forwarded(&register, "192.0.2.1, 127.0.0.9"));
        // The proxy itself is one more.
        check(&send(&register, "native", "wrong"), STRANGER, "the proxy");
    }
}

#[test]
fn what_somebody_else_says_of_his_address_is_not_believed() {
    for trusted in [None, Some("192.0.2.200, 10.0.0.0/8".to_owned())] {
        for register in limited(|options| options.door.trusted_proxies.clone_from(&trusted)) {
            for number in 0..LIMIT {
                let answer = forwarded(&register, &format!("192.0.2.{number}"));
                check(&answer, STRANGER, "not yet");
            }
            assert_eq!(entries(&register)[0].address.as_deref(), Some("127.0.0.1"));
            for address in ["192.0.2.99", "192.0.2.200", "10.1.2.3", "::1", "127.0.0.2"] {
                check_told_to_wait("native", &forwarded(&register, address));
            }
        }
    }
}

#[test]
fn a_token_has_its_limit_on_all_faces_together_and_others_have_theirs() {
    for register in limited(|options| options.door.token_limit = Some("3".to_owned())) {
        let token = register.token(Role::Admin, register.enterprise, &[]);
        let other = register.token(Role::Admin, register.enterprise, &[]);
        for face in FACES {
            assert_eq!(send(&register, face, &token).status(), let_in(face), "{face}");
        }
        let before = entries(&register);
        for face in FACES {
            assert!(check_told_to_wait(face, &send(&register, face, &token)) <= 20, "{face}");
        }
        assert_eq!(entries(&register), before, "{}", register.name);
        assert_eq!(send(&register, "native", &other).status(), 200);
    }
}

#[test]
fn a_token_that_waited_is_served_again_and_without_a_setting_there_is_no_limit() {
    for register in limited(|options| options.door.token_limit = Some("60".to_owned())) {
        let token = register.token(Role::Viewer, register.enterprise, &[]);
        for number in 0..60 {
            assert_eq!(send(&register, "native", &token).status(), 200, "{number}");
        }
        assert_eq!(check_told_to_wait("native", &send(&register, "native", &token)), 1);
        register.pass(TimeDelta::seconds(1));
        assert_eq!(send(&register, "native", &token).status(), 200, "{}", register.name);
    }
    for register in limited(|_| {}) {
        let token = register.token(Role::Viewer, register.enterprise, &[]);
        for number in 0..200 {
            assert_eq!(send(&register, "native", &token).status(), 200, "{number}");
        }
    }
}
