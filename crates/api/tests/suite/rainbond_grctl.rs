//! `POST /openapi/v1/grctl/ip` (contract 6.4): other addresses and certificates, by name.

use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_fixture::{Fixture, fixtures, refusal, with, without, wrong, wrong_fields};
use crate::rainbond_roles::steady;
use crate::support::Answer;

const POST: &str = "POST /openapi/v1/grctl/ip";

/// A body with every field.
fn all() -> Value {
    let addresses = json!({
        "region_name": "r1", "url": "https://new.example.com:8443", "ws_url": "wss://n.x:6060",
        "http_domain": "n.x", "tcp_domain": "9.9.9.9:80",
    });
    with(addresses, &MATERIAL)
}

fn post(fixture: &Fixture, body: &Value) -> Answer {
    fixture.send("{KA}", POST, body)
}

fn done() -> String {
    refusal((200, "success", "更新成功"))
}

/// The region `r1` as the management interface shows it.
fn r1(fixture: &Fixture) -> Value {
    fixture.get("{MK}", "GET /openapi/v2/manage/regions/{r1}").json()
}

#[test]
fn all_seven_values_are_stored_and_nothing_else_is_touched() {
    for fixture in fixtures() {
        let before = r1(&fixture);
        let answer = post(&fixture, &all());
        assert_eq!((answer.status(), answer.text), (200, done()));
        let changes = json!({
            "url": "https://new.example.com:8443", "wsurl": "wss://n.x:6060", "httpdomain": "n.x",
            "tcpdomain": "9.9.9.9:80",
        });
        let expected = with(with(before, &changes), &MATERIAL);
        assert_eq!(r1(&fixture), expected, "{}", fixture.register.name);
    }
}

#[test]
fn what_is_left_out_stays_each_by_itself() {
    for fixture in fixtures() {
        assert_eq!(post(&fixture, &all()).status(), 200);
        let before = r1(&fixture);
        for field in without(all(), &["region_name"]).as_object().unwrap().keys() {
            assert_eq!(post(&fixture, &without(all(), &[field])).status(), 200, "{field}");
            assert_eq!(r1(&fixture), before, "{field}");
        }
        assert_eq!(post(&fixture, &json!({"region_name": "r1"})).status(), 200);
        assert_eq!(r1(&fixture), before, "{}", fixture.register.name);
    }
}

#[test]
fn null_and_empty_text_clear_certificates() {
    for fixture in fixtures() {
        for nothing in [json!(null), json!(""), json!(" ")] {
            assert_eq!(post(&fixture, &all()).status(), 200);
            let body = json!({
                "region_name": "r1", "ssl_ca_cert": nothing, "cert_file": nothing,
                "key_file": nothing,
            });
            assert_eq!(post(&fixture, &body).status(), 200, "{nothing}");
            let found = r1(&fixture);
            for field in ["ssl_ca_cert", "cert_file", "key_file"] {
                assert_eq!(found[field], json!(null), "{nothing} {field}");
            }
        }
    }
}

#[test]
fn every_field_is_judged_as_everywhere_and_nothing_of_a_refused_body_is_stored() {
    let bad = json!({
        "url": "bad", "ws_url": "ftp://h", "http_domain": null, "tcp_domain": "256.1.1.1",
    });
    for fixture in fixtures() {
        let before = r1(&fixture);
        let answer = post(&fixture, &with(all(), &bad));
        let expected = json!({
            "url": ["集群API地址非法"], "ws_url": ["集群Websocket地址非法"],
            "http_domain": ["该字段不能为 null。"], "tcp_domain": ["TCP访问地址非法"],
        });
        assert_eq!((answer.status(), answer.text), (400, wrong(&expected)));
        for (changes, fields) in [
            (json!({"url": ""}), &["url"][..]),
            (json!({"http_domain": "h".repeat(257)}), &["http_domain"]),
            (json!({"cert_file": []}), &["cert_file"]),
            (json!({"cert_file": null}), &["cert_file"]),
            (json!({"key_file": null}), &["key_file"]),
            (json!({"ssl_ca_cert": "words", "key_file": "words"}), &["ssl_ca_cert", "key_file"]),
            (json!({"region_name": ""}), &["region_name"]),
            (json!({"region_name": "r".repeat(65)}), &["region_name"]),
        ] {
            let answer = post(&fixture, &with(all(), &changes));
            assert_eq!(answer.status(), 400, "{changes}: {answer:?}");
            assert_eq!(wrong_fields(&answer), fields, "{changes}");
        }
        assert_eq!(wrong_fields(&post(&fixture, &json!({}))), ["region_name"]);
        assert_eq!(r1(&fixture), before, "{}", fixture.register.name);
    }
}

#[test]
fn a_region_of_another_enterprise_is_as_if_it_were_not_there_but_for_the_platform() {
    let nobody = refusal((404, "region not found", "数据中心不存在"));
    for fixture in fixtures() {
        let unknown = post(&fixture, &with(all(), &json!({"region_name": "zz"})));
        assert_eq!((unknown.status(), &unknown.text), (404, &nobody));
        // Nor is an identifier enough.
        for name in ["foreign", "{foreign}", "{r1}", "a b", "R1"] {
            let answer = post(&fixture, &with(all(), &json!({"region_name": name})));
            assert_eq!(steady(&answer), steady(&unknown), "{name}");
        }
        let moved = with(all(), &json!({"region_name": "foreign"}));
        assert_eq!(fixture.send("{MK}", POST, &moved).text, done());
        let found = fixture.stored("{foreign}").region.addresses;
        assert_eq!(found.http_domain.as_ref(), "n.x", "{}", fixture.register.name);
    }
}

#[test]
fn a_change_leaves_one_entry_without_a_secret_and_no_change_leaves_none() {
    for fixture in fixtures() {
        for expected in [1, 1] {
            assert_eq!(post(&fixture, &all()).status(), 200);
            let entries = fixture.entries("readdress_region");
            assert_eq!(entries.len(), expected, "{}", fixture.register.name);
            assert_eq!(entries[0].revealed, "");
            let key = MATERIAL["key_file"].as_str().unwrap().lines().nth(1).unwrap();
            assert!(!entries[0].changes.contains(key), "{}", entries[0].changes);
        }
    }
}

#[test]
fn a_form_does_as_well() {
    for fixture in fixtures() {
        let answer = fixture
            .call("{KA}", POST)
            .body("application/x-www-form-urlencoded", "region_name=r1&url=http%3A%2F%2Fform&ip=1")
            .send();
        assert_eq!((answer.status(), answer.text), (200, done()));
        assert_eq!(r1(&fixture)["url"], "http://form", "{}", fixture.register.name);
    }
}
