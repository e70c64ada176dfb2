//! The status of regions on the native face: every way, what stands against it, and what would come
//! of it.

use cadastre_domain::region::Status;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_regions::{REGIONS, region};
use crate::native_regions_register::least;
use crate::native_watches::add_node;
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::Answer;

/// Asks for a status; `options` stand behind the path.
pub fn set(fixture: &Fixture, region: &str, status: &str, options: &str) -> Answer {
    let call = fixture.call("{KA}", &format!("POST {REGIONS}/{{{region}}}/status{options}"));
    let call = if options.is_empty() { call.header("if-match", "*") } else { call };
    call.json(&json!({"status": status})).send()
}

/// An impact where nothing is touched.
pub fn untouched(dialling: (&str, Value)) -> Value {
    let (before, after) = dialling;
    json!({
        "allowed": true, "refusals": [], "teams": [], "openings": [],
        "dialling_before": before, "dialling_after": after, "nodes": 0, "tasks": 0, "windows": [],
    })
}

/// The ways that there are: those of the plan.
fn may(from: Status, to: Status) -> bool {
    use Status::{Disabled, Editing, Enabled, Maintenance};
    from == to
        || match from {
            Editing => matches!(to, Enabled | Disabled),
            Enabled => matches!(to, Disabled | Maintenance),
            Disabled => matches!(to, Editing | Enabled),
            Maintenance => matches!(to, Enabled | Disabled),
        }
}

const REGION_OF: [(&str, Status); 4] = [
    ("r0", Status::Editing),
    ("r1", Status::Enabled),
    ("r2", Status::Disabled),
    ("r3", Status::Maintenance),
];

#[test]
fn every_way_from_status_to_status_is_as_planned_and_a_dry_run_tells_it_before() {
    for fixture in fixtures() {
        for (name, from) in REGION_OF {
            for to in Status::ALL {
                // A region of its own for each way.
                let body = with(least(&format!("{name}-{to}")), &json!({"status": from.as_str()}));
                let made = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
                let id = made.json()["id"].as_str().unwrap().to_owned();
                let path = format!("POST {REGIONS}/{id}/status");
                let ask = |path: &str| {
                    let call = fixture.call("{KA}", path).header("if-match", "\"1\"");
                    call.json(&json!({"status": to.as_str()})).send()
                };
                let told = ask(&format!("{path}?dry_run=true"));
                assert_eq!(told.json()["allowed"], may(from, to), "{from} {to}");
                let unchanged = fixture.get("{KA}", &format!("GET {REGIONS}/{id}"));
                assert_eq!(unchanged.header("etag"), "\"1\"", "{from} {to}");
                let done = ask(&path);
                if !may(from, to) {
                    assert_eq!(
                        (done.status(), &done.json()["code"]),
                        (409, &"status_refused".into())
                    );
                    assert_eq!(told.json()["refusals"][0]["code"], "transition");
                    assert_eq!(
                        done.json()["errors"][0]["detail"],
                        told.json()["refusals"][0]["text"]
                    );
                    continue;
                }
                let version = if from == to { "\"1\"" } else { "\"2\"" };
                assert_eq!((done.status(), done.header("etag")), (200, version), "{from} {to}");
                assert_eq!(done.json()["status"], to.as_str());
            }
        }
    }
}

#[test]
fn a_status_is_set_and_the_region_shown() {
    for fixture in fixtures() {
        let set = set(&fixture, "r1", "maintenance", "");
        let changes = json!({"version": 2, "warnings": []});
        assert_eq!(set.json(), with(region(&fixture, "r1", "maintenance"), &changes));
        let missing = fixture.send(
            "{KA}",
            &format!("POST {REGIONS}/{{r1}}/status"),
            &json!({"status": "enabled"}),
        );
        assert_eq!(missing.status(), 428);
        let stale = fixture.call("{KA}", &format!("POST {REGIONS}/{{r1}}/status"));
        let stale = stale.header("if-match", "\"1\"").json(&json!({"status": "enabled"})).send();
        assert_eq!((stale.status(), &stale.json()["current"]), (412, &"\"2\"".into()));
        for body in [
            json!({}),
            json!({"status": null}),
            json!({"status": "3"}),
            json!({"status": "enabled", "x": 1}),
        ] {
            let call = fixture.call("{KA}", &format!("POST {REGIONS}/{{r1}}/status"));
            assert_eq!(call.header("if-match", "*").json(&body).send().status(), 400, "{body}");
        }
    }
}

