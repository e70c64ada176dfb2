//! Who sees which single region, and by which of its names (contract 6.1, decisions on roles).

use cadastre_domain::role::Role;
use serde_json::json;

use crate::rainbond_fixture::{Fixture, fixtures, refusal};
use crate::rainbond_roles::steady;
use crate::support::Answer;

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

fn show(fixture: &Fixture, key: &str, region: &str) -> Answer {
    fixture.get(key, &format!("GET /openapi/v1/regions/{region}"))
}

fn nobody() -> String {
    refusal((404, "no found region", "数据中心不存在"))
}

#[test]
fn a_region_that_is_not_there_is_told_as_published() {
    for fixture in fixtures() {
        for region in ["zz", UNKNOWN, "-", "..", "{T}", "{E1}", &"r".repeat(65), "R1"] {
            for key in ["{KA}", "{MK}", "{KP}"] {
                let answer = show(&fixture, key, region);
                assert_eq!((answer.status(), &answer.text), (404, &nobody()), "{key} {region}");
            }
        }
    }
}

#[test]
fn a_region_of_another_enterprise_is_as_if_it_were_not_there_but_for_the_platform() {
    for mut fixture in fixtures() {
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_region("{KO}", "theirs", &json!({"enterprise_id": "{E2}", "scope": "public"}));
        for key in ["{KA}", "{member}", "{KP}"] {
            for region in ["foreign", "{foreign}", "theirs", "{theirs}"] {
                let unknown = steady(&show(&fixture, key, UNKNOWN));
                assert_eq!(steady(&show(&fixture, key, region)), unknown, "{key} {region}");
            }
        }
        for region in ["foreign", "{foreign}"] {
            assert_eq!(show(&fixture, "{MK}", region).json()["region_name"], "foreign");
        }
    }
}

#[test]
fn a_name_comes_before_an_identifier() {
    for mut fixture in fixtures() {
        let id = fixture.fill("{r1}");
        fixture.add_region("{KA}", &id, &json!({"region_alias": "named like another"}));
        for key in ["{KA}", "{MK}"] {
            for _ in 0..2 {
                let found = show(&fixture, key, "{r1}").json();
                assert_eq!(found["region_alias"], "named like another", "{key}");
            }
        }
        // To others, that name is nobody's.
        let id = fixture.fill("{foreign}");
        fixture.add_region("{KA}", &id, &json!({}));
        assert_eq!(show(&fixture, "{KO}", "{foreign}").json()["region_name"], "foreign");
    }
}

#[test]
fn every_name_that_a_region_may_have_leads_to_it() {
    let names = [
        ("a.b", "a.b"),
        ("区域-1", "%E5%8C%BA%E5%9F%9F-1"),
        ("_", "_"),
        ("-.-", "-.-"),
        ("...", "..."),
        ("Ünï", "%C3%9Cn%C3%AF"),
        ("𠀀", "%F0%A0%80%80"),
    ];
    for mut fixture in fixtures() {
        for (name, path) in names {
            fixture.add_region("{KA}", name, &json!({}));
            let found = show(&fixture, "{KA}", path);
            assert_eq!(found.json()["region_name"], name, "{path}: {found:?}");
        }
    }
}

#[test]
fn a_team_token_sees_what_is_open_for_its_teams_or_public_while_its_status_shows_it() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("both", Role::Team, "{E1}", &["{V}", "{T}"]);
        fixture.add_token("other", Role::Team, "{E1}", &["{V}"]);
        for (scope, open) in
            [("private", false), ("private", true), ("public", false), ("public", true)]
        {
            let name = format!("{scope}-{open}");
            fixture.add_region("{KA}", &name, &json!({"scope": scope}));
            if open {
                let opened = fixture.send(
                    "{KA}",
                    "POST /openapi/v1/teams/{T}/regions",
                    &json!({"region": name}),
                );
                assert_eq!(opened.status(), 201, "{opened:?}");
            }
            for (status, shows) in
                [("ONLINE", true), ("MAINTAIN", true), ("OFFLINE", false), ("NOTREADY", false)]
            {
                let request = format!("PUT /openapi/v1/regions/{{{name}}}/status");
                let moved = fixture.send("{KA}", &request, &json!({"status": status}));
                assert_eq!(moved.status(), 200, "{moved:?}");
                let public = scope == "public";
                for (key, sees) in [
                    ("{member}", shows && (open || public)),
                    ("{both}", shows && (open || public)),
                    ("{other}", shows && public),
                    ("{KP}", shows && public),
                    ("{KA}", true),
                ] {
                    for region in [name.clone(), format!("{{{name}}}")] {
                        let found = show(&fixture, key, &region);
                        let at = format!("{key} {region} {status} on {}", fixture.register.name);
                        assert_eq!(found.status(), if sees { 200 } else { 404 }, "{at}");
                        if !sees {
                            assert_eq!(found.text, nobody(), "{at}");
                        }
                    }
                }
            }
        }
    }
}
