//! A single region as `GET /openapi/v1/regions/{name or id}` shows it (contract 6.1).

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::material::{MATERIAL, material};
use crate::rainbond_clusters::{calling, calling_with_token};
use crate::rainbond_fixture::{Fixture, fixtures, full, keys, with};
use crate::stub_cluster::NOWHERE;
use crate::support::Answer;

const KEYS: [&str; 19] = [
    "region_name",
    "region_alias",
    "url",
    "wsurl",
    "httpdomain",
    "tcpdomain",
    "scope",
    "ssl_ca_cert",
    "cert_file",
    "key_file",
    "desc",
    "used_disk",
    "total_disk",
    "used_memory",
    "total_memory",
    "used_cpu",
    "total_cpu",
    "health_status",
    "status",
];

fn show(fixture: &Fixture, key: &str, region: &str) -> Answer {
    fixture.get(key, &format!("GET /openapi/v1/regions/{region}"))
}

/// What is shown of a region that was added with [`full`], these changes, and TLS material.
fn shown(name: &str, key: &Value) -> String {
    let body = json!({
        "region_name": name, "region_alias": "a", "url": "{url}", "wsurl": "ws://127.0.0.1:6060",
        "httpdomain": "h.example.com", "tcpdomain": "1.2.3.4", "scope": "private",
        "ssl_ca_cert": MATERIAL["ssl_ca_cert"], "cert_file": MATERIAL["cert_file"],
        "key_file": key, "desc": "d", "status": "1",
    });
    body.to_string()
}

#[test]
fn a_region_is_shown_by_its_name_and_by_its_identifier_with_twelve_keys_while_no_cluster_is_called()
{
    let given = with(MATERIAL.clone(), &json!({"token": "tk"}));
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "safe", &given);
        let expected = fixture.fill(&shown("safe", &MATERIAL["key_file"]));
        for region in ["safe", "{safe}", "safe?extend_info=true", "safe?region_id={r1}"] {
            let answer = show(&fixture, "{KA}", region);
            assert_eq!((answer.status(), &answer.text), (200, &expected), "{region}");
        }
    }
}

#[test]
fn the_key_is_shown_to_those_who_may_see_it_and_that_is_noted() {
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "safe", &with(MATERIAL.clone(), &json!({"token": "tk"})));
        for (role, reveal) in [
            (Role::Viewer, false),
            (Role::Operator, false),
            (Role::Admin, true),
            (Role::Platform, true),
        ] {
            fixture.add_token("somebody", role, "{E1}", &[]);
            let key = if reveal { &MATERIAL["key_file"] } else { &Value::Null };
            let expected = fixture.fill(&shown("safe", key));
            // A second time, when it may come from memory.
            for _ in 0..2 {
                let before = fixture.entries("show_region").len();
                assert_eq!(show(&fixture, "{somebody}", "safe").text, expected, "{role}");
                let entries = fixture.entries("show_region");
                assert_eq!(entries.len(), before + usize::from(reveal), "{role}");
                if reveal {
                    let found = (entries[0].revealed.as_str(), entries[0].object_id.clone());
                    assert_eq!(found, ("key", Some(fixture.fill("{safe}"))), "{role}");
                }
            }
            fixture.forget("somebody");
        }
    }
}

#[test]
fn a_region_without_a_key_is_shown_without_a_word_in_the_audit() {
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "tokened", &json!({"token": "tk"}));
        for region in ["r1", "r1", "tokened", "tokened"] {
            let answer = show(&fixture, "{KA}", region);
            assert_eq!(answer.json()["key_file"], json!(null), "{answer:?}");
            assert!(!answer.text.contains("tk"), "{answer:?}");
        }
        assert_eq!(fixture.entries("show_region").len(), 0, "{}", fixture.register.name);
    }
}

