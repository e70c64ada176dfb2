//! How tokens are rotated and revoked, and how they end by themselves.

use cadastre_api::auth::LEASE;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{NO_TEXT, TOKENS, fixtures, listed, made, make};
use crate::problems::{ENDED, NOT_FOUND, STRANGER, check, check_wrong};
use crate::rainbond_fixture::Fixture;
use crate::support::{Answer, NOW};

/// A new token of an operator: what is shown of it, and its text.
fn token(fixture: &Fixture, more: &Value) -> (Value, String) {
    let mut body = json!({"name": "n", "role": "operator"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    made(&make(fixture, "{KA}", &body))
}

/// What `{KA}` is answered about a token.
fn ask(fixture: &Fixture, method: &str, token: &Value, rest: &str) -> Answer {
    let id = token["id"].as_str().unwrap();
    fixture.call("{KA}", &format!("{method} {TOKENS}/{id}{rest}")).send()
}

fn rotate(fixture: &Fixture, token: &Value, body: &Value) -> Answer {
    let request = format!("POST {TOKENS}/{}/rotate", token["id"].as_str().unwrap());
    fixture.send("{KA}", &request, body)
}

/// Whether this text is accepted now.
fn is_accepted(fixture: &Fixture, text: &str) -> bool {
    let answer = fixture.call("", "GET /cadastre/v1/users").key(text).send();
    if answer.status() != 200 {
        check(&answer, STRANGER, "a token that is not accepted");
    }
    answer.status() == 200
}

#[test]
fn a_rotated_token_is_another_text_and_the_one_before_is_accepted_until_the_overlap_ends() {
    for fixture in fixtures() {
        let (token, first) = token(&fixture, &json!({}));
        assert!(is_accepted(&fixture, &first));
        let answer = rotate(&fixture, &token, &json!({"overlap_seconds": 60}));
        let mut rotated = answer.json();
        let second = rotated.as_object_mut().unwrap().remove("secret").unwrap();
        let second = second.as_str().unwrap();
        let mut expected = token.clone();
        expected["overlap_ends_at"] = json!("2026-11-22T08:07:55.298602Z");
        expected["last_used_at"] = rotated["last_used_at"].clone();
        assert_eq!((answer.status(), &rotated), (200, &expected));
        assert!(second.starts_with(&format!("cad_{}_", token["id"].as_str().unwrap())));
        assert_ne!(first, second);
        fixture.register.pass(TimeDelta::microseconds(59_999_999));
        assert!(is_accepted(&fixture, &first) && is_accepted(&fixture, second));
        fixture.register.pass(TimeDelta::microseconds(1));
        assert!(!is_accepted(&fixture, &first) && is_accepted(&fixture, second));
        // A second rotation within the overlap ends what is accepted from the first.
        let third = rotate(&fixture, &token, &json!({"overlap_seconds": 60})).json();
        let fourth = rotate(&fixture, &token, &json!({"overlap_seconds": 60})).json();
        assert!(!is_accepted(&fixture, second), "the text before the one before");
        for text in [&third, &fourth] {
            assert!(is_accepted(&fixture, text["secret"].as_str().unwrap()));
        }
    }
}

#[test]
fn the_overlap_is_an_hour_unless_asked_otherwise_and_may_be_nothing() {
    for fixture in fixtures() {
        let (token, first) = token(&fixture, &json!({}));
        for body in [json!({}), json!({"overlap_seconds": null})] {
            let rotated = rotate(&fixture, &token, &body).json();
            assert_eq!(rotated["overlap_ends_at"], "2026-11-22T09:06:55.298602Z", "{body}");
        }
        let without_body = ask(&fixture, "POST", &token, "/rotate");
        let last = without_body.json()["secret"].as_str().unwrap().to_owned();
        assert!(is_accepted(&fixture, &last) && !is_accepted(&fixture, &first));
        let none = rotate(&fixture, &token, &json!({"overlap_seconds": 0}));
        assert_eq!(none.json()["overlap_ends_at"], NOW);
        assert!(!is_accepted(&fixture, &last), "without an overlap");
        let longest = rotate(&fixture, &token, &json!({"overlap_seconds": 2_592_000}));
        assert_eq!(longest.json()["overlap_ends_at"], "2026-12-22T08:06:55.298602Z");
    }
}

#[test]
fn an_overlap_that_cannot_be_is_refused_and_nothing_is_rotated() {
    let wrong = ("/overlap_seconds", "invalid", "must be a whole number from 0 to 2592000");
    for fixture in fixtures() {
        let (token, first) = token(&fixture, &json!({}));
        for value in [json!(-1), json!(2_592_001), json!(1.5), json!("60"), json!([]), json!(true)]
        {
            let answer = rotate(&fixture, &token, &json!({"overlap_seconds": value}));
            check_wrong(&answer, &[wrong], &value.to_string());
        }
        let answer = rotate(&fixture, &token, &json!({"secret": "mine"}));
        check_wrong(&answer, &[("/secret", "unknown", "there is no such field")], "unknown");
        assert!(is_accepted(&fixture, &first));
        assert_eq!(ask(&fixture, "GET", &token, "").json()["overlap_ends_at"], Value::Null);
        let no_text = make(&fixture, "{KA}", &json!({"name": "n", "role": "viewer", "note": 1}));
        check_wrong(&no_text, &[("/note", NO_TEXT.0, NO_TEXT.1)], "no text");
    }
}

#[test]
fn a_revoked_token_is_refused_at_once_and_stays_in_the_list() {
    for fixture in fixtures() {
        let (token, text) = token(&fixture, &json!({}));
        assert!(is_accepted(&fixture, &text));
        let before = listed(&fixture, "{KA}");
        let revoked = ask(&fixture, "DELETE", &token, "");
        assert!(!is_accepted(&fixture, &text), "{}", fixture.register.name);
        assert_eq!((revoked.status(), revoked.text.as_str()), (204, ""));
        fixture.register.pass(TimeDelta::seconds(5));
        let again = ask(&fixture, "DELETE", &token, "");
        assert_eq!((again.status(), again.text.as_str()), (204, ""));
        let shown = ask(&fixture, "GET", &token, "").json();
        let found = (&shown["state"], &shown["revoked_at"]);
        assert_eq!(found, (&json!("revoked"), &json!(NOW)), "the first time counts");
        assert_eq!(listed(&fixture, "{KA}"), before);
        check(&rotate(&fixture, &token, &json!({})), ENDED, "revoked");
    }
}

#[test]
fn an_admin_who_revokes_his_own_token_is_told_so_and_is_nobody_from_then_on() {
    for fixture in fixtures() {
        let body = json!({"name": "n", "role": "admin"});
        let (token, text) = made(&make(&fixture, "{KA}", &body));
        let request = format!("DELETE {TOKENS}/{}", token["id"].as_str().unwrap());
        let own = fixture.call("", &request).key(&text).send();
        assert_eq!((own.status(), own.text.as_str()), (204, ""));
        assert!(!is_accepted(&fixture, &text), "{}", fixture.register.name);
    }
}

#[test]
fn a_token_ends_when_it_expires() {
    for fixture in fixtures() {
        let end = json!({"expires_at": "2026-11-22T08:06:56.298602Z"});
        let (token, text) = token(&fixture, &end);
        let state = || ask(&fixture, "GET", &token, "").json()["state"].clone();
        fixture.register.pass(TimeDelta::microseconds(999_999));
        assert!(is_accepted(&fixture, &text));
        assert_eq!(state(), "live");
        fixture.register.pass(TimeDelta::microseconds(1));
        assert!(!is_accepted(&fixture, &text), "{}", fixture.register.name);
        assert_eq!(state(), "expired");
        check(&rotate(&fixture, &token, &json!({})), ENDED, "expired");
        // What has expired can be revoked, too.
        assert_eq!(ask(&fixture, "DELETE", &token, "").status(), 204);
        assert_eq!(state(), "revoked");
    }
}

#[test]
fn what_is_the_identifier_of_no_token_is_not_found() {
    for fixture in fixtures() {
        let (token, _) = token(&fixture, &json!({}));
        let id = token["id"].as_str().unwrap();
        for wrong in [&id[1..], &id.to_uppercase(), "x", "%00", &fixture.fill("{E1}")] {
            for (method, rest) in [("GET", ""), ("POST", "/rotate"), ("DELETE", "")] {
                let request = format!("{method} {TOKENS}/{wrong}{rest}");
                check(&fixture.call("{KA}", &request).send(), NOT_FOUND, &request);
            }
        }
    }
}

#[test]
fn when_a_token_was_used_last_is_told_to_the_minute() {
    for fixture in fixtures() {
        let (token, text) = token(&fixture, &json!({}));
        let used = || {
            let app = &fixture.register.app;
            app.uses.write(&app.store).unwrap();
            ask(&fixture, "GET", &token, "").json()["last_used_at"].clone()
        };
        assert_eq!(used(), Value::Null);
        assert!(is_accepted(&fixture, &text));
        assert_eq!(used(), "2026-11-22T08:06:00Z");
        fixture.register.pass(TimeDelta::minutes(2));
        std::thread::sleep(LEASE);
        assert!(is_accepted(&fixture, &text));
        assert_eq!(used(), "2026-11-22T08:08:00Z");
    }
}
