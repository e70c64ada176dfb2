//! The status rules over the wire: every pair of statuses, and what keeps a region from being
//! enabled.

use cadastre_domain::region::Status;
use cadastre_storage::StorageError;
use cadastre_testkit::sample;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::certificates::{Authority, Certificate};
use crate::rainbond_fixture::{
    Fixture, bare_fixtures, change, fixtures, full, required, with, wrong_fields,
};
use crate::support::Answer;

/// Whether a region may go from one status to another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    IfReady,
    Closed,
}

use Way::{Closed, IfReady, Open};

/// From each status (row) to each (column): editing, enabled, disabled, in maintenance.
const WAYS: [[Way; 4]; 4] = [
    [Open, IfReady, Open, Closed],
    [Closed, Open, Open, Open],
    [Open, IfReady, Open, Closed],
    [Closed, IfReady, Open, Open],
];

const WORDS: [&str; 4] = ["编辑中(0)", "启用(1)", "停用(2)", "维护中(3)"];

fn credentials(ca: &str, certificate: &str, key: &str) -> Value {
    json!({"ssl_ca_cert": ca, "cert_file": certificate, "key_file": key})
}

fn coherent() -> Value {
    let authority = Authority::new("authority");
    let Certificate { pem, key, .. } = authority.issue("register", &[]);
    credentials(&authority.pem(), &pem, &key)
}

/// Moves the region to a status, giving these fields besides those that are required.
fn put(fixture: &Fixture, region: &str, status: usize, more: &Value) -> Answer {
    let here = json!({"status": status, "url": "{url}"});
    let body = with(with(required(change()), more), &here);
    fixture.send("{MK}", &format!("PUT /openapi/v2/manage/regions/{{{region}}}"), &body)
}

fn why(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(body["code"], 20400, "{answer:?}");
    let errors = body["err"].as_object().unwrap();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["status"], "{answer:?}");
    errors["status"][0].as_str().unwrap().to_owned()
}

fn no_way(from: usize, to: usize) -> String {
    let open = |other: &usize| *other != from && WAYS[from][*other] != Closed;
    let allowed = (0..4).filter(open).map(|other| WORDS[other]).collect::<Vec<_>>().join("、");
    format!("集群状态不能从{}变为{}，允许变为：{allowed}", WORDS[from], WORDS[to])
}

#[test]
fn each_of_the_sixteen_changes_is_as_the_table_says() {
    for (kind, material, years) in
        [("none", json!({}), 0), ("good", coherent(), 0), ("that ran out", coherent(), 20)]
    {
        for mut fixture in bare_fixtures() {
            let pairs = (0..4).flat_map(|from| (0..4).map(move |to| (from, to)));
            for (from, to) in pairs.clone() {
                let given = with(material.clone(), &json!({"status": from}));
                fixture.add_region("{KA}", &format!("from{from}to{to}"), &given);
            }
            fixture.register.pass(TimeDelta::days(366 * years));
            for (from, to) in pairs {
                let name = format!("from{from}to{to}");
                let before = fixture.stored(&format!("{{{name}}}")).region;
                let answer = put(&fixture, &name, to, &json!({}));
                let after = fixture.stored(&format!("{{{name}}}")).region;
                let at = format!("{from} to {to} with {kind} on {}", fixture.register.name);
                let way = WAYS[from][to];
                if way == Open || (way == IfReady && years == 0) {
                    assert_eq!(answer.status(), 200, "{at}: {answer:?}");
                    assert_eq!(answer.json()["status"], to.to_string(), "{at}");
                    assert_eq!(after.version, before.version + 1, "{at}");
                } else {
                    assert_eq!(answer.status(), 400, "{at}: {answer:?}");
                    assert_eq!(why(&answer) == no_way(from, to), way == Closed, "{at}: {answer:?}");
                    assert_eq!(after, before, "{at}");
                }
            }
        }
    }
}

#[test]
fn a_region_is_added_in_any_status() {
    for (kind, material) in [("none", json!({})), ("good", coherent())] {
        for fixture in bare_fixtures() {
            for status in 0..4 {
                let name = format!("{kind}{status}");
                let body = with(full(), &json!({"region_name": name, "status": status}));
                let body = with(body, &material);
                let added = fixture.send("{KA}", "POST /openapi/v1/regions", &body);
                assert_eq!(added.status(), 201, "{name} on {}: {added:?}", fixture.register.name);
                assert_eq!(added.json()["status"], status.to_string());
            }
        }
    }
}

/// TLS material that does not fit together, and the fields that are to blame.
fn incoherent() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (good, other) = (ours.issue("register", &[]), ours.issue("other", &[]));
    let (expired, strange) = (ours.issue_expired("expired"), theirs.issue("strange", &[]));
    let ca = ours.pem();
    let garbage = "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----";
    vec![
        ("garbage", credentials(&ca, garbage, &good.key), vec!["cert_file"]),
        (
            "words",
            credentials("words", "words", "words"),
            vec!["ssl_ca_cert", "cert_file", "key_file"],
        ),
        ("a file's name", credentials("/ca.pem", &good.pem, &good.key), vec!["ssl_ca_cert"]),
        ("another's key", credentials(&ca, &good.pem, &other.key), vec!["key_file"]),
        ("no key", credentials(&ca, &good.pem, ""), vec!["key_file"]),
        ("no certificate", credentials(&ca, "", &good.key), vec!["cert_file"]),
        ("expired", credentials(&ca, &expired.pem, &expired.key), vec!["cert_file"]),
        ("another authority", credentials(&ca, &strange.pem, &strange.key), vec!["cert_file"]),
        ("a key as CA", credentials(&good.key, &good.pem, &good.key), vec!["ssl_ca_cert"]),
    ]
}

