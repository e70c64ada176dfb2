//! Opening regions for teams: what is answered, and in which order it is decided.

use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, change, fixtures, refusal, required, with};
use crate::support::Answer;

/// What is told instead of an opening.
type Refusal = (i64, &'static str, &'static str);

const UNKNOWN: Refusal = (3000, "the region is not found", "集群不存在");
const NO_TEAM: Refusal = (404, "no found team", "团队不存在");
const BY_NAME: Refusal = (2002, "the team is not found", "团队不存在");
const FOREIGN: Refusal = (400, "cluster not found", "需要开通的集群不存在");
const NOT_ENABLED: Refusal = (3001, "the region is not enabled", "集群未启用");
const NOT_PERMITTED: Refusal = (10402, "no permissions ", "没有操作权限");

fn open(fixture: &Fixture, key: &str, team: &str, region: &Value) -> Answer {
    let request = format!("POST /openapi/v1/teams/{team}/regions");
    fixture.send(key, &request, &json!({"region": region}))
}

fn move_to(fixture: &Fixture, region: &str, status: u8) {
    let body = required(with(change(), &json!({"status": status})));
    let moved = fixture.send("{MK}", &format!("PUT /openapi/v2/manage/regions/{region}"), &body);
    assert_eq!(moved.status(), 200, "{moved:?}");
}

/// The answer to every opening for `{T}`.
fn whole(fixture: &Fixture) -> String {
    let team = json!({
        "tenant_id": "{T}", "tenant_name": "{T-name}", "region": "", "is_active": true,
        "create_time": "2026-11-22 16:06:55.298602", "creater": 1, "limit_memory": 0,
        "update_time": "2026-11-22 16:06:55.298602", "expired_time": null,
        "tenant_alias": "myteam", "enterprise_id": "{E1}",
    });
    fixture.fill(&team.to_string())
}

#[test]
fn an_opening_is_answered_with_the_whole_team_which_it_does_not_change() {
    for fixture in fixtures() {
        fixture.register.pass(TimeDelta::hours(1));
        for _ in 0..2 {
            let opened = open(&fixture, "{KA}", "{T}", &json!("r1"));
            assert_eq!((opened.status(), opened.text), (201, whole(&fixture)));
            assert!(fixture.is_open("{T}", "{r1}"));
        }
        let shown = fixture.get("{KA}", "GET /openapi/v1/teams/{T}").json();
        assert_eq!(shown["create_time"], "2026-11-22 16:06:55.298602");
        assert!(!fixture.is_open("{T}", "{pub}"));
    }
}

#[test]
fn only_an_enabled_region_is_opened() {
    for fixture in fixtures() {
        for (region, status) in [("r0", 409), ("r1", 201), ("r2", 409), ("r3", 409), ("pub", 201)] {
            let answer = open(&fixture, "{KA}", "{T}", &json!(region));
            assert_eq!(answer.status(), status, "{region}: {answer:?}");
            assert_eq!(answer.text == refusal(NOT_ENABLED), status == 409, "{region}: {answer:?}");
            let open = fixture.is_open("{T}", &format!("{{{region}}}"));
            assert_eq!(open, status == 201, "{region} on {}", fixture.register.name);
        }
    }
}

#[test]
fn what_is_open_stays_open_and_is_answered_so_whatever_becomes_of_the_region() {
    for fixture in fixtures() {
        assert_eq!(open(&fixture, "{KA}", "{T}", &json!("r1")).status(), 201);
        for status in [3, 2, 0, 1] {
            move_to(&fixture, "{r1}", status);
            let again = open(&fixture, "{KA}", "{T}", &json!("r1"));
            assert_eq!((again.status(), again.text), (201, whole(&fixture)), "{status}");
            assert!(fixture.is_open("{T}", "{r1}"), "{status}");
        }
    }
}

#[test]
fn a_region_that_was_enabled_meanwhile_is_opened() {
    for fixture in fixtures() {
        assert_eq!(open(&fixture, "{KA}", "{T}", &json!("r2")).status(), 409);
        move_to(&fixture, "{r2}", 1);
        assert_eq!(open(&fixture, "{KA}", "{T}", &json!("r2")).status(), 201);
    }
}

#[test]
fn a_region_is_named_by_its_name_and_by_nothing_else() {
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "42", &json!({}));
        for (region, expected) in [
            (json!("  r1\n"), None),
            (json!(42), None),
            (json!("{r1}"), Some(UNKNOWN)),
            (json!("R1"), Some(UNKNOWN)),
            (json!("a b"), Some(UNKNOWN)),
            (json!("a"), Some(UNKNOWN)),
        ] {
            let answer = open(&fixture, "{KA}", "{T}", &region);
            let status = if expected.is_none() { 201 } else { 404 };
            assert_eq!(answer.status(), status, "{region}: {answer:?}");
            assert_eq!(answer.text, expected.map_or_else(|| whole(&fixture), refusal));
        }
    }
}

