//! Adding and listing regions on the rainbond face: whole answers, and whose a region is.

use cadastre_domain::role::Role;
use cadastre_domain::team::{Team, TeamName};
use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_fixture::{
    Fixture, REGIONS, bare_fixtures, fixtures, full, with, wrong, wrong_fields,
};
use crate::support::Answer;

const ADD: &str = "POST /openapi/v1/regions";

fn add(fixture: &Fixture, key: &str, changes: &Value) -> Answer {
    fixture.send(key, ADD, &with(full(), changes))
}

/// The team that comes with the first region.
fn default_team(fixture: &Fixture, enterprise: &str) -> Option<Team> {
    let (id, name) = (fixture.id(enterprise), TeamName::try_from("default".to_owned()).unwrap());
    fixture.read(|tx| Ok(tx.find_team_named(id, &name)?))
}

#[test]
fn an_added_region_is_answered_with_all_fifteen_keys_in_the_published_order() {
    for fixture in fixtures() {
        let secrets = json!({"token": "tk", "status": 2, "desc": "说明"});
        let added = add(&fixture, "{KA}", &with(secrets, &MATERIAL));
        let id = added.json()["region_id"].as_str().unwrap_or_default().to_owned();
        let expected = json!({
            "region_id": id, "region_name": "new1", "region_alias": "a", "url": "{url}",
            "token": "tk", "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com",
            "tcpdomain": "1.2.3.4", "scope": "private", "ssl_ca_cert": null, "cert_file": null,
            "key_file": null, "status": "2", "desc": "说明", "enterprise_id": "{E1}",
        });
        assert_eq!(added.text, fixture.fill(&with(expected, &MATERIAL).to_string()));
        assert_eq!(added.status(), 201);
    }
}

#[test]
fn a_listed_region_has_all_thirteen_keys_in_the_published_order() {
    for fixture in bare_fixtures() {
        let secrets = json!({"token": "tk", "status": "3"});
        let added = add(&fixture, "{KA}", &with(secrets, &MATERIAL));
        let id = added.json()["region_id"].as_str().unwrap().to_owned();
        let listed = fixture.get("{KA}", &format!("GET {REGIONS}"));
        let expected = json!([{
            "region_id": id, "region_name": "new1", "region_alias": "a", "url": "{url}",
            "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com", "tcpdomain": "1.2.3.4",
            "status": "3", "desc": "d", "scope": "private", "ssl_ca_cert": null,
            "cert_file": null, "key_file": null,
        }]);
        assert_eq!(listed.text, fixture.fill(&expected.to_string()));
    }
}

#[test]
fn regions_are_listed_in_the_order_in_which_they_were_added() {
    let names = ["z", "a", "区", "m", "B", "b", "0"];
    for fixture in bare_fixtures() {
        for name in names {
            assert_eq!(add(&fixture, "{KA}", &json!({"region_name": name})).status(), 201);
        }
        assert_eq!(fixture.listed("{KA}"), names, "{}", fixture.register.name);
    }
}

#[test]
fn a_taken_name_is_told_in_full_in_whichever_enterprise_it_is() {
    let expected = wrong(&json!({"region_name": ["具有 region name 的 region config 已存在。"]}));
    for fixture in fixtures() {
        for name in ["r1", " r2 ", "foreign"] {
            let answer = add(&fixture, "{KA}", &json!({"region_name": name}));
            assert_eq!((answer.status(), &answer.text), (400, &expected), "{name}");
        }
        assert_eq!(fixture.listed("{KA}").len(), 5);
        assert_eq!(add(&fixture, "{KA}", &json!({"region_name": "R1"})).status(), 201);
    }
}

#[test]
fn a_taken_name_is_told_before_an_enterprise_is_looked_for() {
    for fixture in fixtures() {
        for enterprise in ["{E2}", "zzz"] {
            let both = json!({"region_name": "r1", "enterprise_id": enterprise});
            let answer = add(&fixture, "{KA}", &both);
            assert_eq!(answer.status(), 400, "{}: {answer:?}", fixture.register.name);
            assert_eq!(wrong_fields(&answer), ["region_name"]);
        }
    }
}

