//! Changing teams.

use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, bare_fixtures, fixtures, refusal, wrong};
use crate::support::Answer;

const TEAM: &str = "/openapi/v1/teams/{T}";

fn change(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.send(key, &format!("PUT {TEAM}"), body)
}

fn shown(fixture: &Fixture) -> Value {
    fixture.get("{KA}", &format!("GET {TEAM}")).json()
}

/// The refusal that names something that does not exist.
fn no_such(text: &str) -> String {
    let body = json!({
        "detail": "参数错误", "err": [text], "code": 20400, "error_type": "ValidationError",
    });
    body.to_string()
}

fn user(fixture: &Fixture, key: &str) -> i64 {
    let who = fixture.get(key, "GET /openapi/v1/currentuser").json();
    who["bean"]["user_id"].as_i64().unwrap()
}

/// A fixture with the team alone.
fn with_team() -> impl Iterator<Item = Fixture> {
    bare_fixtures().map(|mut fixture| {
        fixture.add_team("{KA}", "T");
        fixture
    })
}

#[test]
fn a_change_is_answered_without_a_body_and_shown_from_then_on() {
    for fixture in with_team() {
        fixture.register.pass(TimeDelta::hours(1));
        let other = user(&fixture, "{MK}");
        let body = json!({
            "tenant_alias": " 新 name ", "is_active": false, "creater": other, "limit_memory": 512,
        });
        let answer = change(&fixture, "{KA}", &body);
        assert_eq!((answer.status(), answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("content-length"), "0");
        let expected = json!({
            "tenant_id": "{T}", "tenant_name": "{T-name}", "tenant_alias": "新 name",
            "enterprise_id": "{E1}", "is_active": false,
            "create_time": "2026-11-22 16:06:55.298602", "creater": other.to_string(),
        });
        assert_eq!(shown(&fixture).to_string(), fixture.fill(&expected.to_string()));
        let team = fixture.read(|tx| Ok(tx.find_team(fixture.id("{T}"))?)).unwrap();
        assert_eq!((team.limit_memory, team.version), (512, 2));
        assert_eq!(team.updated_at - team.created_at, TimeDelta::hours(1));
        assert_eq!(fixture.done("update_team"), [("team".to_owned(), fixture.fill("{T}"))]);
    }
}

#[test]
fn what_is_left_out_stays_and_a_change_of_nothing_is_none() {
    for fixture in with_team() {
        let before = shown(&fixture);
        for body in [
            json!({}),
            json!({"tenant_alias": "myteam"}),
            json!({"is_active": true, "limit_memory": 0, "creater": before["creater"]}),
            json!({"enterprise_id": null}),
            json!({"enterprise_id": ""}),
        ] {
            assert_eq!(change(&fixture, "{KA}", &body).status(), 200, "{body}");
        }
        assert_eq!(shown(&fixture), before);
        let team = fixture.read(|tx| Ok(tx.find_team(fixture.id("{T}"))?)).unwrap();
        assert_eq!(team.version, 1);
        assert_eq!(fixture.done("update_team"), []);
        assert_eq!(change(&fixture, "{KA}", &json!({"tenant_alias": "n"})).status(), 200);
        assert_eq!(shown(&fixture)["tenant_alias"], "n");
        assert_eq!(shown(&fixture)["is_active"], true);
    }
}

#[test]
fn an_answer_can_be_sent_back_with_one_thing_changed() {
    for fixture in with_team() {
        let mut body = shown(&fixture);
        body["tenant_alias"] = "first".into();
        assert_eq!(change(&fixture, "{KA}", &body).status(), 200);
        let made = fixture.send("{KA}", "POST /openapi/v1/teams", &json!({"tenant_name": "t"}));
        let mut body = made.json();
        body["is_active"] = false.into();
        let request = format!("PUT /openapi/v1/teams/{}", body["tenant_id"].as_str().unwrap());
        assert_eq!(fixture.send("{KA}", &request, &body).status(), 200);
        assert_eq!(shown(&fixture)["tenant_alias"], "first");
    }
}

#[test]
fn a_form_says_yes_and_no_in_words() {
    for fixture in with_team() {
        for (body, active) in [
            ("is_active=False&limit_memory=+7", false),
            ("is_active=1", true),
            ("is_active=0", false),
            ("is_active=true", true),
        ] {
            let call = fixture.call("{KA}", &format!("PUT {TEAM}"));
            let answer = call.body("application/x-www-form-urlencoded", body).send();
            assert_eq!(answer.status(), 200, "{body}: {answer:?}");
            assert_eq!(shown(&fixture)["is_active"], active, "{body}");
        }
    }
}

#[test]
fn a_team_stays_in_its_enterprise() {
    for fixture in with_team() {
        let refused = no_such("指定企业不存在");
        for (enterprise, status) in [("{E1}", 200), ("{E2}", 400), ("zzz", 400), ("{T}", 400)] {
            for key in ["{KA}", "{MK}"] {
                let body = json!({"enterprise_id": enterprise, "tenant_alias": "moved"});
                let answer = change(&fixture, key, &body);
                let expected = if status == 200 { "" } else { &refused };
                assert_eq!((answer.status(), answer.text.as_str()), (status, expected));
            }
        }
        let moved = json!({"enterprise_id": "{E2}", "tenant_alias": "again"});
        assert_eq!(change(&fixture, "{MK}", &moved).status(), 400);
        assert_eq!(shown(&fixture)["tenant_alias"], "moved");
        assert_eq!(shown(&fixture)["enterprise_id"], fixture.fill("{E1}"));
    }
}

#[test]
fn whoever_is_to_count_as_its_maker_is_a_user_of_the_enterprise() {
    for fixture in with_team() {
        let foreign = user(&fixture, "{KO}");
        for creator in [json!(foreign), json!(foreign.to_string()), json!(4_000_000_000_i64)] {
            let answer = change(&fixture, "{KA}", &json!({"creater": creator}));
            assert_eq!((answer.status(), answer.text), (400, no_such("指定用户不存在")));
        }
        let own = user(&fixture, "{KP}").to_string();
        assert_eq!(change(&fixture, "{KA}", &json!({"creater": own})).status(), 200);
        assert_eq!(shown(&fixture)["creater"], own);
    }
}

#[test]
fn every_wrong_field_is_told_at_once_and_nothing_changes() {
    let whole = "请填写 0 到 2147483647 之间的整数。";
    let number = "请填写 1 到 9223372036854775807 之间的整数。";
    for fixture in with_team() {
        let before = shown(&fixture);
        for (body, fields) in [
            (
                json!({
                    "tenant_alias": "团".repeat(25), "is_active": "perhaps", "creater": "admin",
                    "limit_memory": -1, "enterprise_id": 7.5, "tenant_id": [], "colour": 1,
                }),
                json!({
                    "tenant_alias": ["请确保这个字段不能超过 24 个字符。"],
                    "is_active": ["Must be a valid boolean."], "creater": [number],
                    "limit_memory": [whole], "tenant_id": ["Not a valid string."],
                    "colour": ["该字段不存在。"],
                }),
            ),
            (
                json!({"tenant_alias": null, "is_active": null, "creater": null}),
                json!({
                    "tenant_alias": ["该字段不能为 null。"], "is_active": ["该字段不能为 null。"],
                    "creater": ["该字段不能为 null。"],
                }),
            ),
            (json!({"tenant_alias": " "}), json!({"tenant_alias": ["该字段不能为空。"]})),
            (json!({"limit_memory": 2_147_483_648_i64}), json!({"limit_memory": [whole]})),
            (
                json!({"limit_memory": 1.5, "creater": 0}),
                json!({
                    "creater": [number], "limit_memory": [whole],
                }),
            ),
            (json!({"is_active": [true]}), json!({"is_active": ["Must be a valid boolean."]})),
            (json!({"namespace": "x"}), json!({"namespace": ["该字段不存在。"]})),
            (
                json!({"tenant_id": "{E1}", "tenant_name": "other", "tenant_alias": "n"}),
                json!({"tenant_id": ["该字段不能修改。"], "tenant_name": ["该字段不能修改。"]}),
            ),
        ] {
            let answer = change(&fixture, "{KA}", &body);
            assert_eq!((answer.status(), answer.text), (400, wrong(&fields)), "{body}");
        }
        assert_eq!(shown(&fixture), before);
    }
}

#[test]
fn the_team_is_looked_for_before_the_fields_and_a_name_will_not_do() {
    let unknown = refusal((404, "no found team", "团队不存在"));
    let by_name = refusal((2002, "the team is not found", "团队不存在"));
    for mut fixture in fixtures() {
        fixture.add_team("{KO}", "U");
        for (key, team, expected) in [
            ("{KA}", "zz", &unknown),
            ("{KA}", "{U}", &unknown),
            ("{KO}", "{T}", &unknown),
            ("{KA}", "{T-name}", &by_name),
            ("{KA}", "default", &by_name),
        ] {
            for body in [json!({"tenant_alias": "n"}), json!({"tenant_alias": ""})] {
                let answer = fixture.send(key, &format!("PUT /openapi/v1/teams/{team}"), &body);
                assert_eq!((answer.status(), &answer.text), (404, expected), "{team}");
            }
        }
        assert_eq!(shown(&fixture)["tenant_alias"], "myteam");
        let answer = fixture.send("{MK}", "PUT /openapi/v1/teams/{U}", &json!({"limit_memory": 1}));
        assert_eq!(answer.status(), 200);
    }
}

#[test]
fn members_and_viewers_change_nothing() {
    for mut fixture in with_team() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        for (key, status) in [("{viewer}", 403), ("{member}", 403), ("{operator}", 200)] {
            let answer = change(&fixture, key, &json!({"tenant_alias": "changed"}));
            assert_eq!(answer.status(), status, "{key}");
            assert_eq!(shown(&fixture)["tenant_alias"] == "changed", status == 200, "{key}");
        }
    }
}
