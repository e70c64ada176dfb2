//! Registering regions on the native face.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_regions::{REGIONS, wrong_fields};
use crate::rainbond_fixture::{Fixture, bare_fixtures, with};
use crate::support::{Answer, NOW};

/// A body with all that must be given.
pub fn least(name: &str) -> Value {
    json!({"name": name, "addresses": {
        "api_url": "https://api.example.com:8443", "websocket_url": "wss://ws.example.com",
        "http_domain": "apps.example.com", "tcp_address": "192.0.2.7",
    }})
}

fn post(fixture: &Fixture, body: &Value) -> Answer {
    fixture.send("{KA}", &format!("POST {REGIONS}"), body)
}

fn post_with_key(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("POST {REGIONS}"));
    call.header("idempotency-key", key).json(body).send()
}

#[test]
fn a_region_is_registered_and_shown_whole() {
    for fixture in bare_fixtures() {
        let authority = Authority::new("ca");
        let (client, key) = {
            let issued = authority.issue_until("client", (2026, 12, 1));
            (issued.pem, issued.key)
        };
        let body = with(
            least("shanghai-1"),
            &json!({
                "alias": "Shanghai", "scope": "public", "status": "enabled",
                "description": "the first", "labels": {"zone": "east", "tier": "1"},
                "credentials": {"token": "tk", "ca": authority.pem(), "certificate": client, "key": key},
            }),
        );
        let made = post(&fixture, &body);
        assert_eq!(made.status(), 201, "{made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let shown = json!({
            "id": id, "enterprise_id": fixture.fill("{E1}"), "name": "shanghai-1",
            "alias": "Shanghai", "addresses": body["addresses"], "scope": "public",
            "status": "enabled", "description": "the first",
            "labels": {"tier": "1", "zone": "east"},
            "certificates_expire_at": "2026-12-01T00:00:00Z", "created_at": NOW,
            "updated_at": NOW, "version": 1,
        });
        let warning = json!({
            "part": "certificate", "expires_at": "2026-12-01T00:00:00Z",
            "detail": "the client certificate expires at 2026-12-01 00:00:00 UTC",
        });
        assert_eq!(made.json(), with(shown.clone(), &json!({"warnings": [warning]})));
        assert_eq!(made.header("location"), format!("{REGIONS}/{id}"));
        assert_eq!(made.header("etag"), "\"1\"");
        let read = fixture.get("{KA}", &format!("GET {REGIONS}/{id}"));
        assert_eq!(read.text, shown.to_string());
        // The first of an enterprise brings a team along, which has it open.
        let stored = fixture.read(|tx| Ok(tx.openings_of_region(id.parse().unwrap(), None, 9)?));
        assert_eq!(stored.len(), 1);
    }
}

#[test]
fn what_is_left_out_has_its_usual_value() {
    for fixture in bare_fixtures() {
        let made = post(&fixture, &least("r"));
        let (id, enterprise) = (made.json()["id"].clone(), fixture.fill("{E1}"));
        let expected = json!({
            "id": id, "enterprise_id": enterprise, "name": "r", "alias": "r",
            "addresses": least("r")["addresses"], "scope": "private", "status": "editing",
            "description": "", "labels": {}, "certificates_expire_at": null, "created_at": NOW,
            "updated_at": NOW, "version": 1, "warnings": [],
        });
        assert_eq!(made.text, expected.to_string());
    }
}

#[test]
fn every_wrong_field_is_named_by_its_pointer() {
    for fixture in bare_fixtures() {
        let nothing = wrong_fields(&post(&fixture, &json!({})));
        let required = [
            "/name",
            "/addresses/api_url",
            "/addresses/websocket_url",
            "/addresses/http_domain",
            "/addresses/tcp_address",
        ];
        assert_eq!(nothing, required.map(|field| (field.to_owned(), "required".to_owned())));
        for (changes, pointer, code) in [
            (json!({"name": "a b"}), "/name", "invalid"),
            (json!({"name": null}), "/name", "null"),
            (json!({"alias": ""}), "/alias", "invalid"),
            (json!({"scope": "all"}), "/scope", "invalid"),
            (json!({"status": "1"}), "/status", "invalid"),
            (json!({"status": 1}), "/status", "not_text"),
            (json!({"labels": {"-": ""}}), "/labels", "invalid"),
            (json!({"labels": {"k": 1}}), "/labels", "invalid"),
            (json!({"labels": ["k"]}), "/labels", "invalid"),
            (json!({"credentials": "x"}), "/credentials", "invalid"),
            (json!({"credentials": {"token": ""}}), "/credentials/token", "invalid"),
            (json!({"credentials": {"keys": "x"}}), "/credentials/keys", "unknown"),
            (json!({"addresses/api_url": "http://h"}), "/addresses~1api_url", "unknown"),
            (json!({"id": "x"}), "/id", "unknown"),
        ] {
            let refused = post(&fixture, &with(least("r"), &changes));
            let expected = [(pointer.to_owned(), code.to_owned())];
            assert_eq!(wrong_fields(&refused), expected, "{changes}");
        }
        let mut body = least("r");
        body["addresses"]["api_url"] = "ftp://h".into();
        body["addresses"]["port"] = 1.into();
        let wrong = wrong_fields(&post(&fixture, &body));
        let wrong: Vec<_> = wrong.iter().map(|(pointer, code)| (&**pointer, &**code)).collect();
        assert_eq!(wrong, [("/addresses/api_url", "invalid"), ("/addresses/port", "unknown")]);
    }
}