#[test]
fn a_name_that_was_refused_is_still_free() {
    for fixture in bare_fixtures() {
        assert_eq!(add(&fixture, "{KA}", &json!({"url": "bad"})).status(), 400);
        assert_eq!(add(&fixture, "{KA}", &json!({"enterprise_id": "{E2}"})).status(), 404);
        assert_eq!(add(&fixture, "{KA}", &json!({})).status(), 201);
        assert_eq!(add(&fixture, "{KA}", &json!({})).status(), 400);
    }
}

#[test]
fn only_the_platform_adds_regions_to_other_enterprises_that_exist() {
    for mut fixture in bare_fixtures() {
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        let stranger = "0123456789abcdef0123456789abcdef";
        let shouted = fixture.fill("{E1}").to_uppercase();
        for (key, enterprise, status) in [
            ("{KA}", "{E1}", 201),
            ("{KA}", "{E2}", 404),
            ("{operator}", "{E2}", 404),
            ("{MK}", "{E2}", 201),
            ("{MK}", stranger, 404),
            ("{MK}", "default", 404),
            ("{KA}", shouted.as_str(), 404),
        ] {
            let name = format!("{}-{status}", enterprise.trim_matches(['{', '}']));
            let body = json!({"region_name": name, "enterprise_id": enterprise});
            let answer = add(&fixture, key, &body);
            assert_eq!(answer.status(), status, "{key} {enterprise}: {answer:?}");
        }
        assert_eq!(fixture.listed("{KA}"), ["E1-201"]);
        assert_eq!(fixture.listed("{KO}"), ["E2-201"]);
    }
}

#[test]
fn the_first_region_brings_a_team_for_which_it_is_open_if_it_is_enabled() {
    for (status, open) in [(0, false), (1, true), (2, false), (3, false)] {
        for mut fixture in bare_fixtures() {
            assert!(default_team(&fixture, "{E1}").is_none());
            fixture.add_region("{KA}", "first", &json!({"status": status}));
            fixture.add_region("{KA}", "second", &json!({}));
            let team = default_team(&fixture, "{E1}").unwrap();
            let shown = fixture.get("{KA}", &format!("GET /openapi/v1/teams/{}", team.id));
            let expected = json!({
                "tenant_id": team.id.to_string(), "tenant_name": "default",
                "tenant_alias": "admin 工作空间", "enterprise_id": fixture.fill("{E1}"),
                "is_active": true, "create_time": "2026-11-22 16:06:55.298602", "creater": "1",
            });
            assert_eq!(shown.text, expected.to_string(), "{}", fixture.register.name);
            assert_eq!((team.namespace.as_str(), team.limit_memory), ("default", 0));
            let id = team.id.to_string();
            assert_eq!(fixture.is_open(&id, "{first}"), open, "{status}");
            assert!(!fixture.is_open(&id, "{second}"), "{status}");
            assert!(default_team(&fixture, "{E2}").is_none());
        }
    }
}

#[test]
fn the_first_region_of_another_enterprise_brings_that_one_a_team() {
    for mut fixture in bare_fixtures() {
        fixture.add_region("{MK}", "first", &json!({"enterprise_id": "{E2}"}));
        let team = default_team(&fixture, "{E2}").unwrap();
        assert_eq!(team.alias.as_ref(), "platform 工作空间");
        assert_eq!(team.enterprise_id, fixture.id("{E2}"));
        assert!(fixture.is_open(&team.id.to_string(), "{first}"));
        assert!(default_team(&fixture, "{E1}").is_none());
    }
}

#[test]
fn a_region_that_is_refused_brings_no_team() {
    for fixture in bare_fixtures() {
        let broken = json!({"cert_file": "x"});
        assert_eq!(add(&fixture, "{KA}", &broken).status(), 400);
        assert!(default_team(&fixture, "{E1}").is_none(), "{}", fixture.register.name);
    }
}
