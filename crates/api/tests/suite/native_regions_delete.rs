//! Deleting regions on the native face.

use serde_json::json;

use crate::native_regions::REGIONS;
use crate::native_regions_status::{set, untouched};
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::Answer;

fn delete(fixture: &Fixture, region: &str, query: &str, tag: &str) -> Answer {
    let call = fixture.call("{KA}", &format!("DELETE {REGIONS}/{{{region}}}{query}"));
    if tag.is_empty() { call.send() } else { call.header("if-match", tag).send() }
}

fn dry_run(fixture: &Fixture, region: &str, query: &str) -> String {
    let told = delete(fixture, region, &format!("?dry_run=true{query}"), "");
    assert_eq!(told.status(), 200, "{told:?}");
    told.text
}

#[test]
fn a_region_is_deleted_in_the_version_that_is_meant_and_its_name_is_free_again() {
    for fixture in fixtures() {
        assert_eq!(delete(&fixture, "r0", "", "").status(), 428);
        assert_eq!(delete(&fixture, "r0", "", "\"2\"").status(), 412);
        let gone = delete(&fixture, "r0", "", "\"1\"");
        assert_eq!((gone.status(), gone.text.as_str()), (204, ""));
        for path in ["GET", "DELETE"] {
            let call = fixture.call("{KA}", &format!("{path} {REGIONS}/{{r0}}"));
            assert_eq!(call.header("if-match", "*").send().status(), 404);
        }
        assert_eq!(fixture.listed("{KA}"), ["r1", "r2", "r3", "pub"]);
        let body = crate::native_regions_register::least("r0");
        assert_eq!(fixture.send("{KA}", &format!("POST {REGIONS}"), &body).status(), 201);
    }
}

#[test]
fn what_is_enabled_or_in_maintenance_stays_even_by_force() {
    for fixture in fixtures() {
        for (region, code, detail) in [
            ("r1", "disable_first", "a region that is enabled cannot be deleted; disable it first"),
            ("r3", "in_maintenance", "a region in maintenance cannot be deleted"),
        ] {
            for query in ["", "force=true"] {
                let refused = delete(&fixture, region, &format!("?{query}"), "*");
                let told = (
                    refused.status(),
                    refused.json()["code"].clone(),
                    refused.json()["detail"].clone(),
                );
                assert_eq!(told, (409, "deletion_refused".into(), detail.into()));
                let told = dry_run(&fixture, region, &format!("&{query}"));
                let told: serde_json::Value = serde_json::from_str(&told).unwrap();
                assert_eq!(
                    (&told["allowed"], &told["refusals"][0]["code"]),
                    (&false.into(), &code.into())
                );
            }
        }
        assert_eq!(fixture.listed("{KA}").len(), 5);
    }
}

#[test]
fn what_is_open_for_teams_is_deleted_by_force_only_and_closed_for_them() {
    for fixture in fixtures() {
        let open = json!({"region": "r1"});
        assert_eq!(fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &open).status(), 201);
        assert_eq!(set(&fixture, "r1", "disabled", "").status(), 200);
        let team = fixture.fill("{T}");
        let touched = json!({
            "teams": [team],
            "openings": [{"team_id": team, "before": "not_usable", "after": null}],
        });
        let forced = with(untouched(("off", json!(null))), &touched);
        let text = "the region is still open for 1 team";
        let refusals =
            json!({"allowed": false, "refusals": [{"code": "open_for_teams", "text": text}]});
        assert_eq!(dry_run(&fixture, "r1", ""), with(forced.clone(), &refusals).to_string());
        assert_eq!(dry_run(&fixture, "r1", "&force=true"), forced.to_string());
        assert_eq!(delete(&fixture, "r1", "?force=false", "*").status(), 409);
        assert!(fixture.is_open("{T}", "{r1}"));
        assert_eq!(delete(&fixture, "r1", "?force=true", "\"2\"").status(), 204);
        assert!(!fixture.is_open("{T}", "{r1}"));
        let entries = fixture
            .get("{KA}", "GET /cadastre/v1/audit?operation=remove_region&outcome=done")
            .json();
        let kinds = entries["items"].as_array().unwrap().iter();
        let kinds: Vec<_> = kinds.map(|entry| entry["object_kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["opening", "region"]);
    }
}

#[test]
fn a_dry_run_that_nothing_stands_against_says_so() {
    for fixture in fixtures() {
        for region in ["r0", "r2"] {
            assert_eq!(dry_run(&fixture, region, ""), untouched(("off", json!(null))).to_string());
        }
        for wrong in ["?force=1", "?dry_run=yes", "?other=true"] {
            assert_eq!(delete(&fixture, "r0", wrong, "*").status(), 400, "{wrong}");
        }
        assert_eq!(fixture.listed("{KA}").len(), 5);
    }
}
