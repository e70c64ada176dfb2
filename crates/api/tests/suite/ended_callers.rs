//! Callers whose token ends between the head of their request and its commit: nothing is written, and they are
//! told what strangers are told.

mod clusters;

use std::thread;
use std::time::{Duration, Instant};

use cadastre_api::app::Writer;
use cadastre_api::auth::{LEASE, Session};
use cadastre_api::error::{Error, Unauthenticated};
use cadastre_api::service::teams::{self, NewTeam};
use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::id::TokenId;
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Token, TokenRefusal, id_in};
use cadastre_storage::{AuditFilter, AuditRecord, StorageError, TokenProof};
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::json;

use crate::documents::Documents;
use crate::problems::{STRANGER, check};
use crate::rainbond_fixture::{Fixture, bare_fixtures};
use crate::raw::Peer;
use crate::rights::outcome;
use crate::rights::table::{CALLERS, Row, rows};
use crate::rights::world::{ask, world};
use crate::support::{Answer, Register, registers};

/// Longer than any wait here takes by itself, on a machine that is busy.
const LIMIT: Duration = crate::support::LIMIT;

/// Ends a token.
type End = fn(&Register, TokenId);

/// How a token ends.
const ENDS: [(&str, End); 3] =
    [("revoked", revoke), ("rotated", rotate_away), ("expired", outlive)];

/// Revokes a token as another server does: this one is not told, and the caller does not wait.
fn revoke(register: &Register, id: TokenId) {
    let now = register.app.clock.now();
    let revoked: Result<_, StorageError> =
        register.app.store.write(move |tx| tx.revoke_token(id, now));
    assert!(revoked.unwrap());
}

/// Gives a token another text, without any overlap.
fn rotate_away(register: &Register, id: TokenId) {
    let text = Secret::from(format!("cad_{id}_{}", last_entry(register)));
    let rotated: Result<_, StorageError> = register.app.store.write(move |tx| {
        let token = tx.find_token(id)?.unwrap();
        tx.rotate_token(&token, &text)
    });
    rotated.unwrap();
}

/// Lets the time of a token pass: see [`token`].
fn outlive(register: &Register, _: TokenId) {
    register.pass(TimeDelta::seconds(60));
}

/// A token of the first enterprise that lives for a minute: its text.
fn token(register: &Register, role: Role) -> String {
    register.expiring_token(role, TimeDelta::seconds(60))
}

fn stored(register: &Register, id: TokenId) -> Token {
    let found: Result<_, StorageError> = register.app.store.read(|tx| tx.find_token(id));
    found.unwrap().unwrap()
}

/// The session of a caller with this token, which was accepted a moment ago.
fn session(register: &Register, key: &str) -> Session {
    let id = id_in(key).unwrap();
    let caller = stored(register, id).caller;
    let actor = Actor {
        origin: Origin::Command,
        operation: "add_team",
        token_id: Some(id),
        user_id: Some(caller.user_id),
        enterprise_id: Some(caller.enterprise_id),
    };
    Session {
        caller,
        actor,
        writer: Writer::Token { proof: TokenProof::new(id, key), enterprise: register.enterprise },
    }
}

/// Waits until a request with this token, which is new, was let in.
fn wait_until_used(register: &Register, id: TokenId) {
    let start = Instant::now();
    while stored(register, id).last_used_at.is_none() {
        assert!(start.elapsed() < LIMIT, "nobody was let in");
        register.app.uses.write(&register.app.store).unwrap();
        thread::yield_now();
    }
}

/// A request whose body is held back until the caller was let in and `between` was done.
fn ask_slowly(
    register: &Register,
    (head, key): (&str, &str),
    body: &str,
    between: impl FnOnce(),
) -> Answer {
    let mut peer = Peer::of(register);
    let (length, first) = (body.len(), &body[..1]);
    peer.send(format!(
        "{head} HTTP/1.1\r\nHost: register\r\nAuthorization: {key}\r\nDF-API-KEY: {key}\r\n\
         If-Match: *\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{first}"
    ));
    wait_until_used(register, id_in(key).unwrap());
    between();
    peer.send(&body[1..]);
    peer.answer().unwrap()
}

