//! Creating and reading teams.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, bare_fixtures, fixtures, refusal, wrong};
use crate::support::Answer;

const CREATE: &str = "POST /openapi/v1/teams";

fn create(fixture: &Fixture, body: &Value) -> Answer {
    fixture.send("{KA}", CREATE, body)
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap().to_owned()
}

#[test]
fn a_created_team_is_answered_with_all_eleven_keys_in_the_published_order() {
    for fixture in bare_fixtures() {
        let made = create(&fixture, &json!({"tenant_name": " 我的 team "}));
        let (id, name) = (text(&made, "tenant_id"), text(&made, "tenant_name"));
        let expected = json!({
            "tenant_id": id, "tenant_name": name, "region": "", "is_active": true,
            "create_time": "2026-11-22 16:06:55.298602", "creater": 1, "limit_memory": 0,
            "update_time": "2026-11-22 16:06:55.298602", "expired_time": null,
            "tenant_alias": "我的 team", "enterprise_id": "{E1}",
        });
        assert_eq!((made.status(), made.text), (201, fixture.fill(&expected.to_string())));
        assert_eq!((id.len(), name.len()), (32, 8));
    }
}

#[test]
fn a_team_is_shown_with_all_seven_keys_in_the_published_order() {
    for fixture in bare_fixtures() {
        let made = create(&fixture, &json!({"tenant_name": "myteam"}));
        let (id, name) = (text(&made, "tenant_id"), text(&made, "tenant_name"));
        let expected = json!({
            "tenant_id": id, "tenant_name": name, "tenant_alias": "myteam",
            "enterprise_id": "{E1}", "is_active": true,
            "create_time": "2026-11-22 16:06:55.298602", "creater": "1",
        });
        let expected = fixture.fill(&expected.to_string());
        let shown = fixture.get("{KA}", &format!("GET /openapi/v1/teams/{id}"));
        assert_eq!((shown.status(), shown.text), (200, expected));
    }
}

#[test]
fn an_unknown_team_is_told_in_full_and_one_by_its_name_otherwise() {
    let unknown = &refusal((404, "no found team", "团队不存在"));
    let by_name = &refusal((2002, "the team is not found", "团队不存在"));
    for fixture in fixtures() {
        let loud = fixture.fill("{T}").to_uppercase();
        for (team, expected) in [
            ("zz", unknown),
            ("0123456789abcdef0123456789abcdef", unknown),
            ("{E1}", unknown),
            (loud.as_str(), unknown),
            ("myteam", unknown),
            ("{T-name}", by_name),
            ("default", by_name),
        ] {
            let answer = fixture.get("{KA}", &format!("GET /openapi/v1/teams/{team}"));
            assert_eq!((answer.status(), &answer.text), (404, expected), "{team}");
        }
    }
}

#[test]
fn the_user_behind_a_key_is_the_creator() {
    for fixture in fixtures() {
        let of = |key: &str| {
            let made = fixture.send(key, CREATE, &json!({"tenant_name": "t"}));
            let id = text(&made, "tenant_id");
            let shown = fixture.get(key, &format!("GET /openapi/v1/teams/{id}"));
            let creator = made.json()["creater"].as_i64().unwrap();
            assert_eq!(shown.json()["creater"], creator.to_string());
            creator
        };
        let (admin, other, platform) = (of("{KA}"), of("{KO}"), of("{MK}"));
        assert_eq!(admin, of("{KA}"));
        assert!(admin != other && admin != platform && other != platform);
    }
}

