//! The list of teams: who sees which, pages, and what is searched for.

use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, bare_fixtures, fixtures};

const CREATE: &str = "POST /openapi/v1/teams";

fn list(fixture: &Fixture, key: &str, query: &str) -> Value {
    let answer = fixture.get(key, &format!("GET /openapi/v1/teams{query}"));
    assert_eq!(answer.status(), 200, "{key} {query} on {}: {answer:?}", fixture.register.name);
    answer.json()
}

/// The aliases on a page, and how many teams fit in all.
fn aliases(fixture: &Fixture, key: &str, query: &str) -> (Vec<String>, i64) {
    let page = list(fixture, key, query);
    let alias = |team: &Value| team["tenant_alias"].as_str().unwrap().to_owned();
    let teams = page["tenants"].as_array().unwrap().iter().map(alias).collect();
    (teams, page["total"].as_i64().unwrap())
}

fn create(fixture: &mut Fixture, key: &str, alias: &str) {
    let made = fixture.send(key, CREATE, &json!({"tenant_name": alias}));
    assert_eq!(made.status(), 201, "{made:?}");
    fixture.call_it(alias, &made.json()["tenant_id"]);
    fixture.call_it(&format!("{alias}-name"), &made.json()["tenant_name"]);
}

/// Five teams, `t-1` to `t-5`. Searches look at technical names as well, which are letters and digits
/// drawn at random: no such name holds a hyphen.
fn five() -> impl Iterator<Item = Fixture> {
    bare_fixtures().map(|mut fixture| {
        for alias in ["t-1", "t-2", "t-3", "t-4", "t-5"] {
            create(&mut fixture, "{KA}", alias);
        }
        fixture
    })
}

#[test]
fn a_page_of_teams_is_answered_in_full_and_in_the_published_order() {
    for mut fixture in bare_fixtures() {
        create(&mut fixture, "{KA}", "my team");
        fixture.register.pass(TimeDelta::seconds(7) - TimeDelta::microseconds(298_602));
        create(&mut fixture, "{MK}", "other");
        let page = list(&fixture, "{KA}", "");
        let id = |number: usize| &page["tenants"][number]["ID"];
        let roles = json!([{"role_id": "1", "role_name": "管理员"}]);
        let expected = json!({
            "tenants": [
                {
                    "ID": id(0), "tenant_id": "{my team}", "tenant_name": "{my team-name}",
                    "tenant_alias": "my team", "is_active": true, "enterprise_id": "{E1}",
                    "create_time": "2026-11-22T16:06:55.298602", "creater": "admin",
                    "role_infos": roles,
                },
                {
                    "ID": id(1), "tenant_id": "{other}", "tenant_name": "{other-name}",
                    "tenant_alias": "other", "is_active": true, "enterprise_id": "{E1}",
                    "create_time": "2026-11-22T16:07:02", "creater": "admin",
                    "role_infos": roles,
                },
            ],
            "total": 2, "page": 1, "page_size": 10,
        });
        let answer = fixture.get("{KA}", "GET /openapi/v1/teams");
        assert_eq!(answer.text, fixture.fill(&expected.to_string()));
        for number in [0, 1] {
            assert!(i32::try_from(id(number).as_i64().unwrap()).is_ok_and(|id| id >= 0), "{page}");
        }
        assert_ne!(id(0), id(1));
    }
}

#[test]
fn there_may_be_no_team_at_all() {
    for fixture in bare_fixtures() {
        let empty = json!({"tenants": [], "total": 0, "page": 1, "page_size": 10});
        assert_eq!(list(&fixture, "{KA}", ""), empty);
    }
}

#[test]
fn a_page_is_echoed_as_it_was_asked_for_and_what_is_no_number_is_as_if_left_out() {
    for fixture in five() {
        for (query, page, size, expected) in [
            ("?page=2&page_size=2", 2, 2, &["t-3", "t-4"][..]),
            ("?page=3&page_size=2", 3, 2, &["t-5"]),
            ("?page=4&page_size=2", 4, 2, &[]),
            ("?page=0&page_size=2", 0, 2, &["t-1", "t-2"]),
            ("?page=-3&page_size=2", -3, 2, &["t-1", "t-2"]),
            ("?page_size=0", 1, 0, &[]),
            ("?page_size=-1", 1, -1, &["t-1", "t-2", "t-3", "t-4", "t-5"]),
            ("?page=9&page_size=-1", 9, -1, &["t-1", "t-2", "t-3", "t-4", "t-5"]),
            ("?page=x&page_size=", 1, 10, &["t-1", "t-2", "t-3", "t-4", "t-5"]),
            ("?page=9223372036854775807&page_size=9223372036854775807", i64::MAX, i64::MAX, &[]),
        ] {
            let found = list(&fixture, "{KA}", query);
            assert_eq!((&found["page"], &found["page_size"]), (&json!(page), &json!(size)));
            let (teams, total) = aliases(&fixture, "{KA}", query);
            assert_eq!((teams, total), (expected.iter().map(|t| (*t).into()).collect(), 5));
        }
    }
}

