//! What is as it should be already leaves no entry, unless secrets are shown.

use serde_json::{Value, json};

use super::{count, entries_behind, in_each_world};
use crate::rainbond_fixture::{Fixture, REGIONS, full, with};
use crate::support::Answer;

/// Asks for a change; a null body is none.
fn ask(fixture: &Fixture, key: &str, request: &str, body: &Value) -> Answer {
    let call = fixture.call(key, request);
    let native = request.contains(" /cadastre/");
    let call = if native { call.header("if-match", "*") } else { call };
    if body.is_null() { call.send() } else { call.json(body).send() }
}

/// Things to ask for, and the status of the answer.
fn changes() -> Vec<(&'static str, &'static str, Value, u16)> {
    let managed = json!({
        "region_alias": "same", "url": "http://h", "wsurl": "ws://h", "httpdomain": "h",
        "tcpdomain": "1.2.3.4", "status": "1",
    });
    let address = json!({"region_name": "r1", "http_domain": "same.example.com"});
    let name = json!({"name": "same"});
    vec![
        ("{admin}", "POST /openapi/v1/teams/{T}/regions", json!({"region": "r1"}), 201),
        ("{platform}", "PUT /openapi/v2/manage/regions/{r1}", managed, 200),
        ("{admin}", "POST /openapi/v1/grctl/ip", address, 200),
        ("{admin}", "PUT /openapi/v1/regions/{r1}/status", json!({"status": "OFFLINE"}), 200),
        ("{admin}", "PUT /openapi/v1/teams/{T}", json!({"tenant_alias": "same"}), 200),
        ("{admin}", "PATCH /cadastre/v1/regions/{r1}", json!({"description": "same"}), 200),
        ("{admin}", "PATCH /cadastre/v1/regions/{r1}/credentials", json!({"token": "same"}), 200),
        ("{admin}", "POST /cadastre/v1/regions/{r1}/revisions/1/revert", Value::Null, 200),
        (
            "{admin}",
            "PATCH /cadastre/v1/maintenance/{window}",
            json!({"ends_at": "2026-11-23T04:00:00Z"}),
            200,
        ),
        ("{admin}", "PATCH /cadastre/v1/teams/{T}", json!({"alias": "the same"}), 200),
        (
            "{admin}",
            "PATCH /cadastre/v1/teams/{T}/openings/{r1}",
            json!({"quota": {"memory_mb": 5}}),
            200,
        ),
        ("{admin}", "PATCH /cadastre/v1/nodes/{node}", name.clone(), 200),
        ("{admin}", "POST /cadastre/v1/nodes/{node}/disable", Value::Null, 200),
        ("{admin}", "POST /cadastre/v1/nodes/{node}/enable", Value::Null, 200),
        ("{admin}", "DELETE /cadastre/v1/nodes/{node}/keys/{node-ak}?force=true", Value::Null, 204),
        ("{admin}", "PATCH /cadastre/v1/dial-variables/{variable}", json!({"value": "same"}), 200),
        ("{admin}", "PATCH /cadastre/v1/users/{user}", name.clone(), 200),
        ("{admin}", "PATCH /cadastre/v1/enterprises/{E1}", name, 200),
        ("{admin}", "DELETE /cadastre/v1/tokens/{token}", Value::Null, 204),
    ]
}

#[test]
fn what_is_as_it_should_be_already_leaves_no_entry() {
    in_each_world(|fixture| {
        for (key, request, body, status) in changes() {
            let before = count(fixture);
            let answers = [(); 3].map(|()| ask(fixture, key, request, &body));
            assert!(answers.iter().all(|answer| answer.status() == status), "{answers:?}");
            assert!(answers.iter().all(|answer| answer.text == answers[0].text), "{answers:?}");
            let entries = entries_behind(fixture, before);
            assert_eq!(entries.len(), 1, "{request}: {entries:?}");
            assert_ne!(entries[0].changes, "[]", "{request}");
            assert_eq!(entries[0].request_id.as_deref(), Some(answers[0].header("x-request-id")));
        }
    });
}

#[test]
fn a_change_of_nothing_that_shows_secrets_is_told_as_what_it_is() {
    in_each_world(|fixture| {
        let body = with(full(), &json!({"region_name": "secretive", "token": "of a cluster"}));
        let added = fixture.send("{admin}", &format!("POST {REGIONS}"), &body).json();
        let id = added["region_id"].as_str().unwrap();
        let same = json!({
            "region_alias": "a", "url": full()["url"], "wsurl": full()["wsurl"], "status": "1",
            "httpdomain": full()["httpdomain"], "tcpdomain": full()["tcpdomain"],
            "token": "of a cluster",
        });
        let before = count(fixture);
        let request = format!("PUT /openapi/v2/manage/regions/{id}");
        let answer = fixture.send("{platform}", &request, &same);
        assert_eq!((answer.status(), &answer.json()["token"]), (200, &json!("of a cluster")));
        let entries = entries_behind(fixture, before);
        assert_eq!(entries.len(), 1, "{entries:?}");
        let told = (entries[0].changes.as_str(), entries[0].revealed.as_str());
        assert_eq!(told, ("[]", "token"), "{entries:?}");
    });
}
