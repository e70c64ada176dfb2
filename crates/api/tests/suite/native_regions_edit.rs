//! Changing regions on the native face: merge patches, and which version they are meant for.

use serde_json::{Value, json};

use crate::native_regions::{REGIONS, region, wrong_fields};
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::Answer;

fn patch(fixture: &Fixture, tag: &str, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("PATCH {REGIONS}/{{r1}}"));
    call.header("if-match", tag).json(body).send()
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    for fixture in fixtures() {
        let mut expected = region(&fixture, "r1", "enabled");
        fixture.register.pass(chrono::TimeDelta::seconds(1));
        expected["updated_at"] = "2026-11-22T08:06:56.298602Z".into();
        for (number, (body, changes)) in [
            (json!({"alias": "New"}), json!({"alias": "New"})),
            (json!({"scope": "public"}), json!({"scope": "public"})),
            (json!({"description": "x"}), json!({"description": "x"})),
            (json!({"description": null}), json!({"description": ""})),
            (json!({"labels": {"a": "1", "b": "2"}}), json!({"labels": {"a": "1", "b": "2"}})),
            (json!({"labels": {"a": null, "c": ""}}), json!({"labels": {"b": "2", "c": ""}})),
            (json!({"labels": null}), json!({"labels": {}})),
        ]
        .into_iter()
        .enumerate()
        {
            let version = number + 2;
            expected = with(expected, &with(changes, &json!({"version": version})));
            let answer = patch(&fixture, &format!("\"{}\"", version - 1), &body);
            assert_eq!(answer.status(), 200, "{body} {answer:?}");
            assert_eq!(answer.header("etag"), format!("\"{version}\""));
            assert_eq!(answer.json(), with(expected.clone(), &json!({"warnings": []})), "{body}");
            let read = fixture.get("{KA}", &format!("GET {REGIONS}/{{r1}}"));
            assert_eq!(read.text, expected.to_string());
        }
    }
}

#[test]
fn an_address_is_changed_without_the_others() {
    for fixture in fixtures() {
        let mut addresses = region(&fixture, "r1", "enabled")["addresses"].clone();
        for (field, value) in [
            ("api_url", "https://a.example.com"),
            ("websocket_url", "wss://w.example.com"),
            ("http_domain", "new.example.com"),
            ("tcp_address", "192.0.2.1:80"),
        ] {
            let answer = patch(&fixture, "*", &json!({"addresses": {field: value}}));
            addresses[field] = value.into();
            assert_eq!((answer.status(), &answer.json()["addresses"]), (200, &addresses));
        }
        assert_eq!(fixture.stored("{r1}").region.version, 5);
    }
}

#[test]
fn a_patch_after_which_nothing_differs_writes_nothing() {
    for fixture in fixtures() {
        let body =
            json!({"alias": "a", "labels": {"x": null}, "addresses": {"tcp_address": "1.2.3.4"}});
        for body in [json!({}), body] {
            let answer = patch(&fixture, "\"1\"", &body);
            assert_eq!((answer.status(), answer.header("etag")), (200, "\"1\""));
        }
        let entries = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=edit_region");
        assert_eq!(entries.json()["items"], json!([]));
    }
}

#[test]
fn a_patch_says_for_which_version_it_is_meant() {
    for fixture in fixtures() {
        let path = format!("PATCH {REGIONS}/{{r1}}");
        let missing = fixture.send("{KA}", &path, &json!({"alias": "x"}));
        let told = (missing.status(), missing.json()["code"].clone());
        assert_eq!(told, (428, "precondition_required".into()));
        assert_eq!(patch(&fixture, "\"7\", \"1\"", &json!({"alias": "x"})).status(), 200);
        for stale in ["\"1\"", "W/\"2\"", "\"x\"", "\"02\"", "\"+2\""] {
            let refused = patch(&fixture, stale, &json!({"alias": "y"}));
            let body = refused.json();
            assert_eq!((refused.status(), &body["code"]), (412, &"stale".into()), "{stale}");
            assert_eq!((&body["current"], refused.header("etag")), (&"\"2\"".into(), "\"2\""));
        }
        assert_eq!(patch(&fixture, "2", &json!({"alias": "y"})).status(), 400);
        assert_eq!(fixture.stored("{r1}").region.alias.as_ref(), "x");
    }
}

#[test]
fn what_cannot_be_changed_so_is_refused() {
    for fixture in fixtures() {
        for (body, pointer, code) in [
            (json!({"alias": null}), "/alias", "null"),
            (json!({"alias": ""}), "/alias", "invalid"),
            (json!({"alias": "x".repeat(65)}), "/alias", "invalid"),
            (json!({"scope": null}), "/scope", "null"),
            (json!({"addresses": null}), "/addresses", "null"),
            (json!({"addresses": []}), "/addresses", "invalid"),
            (json!({"addresses": {"api_url": null}}), "/addresses/api_url", "null"),
            (json!({"addresses": {"api_url": "x"}}), "/addresses/api_url", "invalid"),
            (json!({"addresses": {"tcp_address": "x"}}), "/addresses/tcp_address", "invalid"),
            (json!({"labels": {"a": 1}}), "/labels", "invalid"),
            (json!({"labels": {"a\n": ""}}), "/labels", "invalid"),
            (json!({"name": "other"}), "/name", "unknown"),
            (json!({"status": "disabled"}), "/status", "unknown"),
            (json!({"version": 2}), "/version", "unknown"),
            (json!({"token": "x"}), "/token", "unknown"),
        ] {
            let refused = patch(&fixture, "*", &body);
            assert_eq!(wrong_fields(&refused), [(pointer.to_owned(), code.to_owned())], "{body}");
        }
        assert_eq!(fixture.stored("{r1}").region.version, 1);
    }
}

#[test]
fn a_region_has_at_most_sixty_four_labels_however_they_came() {
    for fixture in fixtures() {
        let labels = |from: usize, to: usize| -> Value {
            let labels = (from..to).map(|number| (format!("k{number}"), Value::from("")));
            json!({"labels": labels.collect::<serde_json::Map<_, _>>()})
        };
        assert_eq!(patch(&fixture, "*", &labels(0, 64)).status(), 200);
        let refused = patch(&fixture, "*", &labels(64, 65));
        assert_eq!(wrong_fields(&refused), [("/labels".to_owned(), "invalid".to_owned())]);
        let swapped = patch(&fixture, "*", &json!({"labels": {"k0": null, "k64": ""}}));
        assert_eq!(swapped.status(), 200, "{swapped:?}");
        assert_eq!(fixture.stored("{r1}").region.labels.len(), 64);
    }
}

#[test]
fn a_merge_patch_may_be_called_one() {
    for fixture in fixtures() {
        let send = |kind: &str| {
            let call = fixture.call("{KA}", &format!("PATCH {REGIONS}/{{r1}}"));
            call.header("if-match", "*").body(kind, r#"{"alias": "x"}"#).send().status()
        };
        assert_eq!(
            ["application/merge-patch+json", "application/json", "application/json-patch+json"]
                .map(send),
            [200, 200, 415]
        );
    }
}