#[test]
fn times_lose_their_fraction_when_it_is_zero_and_are_those_of_shanghai() {
    let times = [
        ("2026-11-22T15:59:59.999999Z", "2026-11-22 23:59:59.999999"),
        ("2026-11-22T16:00:00Z", "2026-11-23 00:00:00"),
        ("2026-12-31T16:00:00.000100Z", "2027-01-01 00:00:00.000100"),
    ];
    for fixture in bare_fixtures() {
        for (time, shown) in times {
            let time = time.parse::<DateTime<Utc>>().unwrap();
            fixture.register.pass(time - fixture.register.app.clock.now());
            let made = create(&fixture, &json!({"tenant_name": "t"}));
            assert_eq!(text(&made, "create_time"), shown);
            assert_eq!(text(&made, "update_time"), shown);
            let path = format!("GET /openapi/v1/teams/{}", text(&made, "tenant_id"));
            assert_eq!(text(&fixture.get("{KA}", &path), "create_time"), shown);
        }
    }
}

/// Wrong bodies, and what is said of the alias and of the region.
fn wrong_bodies() -> Vec<(Value, Value)> {
    let both = |text: &str| json!({"tenant_name": [text], "region": [text]});
    let long = json!({
        "tenant_name": ["请确保这个字段不能超过 24 个字符。"],
        "region": ["请确保这个字段不能超过 64 个字符。"],
    });
    let required = json!({"tenant_name": ["该字段是必填项。"]});
    vec![
        (json!({}), required.clone()),
        (json!({"region": "r1"}), required),
        (json!({"tenant_name": null, "region": null}), both("该字段不能为 null。")),
        (json!({"tenant_name": " \n", "region": ""}), both("该字段不能为空。")),
        (json!({"tenant_name": "团".repeat(25), "region": "区".repeat(65)}), long),
        (json!({"region": ["r1"], "tenant_name": true}), both("Not a valid string.")),
        (json!({"region": "a\u{0}", "tenant_name": "a\u{0}"}), both("不允许是用空字符串。")),
    ]
}

#[test]
fn the_fields_of_a_team_obey_their_rules_and_are_told_at_once() {
    for fixture in fixtures() {
        for (body, fields) in wrong_bodies() {
            let answer = create(&fixture, &body);
            assert_eq!((answer.status(), answer.text), (400, wrong(&fields)), "{body}");
        }
    }
}

#[test]
fn an_alias_has_up_to_24_characters_and_may_be_shared() {
    for fixture in bare_fixtures() {
        for alias in ["团".repeat(24), "团".repeat(24), "a/b c".to_owned(), "7".to_owned()] {
            let made = create(&fixture, &json!({"tenant_name": format!(" {alias} ")}));
            assert_eq!(made.status(), 201, "{made:?}");
            assert_eq!(text(&made, "tenant_alias"), alias);
        }
        let made = create(&fixture, &json!({"tenant_name": 7}));
        assert_eq!(text(&made, "tenant_alias"), "7");
    }
}

#[test]
fn a_team_is_created_with_a_region_open_for_it() {
    for fixture in fixtures() {
        for region in ["r1", " pub "] {
            let made = create(&fixture, &json!({"tenant_name": "t", "region": region}));
            assert_eq!(made.status(), 201, "{}: {made:?}", fixture.register.name);
            assert_eq!(text(&made, "region"), "");
            let id = text(&made, "tenant_id");
            assert!(fixture.is_open(&id, &format!("{{{}}}", region.trim())));
            assert!(!fixture.is_open(&id, "{r0}"));
        }
    }
}

#[test]
fn a_team_is_not_created_with_a_region_that_cannot_be_opened() {
    let unknown = (3000, "the region is not found", "集群不存在");
    let not_enabled = (3001, "the region is not enabled", "集群未启用");
    let cases = [
        ("zz", 404, unknown),
        ("no name", 404, unknown),
        ("foreign", 400, (400, "cluster not found", "需要开通的集群不存在")),
        ("r0", 409, not_enabled),
        ("r2", 409, not_enabled),
        ("r3", 409, not_enabled),
    ];
    for fixture in fixtures() {
        for (region, status, expected) in cases {
            let answer = create(&fixture, &json!({"tenant_name": "t", "region": region}));
            assert_eq!((answer.status(), answer.text), (status, refusal(expected)), "{region}");
        }
    }
}
