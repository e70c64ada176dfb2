//! Who may do what on the rainbond face, and who sees which secrets.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_fixture::{Fixture, REGIONS, change, fixtures, full, required, with};
use crate::support::Answer;

const OPEN: &str = "POST /openapi/v1/teams/{T}/regions";
const ADD: &str = "POST /openapi/v1/regions";
const READ: &str = "GET /openapi/v1/teams/{T}";
const CHANGE: &str = "PUT /openapi/v2/manage/regions/{r1}";
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

/// A call, and its status for each role in the order of [`Role::ALL`]: first for tokens of the
/// enterprise that it is about, then for tokens of another one.
struct Operation {
    name: &'static str,
    request: &'static str,
    body: fn(&str) -> Value,
    own: [u16; 5],
    foreign: [u16; 5],
}

fn operation(
    name: &'static str,
    request: &'static str,
    body: fn(&str) -> Value,
    own: [u16; 5],
    foreign: [u16; 5],
) -> Operation {
    Operation { name, request, body, own, foreign }
}

fn nothing(_: &str) -> Value {
    json!({})
}

fn of_regions() -> [Operation; 3] {
    let add = |key: &str| with(full(), &json!({"region_name": key.trim_matches(['{', '}'])}));
    // A list is of the caller's own enterprise, whichever that is.
    let list = [200, 200, 200, 200, 403];
    let change_statuses = [200, 401, 401, 401, 401];
    [
        operation("list", "GET /openapi/v1/regions", nothing, list, list),
        operation("add", ADD, add, [201, 201, 201, 403, 403], [201, 404, 404, 403, 403]),
        operation("change", CHANGE, |_| change(), change_statuses, change_statuses),
    ]
}

fn of_teams() -> [Operation; 4] {
    let create = |_: &str| json!({"tenant_name": "t"});
    let managers = [201, 201, 201, 403, 403];
    let foreign = [201, 404, 404, 403, 404];
    let private = |_: &str| json!({"region": "r1"});
    let public = |_: &str| json!({"region": "pub"});
    [
        operation("create a team", "POST /openapi/v1/teams", create, managers, managers),
        operation("read a team", READ, nothing, [200; 5], [200, 404, 404, 404, 404]),
        operation("open a private region", OPEN, private, managers, foreign),
        operation("open a public region", OPEN, public, [201, 201, 201, 403, 201], foreign),
    ]
}

/// A fixture with a token of every role in both enterprises; the team tokens have a team each.
fn everybody() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        fixture.add_team("{KO}", "U");
        for (enterprise, team) in [("{E1}", "{T}"), ("{E2}", "{U}")] {
            for role in Role::ALL {
                let teams = if role == Role::Team { &[team][..] } else { &[] };
                fixture.add_token(&key(role, enterprise), role, enterprise, teams);
            }
        }
        fixture
    })
}

fn key(role: Role, enterprise: &str) -> String {
    format!("{role}-{}", enterprise.trim_matches(['{', '}']))
}

#[test]
fn every_role_may_do_what_the_table_says_in_its_own_and_in_another_enterprise() {
    for operation in of_regions().into_iter().chain(of_teams()) {
        for fixture in everybody() {
            for (enterprise, statuses) in [("{E1}", operation.own), ("{E2}", operation.foreign)] {
                // The weakest first: what is open already is open to more.
                for (role, status) in Role::ALL.into_iter().zip(statuses).rev() {
                    let key = format!("{{{}}}", key(role, enterprise));
                    let answer = fixture.send(&key, operation.request, &(operation.body)(&key));
                    let at = format!("{} by {key} on {}", operation.name, fixture.register.name);
                    assert_eq!(answer.status(), status, "{at}: {answer:?}");
                }
            }
        }
    }
}

#[test]
fn a_team_token_without_teams_sees_none_and_opens_nothing() {
    for fixture in fixtures() {
        assert_eq!(fixture.get("{KP}", "GET /openapi/v1/teams/{T}").json()["code"], 404);
        for region in ["pub", "r1", "zz", "foreign"] {
            let answer = fixture.send("{KP}", OPEN, &json!({"region": region}));
            assert_eq!(answer.json()["code"], 10402, "{region}");
        }
        assert!(!fixture.is_open("{T}", "{pub}"));
    }
}

#[test]
fn a_team_token_acts_for_its_own_teams_and_no_other_of_its_enterprise() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        assert_eq!(fixture.get("{member}", "GET /openapi/v1/teams/{T}").status(), 200);
        let other = fixture.get("{member}", "GET /openapi/v1/teams/{V}");
        let unknown = fixture.get("{member}", &format!("GET /openapi/v1/teams/{UNKNOWN}"));
        assert_eq!(steady(&other), steady(&unknown));
        let open = "POST /openapi/v1/teams/{V}/regions";
        let answer = fixture.send("{member}", open, &json!({"region": "pub"}));
        assert_eq!((answer.status(), answer.json()["code"].clone()), (403, json!(10402)));
        assert!(!fixture.is_open("{V}", "{pub}"));
    }
}