/// The entries that stand behind the first `count`.
fn entries_behind(register: &Register, count: i64) -> Vec<AuditRecord> {
    let filter = AuditFilter::default();
    let entries: Result<_, StorageError> = register.app.store.read(|tx| tx.list_audit(&filter, 10));
    let mut entries = entries.unwrap();
    entries.retain(|entry| entry.sequence > count);
    entries
}

fn last_entry(register: &Register) -> i64 {
    let last: Result<_, StorageError> = register.app.store.read(|tx| tx.last_entry());
    last.unwrap()
}

/// Checks that all there is to tell since then is that a token was presented that is not accepted.
fn check_nothing_else_was_done(
    register: &Register,
    count: i64,
    (id, why): (TokenId, &str),
    at: &str,
) {
    let entries = entries_behind(register, count);
    let [entry] = &entries[..] else { panic!("{at}: {entries:?}") };
    let told = (entry.outcome.as_str(), entry.reason.as_deref(), entry.token_id.clone());
    assert_eq!(told, ("sign_in_failed", Some(why), Some(id.to_string())), "{at}");
}

/// The rows that are done when the right one asks, and who that is.
fn done(documents: &Documents) -> Vec<(Row, &'static str, bool)> {
    let asked = rows().into_iter().filter_map(|row| {
        let changes = documents.operation(row.operation).operation["x-changes"] == true;
        let done = |role: &&str| {
            let place = CALLERS.iter().position(|caller| caller == role).unwrap();
            row.expected[place].starts_with('2')
        };
        let role = ["admin", "platform"].into_iter().find(|role| done(role))?;
        (row.what != "dry run").then_some((row, role, changes))
    });
    asked.collect()
}

/// The same answer as strangers get, and no other change than the entry about it.
fn check_stranger(fixture: &Fixture, row: &Row, role: &'static str, at: &str) {
    let register = &fixture.register;
    let role = if role == "admin" { Role::Admin } else { Role::Platform };
    let key = token(register, role);
    let id = id_in(&key).unwrap();
    let request = fixture.fill(&row.request.replace("{caller}", role.as_str()));
    let body = fixture.fill(&row.body.replace("{caller}", role.as_str()));
    let (count, answer);
    if body.is_empty() {
        let known = register.request("GET", "/cadastre/v1/regions").key(&key).send();
        assert_eq!(known.status(), 200, "{at}: {known:?}");
        revoke(register, id);
        count = last_entry(register);
        let (method, path) = request.split_once(' ').unwrap();
        let call = register.request(method, path).key(&key).api_key(&key);
        let conditional = method != "GET" && path.starts_with("/cadastre/");
        answer = if conditional { call.header("if-match", "*") } else { call }.send();
    } else {
        count = last_entry(register);
        answer = ask_slowly(register, (&request, &key), &body, || revoke(register, id));
    }
    // The revocation itself was made behind the back of the services, and left no entry.
    assert_eq!(outcome(&answer), row.expected[8], "{at}: {answer:?}");
    check_nothing_else_was_done(register, count, (id, "revoked"), at);
}

#[test]
fn no_operation_is_done_for_a_token_that_was_revoked_while_it_was_asked_for() {
    thread::scope(|scope| {
        for register in registers() {
            scope.spawn(move || {
                let fixture = world(register);
                let mut checked = 0;
                for (row, role, changes) in done(&Documents::of(&fixture.register)) {
                    let at = format!("{} {} {:?}", row.operation, row.request, row.whose);
                    if !changes {
                        // What is only read may be answered for half a second more, unless it is a secret.
                        let before = last_entry(&fixture.register);
                        ask(&fixture, role, &row);
                        if last_entry(&fixture.register) == before {
                            continue;
                        }
                    }
                    check_stranger(&fixture, &row, role, &at);
                    checked += 1;
                }
                assert!(checked > 50, "only {checked} requests were made");
            });
        }
    });
}