#[test]
fn tls_material_that_is_not_coherent_is_refused_in_any_status_and_named() {
    for fixture in bare_fixtures() {
        let (authority, other) = (Authority::new("ca"), Authority::new("other"));
        let (good, expired) = (authority.issue("client", &[]), authority.issue_expired("client"));
        for (credentials, pointer) in [
            (json!({"ca": "garbage"}), "/credentials/ca"),
            (
                json!({"certificate": "x".repeat(10_000), "key": good.key}),
                "/credentials/certificate",
            ),
            (json!({"certificate": good.pem, "key": expired.key}), "/credentials/key"),
            (json!({"certificate": expired.pem, "key": expired.key}), "/credentials/certificate"),
            (
                json!({"ca": other.pem(), "certificate": good.pem, "key": good.key}),
                "/credentials/certificate",
            ),
        ] {
            for status in ["editing", "enabled", "disabled", "maintenance"] {
                let changes = json!({"status": status, "credentials": credentials});
                let refused = post(&fixture, &with(least("r"), &changes));
                let expected = [(pointer.to_owned(), "incoherent".to_owned())];
                assert_eq!(wrong_fields(&refused), expected, "{changes}");
            }
        }
        assert_eq!(fixture.listed("{KA}"), Vec::<String>::new());
    }
}

#[test]
fn a_name_that_is_taken_anywhere_is_a_conflict() {
    for fixture in bare_fixtures() {
        assert_eq!(post(&fixture, &least("taken")).status(), 201);
        for key in ["{KA}", "{KO}"] {
            let refused = fixture.send(key, &format!("POST {REGIONS}"), &least("taken"));
            assert_eq!((refused.status(), refused.json()["code"].as_str()), (409, Some("taken")));
        }
        assert_eq!(fixture.listed("{KA}"), ["taken"]);
    }
}

#[test]
fn a_request_with_a_key_is_done_once_and_answered_the_same_however_late() {
    for fixture in bare_fixtures() {
        let issued = Authority::new("ca").issue_until("client", (2026, 11, 23));
        let credentials = json!({"certificate": issued.pem, "key": issued.key});
        let body = with(least("once"), &json!({"credentials": credentials}));
        let first = post_with_key(&fixture, "k1", &body);
        assert_eq!((first.status(), first.header("idempotency-replayed")), (201, ""));
        // By then the certificate has expired, and the name is taken.
        fixture.register.pass(TimeDelta::hours(23));
        let again = post_with_key(&fixture, "k1", &body);
        assert_eq!((again.status(), &again.text), (201, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        for header in ["location", "etag"] {
            assert_eq!(again.header(header), first.header(header));
        }
        let other = post_with_key(&fixture, "k1", &least("other"));
        assert_eq!(
            (other.status(), other.json()["code"].as_str()),
            (422, Some("idempotency_key_reused"))
        );
        assert_eq!(fixture.listed("{KA}"), ["once"]);
    }
}

#[test]
fn secrets_that_are_given_are_not_shown_and_their_showing_is_not_claimed() {
    for fixture in bare_fixtures() {
        let body = with(least("r"), &json!({"credentials": {"token": "a secret token"}}));
        let made = post(&fixture, &body);
        assert!(!made.text.contains("secret"), "{made:?}");
        let entries = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=register_region");
        let entries = entries.json();
        let of_region: Vec<_> = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["object_kind"] == "region")
            .collect();
        assert_eq!(of_region.len(), 1, "{entries}");
        assert_eq!(of_region[0]["revealed"], json!([]), "{entries}");
        assert!(!entries.to_string().contains("a secret token"));
    }
}
