//! `/cadastre/v1/tokens`: how tokens are made and shown.

mod altered;
mod ends;
mod grants;
mod lists;

use cadastre_domain::id::TeamId;
use cadastre_domain::role::Role;
use cadastre_domain::team::Team;
use cadastre_storage::{StorageError, Tx};
use cadastre_testkit::sample::{self, hex, text};
use serde_json::{Value, json};

use crate::problems::{NOT_FOUND, check, check_wrong};
use crate::rainbond_fixture::{Fixture, SOMEWHERE};
use crate::support::{Answer, NOW, registers};

/// The path of all tokens.
const TOKENS: &str = "/cadastre/v1/tokens";
const ID: &str = "an identifier has 32 digits of 0-9 and a-f";

/// The keys of [`Fixture::bare`], the teams `{T}` and `{V}` of `{E1}`, and `{U}` of `{E2}`.
fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        fixture.add_team("{KA}", "T");
        fixture.add_team("{KA}", "V");
        fixture.add_team("{KO}", "U");
        fixture
    })
}

fn make(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.send(key, &format!("POST {TOKENS}"), body)
}

/// The token that was made, and its text.
fn made(answer: &Answer) -> (Value, String) {
    assert_eq!(answer.status(), 201, "{answer:?}");
    let mut token = answer.json();
    let secret = token.as_object_mut().unwrap().remove("secret").unwrap();
    (token, secret.as_str().unwrap().to_owned())
}