#[test]
fn a_body_that_comes_after_the_end_of_its_token_changes_nothing_on_any_server() {
    let body = json!({"name": "n", "role": "admin"}).to_string();
    for register in registers() {
        for (why, end) in ENDS {
            let key = token(&register, Role::Admin);
            let (id, at) = (id_in(&key).unwrap(), format!("{} {why}", register.name));
            let (beside, count) = (register.beside(), last_entry(&register));
            let head = ("POST /cadastre/v1/tokens", key.as_str());
            // The token ends on the one server, and the body comes to the other.
            let answer = ask_slowly(&beside, head, &body, || end(&register, id));
            check(&answer, STRANGER, &at);
            check_nothing_else_was_done(&register, count, (id, why), &at);
        }
    }
}

#[test]
fn a_token_that_is_revoked_over_http_makes_no_token_from_then_on() {
    let body = json!({"name": "n", "role": "admin"}).to_string();
    for fixture in bare_fixtures() {
        let register = &fixture.register;
        let key = token(register, Role::Admin);
        let id = id_in(&key).unwrap();
        let answer = ask_slowly(register, ("POST /cadastre/v1/tokens", &key), &body, || {
            let revoked = fixture.get("{KA}", &format!("DELETE /cadastre/v1/tokens/{id}"));
            assert_eq!(revoked.status(), 204, "{revoked:?}");
        });
        check(&answer, STRANGER, register.name);
    }
}

#[test]
fn after_a_slow_body_the_token_is_asked_about_again_even_if_nothing_is_to_be_written() {
    let body = json!({"status": "disabled"}).to_string();
    for mut fixture in bare_fixtures() {
        fixture.add_region("{KA}", "r", &json!({}));
        let register = &fixture.register;
        let head = fixture.fill("POST /cadastre/v1/regions/{r}/status?dry_run=true");
        let key = token(register, Role::Admin);
        // In time, it is answered.
        assert_eq!(ask_slowly(register, (&head, &key), &body, || ()).status(), 200);
        let key = token(register, Role::Admin);
        let answer = ask_slowly(register, (&head, &key), &body, || {
            revoke(register, id_in(&key).unwrap());
            thread::sleep(LEASE);
        });
        check(&answer, STRANGER, register.name);
    }
}

#[test]
fn a_first_answer_is_not_given_again_to_a_token_that_has_ended() {
    let body = json!({"name": "n", "role": "viewer"}).to_string();
    for register in registers() {
        for (why, end) in ENDS {
            let key = token(&register, Role::Admin);
            let id = id_in(&key).unwrap();
            let make = || {
                let call = register.request("POST", "/cadastre/v1/tokens").key(&key);
                call.header("idempotency-key", "k").body("application/json", body.as_str()).send()
            };
            assert_eq!(make().status(), 201);
            let count = last_entry(&register);
            end(&register, id);
            check(&make(), STRANGER, why);
            check_nothing_else_was_done(&register, count, (id, why), why);
        }
    }
}

#[test]
fn a_write_asks_about_the_token_in_its_own_transaction() {
    for register in registers() {
        for (why, end) in ENDS {
            let key = token(&register, Role::Admin);
            let id = id_in(&key).unwrap();
            let (session, app) = (session(&register, &key), register.app.clone());
            let add = || {
                let (session, app) = (session.clone(), app.clone());
                let team = NewTeam { alias: text("a"), region: None };
                actix_web::rt::System::new()
                    .block_on(async move { teams::create(&app, &session, team).await })
            };
            assert!(add().is_ok(), "{why}");
            end(&register, id);
            let (count, refused) = (last_entry(&register), add().unwrap_err());
            let Error::Unauthenticated(Unauthenticated::Ended(found)) = refused else {
                panic!("{why}: {refused:?}")
            };
            let expected = match why {
                "revoked" => TokenRefusal::Revoked,
                "rotated" => TokenRefusal::Rotated,
                _ => TokenRefusal::Expired,
            };
            assert_eq!(found, expected);
            assert_eq!(last_entry(&register), count, "{why}");
        }
    }
}
