//! Adding and showing a single region on the management interface (contract 6.2).

use serde_json::json;

use crate::material::MATERIAL;
use crate::rainbond_clusters::calling;
use crate::rainbond_fixture::{
    Fixture, bare_fixtures, fixtures, full, refusal, with, wrong_fields,
};
use crate::rainbond_roles::steady;
use crate::stub_cluster::NOWHERE;
use crate::support::Answer;

const ADD: &str = "POST /openapi/v2/manage/regions";

fn show(fixture: &Fixture, region: &str) -> Answer {
    fixture.get("{MK}", &format!("GET /openapi/v2/manage/regions/{region}"))
}

/// What is shown of a region that was added with these secrets; `id` is its identifier.
fn shown(id: &str) -> String {
    let body = json!({
        "region_id": id, "region_name": "new1", "region_alias": "a", "url": "{url}",
        "token": "tk", "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com",
        "tcpdomain": "1.2.3.4", "scope": "private", "ssl_ca_cert": null, "cert_file": null,
        "key_file": null, "status": "1", "desc": "d",
    });
    with(body, &MATERIAL).to_string()
}

#[test]
fn a_region_is_added_to_any_enterprise_and_answered_and_shown_with_fourteen_keys() {
    for fixture in bare_fixtures() {
        let given = with(with(full(), &MATERIAL), &json!({"token": "tk", "enterprise_id": "{E2}"}));
        let added = fixture.send("{MK}", ADD, &given);
        let id = added.json()["region_id"].as_str().unwrap_or_default().to_owned();
        let expected = fixture.fill(&shown(&id));
        assert_eq!((added.status(), &added.text), (201, &expected));
        assert_eq!(show(&fixture, &id).text, expected, "{}", fixture.register.name);
        assert_eq!(fixture.stored(&id).region.enterprise_id, fixture.id("{E2}"));
        for operation in ["create_managed_region", "get_managed_region"] {
            let entries = fixture.entries(operation);
            let found: Vec<_> = entries.iter().map(|entry| entry.revealed.as_str()).collect();
            let expected: &[_] =
                if operation.starts_with("get") { &["token,key"] } else { &["", "", "token,key"] };
            assert_eq!(found, expected, "{operation} on {}", fixture.register.name);
        }
    }
}

#[test]
fn without_an_enterprise_it_is_the_caller_s_own() {
    for fixture in bare_fixtures() {
        for (name, nothing) in [("a", json!(null)), ("b", json!(""))] {
            let body = with(full(), &json!({"region_name": name, "enterprise_id": nothing}));
            let added = fixture.send("{MK}", ADD, &body);
            assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        }
        assert_eq!(fixture.listed("{KA}"), ["a", "b"], "{}", fixture.register.name);
    }
}

#[test]
fn what_is_refused_on_the_other_path_is_refused_here() {
    let unknown = refusal((404, "enterprise not found", "企业不存在"));
    for fixture in fixtures() {
        for name in ["zzz", "0123456789abcdef0123456789abcdef", "{r1}"] {
            let answer = fixture.send("{MK}", ADD, &with(full(), &json!({"enterprise_id": name})));
            assert_eq!((answer.status(), &answer.text), (404, &unknown), "{name}");
        }
        let bad = json!({"region_name": "foreign", "url": "bad", "scope": "bad"});
        let answer = fixture.send("{MK}", ADD, &with(full(), &bad));
        assert_eq!(wrong_fields(&answer), ["region_name", "url", "scope"], "{answer:?}");
        assert_eq!(fixture.listed("{KA}").len(), 5, "{}", fixture.register.name);
    }
}

#[test]
fn a_cluster_that_does_not_answer_is_told_here_too() {
    for (fixture, _) in calling() {
        let answer = fixture.send("{MK}", ADD, &with(full(), &json!({"url": NOWHERE})));
        assert_eq!(answer.status(), 400, "{}: {answer:?}", fixture.register.name);
        assert_eq!(answer.json()["msg"], "test link region field");
    }
}

#[test]
fn an_unknown_region_is_told_as_published() {
    for fixture in fixtures() {
        for region in ["zz", "r1", "0123456789abcdef0123456789abcdef", "{E1}", "-"] {
            let answer = show(&fixture, region);
            let expected = r#"{"msg":"数据中心不存在"}"#;
            assert_eq!((answer.status(), answer.text.as_str()), (404, expected), "{region}");
        }
        assert_eq!(fixture.entries("get_managed_region").len(), 0);
    }
}

#[test]
fn a_region_without_secrets_is_shown_without_a_word_in_the_audit() {
    for fixture in fixtures() {
        for region in ["{r1}", "{foreign}"] {
            let found = show(&fixture, region).json();
            assert_eq!((&found["token"], &found["key_file"]), (&json!(null), &json!(null)));
        }
        assert_eq!(fixture.entries("get_managed_region").len(), 0, "{}", fixture.register.name);
    }
}

#[test]
fn whoever_is_not_of_the_platform_is_nobody_whatever_he_asks_for() {
    for fixture in fixtures() {
        for request in [
            "GET /openapi/v2/manage/regions/{r1}",
            "GET /openapi/v2/manage/regions/zz",
            "GET /openapi/v2/manage/regions",
            ADD,
            "DELETE /openapi/v2/manage/regions/{r2}",
        ] {
            let told = steady(&fixture.get("wrong", request));
            assert!(told.1.contains(r#""detail":"token is invalid""#), "{request}: {told:?}");
            for key in ["{KA}", "{KO}", "{KP}", "{KX}"] {
                assert_eq!(steady(&fixture.get(key, request)), told, "{request} {key}");
            }
        }
        assert_eq!(fixture.listed("{KA}").len(), 5, "{}", fixture.register.name);
    }
}
