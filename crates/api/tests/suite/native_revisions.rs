//! Versions of regions on the native face: listing, showing, comparing and going back.

use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_credentials_change::{material, replace};
use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{Fixture, fixtures as all_fixtures, with};
use crate::support::Answer;

const REVISIONS: &str = "/cadastre/v1/regions/{r1}/revisions";

/// A fixture with an operator and a viewer, in which `{r1}` had, from version 1 on: no token; the
/// token `one`; the alias `New`; the token `two`.
fn fixtures() -> impl Iterator<Item = Fixture> {
    all_fixtures().map(|mut fixture| {
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture.register.pass(TimeDelta::seconds(1));
        replace(&fixture, "{r1}", &json!({"token": "one"}));
        let edit = fixture.call("{KA}", "PATCH /cadastre/v1/regions/{r1}");
        let edit = edit.header("if-match", "*").json(&json!({"alias": "New"})).send();
        assert_eq!(edit.status(), 200, "{edit:?}");
        replace(&fixture, "{r1}", &json!({"token": "two"}));
        fixture
    })
}

fn revert(fixture: &Fixture, key: &str, version: i64, tag: &str) -> Answer {
    let call = fixture.call(key, &format!("POST {REVISIONS}/{version}/revert"));
    call.header("if-match", tag).send()
}

fn read(fixture: &Fixture, key: &str, query: &str) -> Value {
    let answer = fixture.get(key, &format!("GET {REVISIONS}{query}"));
    assert_eq!(answer.status(), 200, "{query}: {answer:?}");
    answer.json()
}

/// The first version, without whom it was made by.
fn first(fixture: &Fixture) -> Value {
    json!({
        "region_id": fixture.fill("{r1}"), "version": 1, "at": "2026-11-22T08:06:55.298602Z",
        "operation": "create_region", "name": "r1", "alias": "a",
        "addresses": {
            "api_url": fixture.fill("{url}"), "websocket_url": "ws://127.0.0.1:6060",
            "http_domain": "h.example.com", "tcp_address": "1.2.3.4",
        },
        "scope": "private", "status": "enabled", "description": "d", "labels": {},
    })
}

/// The number and the token of the caller `{KA}`, as entries tell them.
fn maker(fixture: &Fixture) -> Value {
    let entry = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=edit_region").json();
    let entry = &entry["items"][0];
    json!({"user_id": entry["user_id"], "token_id": entry["token_id"]})
}

#[test]
fn versions_are_listed_the_latest_first_without_credentials() {
    for fixture in fixtures() {
        let all = read(&fixture, "{KA}", "");
        let items = all["items"].as_array().unwrap();
        let told: Vec<_> =
            items.iter().map(|item| (&item["version"], &item["operation"])).collect();
        let (change, edit) = (json!("change_region_credentials"), json!("edit_region"));
        let versions = [json!(4), json!(3), json!(2), json!(1)];
        let operations = [&change, &edit, &change, &json!("create_region")];
        assert_eq!(told, versions.iter().zip(operations).collect::<Vec<_>>());
        assert_eq!((&items[2]["alias"], &items[1]["alias"]), (&json!("a"), &json!("New")));
        assert_eq!(items[3], with(first(&fixture), &maker(&fixture)));
        let again = read(&fixture, "{viewer}", "");
        assert_eq!(again, all);
        let page = read(&fixture, "{KA}", "?limit=3&fields=version");
        assert_eq!(page["items"], json!([{"version": 4}, {"version": 3}, {"version": 2}]));
        let next = page["next"].as_str().unwrap();
        let rest = read(&fixture, "{KA}", &format!("?fields=version&cursor={next}"));
        assert_eq!(rest, json!({"items": [{"version": 1}], "next": null}));
    }
}

#[test]
fn a_version_is_shown_with_the_credentials_that_it_had_to_those_who_see_secrets() {
    for fixture in fixtures() {
        let empty = json!({
            "secrets": [], "token": null, "ca": null, "certificate": null, "key": null,
        });
        let expected = with(first(&fixture), &maker(&fixture));
        let expected = with(expected, &json!({"credentials": empty}));
        assert_eq!(read(&fixture, "{KA}", "/1"), expected);
        for (version, token) in [(2, "one"), (3, "one"), (4, "two")] {
            let path = format!("/{version}");
            assert_eq!(read(&fixture, "{KA}", &path)["credentials"]["token"], token);
            for key in ["{operator}", "{viewer}"] {
                let shown = read(&fixture, key, &path)["credentials"].clone();
                assert_eq!(shown, with(empty.clone(), &json!({"secrets": ["token"]})), "{key}");
            }
        }
        let entries = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=get_revision").json();
        let told = |entry: &Value| (entry["revealed"].clone(), entry["reason"].clone());
        let told: Vec<_> = entries["items"].as_array().unwrap().iter().map(told).collect();
        let of = |version| (json!(["token"]), json!(format!("those of version {version}")));
        assert_eq!(told, [of(4), of(3), of(2)]);
        for unknown in ["/0", "/5", "/-1", "/x"] {
            let refused = fixture.get("{KA}", &format!("GET {REVISIONS}{unknown}"));
            let code = refused.json()["code"].clone();
            assert_eq!((refused.status(), code), (404, "not_found".into()), "{unknown}");
        }
    }
}

