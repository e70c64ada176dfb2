//! The list of the regions that are open for a team.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, change, fixtures, refusal, required, with};

const LIST: &str = "GET /openapi/v1/teams/{T}/regions";

fn open(fixture: &Fixture, region: &str) {
    let body = json!({"region": region});
    let opened = fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &body);
    assert_eq!(opened.status(), 201, "{opened:?}");
}

fn move_to(fixture: &Fixture, region: &str, status: u8) {
    let body = required(with(change(), &json!({"status": status})));
    let moved = fixture.send("{MK}", &format!("PUT /openapi/v2/manage/regions/{region}"), &body);
    assert_eq!(moved.status(), 200, "{moved:?}");
}

/// The names on a page, and how many regions fit in all.
fn names(fixture: &Fixture, key: &str, query: &str) -> (Vec<String>, i64) {
    let answer = fixture.get(key, &format!("{LIST}{query}"));
    assert_eq!(answer.status(), 200, "{key} {query} on {}: {answer:?}", fixture.register.name);
    let page = answer.json();
    let name = |region: &Value| region["region_name"].as_str().unwrap().to_owned();
    let names = page["regions"].as_array().unwrap().iter().map(name).collect();
    (names, page["total"].as_i64().unwrap())
}

/// A fixture in which a region in each status is open for the team, called by its status.
fn one_of_each() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        for (name, steps) in
            [("editing", &[2, 0][..]), ("enabled", &[]), ("disabled", &[2]), ("maintained", &[3])]
        {
            fixture.add_region("{KA}", name, &json!({"region_alias": format!("The {name}")}));
            open(&fixture, name);
            for status in steps {
                move_to(&fixture, &format!("{{{name}}}"), *status);
            }
        }
        fixture
    })
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_region_open_for_a_team_is_listed_with_all_twelve_keys_and_never_its_token() {
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "with-token", &json!({"token": "top secret"}));
        open(&fixture, "with-token");
        let expected = json!({
            "total": 1,
            "regions": [{
                "region_id": "{with-token}", "region_name": "with-token", "region_alias": "a",
                "tenant_name": "{T-name}", "url": "{url}", "wsurl": "ws://127.0.0.1:6060",
                "httpdomain": "h.example.com", "tcpdomain": "1.2.3.4", "token": null,
                "status": "1", "desc": "d", "scope": "private",
            }],
        });
        let expected = fixture.fill(&expected.to_string());
        for key in ["{KA}", "{MK}"] {
            for team in ["{T}", "{T-name}"] {
                let answer = fixture.get(key, &format!("GET /openapi/v1/teams/{team}/regions"));
                assert_eq!((answer.status(), &answer.text), (200, &expected), "{key} {team}");
            }
        }
    }
}

#[test]
fn nothing_may_be_open() {
    for fixture in fixtures() {
        assert_eq!(fixture.get("{KA}", LIST).text, r#"{"total":0,"regions":[]}"#);
    }
}

#[test]
fn regions_of_every_status_are_listed_but_members_see_enabled_and_maintained_ones() {
    for mut fixture in one_of_each() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        let all = texts(&["editing", "enabled", "disabled", "maintained"]);
        for key in ["{KA}", "{viewer}", "{MK}"] {
            assert_eq!(names(&fixture, key, ""), (all.clone(), 4), "{key}");
        }
        let seen = (texts(&["enabled", "maintained"]), 2);
        assert_eq!(names(&fixture, "{member}", ""), seen, "{}", fixture.register.name);
        assert_eq!(names(&fixture, "{member}", "?query=editing"), (vec![], 0));
        assert_eq!(names(&fixture, "{member}", "?page_size=1").1, 2);
    }
}

#[test]
fn pages_and_searches_are_those_of_the_list_of_teams() {
    for fixture in one_of_each() {
        for (query, expected, total) in [
            ("?page_size=3", &["editing", "enabled", "disabled"][..], 4),
            ("?page=2&page_size=3", &["maintained"], 4),
            ("?page=3&page_size=3", &[], 4),
            ("?page_size=0", &[], 4),
            ("?page=-1&page_size=-1", &["editing", "enabled", "disabled", "maintained"], 4),
            ("?query=ABLED", &["enabled", "disabled"], 2),
            ("?query=the%20e", &["enabled"], 1),
            ("?query=nEW", &["editing", "disabled", "maintained"], 3),
            ("?query=ed&page=2&page_size=3", &["maintained"], 4),
            ("?query=%25", &[], 0),
            ("?query=%00", &[], 0),
            ("?query=r1", &[], 0),
        ] {
            let found = names(&fixture, "{KA}", query);
            assert_eq!(found, (texts(expected), total), "{query} on {}", fixture.register.name);
        }
    }
}

#[test]
fn regions_are_listed_to_those_who_see_the_team() {
    let unknown = refusal((404, "no found team", "团队不存在"));
    for mut fixture in one_of_each() {
        fixture.add_team("{KA}", "V");
        fixture.add_token("member", Role::Team, "{E1}", &["{V}"]);
        for (key, team) in [
            ("{KO}", "{T}"),
            ("{KO}", "{T-name}"),
            ("{member}", "{T}"),
            ("{member}", "{T-name}"),
            ("{KP}", "{T}"),
            ("{KA}", "zz"),
        ] {
            let answer = fixture.get(key, &format!("GET /openapi/v1/teams/{team}/regions"));
            assert_eq!((answer.status(), &answer.text), (404, &unknown), "{key} {team}");
        }
        let own = fixture.get("{member}", "GET /openapi/v1/teams/{V}/regions");
        assert_eq!(own.text, r#"{"total":0,"regions":[]}"#);
    }
}