fn check_refusal(answer: &Answer, blamed: &[&str], material: &Value, at: &str) {
    assert_eq!(answer.status(), 400, "{at}: {answer:?}");
    assert_eq!(wrong_fields(answer), blamed, "{at}: {answer:?}");
    for line in material["key_file"].as_str().unwrap().lines().filter(|line| line.len() > 20) {
        assert!(!answer.text.contains(line), "{at}: the key is quoted");
    }
}

#[test]
fn a_region_is_not_added_in_any_status_with_tls_material_that_does_not_fit() {
    for fixture in bare_fixtures() {
        for (kind, material, blamed) in incoherent() {
            for status in 0..4 {
                let body = with(with(full(), &material), &json!({"status": status}));
                let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &body);
                let at = format!("{kind} in {status} on {}", fixture.register.name);
                check_refusal(&answer, &blamed, &material, &at);
            }
        }
        assert!(fixture.listed("{KA}").is_empty(), "{}", fixture.register.name);
    }
}

#[test]
fn a_region_does_not_get_tls_material_that_does_not_fit_whatever_its_status() {
    for fixture in fixtures() {
        for (kind, material, blamed) in incoherent() {
            for (region, status) in [("r2", 2), ("r2", 1), ("r1", 1), ("r0", 0), ("r3", 3)] {
                let at = format!("{kind} of {region} on {}", fixture.register.name);
                let before = fixture.stored(&format!("{{{region}}}")).region;
                let answer = put(&fixture, region, status, &material);
                check_refusal(&answer, &blamed, &material, &at);
                assert_eq!(fixture.stored(&format!("{{{region}}}")).region, before, "{at}");
            }
        }
        assert_eq!(put(&fixture, "r2", 1, &coherent()).status(), 200);
    }
}

/// What earlier versions took: material of which nothing can be read.
#[test]
fn a_region_whose_stored_tls_material_does_not_fit_is_not_enabled_but_can_be_changed() {
    for mut fixture in bare_fixtures() {
        fixture.add_region("{KA}", "first", &json!({}));
        let mut detail = sample::region();
        detail.region.enterprise_id = fixture.id("{E1}");
        detail.region.status = Status::Disabled;
        detail.region.addresses.api = sample::text(&fixture.fill("{url}"));
        detail.credentials.ca = Some(sample::text("words"));
        detail.credentials.certificate = Some(sample::text("words"));
        detail.credentials.key = Some("words".to_owned().into());
        fixture.call_it("old", &json!(detail.region.id.to_string()));
        let stored: Result<_, StorageError> = fixture
            .register
            .app
            .store
            .write(move |tx| tx.insert_region(&detail, sample::changed_by()));
        stored.unwrap();
        let why = why(&put(&fixture, "old", 1, &json!({})));
        assert!(why.starts_with("集群尚未就绪，不能启用："), "{why}");
        for field in ["ssl_ca_cert", "cert_file", "key_file"] {
            assert!(why.contains(&format!("{field}: ")), "{field} in {why}");
        }
        assert_eq!(put(&fixture, "old", 2, &json!({})).status(), 200);
        assert_eq!(put(&fixture, "old", 1, &coherent()).status(), 200);
    }
}

#[test]
fn nothing_of_a_refused_change_is_stored() {
    for fixture in fixtures() {
        let refused = with(change(), &json!({"status": 0}));
        let answer = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &refused);
        assert_eq!(why(&answer), no_way(1, 0));
        let after = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &required(full()));
        for (field, value) in
            [("token", json!(null)), ("cert_file", json!(null)), ("desc", json!("d"))]
        {
            assert_eq!(after.json()[field], value, "{field} on {}", fixture.register.name);
        }
        assert_eq!(after.json()["scope"], "private");
    }
}

#[test]
fn a_certificate_that_ran_out_matters_only_when_the_region_is_enabled_anew() {
    for mut fixture in bare_fixtures() {
        fixture.add_region("{KA}", "r", &coherent());
        fixture.register.pass(TimeDelta::days(365 * 20));
        assert_eq!(put(&fixture, "r", 1, &json!({})).status(), 200);
        assert_eq!(put(&fixture, "r", 3, &json!({})).status(), 200);
        let why = why(&put(&fixture, "r", 1, &json!({})));
        assert!(why.contains("cert_file: ") && why.contains("ssl_ca_cert: "), "{why}");
    }
}

#[test]
fn a_region_that_is_not_ready_and_whose_name_is_taken_is_told_both() {
    for fixture in fixtures() {
        let both = json!({"region_name": "r1", "cert_file": "x", "key_file": "y"});
        let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &with(full(), &both));
        let body = answer.json();
        let wrong = body["err"].as_object().unwrap().keys().collect::<Vec<_>>();
        assert_eq!(wrong, ["region_name", "cert_file", "key_file"], "{}", fixture.register.name);
    }
}