#[test]
fn two_versions_are_compared_without_any_secret() {
    for fixture in fixtures() {
        let same = read(&fixture, "{viewer}", "/compare?from=3&to=3");
        let expected =
            json!({"region_id": fixture.fill("{r1}"), "from": 3, "to": 3, "changes": []});
        assert_eq!(same, expected);
        let alias = json!({"field": "alias", "before": "a", "after": "New"});
        assert_eq!(read(&fixture, "{viewer}", "/compare?from=2&to=3")["changes"], json!([alias]));
        let all = read(&fixture, "{viewer}", "/compare?from=1&to=4");
        let token = all["changes"][1].clone();
        let print = token["after"]["fingerprint"].as_str().unwrap();
        assert_eq!((all["changes"].as_array().unwrap().len(), print.len()), (2, 16), "{all}");
        assert_eq!(
            token,
            json!({"field": "token", "before": null, "after": {"fingerprint": print}})
        );
        let back = read(&fixture, "{viewer}", "/compare?from=4&to=2")["changes"].clone();
        // The same secret has the same fingerprint, in entries, too.
        assert_eq!(back[1]["before"]["fingerprint"], print);
        let path = "GET /cadastre/v1/audit?operation=change_region_credentials";
        let entries = fixture.get("{KA}", path).json();
        assert_eq!(entries["items"][0]["changes"][0]["after"]["fingerprint"], print);
        for (query, field) in [("from=1", "/to"), ("to=1", "/from")] {
            let refused = fixture.get("{KA}", &format!("GET {REVISIONS}/compare?{query}"));
            assert_eq!(wrong_fields(&refused), [(field.into(), "required".into())]);
        }
        let unknown = fixture.get("{KA}", &format!("GET {REVISIONS}/compare?from=1&to=9"));
        assert_eq!(unknown.status(), 404);
    }
}

#[test]
fn who_sees_secrets_brings_them_back_in_a_new_version() {
    for fixture in fixtures() {
        let back = revert(&fixture, "{KA}", 2, "\"4\"");
        let mut expected = with(first(&fixture), &maker(&fixture));
        let made = json!({
            "version": 5, "at": "2026-11-22T08:06:56.298602Z", "operation": "revert_region",
        });
        expected = with(expected, &made);
        assert_eq!((back.status(), back.header("etag")), (200, "\"5\""), "{back:?}");
        assert_eq!(back.json(), expected);
        assert_eq!(read(&fixture, "{KA}", "/5")["credentials"]["token"], "one");
        let gone = revert(&fixture, "{KA}", 1, "\"5\"");
        assert_eq!((gone.status(), gone.header("etag")), (200, "\"6\""));
        assert_eq!(read(&fixture, "{KA}", "/6")["credentials"]["secrets"], json!([]));
        assert_eq!(read(&fixture, "{KA}", "/4")["credentials"]["token"], "two");
    }
}

#[test]
fn for_whoever_sees_no_secrets_the_credentials_stay() {
    for fixture in fixtures() {
        let back = revert(&fixture, "{operator}", 2, "*");
        assert_eq!((back.status(), &back.json()["alias"]), (200, &json!("a")), "{back:?}");
        assert_eq!(read(&fixture, "{KA}", "/5")["credentials"]["token"], "two");
        // Only the credentials differ, and so nothing does.
        let same = revert(&fixture, "{operator}", 1, "*");
        assert_eq!((same.status(), same.header("etag")), (200, "\"5\""));
        assert_eq!(fixture.stored("{r1}").credentials.token.unwrap().reveal(), "two");
    }
}

#[test]
fn going_back_obeys_the_rules_of_changes() {
    for fixture in fixtures() {
        for (tag, status) in [("\"3\"", 412), ("\"x\"", 412)] {
            assert_eq!(revert(&fixture, "{KA}", 2, tag).status(), status, "{tag}");
        }
        let missing = fixture.get("{KA}", &format!("POST {REVISIONS}/2/revert"));
        assert_eq!(missing.status(), 428);
        assert_eq!(revert(&fixture, "{KA}", 9, "*").status(), 404);
        for status in ["disabled", "editing"] {
            let call = fixture.call("{KA}", "POST /cadastre/v1/regions/{r1}/status");
            let set = call.header("if-match", "*").json(&json!({"status": status})).send();
            assert_eq!(set.status(), 200, "{set:?}");
        }
        // Version 5 is disabled. From there the region goes on, but never back into editing.
        assert_eq!(revert(&fixture, "{KA}", 4, "\"6\"").status(), 200);
        let refused = revert(&fixture, "{KA}", 6, "\"7\"");
        assert_eq!((refused.status(), &refused.json()["code"]), (409, &"status_refused".into()));
        assert_eq!(fixture.stored("{r1}").region.version, 7);
    }
}

#[test]
fn material_that_has_expired_since_is_not_brought_back() {
    let authority = Authority::new("authority");
    let old = material(&authority, &authority.issue_until("old", (2026, 12, 1)));
    let new = material(&authority, &authority.issue("new", &[]));
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &old);
        replace(&fixture, "{r1}", &new);
        fixture.register.pass(TimeDelta::days(20));
        let refused = revert(&fixture, "{KA}", 5, "*");
        assert_eq!(wrong_fields(&refused), [("/certificate".into(), "incoherent".into())]);
        assert_eq!(fixture.stored("{r1}").region.version, 6);
    }
}

#[test]
fn going_back_is_done_once_for_a_key() {
    for fixture in fixtures() {
        let ask = || {
            let call = fixture.call("{KA}", &format!("POST {REVISIONS}/2/revert"));
            call.header("if-match", "\"4\"").header("idempotency-key", "once").send()
        };
        let (first, again) = (ask(), ask());
        assert_eq!((first.status(), &first.text), (200, &again.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(fixture.stored("{r1}").region.version, 5);
    }
}
