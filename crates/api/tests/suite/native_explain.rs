//! The explanation of who sees a region and who may open it.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::Answer;

const REGIONS: [&str; 6] = ["{r0}", "{r1}", "{r2}", "{r3}", "{pub}", "{foreign}"];

fn explain(fixture: &Fixture, key: &str, region: &str, team: &str) -> Answer {
    fixture.get(key, &format!("GET /cadastre/v1/regions/{region}/explain?team={team}"))
}

fn rule(name: &str, holds: bool, why: &str) -> Value {
    json!({"rule": name, "holds": holds, "why": why})
}

/// Beside the fixture: the team `{V}`, and `{member}`, a token of `{T}`; `{operator}`, `{viewer}`.
fn scenes() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        fixture.add_team("{KA}", "V");
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture
    })
}

#[test]
fn an_explanation_is_told_rule_by_rule() {
    for fixture in scenes() {
        let told = explain(&fixture, "{operator}", "{r2}", "{T}");
        let expected = json!({
            "region_id": fixture.fill("{r2}"), "team_id": fixture.fill("{T}"),
            "caller_sees": {"granted": true, "rules": [
                rule("caller_reaches", true, "the caller acts in this enterprise"),
                rule("role_reads_all", true,
                    "the role operator sees every region of its enterprise"),
            ]},
            "team_sees": {"granted": false, "rules": [
                rule("same_enterprise", true,
                    "the team and the region belong to the same enterprise"),
                rule("open_or_public", false,
                    "the region is neither open for the team nor public"),
                rule("status_shows", false, "the region is disabled, so no team sees it"),
            ]},
            "may_open": {"granted": false, "rules": [
                rule("same_enterprise", true,
                    "the team and the region belong to the same enterprise"),
                rule("caller_reaches", true, "the caller acts in this enterprise"),
                rule("role_opens", true, "the role operator may open regions"),
                rule("caller_acts_for_team", true, "the role operator acts for every team"),
                rule("scope_allows", true,
                    "the region is private, which binds the members of teams only"),
                rule("status_can_be_opened", false,
                    "the region is disabled, and only an enabled one is opened"),
            ]},
            "open": false, "use": null,
        });
        assert_eq!((told.status(), told.json()), (200, expected), "{}", fixture.register.name);
    }
}

#[test]
fn what_is_explained_is_what_happens() {
    for fixture in scenes() {
        let mut counts = (0, 0, 0);
        for key in ["{MK}", "{KA}", "{operator}", "{viewer}", "{member}", "{KP}", "{KO}"] {
            for region in REGIONS {
                for team in ["{T}", "{V}"] {
                    let at = format!("{} {key} {region} {team}", fixture.register.name);
                    let told = explain(&fixture, key, region, team);
                    let path = format!("/cadastre/v1/teams/{team}/openings");
                    let opened =
                        fixture.send(key, &format!("POST {path}"), &json!({"region_id": region}));
                    if told.status() != 200 {
                        assert_eq!(told.json()["code"], json!("not_found"), "{at}");
                        assert!(matches!(opened.status(), 403 | 404), "{at} {opened:?}");
                        counts.0 += 1;
                        continue;
                    }
                    let granted = told.json()["may_open"]["granted"] == json!(true);
                    assert_eq!(opened.status() < 300, granted, "{at} {told:?} {opened:?}");
                    let open = told.json()["open"] == json!(true);
                    assert!(!granted || (opened.status() == 200) == open, "{at} {opened:?}");
                    counts = if granted {
                        (counts.0, counts.1 + 1, counts.2)
                    } else {
                        (counts.0, counts.1, counts.2 + 1)
                    };
                    if !open && granted {
                        let close = fixture.call("{MK}", &format!("DELETE {path}/{region}"));
                        assert_eq!(close.header("if-match", "*").send().status(), 204, "{at}");
                    }
                }
            }
        }
        let (hidden, granted, refused) = counts;
        assert!(hidden > 20 && granted > 10 && refused > 20, "{counts:?}");
    }
}

#[test]
fn what_a_team_sees_is_what_its_members_are_shown() {
    for fixture in scenes() {
        let opened = fixture.send(
            "{KA}",
            "POST /cadastre/v1/teams/{T}/openings",
            &json!({"region_id": "{r1}"}),
        );
        assert_eq!(opened.status(), 201, "{opened:?}");
        let mut found = Vec::new();
        for region in REGIONS {
            let told = explain(&fixture, "{MK}", region, "{T}").json();
            let shown = fixture.get("{member}", &format!("GET /cadastre/v1/regions/{region}"));
            let sees = told["team_sees"]["granted"] == json!(true);
            assert_eq!(shown.status() == 200, sees, "{} {region}", fixture.register.name);
            // A member who does not see it is told that there is none.
            let told = explain(&fixture, "{member}", region, "{T}");
            assert_eq!(told.status(), if sees { 200 } else { 404 }, "{region}");
            if sees {
                found.push(region);
            }
        }
        assert_eq!(found, ["{r1}", "{pub}"], "{}", fixture.register.name);
    }
}

#[test]
fn an_explanation_needs_a_team() {
    for fixture in scenes() {
        let asked = fixture.get("{KA}", "GET /cadastre/v1/regions/{r1}/explain");
        let error = &asked.json()["errors"][0];
        assert_eq!((asked.status(), &error["pointer"]), (400, &json!("/team")), "{asked:?}");
        for team in ["", "x", "{T-name}", "0123456789abcdef0123456789abcdef"] {
            let told = explain(&fixture, "{KA}", "{r1}", team);
            assert_eq!(told.status(), 404, "{} {team}", fixture.register.name);
        }
    }
}