#[test]
fn a_name_has_up_to_64_characters() {
    let longest = "区".repeat(64);
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", &longest, &json!({}));
        assert_eq!(open(&fixture, "{KA}", "{T}", &json!(longest)).status(), 201);
        let answer = open(&fixture, "{KA}", "{T}", &json!("区".repeat(65)));
        let text = json!({"region": ["请确保这个字段不能超过 64 个字符。"]});
        assert_eq!((answer.status(), answer.json()["err"].clone()), (400, text));
    }
}

#[test]
fn what_is_wrong_with_the_field_is_told() {
    let request = "POST /openapi/v1/teams/{T}/regions";
    for fixture in fixtures() {
        for (body, text) in [
            (json!({}), "该字段是必填项。"),
            (json!({"Region": "r1"}), "该字段是必填项。"),
            (json!({"region": null}), "该字段不能为 null。"),
            (json!({"region": " \t"}), "该字段不能为空。"),
            (json!({"region": true}), "Not a valid string."),
            (json!({"region": ["r1"]}), "Not a valid string."),
            (json!({"region": "r1\u{0}"}), "不允许是用空字符串。"),
        ] {
            let answer = fixture.send("{KA}", request, &body);
            assert_eq!(answer.json()["err"], json!({"region": [text]}), "{body}");
            assert_eq!(answer.status(), 400, "{body}");
        }
    }
}

#[test]
fn the_first_thing_that_stands_against_an_opening_is_told() {
    let cases = [
        ("{KO}", "{T}", json!(""), NO_TEAM),
        ("{KA}", "zz", json!(null), NO_TEAM),
        ("{KA}", "zz", json!("zz"), NO_TEAM),
        ("{KA}", "{T-name}", json!("zz"), UNKNOWN),
        ("{KA}", "{T-name}", json!("foreign"), BY_NAME),
        ("{KA}", "{T-name}", json!("r2"), BY_NAME),
        ("{KA}", "{T-name}", json!("r1"), BY_NAME),
        ("{KA}", "default", json!("r1"), BY_NAME),
        ("{KA}", "{T}", json!("foreign"), FOREIGN),
        ("{MK}", "{T}", json!("foreign"), FOREIGN),
        ("{KP}", "{T}", json!(""), NOT_PERMITTED),
        ("{KP}", "{T}", json!("zz"), NOT_PERMITTED),
    ];
    for fixture in fixtures() {
        for (key, team, region, expected) in &cases {
            let answer = open(&fixture, key, team, region);
            let at = format!("{key} {team} {region} on {}", fixture.register.name);
            assert_eq!(answer.text, refusal(*expected), "{at}");
        }
        assert_eq!(open(&fixture, "{KA}", "{T-name}", &json!("")).status(), 400);
    }
}

#[test]
fn being_public_does_not_carry_a_region_across_the_border() {
    for mut fixture in fixtures() {
        fixture.add_region(
            "{KO}",
            "open-to-all",
            &json!({"enterprise_id": "{E2}", "scope": "public"}),
        );
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        for key in ["{KA}", "{MK}", "{member}"] {
            let answer = open(&fixture, key, "{T}", &json!("open-to-all"));
            assert_eq!((answer.status(), answer.text), (400, refusal(FOREIGN)), "{key}");
        }
        assert!(!fixture.is_open("{T}", "{open-to-all}"));
    }
}

#[test]
fn a_member_of_a_team_opens_public_regions_that_are_enabled() {
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "pub2", &json!({"scope": "public", "status": 2}));
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        assert_eq!(open(&fixture, "{KA}", "{T}", &json!("r1")).status(), 201);
        for (region, status, expected) in [
            ("pub", 201, None),
            ("pub", 201, None),
            ("pub2", 409, Some(NOT_ENABLED)),
            ("r1", 403, Some(NOT_PERMITTED)),
            ("r2", 403, Some(NOT_PERMITTED)),
            ("zz", 404, Some(UNKNOWN)),
        ] {
            let answer = open(&fixture, "{member}", "{T}", &json!(region));
            assert_eq!(answer.status(), status, "{region}: {answer:?}");
            assert_eq!(answer.text, expected.map_or_else(|| whole(&fixture), refusal));
        }
        assert!(fixture.is_open("{T}", "{pub}"));
        assert!(!fixture.is_open("{T}", "{pub2}"));
    }
}

#[test]
fn the_platform_opens_regions_for_teams_of_every_enterprise() {
    for mut fixture in fixtures() {
        fixture.add_team("{KO}", "U");
        assert_eq!(open(&fixture, "{MK}", "{U}", &json!("foreign")).status(), 201);
        assert_eq!(open(&fixture, "{MK}", "{U}", &json!("pub")).text, refusal(FOREIGN));
        assert!(fixture.is_open("{U}", "{foreign}"));
    }
}
