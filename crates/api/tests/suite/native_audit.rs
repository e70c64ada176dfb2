//! `/cadastre/v1/audit` and the credentials whose showing it tells.

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, REGIONS, SOMEWHERE, full, keys, with};
use crate::support::{Answer, registers};

const AUDIT: &str = "/cadastre/v1/audit";

/// A fixture with a region that has a token, `{secretive}`.
fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        fixture.add_region("{KA}", "secretive", &json!({"token": "a token of a cluster"}));
        fixture
    })
}

fn items(fixture: &Fixture, key: &str, query: &str) -> Vec<Value> {
    let listed = fixture.get(key, &format!("GET {AUDIT}?limit=1000&{query}"));
    assert_eq!(listed.status(), 200, "{query}: {listed:?}");
    listed.json()["items"].as_array().unwrap().clone()
}

fn credentials(fixture: &Fixture, key: &str) -> Answer {
    fixture.get(key, "GET /cadastre/v1/regions/{secretive}/credentials")
}

#[test]
fn an_entry_is_told_whole() {
    for fixture in fixtures() {
        let all = items(&fixture, "{KA}", "operation=create_region&object_kind=region");
        let entry = &all[0];
        assert_eq!(
            keys(entry),
            [
                "sequence",
                "at",
                "enterprise_id",
                "token_id",
                "user_id",
                "origin",
                "address",
                "request_id",
                "operation",
                "outcome",
                "object_kind",
                "object_id",
                "changes",
                "revealed",
                "reason",
                "hash",
            ]
        );
        assert_eq!(entry["at"], "2026-11-22T08:06:55.298602Z");
        assert_eq!(entry["enterprise_id"], fixture.fill("{E1}"));
        assert_eq!(entry["object_id"], fixture.fill("{secretive}"));
        assert_eq!((&entry["object_kind"], &entry["outcome"]), (&json!("region"), &json!("done")));
        assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
        let name = &entry["changes"][0];
        assert_eq!(name, &json!({"field": "name", "before": null, "after": "secretive"}));
        assert!(!entry.to_string().contains("a token of a cluster"));
    }
}

#[test]
fn filters_narrow_the_list_down() {
    for fixture in fixtures() {
        fixture.send("{KP}", &format!("POST {REGIONS}"), &full());
        fixture.get("wrong", &format!("GET {REGIONS}"));
        let shown = credentials(&fixture, "{KA}");
        let entry = &items(&fixture, "{KA}", "outcome=refused")[0];
        assert_eq!(entry["operation"], "create_region");
        let (token, user) = (entry["token_id"].as_str().unwrap(), &entry["user_id"]);
        for (query, expected) in [
            (format!("token_id={token}&outcome=refused"), 1),
            (format!("user_id={user}&outcome=refused"), 1),
            (format!("token_id={}", fixture.fill("{E2}")), 0),
            ("operation=create_region&object_kind=region&outcome=done".to_owned(), 1),
            (
                format!(
                    "object_kind=region&object_id={}&revealed=true",
                    fixture.fill("{secretive}")
                ),
                2,
            ),
            ("address=127.0.0.1&outcome=refused".to_owned(), 1),
            ("address=192.0.2.1".to_owned(), 0),
            ("since=2026-11-22T08:06:56Z".to_owned(), 0),
            ("until=2026-11-22T08:06:55Z".to_owned(), 0),
        ] {
            assert_eq!(items(&fixture, "{KA}", &query).len(), expected, "{query}");
        }
        // Nobody known belongs to no enterprise: only the platform sees who tried.
        assert_eq!(items(&fixture, "{KA}", "outcome=sign_in_failed"), Vec::<Value>::new());
        assert_eq!(items(&fixture, "{MK}", "outcome=sign_in_failed").len(), 1);
        let last = &items(&fixture, "{KA}", "revealed=true")[0];
        assert_eq!(last["request_id"], shown.header("x-request-id"));
        for query in ["outcome=x", "since=x", "user_id=x", "token_id=x", "revealed=1", "x=1"] {
            let answer = fixture.get("{KA}", &format!("GET {AUDIT}?{query}"));
            assert_eq!(answer.status(), 400, "{query}: {answer:?}");
        }
    }
}

#[test]
fn pages_go_back_in_time_and_miss_nothing_that_is_added_meanwhile() {
    for mut fixture in fixtures() {
        let all = items(&fixture, "{MK}", "");
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fixture.get("{MK}", &format!("GET {AUDIT}?limit=1{cursor}")).json();
            paged.extend(page["items"].as_array().unwrap().clone());
            let name = format!("more{}", paged.len());
            fixture.add_region("{KA}", &name, &json!({}));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, all);
    }
}

#[test]
fn secrets_are_shown_to_some_and_every_showing_is_told() {
    for mut fixture in fixtures() {
        use cadastre_domain::role::Role;
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        for (key, shown) in
            [("{MK}", true), ("{KA}", true), ("{operator}", false), ("{viewer}", false)]
        {
            let before = items(&fixture, "{MK}", "revealed=true").len();
            let answer = credentials(&fixture, key);
            assert_eq!(answer.status(), 200, "{answer:?}");
            let token = if shown { json!("a token of a cluster") } else { Value::Null };
            assert_eq!(answer.json()["token"], token, "{key}");
            let entries = items(&fixture, "{MK}", "revealed=true");
            assert_eq!(entries.len() - before, usize::from(shown), "{key}");
            if shown {
                assert_eq!(entries[0]["operation"], "get_region_credentials");
                assert_eq!(entries[0]["revealed"], json!(["token"]));
            }
        }
        // What is added is shown to its creator at once, if he may see it.
        let body = with(full(), &json!({"region_name": "n2", "token": "another token"}));
        for (key, name, shown) in [("{KA}", "n2", true), ("{operator}", "n3", false)] {
            let body = with(body.clone(), &json!({"region_name": name}));
            let added = fixture.send(key, &format!("POST {REGIONS}"), &body);
            assert_eq!(added.json()["token"].is_null(), !shown, "{key}");
        }
        let lists = fixture.get("{MK}", &format!("GET {REGIONS}"));
        assert!(!lists.text.contains("token"), "lists show none to anybody");
    }
}
