//! A request that is sent again with the same key is done once.

use std::sync::mpsc;
use std::thread;

use cadastre_storage::StorageError;
use cadastre_testkit::dump;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{another_key, ask, check_refusal, deeds, get, numbered, resources, scenes};
use crate::rainbond_fixture::Fixture;
use crate::support::{Answer, LIMIT};

const KEY: &str = "idempotency-key";

fn post(fixture: &Fixture, path: &str, key: &str, body: &Value) -> Answer {
    ask(fixture, &format!("POST {path}"), &[(KEY, key)], Some(body))
}

/// What a client goes by: status, body, and the headers that tell of the thing.
fn told(answer: &Answer) -> (u16, &str, &str, &str) {
    let (location, etag) = (answer.header("location"), answer.header("etag"));
    (answer.status(), &answer.text, location, etag)
}

#[test]
fn the_same_request_gets_the_first_answer_again() {
    for fixture in scenes() {
        for resource in resources() {
            let at = format!("{} {}", fixture.register.name, resource.list);
            let body = numbered(&resource.new, 1);
            let first = post(&fixture, resource.list, "same", &body);
            assert_eq!(first.status(), resource.added, "{at} {first:?}");
            assert_eq!(first.header("idempotency-replayed"), "", "{at}");
            let after = get(&fixture, resource.list).text;
            fixture.register.pass(TimeDelta::hours(1));
            for _ in 0..2 {
                let again = post(&fixture, resource.list, "same", &body);
                assert_eq!(told(&again), told(&first), "{at}");
                assert_eq!(again.header("idempotency-replayed"), "true", "{at}");
            }
            assert_eq!(get(&fixture, resource.list).text, after, "{at}: nothing is done twice");
            // The key was used on this path; on the next one it would be another request.
            fixture.register.pass(TimeDelta::hours(25));
        }
    }
}

#[test]
fn a_deed_that_is_sent_again_is_done_once_though_the_thing_has_another_version_by_now() {
    for fixture in scenes() {
        for (path, method, behind, body) in deeds() {
            if method != "POST" {
                continue;
            }
            let (request, etag) = (format!("POST {path}{behind}"), get(&fixture, path));
            let headers = [("if-match", etag.header("etag")), (KEY, behind)];
            let send = |body: Option<&Value>| ask(&fixture, &request, &headers, body);
            let (first, after) = (send(Some(&body)), get(&fixture, path).text);
            assert_eq!(first.status(), 200, "{request} {first:?}");
            assert_ne!(after, etag.text, "{request}");
            let again = send(Some(&body));
            assert_eq!(told(&again), told(&first), "{request}");
            assert_eq!(again.header("idempotency-replayed"), "true", "{request}");
            // No body is another than one with nothing in it.
            let other = json!({"status": "disabled"});
            let reused = send(body.get("status").map(|_| &other));
            check_refusal(&reused, 422, "idempotency_key_reused", &request);
            assert_eq!(get(&fixture, path).text, after, "{request}: nothing is done twice");
        }
    }
}

#[test]
fn another_request_with_the_same_key_is_refused() {
    for fixture in scenes() {
        for resource in resources() {
            let at = format!("{} {}", fixture.register.name, resource.list);
            let body = numbered(&resource.new, 1);
            let first = post(&fixture, resource.list, "key", &body);
            assert_eq!(first.status(), resource.added, "{at} {first:?}");
            let after = get(&fixture, resource.list).text;
            let mut other = numbered(&resource.new, 2);
            if resource.list.ends_with("openings") {
                other["quota"] = json!({"memory_mb": 7});
            }
            let refused = post(&fixture, resource.list, "key", &other);
            check_refusal(&refused, 422, "idempotency_key_reused", &at);
            assert_eq!(get(&fixture, resource.list).text, after, "{at}");
            fixture.register.pass(TimeDelta::hours(25));
        }
    }
}

#[test]
fn a_key_is_the_callers_own_and_counts_for_a_day() {
    for mut fixture in scenes() {
        let other = another_key(&fixture);
        fixture.call_it("another", &json!(other));
        let (path, body) = ("/cadastre/v1/teams", json!({"alias": "again"}));
        let by = |key: &str| {
            fixture.call(key, &format!("POST {path}")).header(KEY, "day").json(&body).send()
        };
        let id = |answer: &Answer| answer.json()["id"].clone();
        let (first, others) = (by("{MK}"), by("{another}"));
        assert_ne!(id(&first), id(&others), "{}", fixture.register.name);
        fixture.register.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
        assert_eq!(id(&by("{MK}")), id(&first), "{}", fixture.register.name);
        fixture.register.pass(TimeDelta::seconds(2));
        let anew = by("{MK}");
        assert_eq!(anew.status(), 201, "{anew:?}");
        assert_ne!(id(&anew), id(&first), "{}", fixture.register.name);
        assert_eq!(id(&by("{MK}")), id(&anew), "{}", fixture.register.name);
    }
}

#[test]
fn a_request_that_was_refused_leaves_its_key_free() {
    for fixture in scenes() {
        for resource in resources() {
            let at = format!("{} {}", fixture.register.name, resource.list);
            let refused = post(&fixture, resource.list, "free", &json!({"nothing": 1}));
            assert_eq!(refused.status(), 400, "{at} {refused:?}");
            let body = numbered(&resource.new, 1);
            let done = post(&fixture, resource.list, "free", &body);
            assert_eq!(done.status(), resource.added, "{at} {done:?}");
            assert_eq!(done.header("idempotency-replayed"), "", "{at}");
            fixture.register.pass(TimeDelta::hours(25));
        }
    }
}

