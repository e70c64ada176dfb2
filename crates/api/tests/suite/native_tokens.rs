//! `/cadastre/v1/tokens` and `/cadastre/v1/users`: whole bodies, pages, and what is refused.

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, SOMEWHERE, keys};
use crate::support::{Answer, registers};

const TOKENS: &str = "/cadastre/v1/tokens";
const USERS: &str = "/cadastre/v1/users";

fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        fixture.add_team("{KA}", "T");
        fixture.add_team("{KO}", "U");
        fixture
    })
}

/// Checks that an answer is a problem with this code, and answers its wrong fields.
fn check_problem(answer: &Answer, status: u16, code: &str) -> Vec<(String, String)> {
    let body = answer.json();
    assert_eq!(answer.status(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(body["status"], status, "{answer:?}");
    assert_eq!(body["code"], code, "{answer:?}");
    assert_eq!(body["type"], format!("urn:cadastre:problem:{code}"));
    assert_eq!(body["request_id"], answer.header("x-request-id"));
    let field = |error: &Value| {
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        (text("pointer"), text("code"))
    };
    body["errors"].as_array().map(|errors| errors.iter().map(field).collect()).unwrap_or_default()
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn a_token_is_made_with_everything_that_was_asked_for_and_shows_its_secret_once() {
    for fixture in fixtures() {
        let made = fixture.send(
            "{KA}",
            &format!("POST {TOKENS}"),
            &json!({
                "name": "of a script", "note": "for the night", "user": "ann", "role": "team",
                "teams": ["{T}"], "expires_at": "2027-01-01T00:00:00Z",
            }),
        );
        assert_eq!(made.status(), 201, "{made:?}");
        let mut body = made.json();
        let secret = body["secret"].as_str().unwrap().to_owned();
        let id = body["id"].as_str().unwrap().to_owned();
        assert_eq!(id_in(&secret).unwrap().to_string(), id);
        assert!(secret.len() >= 4 + 32 + 1 + 27, "160 bits of letters and digits");
        assert_eq!(made.header("location"), format!("{TOKENS}/{id}"));
        assert_eq!(
            keys(&body),
            [
                "id",
                "name",
                "note",
                "role",
                "enterprise_id",
                "user_id",
                "teams",
                "state",
                "created_at",
                "expires_at",
                "revoked_at",
                "last_used_at",
                "overlap_ends_at",
                "secret",
            ]
        );
        assert!(body["user_id"].is_i64());
        body.as_object_mut().unwrap().remove("secret");
        body.as_object_mut().unwrap().remove("user_id");
        let expected = json!({
            "id": id, "name": "of a script", "note": "for the night", "role": "team",
            "enterprise_id": fixture.fill("{E1}"), "teams": [fixture.fill("{T}")], "state": "live",
            "created_at": "2026-11-22T08:06:55.298602Z", "expires_at": "2027-01-01T00:00:00Z",
            "revoked_at": null, "last_used_at": null, "overlap_ends_at": null,
        });
        assert_eq!(body, expected);
        let shown = fixture.get("{KA}", &format!("GET {TOKENS}/{id}"));
        assert!(!shown.text.contains("secret"), "{shown:?}");
        let listed = fixture.get("{KA}", &format!("GET {TOKENS}"));
        assert!(!listed.text.contains("secret") && listed.text.contains(&id), "{listed:?}");
        let team = fixture.call("", "GET /openapi/v1/teams/{T}").key(&secret).send();
        assert_eq!(team.status(), 200, "the secret works");
    }
}

#[test]
fn every_wrong_field_of_a_token_is_named() {
    for fixture in fixtures() {
        let send = |body: Value| fixture.send("{KA}", &format!("POST {TOKENS}"), &body);
        for (body, wrong) in [
            (json!({}), &[("/name", "required"), ("/role", "required")][..]),
            (json!({"name": null, "role": null}), &[("/name", "null"), ("/role", "null")]),
            (json!({"name": 1, "role": "king"}), &[("/name", "not_text"), ("/role", "invalid")]),
            (
                json!({"name": "n", "role": "viewer", "a/b~c": 1, "expires_at": "soon"}),
                &[("/expires_at", "invalid"), ("/a~1b~0c", "unknown")],
            ),
            (json!({"name": "x".repeat(65), "role": "viewer"}), &[("/name", "invalid")]),
        ] {
            assert_eq!(check_problem(&send(body), 400, "invalid_fields"), pairs(wrong));
        }
        let wrong = send(json!({"name": "n", "role": "viewer", "teams": ["{T}"]}));
        assert_eq!(check_problem(&wrong, 400, "invalid_fields")[0].0, "/teams");
        for body in ["", "[]", "{", "1"] {
            let call = fixture.call("{KA}", &format!("POST {TOKENS}"));
            let answer = call.body("application/json", body).send();
            assert_eq!(answer.status(), 400, "{body}: {answer:?}");
        }
        let call = fixture.call("{KA}", &format!("POST {TOKENS}"));
        let answer = call.body("text/plain", "{}").send();
        check_problem(&answer, 415, "unsupported_media_type");
    }
}

#[test]
fn lists_come_in_pages() {
    for fixture in fixtures() {
        for number in 0..5 {
            let body = json!({"name": format!("u{number}")});
            assert_eq!(fixture.send("{KA}", &format!("POST {USERS}"), &body).status(), 201);
        }
        for path in [TOKENS, USERS] {
            let all = fixture.get("{KA}", &format!("GET {path}?limit=1000")).json();
            let all = all["items"].as_array().unwrap().clone();
            assert!(all.len() > 2, "{path}");
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = fixture.get("{KA}", &format!("GET {path}?limit=2{cursor}")).json();
                paged.extend(page["items"].as_array().unwrap().clone());
                assert!(page["items"].as_array().unwrap().len() <= 2);
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(paged, all, "{path}");
            for query in ["limit=0", "limit=1001", "limit=x", "limit=-1", "cursor=x", "what=1"] {
                let answer = fixture.get("{KA}", &format!("GET {path}?{query}"));
                let name = query.split('=').next().unwrap();
                let wrong = check_problem(&answer, 400, "invalid_fields");
                assert_eq!(wrong[0].0, format!("/{name}"), "{path}?{query}");
            }
        }
    }
}

#[test]
fn an_admin_neither_makes_nor_sees_tokens_of_the_platform() {
    for fixture in fixtures() {
        let platform = id_in(&fixture.fill("{MK}")).unwrap();
        let body = json!({"name": "n", "role": "platform"});
        let made = fixture.send("{KA}", &format!("POST {TOKENS}"), &body);
        check_problem(&made, 403, "grant_refused");
        for (method, rest) in [("GET", ""), ("POST", "/rotate"), ("DELETE", "")] {
            let path = format!("{method} {TOKENS}/{platform}{rest}");
            check_problem(&fixture.call("{KA}", &path).send(), 404, "not_found");
        }
        let listed = fixture.get("{KA}", &format!("GET {TOKENS}?limit=1000"));
        assert!(!listed.text.contains(&platform.to_string()));
        let listed = fixture.get("{MK}", &format!("GET {TOKENS}?limit=1000"));
        assert!(listed.text.contains(&platform.to_string()));
    }
}

#[test]
fn users_are_added_once_and_told_whole() {
    for fixture in fixtures() {
        let made = fixture.send("{KA}", &format!("POST {USERS}"), &json!({"name": "安"}));
        let mut body = made.json();
        assert_eq!(made.status(), 201, "{made:?}");
        assert!(body["id"].as_i64().unwrap() > 0);
        body.as_object_mut()
            .unwrap()
            .retain(|name, _| ["name", "enterprise_id", "created_at"].contains(&name.as_str()));
        let enterprise = fixture.fill("{E1}");
        assert_eq!(
            body,
            json!({
                "name": "安", "enterprise_id": enterprise, "created_at": "2026-11-22T08:06:55.298602Z",
            })
        );
        let again = fixture.send("{KA}", &format!("POST {USERS}"), &json!({"name": "安"}));
        check_problem(&again, 409, "taken");
        let elsewhere = fixture.send("{KO}", &format!("POST {USERS}"), &json!({"name": "安"}));
        assert_eq!(elsewhere.status(), 201, "names are those of an enterprise");
    }
}

#[test]
fn a_token_acts_for_the_user_that_was_named() {
    for fixture in fixtures() {
        let user = fixture.send("{KA}", &format!("POST {USERS}"), &json!({"name": "bob"})).json();
        let body = json!({"name": "n", "role": Role::Operator.as_str(), "user": "bob"});
        let token = fixture.send("{KA}", &format!("POST {TOKENS}"), &body).json();
        assert_eq!(token["user_id"], user["id"]);
        let secret = token["secret"].as_str().unwrap();
        let team = fixture.call("", "POST /openapi/v1/teams").key(secret);
        let team = team.json(&json!({"tenant_name": "of bob"})).send().json();
        assert_eq!(team["creater"], user["id"]);
    }
}