#[test]
fn what_was_changed_is_shown_at_once() {
    let other = Authority::new("other");
    let other = material(&other, &other.issue("register", &[]));
    for mut fixture in fixtures() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        for key in ["{viewer}", "{KA}", "{MK}"] {
            for material in [&*MATERIAL, &other] {
                let change = with(material.clone(), &json!({"region_name": "r1"}));
                let changed = fixture.send("{KA}", "POST /openapi/v1/grctl/ip", &change);
                assert_eq!(changed.status(), 200, "{changed:?}");
                for _ in 0..2 {
                    let found = show(&fixture, key, "r1").json();
                    assert_eq!(found["cert_file"], material["cert_file"], "{key}");
                }
            }
            for alias in ["one", "two"] {
                let body = with(full(), &json!({"region_alias": alias}));
                let put = "PUT /openapi/v2/manage/regions/{r1}";
                assert_eq!(fixture.send("{MK}", put, &body).status(), 200);
                for _ in 0..2 {
                    assert_eq!(show(&fixture, key, "r1").json()["region_alias"], alias, "{key}");
                }
            }
        }
        assert_eq!(show(&fixture, "{viewer}", "r2").status(), 200);
        let deleted = fixture.get("{MK}", "DELETE /openapi/v2/manage/regions/{r2}");
        assert_eq!(deleted.status(), 200, "{deleted:?}");
        assert_eq!(show(&fixture, "{viewer}", "r2").status(), 404);
    }
}

#[test]
fn a_cluster_that_may_be_called_is_called_only_when_it_is_asked_for() {
    for (fixture, cluster) in calling() {
        for query in ["", "?extend_info=True", "?extend_info=1", "?extend_info=true&extend_info="] {
            let answer = show(&fixture, "{KA}", &format!("r1{query}"));
            assert_eq!(keys(&answer.json()), KEYS, "{query}");
            let zero = r#""used_disk":0.0,"total_disk":0.0,"used_memory":0.0,"total_memory":0.0,"#;
            assert!(answer.text.contains(zero), "{answer:?}");
            assert_eq!(answer.json()["health_status"], "ok", "{query}");
        }
        assert_eq!(cluster.seen(), [], "{}", fixture.register.name);
    }
}

#[test]
fn what_a_cluster_has_is_shown_with_disk_in_gib() {
    let said = json!({"bean": {
        "cap_cpu": 8, "req_cpu": 2.5, "cap_mem": 16384, "req_mem": 512,
        "cap_disk": 3_221_225_472_u64, "req_disk": 536_870_912, "all_node": 3,
    }});
    let expected = r#""used_disk":0.5,"total_disk":3.0,"used_memory":512.0,"total_memory":16384.0,"used_cpu":2.5,"total_cpu":8.0,"health_status":"ok","status":"1"}"#;
    for (mut fixture, cluster, fields) in calling_with_token() {
        fixture.add_region("{KA}", "asked", &fields);
        cluster.forget();
        cluster.answer_on("GET /v2/cluster", 200, &said);
        let answer = show(&fixture, "{KA}", "{asked}?extend_info=true");
        assert!(answer.text.ends_with(expected), "{answer:?}");
        let seen = cluster.seen();
        let asked: Vec<_> = seen.iter().map(|seen| (&*seen.line, &*seen.authorization)).collect();
        assert_eq!(asked, [("GET /v2/cluster", "tk")], "{}", fixture.register.name);
    }
}

#[test]
fn a_cluster_that_does_not_say_what_it_has_fails_and_its_region_is_shown_none_the_less() {
    for (mut fixture, cluster) in calling() {
        let fails = |region: &str| {
            let answer = show(&fixture, "{KA}", &format!("{region}?extend_info=true"));
            assert_eq!(answer.status(), 200, "{answer:?}");
            let found = answer.json();
            assert_eq!(
                (&found["health_status"], &found["total_cpu"]),
                (&json!("failure"), &json!(0.0))
            );
        };
        for (status, said) in [
            (500, json!({"msg": "no"})),
            (404, json!({})),
            (200, json!({})),
            (200, json!({"bean": {"cap_cpu": 1}})),
        ] {
            cluster.answer(status, &said);
            fails("r1");
        }
        cluster.answer(200, &json!({}));
        fixture.add_region("{KA}", "away", &json!({"status": 2}));
        let moved = json!({"region_name": "away", "url": NOWHERE});
        assert_eq!(fixture.send("{KA}", "POST /openapi/v1/grctl/ip", &moved).status(), 200);
        let answer = show(&fixture, "{KA}", "away?extend_info=true").json();
        assert_eq!(answer["health_status"], "failure", "{}", fixture.register.name);
    }
}