#[test]
fn teams_of_other_enterprises_are_not_listed_not_even_to_the_platform() {
    for mut fixture in bare_fixtures() {
        create(&mut fixture, "{KO}", "theirs");
        create(&mut fixture, "{KA}", "our own");
        for key in ["{KA}", "{MK}"] {
            assert_eq!(aliases(&fixture, key, ""), (vec!["our own".to_owned()], 1), "{key}");
        }
        assert_eq!(aliases(&fixture, "{KO}", ""), (vec!["theirs".to_owned()], 1));
        assert_eq!(aliases(&fixture, "{KO}", "?query=our%20own"), (vec![], 0));
    }
}

#[test]
fn a_team_token_is_shown_its_own_teams_and_its_total_counts_no_others() {
    for mut fixture in five() {
        fixture.add_token("member", Role::Team, "{E1}", &["{t-2}", "{t-4}"]);
        let expected = (vec!["t-2".to_owned(), "t-4".to_owned()], 2);
        assert_eq!(aliases(&fixture, "{member}", ""), expected);
        assert_eq!(aliases(&fixture, "{member}", "?page_size=1"), (vec!["t-2".to_owned()], 2));
        assert_eq!(aliases(&fixture, "{member}", "?query=t-4"), (vec!["t-4".to_owned()], 1));
        assert_eq!(aliases(&fixture, "{member}", "?query=t-1"), (vec![], 0));
        assert_eq!(aliases(&fixture, "{KP}", ""), (vec![], 0));
    }
}

#[test]
fn the_role_and_the_name_are_those_of_the_caller() {
    for mut fixture in fixtures() {
        for (role, id, name) in [
            (Role::Platform, "1", "管理员"),
            (Role::Admin, "1", "管理员"),
            (Role::Operator, "1", "管理员"),
            (Role::Viewer, "3", "观察者"),
            (Role::Team, "2", "开发者"),
        ] {
            let key = role.to_string();
            fixture.add_token(&key, role, "{E1}", if key == "team" { &["{T}"] } else { &[] });
            let page = list(&fixture, &format!("{{{key}}}"), "?query=myteam");
            let team = &page["tenants"][0];
            assert_eq!(team["role_infos"], json!([{"role_id": id, "role_name": name}]), "{key}");
            assert_eq!(team["creater"], key);
        }
    }
}

#[test]
fn a_team_is_found_by_a_part_of_its_alias_or_name_and_by_nothing_like_a_pattern() {
    for mut fixture in bare_fixtures() {
        for alias in ["Alpha team", "100%", "a_b", "后端 Team", "back\\slash"] {
            create(&mut fixture, "{KA}", alias);
        }
        for (query, expected) in [
            // With what no name has that was drawn at random.
            ("alpha%20", &["Alpha team"][..]),
            ("%20TEA", &["Alpha team", "后端 Team"]),
            ("%E5%90%8E", &["后端 Team"]),
            ("%25", &["100%"]),
            ("_", &["a_b"]),
            ("%5C", &["back\\slash"]),
            ("%27%20OR%201=1", &[]),
            ("%00", &[]),
            ("a%00", &[]),
            ("%20", &["Alpha team", "后端 Team"]),
        ] {
            let (teams, total) = aliases(&fixture, "{KA}", &format!("?query={query}"));
            assert_eq!(teams, expected, "{query} on {}", fixture.register.name);
            assert_eq!(total, i64::try_from(expected.len()).unwrap(), "{query}");
        }
        let by_name = format!("?query={}", fixture.fill("{a_b-name}").to_uppercase());
        assert_eq!(aliases(&fixture, "{KA}", &by_name).0, ["a_b"]);
        assert_eq!(aliases(&fixture, "{KA}", "?query=").1, 5);
    }
}