#[test]
fn a_key_has_1_to_255_characters() {
    for fixture in scenes() {
        let body = json!({"alias": "a"});
        for key in ["", "\"\"", &"x".repeat(256)] {
            let refused = post(&fixture, "/cadastre/v1/teams", key, &body);
            check_refusal(&refused, 400, "malformed_body", key);
        }
        let done = post(&fixture, "/cadastre/v1/teams", &"x".repeat(255), &body);
        assert_eq!(done.status(), 201, "{done:?}");
    }
}

#[test]
fn the_same_request_while_the_first_is_being_worked_on_is_refused() {
    for fixture in scenes() {
        let (blocked, started) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let (answered, answers) = mpsc::channel();
        thread::scope(|scope| {
            let store = &fixture.register.app.store;
            // Nobody writes while this does, so the first request waits.
            scope.spawn(move || {
                let held = std::sync::Mutex::new(held);
                let done: Result<(), StorageError> = store.write(move |_| {
                    blocked.send(()).unwrap();
                    let _ = held.lock().unwrap().recv();
                    Ok(())
                });
                done.unwrap();
            });
            started.recv().unwrap();
            for _ in 0..2 {
                let (fixture, answered) = (&fixture, answered.clone());
                scope.spawn(move || {
                    let body = json!({"alias": "a"});
                    let answer = post(fixture, "/cadastre/v1/teams", "running", &body);
                    answered.send(answer).unwrap();
                });
            }
            let refused = answers.recv_timeout(LIMIT).unwrap();
            check_refusal(&refused, 409, "still_running", fixture.register.name);
            assert_eq!(refused.header("retry-after"), "1", "{}", fixture.register.name);
            drop(release);
            let done = answers.recv_timeout(LIMIT).unwrap();
            assert_eq!(done.status(), 201, "{} {done:?}", fixture.register.name);
            let again = post(&fixture, "/cadastre/v1/teams", "running", &json!({"alias": "a"}));
            assert_eq!(told(&again), told(&done), "{}", fixture.register.name);
        });
    }
}

#[test]
fn answers_with_secrets_are_given_again_and_are_sealed_where_they_are_kept() {
    for fixture in scenes() {
        let at = fixture.register.name;
        let body = json!({"name": "n", "role": "viewer"});
        let made = post(&fixture, "/cadastre/v1/tokens", "secret", &body);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let rotate = format!("/cadastre/v1/tokens/{id}/rotate");
        let rotated = post(&fixture, &rotate, "rotated", &json!({}));
        assert_eq!((made.status(), rotated.status()), (201, 200), "{at}");
        for (path, key, body, first) in [
            ("/cadastre/v1/tokens", "secret", body, &made),
            (rotate.as_str(), "rotated", json!({}), &rotated),
        ] {
            let secret = first.json()["secret"].as_str().unwrap().to_owned();
            assert_eq!(told(&post(&fixture, path, key, &body)), told(first), "{at} {path}");
            let places = dump::places(&fixture.register.database, secret.as_bytes());
            assert_eq!(places, Vec::<String>::new(), "{at} {path}");
        }
        let kept = dump::rows(&fixture.register.database);
        let kept = kept.iter().filter(|row| row.starts_with("idempotent_answers: ")).count();
        assert_eq!(kept, 2, "{at}: they are kept");
        let audit = "/cadastre/v1/audit?outcome=done&operation=rotate_token";
        let entries = get(&fixture, audit).json();
        let [again, first] = &entries["items"].as_array().unwrap()[..] else { panic!("{entries}") };
        for name in ["object_kind", "object_id", "enterprise_id", "token_id", "revealed"] {
            assert_eq!(again[name], first[name], "{at}: each showing is told");
        }
        assert_eq!((&again["revealed"], &again["changes"]), (&json!(["secret"]), &json!([])));
        assert_ne!(again["request_id"], first["request_id"]);
    }
}

/// How many answers are kept.
fn kept(fixture: &Fixture) -> usize {
    let rows = dump::rows(&fixture.register.database);
    rows.iter().filter(|row| row.starts_with("idempotent_answers: ")).count()
}

/// How many entries there are.
fn entries(fixture: &Fixture) -> i64 {
    fixture.read(|tx| Ok(tx.last_entry()?))
}

#[test]
fn requests_with_new_keys_that_change_nothing_leave_neither_answers_nor_entries() {
    for fixture in scenes() {
        let at = fixture.register.name;
        let (path, body) = ("/cadastre/v1/teams/{T}/openings", json!({"region_id": "{pub}"}));
        let before = (kept(&fixture), entries(&fixture));
        let first = post(&fixture, path, "0", &body);
        assert_eq!(first.status(), 200, "{at}: it is open already {first:?}");
        for key in 1..30 {
            let again = post(&fixture, path, &key.to_string(), &body);
            assert_eq!(told(&again), told(&first), "{at}");
        }
        assert_eq!((kept(&fixture), entries(&fixture)), before, "{at}");
    }
}

#[test]
fn an_answer_without_secrets_is_given_again_without_an_entry() {
    for fixture in scenes() {
        let body = json!({"alias": "again"});
        let first = post(&fixture, "/cadastre/v1/teams", "again", &body);
        let before = (kept(&fixture), entries(&fixture));
        for _ in 0..10 {
            let again = post(&fixture, "/cadastre/v1/teams", "again", &body);
            assert_eq!(told(&again), told(&first), "{}", fixture.register.name);
            assert_eq!(again.header("idempotency-replayed"), "true");
        }
        assert_eq!((kept(&fixture), entries(&fixture)), before, "{}", fixture.register.name);
    }
}
