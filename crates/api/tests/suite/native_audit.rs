//! `/cadastre/v1/audit`: what an entry tells, and which entries are listed.

mod filters;
mod tokens;

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::material::{MATERIAL, material};
use crate::pages::{check_refusals, walk};
use crate::problems::{FORBIDDEN, STRANGER, check};
use crate::rainbond_fixture::{Fixture, REGIONS, SOMEWHERE, full, with};
use crate::support::{Answer, NOW, registers};

const AUDIT: &str = "/cadastre/v1/audit";

/// A fixture with a region that has secrets, `{secretive}`.
fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        let secrets = json!({"token": "a token of a cluster", "status": 2});
        fixture.add_region("{KA}", "secretive", &with(secrets, &MATERIAL));
        fixture
    })
}

/// The entries that a key lists, the latest first.
fn items(fixture: &Fixture, key: &str, query: &str) -> Vec<Value> {
    walk(fixture, key, AUDIT, &format!("limit=1000&{query}"), || {}).concat()
}

/// The latest entry of all.
fn last(fixture: &Fixture) -> Value {
    items(fixture, "{MK}", "").remove(0)
}

/// What stands in every entry by this key about a request with this answer, and more.
fn entry(fixture: &Fixture, key: &str, answer: &Answer, found: &Value, more: &Value) -> Value {
    let token = id_in(&fixture.fill(key)).unwrap();
    let owner = fixture.read(|tx| Ok(tx.find_token(token)?)).unwrap().caller;
    let expected = json!({
        "sequence": found["sequence"], "at": NOW, "enterprise_id": owner.enterprise_id.to_string(),
        "token_id": token.to_string(), "user_id": owner.user_id.0, "origin": "request",
        "address": "127.0.0.1", "request_id": answer.header("x-request-id"), "operation": null,
        "outcome": "done", "object_kind": null, "object_id": null, "changes": [], "revealed": [],
        "reason": null, "hash": found["hash"],
    });
    let hash = found["hash"].as_str().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_hexdigit()), "{found}");
    with(expected, more)
}

fn change(field: &str, before: &Value, after: &Value) -> Value {
    json!({"field": field, "before": before, "after": after})
}

/// The fingerprint in `value`, after a check of its form.
fn fingerprint(value: &Value) -> &str {
    let found = value["fingerprint"].as_str().unwrap_or_else(|| panic!("{value}"));
    assert!(found.len() == 16 && found.bytes().all(|c| c.is_ascii_hexdigit()), "{value}");
    assert_eq!(value.as_object().unwrap().len(), 1, "{value}");
    found
}

#[test]
fn an_entry_about_a_change_tells_every_field_before_and_after() {
    for fixture in fixtures() {
        let body = with(full(), &json!({"region_name": "told", "token": "of a cluster"}));
        let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
        let found = last(&fixture);
        let token = &found["changes"][9]["after"];
        fingerprint(token);
        let changes = [
            ("name", json!("told")),
            ("alias", json!("a")),
            ("api_url", json!(SOMEWHERE)),
            ("websocket_url", json!("ws://127.0.0.1:6060")),
            ("http_domain", json!("h.example.com")),
            ("tcp_address", json!("1.2.3.4")),
            ("scope", json!("private")),
            ("status", json!("enabled")),
            ("description", json!("d")),
            ("token", token.clone()),
        ];
        let region = added.json()["region_id"].as_str().unwrap().to_owned();
        let more = json!({
            "operation": "create_region", "object_kind": "region", "object_id": region,
            "changes": changes.map(|(field, after)| change(field, &Value::Null, &after)),
            "revealed": ["token"],
        });
        assert_eq!(found, entry(&fixture, "{KA}", &added, &found, &more));
        let edit = json!({
            "region_alias": "b", "url": SOMEWHERE, "wsurl": "ws://127.0.0.1:6060", "status": 2,
            "httpdomain": "h.example.com", "tcpdomain": "1.2.3.5", "scope": "private",
        });
        let request = format!("PUT /openapi/v2/manage/regions/{region}");
        let edited = fixture.send("{MK}", &request, &edit);
        assert_eq!(edited.status(), 200, "{edited:?}");
        let found = last(&fixture);
        let changes = [
            ("alias", "a", "b"),
            ("tcp_address", "1.2.3.4", "1.2.3.5"),
            ("status", "enabled", "disabled"),
        ];
        let more = json!({
            "operation": "update_region", "object_kind": "region", "object_id": region,
            "changes": changes.map(|(field, old, new)| change(field, &json!(old), &json!(new))),
            "revealed": ["token"],
        });
        assert_eq!(found, entry(&fixture, "{MK}", &edited, &found, &more));
    }
}

/// What an entry tells of the secrets of `{secretive}` that a change by the platform replaces.
fn told_of_secrets(fixture: &Fixture, token: &str, files: &Value) -> Vec<Value> {
    let edit = json!({
        "region_alias": "b", "url": "http://h", "wsurl": "ws://h", "status": 2,
        "httpdomain": "h", "tcpdomain": "1.2.3.4", "token": token,
    });
    let request = "PUT /openapi/v2/manage/regions/{secretive}";
    let answer = fixture.send("{MK}", request, &with(edit, files));
    assert_eq!(answer.status(), 200, "{answer:?}");
    let entry = last(fixture);
    assert!(
        !entry.to_string().contains(token) && !entry.to_string().contains("PRIVATE"),
        "{entry}"
    );
    let changes = entry["changes"].as_array().unwrap().clone();
    let secret = |change: &Value| ["token", "key"].contains(&change["field"].as_str().unwrap());
    changes.into_iter().filter(secret).collect()
}