#[test]
fn a_dry_run_tells_teams_openings_and_nodes() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        for team in ["{T}", "{V}"] {
            let path = format!("POST /openapi/v1/teams/{team}/regions");
            assert_eq!(fixture.send("{KA}", &path, &json!({"region": "r1"})).status(), 201);
        }
        add_node(&mut fixture, "{KA}", "n1");
        let watch = format!("POST {REGIONS}/{{r1}}/watch");
        assert_eq!(fixture.send("{KA}", &watch, &json!({"nodes": ["{n1}"]})).status(), 201);
        let teams = fixture.read(|tx| Ok(tx.openings_of_region(fixture.id("{r1}"), None, 9)?));
        let teams: Vec<_> = teams.iter().map(|opening| opening.team_id.to_string()).collect();
        for (to, worth, dialling, nodes, tasks) in [
            ("disabled", "not_usable", "off", 1, 4),
            ("maintenance", "marked", "muted", 1, 4),
            ("enabled", "usable", "on", 0, 0),
        ] {
            let touched = teams.iter().filter(|_| to != "enabled");
            let openings = touched
                .clone()
                .map(|team| json!({"team_id": team, "before": "usable", "after": worth}));
            let expected = with(
                untouched(("on", dialling.into())),
                &json!({
                    "teams": touched.collect::<Vec<_>>(),
                    "openings": openings.collect::<Vec<_>>(), "nodes": nodes, "tasks": tasks,
                }),
            );
            let told = set(&fixture, "r1", to, "?dry_run=true");
            assert_eq!((told.status(), told.text.as_str()), (200, &*expected.to_string()), "{to}");
        }
        assert_eq!(fixture.stored("{r1}").region.version, 1);
        let entries = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=change_region_status");
        assert_eq!(entries.json()["items"], json!([]));
    }
}

#[test]
fn what_is_not_ready_is_not_enabled_and_every_fault_is_told() {
    for fixture in fixtures() {
        let authority = Authority::new("ca");
        let issued = authority.issue_until("client", (2026, 11, 23));
        let credentials = json!({"certificate": issued.pem, "key": issued.key});
        let body = with(least("late"), &json!({"credentials": credentials}));
        let made = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
        assert_eq!(made.json()["warnings"].as_array().map(Vec::len), Some(1), "{made:?}");
        fixture.register.pass(chrono::TimeDelta::days(2));
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let path = format!("POST {REGIONS}/{id}/status");
        let enable = json!({"status": "enabled"});
        let told = fixture.send("{KA}", &format!("{path}?dry_run=true"), &enable).json();
        let text =
            "the region is not ready: the client certificate expired at 2026-11-23 00:00:00 UTC";
        assert_eq!(told["refusals"], json!([{"code": "not_ready", "text": text}]));
        let done = fixture.call("{KA}", &path).header("if-match", "*").json(&enable).send();
        assert_eq!(done.status(), 409);
        assert_eq!(
            done.json()["errors"],
            json!([{"pointer": "/status", "code": "status_refused", "detail": text}])
        );
    }
}

#[test]
fn a_status_that_was_set_with_a_key_is_not_set_again() {
    for fixture in fixtures() {
        let send = || {
            let call = fixture.call("{KA}", &format!("POST {REGIONS}/{{r1}}/status"));
            let call = call.header("if-match", "\"1\"").header("idempotency-key", "k");
            call.json(&json!({"status": "disabled"})).send()
        };
        let first = send();
        assert_eq!(set(&fixture, "r1", "enabled", "").status(), 200);
        let again = send();
        assert_eq!((first.status(), again.status(), &again.text), (200, 200, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(fixture.stored("{r1}").region.status, Status::Enabled);
    }
}