/// The identifiers of the tokens that a key lists.
fn listed(fixture: &Fixture, key: &str) -> Vec<String> {
    let page = fixture.get(key, &format!("GET {TOKENS}?limit=1000")).json();
    assert_eq!(page["next"], Value::Null);
    let id = |token: &Value| token["id"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(id).collect()
}

#[test]
fn a_token_is_made_with_everything_that_was_asked_for_and_shows_its_secret_once() {
    for fixture in fixtures() {
        let body = json!({
            "name": "of a script", "note": "for\nthe night", "user": "ann", "role": "team",
            "teams": ["{T}"], "expires_at": "2027-01-01T01:00:00.1234567+01:00",
        });
        let answer = make(&fixture, "{KA}", &body);
        let (token, secret) = made(&answer);
        let id = token["id"].as_str().unwrap();
        let expected = json!({
            "id": id, "name": "of a script", "note": "for\nthe night", "role": "team",
            "enterprise_id": fixture.fill("{E1}"), "user_id": token["user_id"],
            "teams": [fixture.fill("{T}")], "state": "live", "created_at": NOW,
            "expires_at": "2027-01-01T00:00:00.123456Z", "revoked_at": null, "last_used_at": null,
            "overlap_ends_at": null,
        });
        assert_eq!(token, expected);
        assert!(answer.text.ends_with(&format!(r#""secret":"{secret}"}}"#)), "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        let place = answer.header("location");
        assert_eq!(place, format!("{TOKENS}/{id}"));
        let shown = fixture.get("{KA}", &format!("GET {place}"));
        assert_eq!((shown.status(), shown.text), (200, expected.to_string()));
        let list = fixture.get("{KA}", &format!("GET {TOKENS}"));
        assert_eq!(list.json()["items"].as_array().unwrap().last(), Some(&expected));
        assert!(!list.text.contains("secret") && !list.text.contains(&secret));
    }
}

#[test]
fn the_text_of_a_token_names_it_and_holds_enough_chance() {
    for fixture in fixtures() {
        let mut seen = Vec::new();
        for n in 0..20 {
            let (token, text) =
                made(&make(&fixture, "{KA}", &json!({"name": format!("n{n}"), "role": "viewer"})));
            let begin = format!("cad_{}_", token["id"].as_str().unwrap());
            let chance = text.strip_prefix(&begin).unwrap().to_owned();
            // 27 letters and digits are 160 bits.
            assert!(chance.len() >= 27, "{text}");
            assert!(chance.bytes().all(|c| c.is_ascii_alphanumeric()), "{text}");
            assert!(!seen.contains(&chance), "{text}");
            seen.push(chance);
        }
    }
}

#[test]
fn a_token_needs_a_name_and_a_role_only() {
    for fixture in fixtures() {
        let short = json!({"name": "short", "role": "viewer"});
        let nulls = json!({
            "name": "nulls", "role": "viewer", "note": null, "user": null, "enterprise_id": null,
            "teams": null, "expires_at": null,
        });
        for body in [short, nulls] {
            let (token, _) = made(&make(&fixture, "{KA}", &body));
            let expected = json!({
                "id": token["id"], "name": body["name"], "note": "", "role": "viewer",
                "enterprise_id": fixture.fill("{E1}"), "user_id": token["user_id"], "teams": [],
                "state": "live", "created_at": NOW, "expires_at": null, "revoked_at": null,
                "last_used_at": null, "overlap_ends_at": null,
            });
            assert_eq!(token, expected);
            assert_eq!(user_name(&fixture, &token), body["name"]);
        }
    }
}

/// The name of the user for whom a token acts.
fn user_name(fixture: &Fixture, token: &Value) -> Value {
    let users = fixture.get("{MK}", "GET /cadastre/v1/users?limit=1000").json();
    let users = users["items"].as_array().unwrap();
    users.iter().find(|user| user["id"] == token["user_id"]).unwrap()["name"].clone()
}

#[test]
fn a_token_acts_for_the_user_that_is_named_who_is_added_when_there_is_none() {
    for fixture in fixtures() {
        let bob = fixture.send("{KA}", "POST /cadastre/v1/users", &json!({"name": "bob"})).json();
        let of = |user: &str, name: &str| {
            let body = json!({"name": name, "role": Role::Operator.as_str(), "user": user});
            made(&make(&fixture, "{KA}", &body))
        };
        let ((first, secret), (second, _)) = (of("bob", "one"), of("bob", "two"));
        assert_eq!((&first["user_id"], &second["user_id"]), (&bob["id"], &bob["id"]));
        let ((third, _), (fourth, _)) = (of("eve", "three"), of("eve", "four"));
        assert_eq!(third["user_id"], fourth["user_id"]);
        assert_eq!(user_name(&fixture, &third), "eve");
        // Users are those of an enterprise.
        let body = json!({"name": "n", "role": "viewer", "user": "bob"});
        let (elsewhere, _) = made(&make(&fixture, "{KO}", &body));
        assert_ne!(elsewhere["user_id"], bob["id"]);
        let team = fixture.call("", "POST /openapi/v1/teams").key(&secret);
        let team = team.json(&json!({"tenant_name": "of bob"})).send().json();
        assert_eq!(team["creater"], bob["id"]);
    }
}

#[test]
fn a_team_token_acts_for_the_teams_that_it_was_given() {
    for fixture in fixtures() {
        let body = |teams| json!({"name": "n", "role": "team", "teams": teams});
        for teams in [json!([]), json!(["{T}"]), json!(["{V}", "{T}"])] {
            let (token, secret) = made(&make(&fixture, "{KA}", &body(teams.clone())));
            let given: Value = serde_json::from_str(&fixture.fill(&teams.to_string())).unwrap();
            let mut stored = token["teams"].as_array().unwrap().clone();
            let mut wanted = given.as_array().unwrap().clone();
            stored.sort_by_key(Value::to_string);
            wanted.sort_by_key(Value::to_string);
            assert_eq!(stored, wanted);
            for team in ["{T}", "{V}", "{U}"] {
                let seen = fixture.call("", &format!("GET /openapi/v1/teams/{team}")).key(&secret);
                let member = wanted.contains(&fixture.fill(team).into());
                assert_eq!(seen.send().status(), if member { 200 } else { 404 }, "{teams} {team}");
            }
        }
        for team in ["{U}", "{E1}"] {
            let answer = make(&fixture, "{KA}", &body(json!(["{T}", team])));
            check(&answer, NOT_FOUND, team);
        }
    }
}

const NO_TEXT: (&str, &str) = ("not_text", "must be a string");

#[test]
fn a_token_is_given_at_most_a_hundred_teams_and_each_once() {
    for fixture in fixtures() {
        let teams: Vec<TeamId> = (1..=100).map(hex).collect();
        let (own, store) = (fixture.register.enterprise, &fixture.register.app.store);
        let add = move |tx: &mut dyn Tx| {
            (1..=100_u64).try_for_each(|number| {
                let name = text(&format!("team {number}"));
                let team = Team { id: hex(number), enterprise_id: own, name, ..sample::team() };
                tx.insert_team(&team)
            })
        };
        let added: Result<(), StorageError> = store.write(add);
        added.unwrap();
        let make = |teams: &[TeamId]| {
            let teams: Vec<_> = teams.iter().map(ToString::to_string).collect();
            make(&fixture, "{KA}", &json!({"name": "n", "role": "team", "teams": teams}))
        };
        let (answer, at) = (make(&teams), fixture.register.name);
        assert_eq!(answer.status(), 201, "{at}: {answer:?}");
        assert_eq!(answer.json()["teams"].as_array().map(Vec::len), Some(100));
        let too_many = ("/teams", "invalid", "must have at most 100 elements");
        let twice = format!("the team {} is named more than once", teams[0]);
        // As many as a body holds, and one that is named twice.
        for (teams, wrong) in [
            ([&teams[..], &teams[..1]].concat(), too_many),
            (vec![teams[0]; 15_000], too_many),
            (vec![teams[0], teams[1], teams[0]], ("/teams", "invalid", twice.as_str())),
        ] {
            check_wrong(&make(&teams), &[wrong], at);
        }
        // One that there is not, in the midst of others.
        let unknown = make(&[&teams[..50], &[hex(101)]].concat());
        check(&unknown, NOT_FOUND, at);
    }
}

#[test]
fn every_wrong_field_of_a_token_is_told_at_once_and_nothing_is_made() {
    let required = |pointer| (pointer, "required", "must be given");
    let role = ("/role", "invalid", "a role is one of platform, admin, operator, viewer, team");
    let long = ("/name", "invalid", "must have at most 64 characters");
    let time = "must be a time as 2026-11-24T08:00:00Z";
    let unknown = |pointer| (pointer, "unknown", "there is no such field");
    let cases = [
        (json!({}), vec![required("/name"), required("/role")]),
        (
            json!({"name": null, "role": null}),
            vec![("/name", "null", "must not be null"), ("/role", "null", "must not be null")],
        ),
        (json!({"name": 1, "role": "king"}), vec![("/name", NO_TEXT.0, NO_TEXT.1), role]),
        (json!({"name": "x".repeat(65), "role": "Viewer"}), vec![long, role]),
        (
            json!({"name": "a\nb", "role": "viewer", "note": "x".repeat(201), "user": ""}),
            vec![
                ("/name", "invalid", r"must not contain '\n'"),
                ("/note", "invalid", "must have at most 200 characters"),
                ("/user", "invalid", "must have at least 1 characters"),
            ],
        ),
        (
            json!({"name": "n", "role": "team", "enterprise_id": "E", "teams": ["x", 1, "{T}"]}),
            vec![
                ("/enterprise_id", "invalid", ID),
                ("/teams", "invalid", ID),
                ("/teams", NO_TEXT.0, NO_TEXT.1),
            ],
        ),
        (
            json!({"name": "n", "role": "team", "teams": "{T}", "expires_at": "soon"}),
            vec![("/teams", "invalid", "must be an array"), ("/expires_at", "invalid", time)],
        ),
        (
            json!({"name": "n", "role": "viewer", "teams": ["{T}"], "expires_at": NOW}),
            vec![
                ("/expires_at", "invalid", "must be in the future"),
                ("/teams", "invalid", "only a team token has teams"),
            ],
        ),
        (
            json!({"name": "n", "role": "viewer", "a/b~c": 1, "secret": "mine", "id": "x"}),
            vec![unknown("/a~1b~0c"), unknown("/secret"), unknown("/id")],
        ),
    ];
    for fixture in fixtures() {
        let before = listed(&fixture, "{MK}");
        for (body, wrong) in &cases {
            check_wrong(&make(&fixture, "{KA}", body), wrong, &body.to_string());
        }
        assert_eq!(listed(&fixture, "{MK}"), before);
    }
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    for fixture in fixtures() {
        let send = |kind: &str, body: &str| {
            fixture.call("{KA}", &format!("POST {TOKENS}")).body(kind, body).send()
        };
        let malformed = |detail| (400, "malformed_body", detail);
        let eof = "EOF while parsing an object at line 1 column 1";
        for (body, detail) in [
            ("[]", "the body must be an object"),
            ("1", "the body must be an object"),
            ("null", "the body must be an object"),
            ("{", eof),
            (r#"{"name":"a","name":"b"}"#, "a key stands twice in one object at line 1 column 18"),
        ] {
            check(&send("application/json", body), malformed(detail), body);
        }
        let other = send("text/plain", "{}");
        check(&other, (415, "unsupported_media_type", "send JSON"), "text");
    }
}