#[test]
fn a_secret_is_told_by_a_fingerprint_that_shows_whether_it_is_the_same() {
    let authority = Authority::new("authority");
    let files = material(&authority, &authority.issue("another", &[]));
    // The text of the key as it is stored.
    let key = files["key_file"].as_str().unwrap();
    for mut fixture in fixtures() {
        let told = |token: &str| told_of_secrets(&fixture, token, &files);
        let first = told(key);
        assert_eq!(first.len(), 2, "{first:?}");
        let print = |change: &Value, when: &str| fingerprint(&change[when]).to_owned();
        assert_ne!(print(&first[0], "before"), print(&first[0], "after"));
        // The same text in another field is not recognised.
        assert_ne!(print(&first[0], "after"), print(&first[1], "after"));
        assert_eq!(told(key), [] as [Value; 0], "the same is no change");
        let second = told("three");
        assert_eq!(second.len(), 1, "{second:?}");
        assert_eq!(print(&second[0], "before"), print(&first[0], "after"));
        let back = told(key);
        assert_eq!(print(&back[0], "after"), print(&first[0], "after"));
        // Nor is the same text of another region.
        fixture.add_region("{KA}", "other", &json!({"token": key}));
        let other = last(&fixture);
        let token = other["changes"].as_array().unwrap().iter().find(|c| c["field"] == "token");
        assert_ne!(print(token.unwrap(), "after"), print(&first[0], "after"));
    }
}

#[test]
fn an_entry_about_a_refusal_tells_the_path_and_why_in_words_of_ours() {
    for mut fixture in fixtures() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        let users = "/cadastre/v1/users";
        let wrong = json!({"name": "", "entreprise": "a secret in the wrong place"});
        for (key, path, body, reason) in [
            ("{viewer}", users, json!({"name": "n"}), "the caller's role does not allow this"),
            ("{KA}", users, wrong, "invalid: name, "),
            (
                "{KA}",
                "/cadastre/v1/tokens",
                json!({"name": "n", "role": "platform"}),
                "the caller may not grant this role",
            ),
            (
                "{KA}",
                "/cadastre/v1/tokens",
                json!({"name": "n", "role": "viewer", "enterprise_id": "{E2}"}),
                "not found: Enterprise",
            ),
        ] {
            let answer = fixture.send(key, &format!("POST {path}"), &body);
            let found = last(&fixture);
            let more = json!({
                "operation": if path == users { "create_user" } else { "create_token" },
                "outcome": "refused", "object_kind": "path", "object_id": path, "reason": reason,
            });
            assert_eq!(found, entry(&fixture, key, &answer, &found, &more));
        }
        let broken = fixture.call("{KA}", &format!("POST {users}"));
        broken.body("application/json", r#"{"name":"a secret"#).send();
        assert_eq!(last(&fixture)["reason"], "the body does not parse");
    }
}

#[test]
fn an_entry_about_a_failed_sign_in_tells_which_token_was_claimed() {
    for fixture in fixtures() {
        let call = |key: &str| fixture.call("", "GET /cadastre/v1/users").key(key).send();
        let answer = call(&fixture.fill("{KX}"));
        let found = last(&fixture);
        let failed = json!({
            "operation": "list_users", "outcome": "sign_in_failed", "object_kind": "path",
            "object_id": "/cadastre/v1/users", "reason": "expired",
        });
        assert_eq!(found, entry(&fixture, "{KX}", &answer, &found, &failed));
        // Somebody who knows no more than the name of a token is not taken for its owner.
        let id = id_in(&fixture.fill("{KA}")).unwrap();
        let nobody = json!({"user_id": null, "enterprise_id": null, "reason": "unknown"});
        let claimed = call(&format!("cad_{id}_00000000000000000000000000000000"));
        let found = last(&fixture);
        let expected = with(failed.clone(), &nobody);
        assert_eq!(found, entry(&fixture, "{KA}", &claimed, &found, &expected));
        let unknown = call("nobody's token");
        let found = last(&fixture);
        let expected = with(with(failed, &nobody), &json!({"token_id": null}));
        assert_eq!(found, entry(&fixture, "{KA}", &unknown, &found, &expected));
        let before = last(&fixture);
        check(&fixture.get("", "GET /cadastre/v1/users"), STRANGER, "no token at all");
        assert_eq!(last(&fixture), before);
    }
}

#[test]
fn the_entries_are_listed_from_the_latest_to_the_first_and_new_ones_do_not_disturb() {
    for mut fixture in fixtures() {
        let all = items(&fixture, "{MK}", "");
        let sequences: Vec<_> = all.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
        let expected: Vec<_> = (1..=i64::try_from(all.len()).unwrap()).rev().collect();
        assert_eq!(sequences, expected);
        for limit in [1, 3, 1000] {
            let mut added = 0;
            let query = format!("limit={limit}");
            let before = items(&fixture, "{MK}", "");
            let key = fixture.fill("{KA}");
            let register = &fixture.register;
            let pages = walk(&fixture, "{MK}", AUDIT, &query, || {
                added += 1;
                let user = json!({"name": format!("user {limit} {added}")});
                let call = register.request("POST", "/cadastre/v1/users").key(&key);
                assert_eq!(call.json(&user).send().status(), 201);
            });
            assert_eq!(pages.concat(), before, "{limit}");
            assert_eq!(pages.len(), before.len().div_ceil(limit), "{limit}");
        }
        check_refusals(&fixture, "{KA}", AUDIT);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        check(&fixture.get("{operator}", &format!("GET {AUDIT}")), FORBIDDEN, "operator");
    }
}
