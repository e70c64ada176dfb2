//! Changes that no row of the table gets done, because guards or conditions are in its way.

use std::collections::HashSet;

use cadastre_storage::AuditRecord;
use serde_json::{Value, json};

use super::expected::fields::REGION;
use super::{check, count, entries_behind, entry, fields};
use crate::rainbond_fixture::{Fixture, REGIONS, full, with};
use crate::support::Answer;

/// A change of a region.
struct Step {
    operation: &'static str,
    request: (&'static str, String),
    body: Value,
    /// The names of the fields that it changes.
    fields: Vec<&'static str>,
    /// The secret that the answer shows.
    revealed: &'static str,
}

fn steps(region: &str) -> Vec<Step> {
    let native = format!("/cadastre/v1/regions/{region}");
    let switch = ("PUT", format!("{REGIONS}/{region}/status"));
    let step = |operation, method, path: &str, body, fields: &[&'static str]| {
        let (request, fields) = ((method, format!("{native}{path}")), fields.to_vec());
        Step { operation, request, body, fields, revealed: "" }
    };
    let off = json!({"status": "offline"});
    let (maintenance, token) = (json!({"status": "maintenance"}), json!({"token": "two"}));
    let all = [&REGION[..], &["token"]].concat();
    vec![
        step("change_region_status", "POST", "/status", maintenance, &["status"]),
        Step {
            request: switch,
            revealed: "token",
            ..step("switch_region", "", "", off, &["status"])
        },
        step("change_region_credentials", "PATCH", "/credentials", token, &["token"]),
        step(
            "roll_back_region_credentials",
            "POST",
            "/credentials/rollback",
            json!({}),
            &["token"],
        ),
        step("remove_region", "DELETE", "", Value::Null, &all),
    ]
}

fn ask(fixture: &Fixture, step: &Step) -> Answer {
    let (method, path) = &step.request;
    let call = fixture.register.request(method, path).key(&fixture.fill("{admin}"));
    let call = call.header("if-match", "*");
    let answer = if step.body.is_null() { call.send() } else { call.json(&step.body).send() };
    assert!(answer.status() < 300, "{}: {answer:?}", step.operation);
    answer
}

/// Does all that, and checks the one entry of each; the operations.
pub fn change_what_the_table_does_not(fixture: &Fixture) -> HashSet<String> {
    let body = with(full(), &json!({"region_name": "told", "token": "one", "status": "1"}));
    let added = fixture.send("{admin}", &format!("POST {REGIONS}"), &body);
    assert_eq!(added.status(), 201, "{added:?}");
    let region = added.json()["region_id"].as_str().unwrap().to_owned();
    let done = steps(&region).into_iter().map(|step| {
        let before = count(fixture);
        let answer = ask(fixture, &step);
        let found = entries_behind(fixture, before);
        let [found] = &found[..] else { panic!("{}: {found:?}", step.operation) };
        let expected = AuditRecord {
            object_kind: Some("region".to_owned()),
            object_id: Some(region.clone()),
            revealed: step.revealed.to_owned(),
            ..entry(fixture, "admin", step.operation, &answer)
        };
        check(found, expected, step.operation);
        assert_eq!(fields(found), step.fields, "{}", step.operation);
        step.operation.to_owned()
    });
    done.collect()
}