/// An answer without what differs from one to the next: whether the connection is kept depends on
/// how much of a body that nobody reads has arrived.
pub fn steady(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    let mut headers = headers
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date" | "connection"))
        .collect::<Vec<_>>();
    headers.sort();
    (answer.status(), answer.text.clone(), headers)
}

#[test]
fn what_belongs_to_another_enterprise_is_answered_exactly_like_what_does_not_exist() {
    let pairs = [
        ("GET /openapi/v1/teams/{U}", format!("GET /openapi/v1/teams/{UNKNOWN}")),
        ("GET /openapi/v1/teams/{U-name}", "GET /openapi/v1/teams/nobody".to_owned()),
        ("POST /openapi/v1/teams/{U}/regions", format!("POST /openapi/v1/teams/{UNKNOWN}/regions")),
        ("POST /openapi/v1/teams/{U-name}/regions", "POST /openapi/v1/teams/zz/regions".to_owned()),
    ];
    let bodies = [json!({"region": "r1"}), json!({"region": "foreign"}), json!({"region": ""})];
    for fixture in everybody() {
        for role in [Role::Admin, Role::Operator, Role::Viewer, Role::Team] {
            let key = format!("{{{}}}", key(role, "{E1}"));
            for (foreign, unknown) in &pairs {
                for body in &bodies {
                    let foreign = steady(&fixture.send(&key, foreign, body));
                    let unknown = steady(&fixture.send(&key, unknown, body));
                    assert_eq!(foreign, unknown, "{key} on {}", fixture.register.name);
                    assert!(foreign.0 == 404 || role == Role::Viewer, "{foreign:?}");
                }
            }
        }
        let add = |enterprise: &str| {
            steady(&fixture.send("{KA}", ADD, &with(full(), &json!({"enterprise_id": enterprise}))))
        };
        assert_eq!(add("{E2}"), add(UNKNOWN), "{}", fixture.register.name);
    }
}

#[test]
fn secrets_are_shown_to_those_who_may_see_them_and_certificates_to_all() {
    let given = with(json!({"token": "secret token", "status": 2}), &MATERIAL);
    let line = |field: &str| given[field].as_str().unwrap().lines().nth(1).unwrap().to_owned();
    let key_line = line("key_file");
    let hidden = with(given.clone(), &json!({"token": null, "key_file": null, "status": "2"}));
    let shown = with(given.clone(), &json!({"status": "2"}));
    for fixture in everybody() {
        for (role, expected) in
            [(Role::Platform, &shown), (Role::Admin, &shown), (Role::Operator, &hidden)]
        {
            let name = format!("of-{role}");
            let body = with(with(full(), &given), &json!({"region_name": name}));
            let key = format!("{{{}}}", key(role, "{E1}"));
            let answer = fixture.send(&key, ADD, &body);
            let found = answer.json();
            assert_eq!(answer.status(), 201, "{key}: {answer:?}");
            assert_eq!(&with(found.clone(), expected), &found, "{key}");
            assert_eq!(answer.text.contains("secret"), expected == &shown, "{key}");
            assert_eq!(answer.text.contains(&key_line), expected == &shown, "{key}");
            check_stored(&fixture, found["region_id"].as_str().unwrap(), &given);
        }
        for role in [Role::Platform, Role::Admin, Role::Operator, Role::Viewer] {
            let key = format!("{{{}}}", key(role, "{E1}"));
            let listed = fixture.get(&key, &format!("GET {REGIONS}"));
            assert_eq!(listed.json().as_array().unwrap().len(), 8, "{key}");
            for word in ["secret", &key_line, &line("ssl_ca_cert"), &line("cert_file")] {
                assert!(!listed.text.contains(word), "{key} lists {word}");
            }
        }
    }
}

/// Secrets that are hidden are kept none the less.
fn check_stored(fixture: &Fixture, region: &str, given: &Value) {
    let stored = fixture.stored(region).credentials;
    assert_eq!(stored.token.unwrap().reveal(), given["token"]);
    assert_eq!(stored.key.unwrap().reveal(), given["key_file"]);
    assert_eq!(stored.ca.unwrap().as_ref(), given["ssl_ca_cert"]);
    assert_eq!(stored.certificate.unwrap().as_ref(), given["cert_file"]);
}

#[test]
fn a_change_by_the_platform_shows_the_secrets_that_it_did_not_send() {
    let secrets = with(json!({"token": "secret token", "status": 2}), &MATERIAL);
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "safe", &secrets);
        let body = required(with(change(), &json!({"status": 2, "url": "{url}"})));
        let changed = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{safe}", &body);
        let found = changed.json();
        assert_eq!(
            (&found["token"], &found["key_file"]),
            (&json!("secret token"), &secrets["key_file"])
        );
    }
}
