//! Teams, what is open for them, and who the caller is.

use serde_json::{Value, json};

use super::{Case, Scene, case, run};
use crate::rainbond_fixture::{change, keys, required, with};
use crate::support::Answer;

/// The keys of a team in a list.
const LISTED: [&str; 9] = [
    "ID",
    "tenant_id",
    "tenant_name",
    "tenant_alias",
    "is_active",
    "enterprise_id",
    "create_time",
    "creater",
    "role_infos",
];

/// The keys of the caller.
const BEAN: [&str; 8] = [
    "user_id",
    "email",
    "nick_name",
    "real_name",
    "phone",
    "is_active",
    "origion",
    "enterprise_id",
];

/// Opens `{r1}` and moves it to this status.
fn open_and_move(scene: &mut Scene, status: u8) {
    let region = json!({"region": "r1"});
    let opened = scene.fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &region);
    assert_eq!(opened.status(), 201, "{opened:?}");
    let body = required(with(change(), &json!({"status": status})));
    let moved = scene.fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &body);
    assert_eq!(moved.status(), 200, "{moved:?}");
}

fn of_team(id: &'static str, request: &'static str, status: u16) -> Case {
    case(id, "{KA}", request, status)
}

fn empty(_: &Scene, answer: &Answer) -> bool {
    answer.text.is_empty()
}

/// Whether the team is shown with this alias.
fn is_called(scene: &Scene, alias: &str) -> bool {
    let shown = scene.fixture.get("{KA}", "GET /openapi/v1/teams/{T}");
    shown.json()["tenant_alias"] == alias
}

#[test]
fn the_cases_of_teams_that_are_read_are_answered_as_agreed() {
    run(vec![
        of_team("6.5", "GET /openapi/v1/teams?query=myteam", 200)
            .expect(json!({"total": 1, "page": 1, "page_size": 10}))
            .fact("the keys", |_, answer| {
                let page = answer.json();
                keys(&page) == ["tenants", "total", "page", "page_size"]
                    && keys(&page["tenants"][0]) == LISTED
            }),
        of_team("6.7", "GET /openapi/v1/teams/{T}", 200)
            .expect(json!({"tenant_id": "{T}", "tenant_alias": "myteam", "creater": "1"}))
            .fact("a space in the time", |_, answer| {
                answer.json()["create_time"].as_str().unwrap().contains(' ')
            }),
        of_team("6.7", "GET /openapi/v1/teams/zz", 404)
            .expect(json!({"code": 404, "msg": "no found team"})),
        of_team("6.7", "GET /openapi/v1/teams/{T-name}", 404).expect(json!({"code": 2002})),
        of_team("6.8", "GET /openapi/v1/teams/{T}/regions", 200)
            .given(|scene| open_and_move(scene, 2))
            .expect(json!({"total": 1}))
            .fact("every status, and no token", |_, answer| {
                let region = &answer.json()["regions"][0];
                region["status"] == "2" && region["token"] == Value::Null
            }),
    ]);
}

#[test]
fn the_cases_of_teams_that_are_changed_are_answered_as_agreed() {
    run(vec![
        of_team("S19", "PUT /openapi/v1/teams/{T}", 200)
            .json(&json!({"tenant_alias": "n"}))
            .fact("empty body", empty)
            .fact("it is called so", |scene, _| is_called(scene, "n")),
        of_team("6.7", "PUT /openapi/v1/teams/{T}", 400)
            .json(&json!({"enterprise_id": "zzz"}))
            .expect(json!({"err": ["指定企业不存在"], "code": 20400})),
        of_team("6.7", "PUT /openapi/v1/teams/{T}", 400)
            .json(&json!({"colour": 1}))
            .decided("D5: 500 in the original")
            .wrong(&["colour"]),
        of_team("6.7", "PUT /openapi/v1/teams/{T-name}", 404)
            .json(&json!({"tenant_alias": "n"}))
            .decided("a change that does nothing is not called one")
            .expect(json!({"code": 2002}))
            .fact("it is called as before", |scene, _| is_called(scene, "myteam")),
        of_team("6.7", "DELETE /openapi/v1/teams/{T}", 200)
            .given(|scene| open_and_move(scene, 1))
            .fact("empty body", empty)
            .fact("it is gone", |scene, _| {
                scene.fixture.get("{KA}", "GET /openapi/v1/teams/{T}").status() == 404
            })
            .fact("it is closed", |scene, _| !scene.fixture.is_open("{T}", "{r1}")),
        of_team("6.7", "DELETE /openapi/v1/teams/{T-name}", 200).fact("empty body", empty),
        of_team("6.9", "DELETE /openapi/v1/teams/{T}/regions/r1", 200)
            .decided("close")
            .given(|scene| open_and_move(scene, 1))
            .expect(json!({"tenant_id": "{T}", "region": "", "creater": 1}))
            .fact("it is closed", |scene, _| !scene.fixture.is_open("{T}", "{r1}")),
        of_team("6.9", "DELETE /openapi/v1/teams/{T}/regions/r1", 400).decided("close").expect(
            json!({
                "msg": "team not open cluster, not need close",
                "msg_show": "该团队未开通此集群，无需关闭",
            }),
        ),
    ]);
}

#[test]
fn the_cases_of_what_a_team_has_in_a_region_are_answered_as_agreed() {
    let resource = "GET /openapi/v1/teams/{T}/regions/r1/resource";
    let unusable = json!({"code": 2001, "msg": "the team is not initialized in the region"});
    run(vec![
        of_team("S24", resource, 409)
            .given(|scene| open_and_move(scene, 3))
            .expect(unusable.clone()),
        of_team("S24", resource, 409).expect(unusable),
        of_team("S25", "GET /openapi/v1/teams/{T}/regions/zz/resource", 404)
            .expect(json!({"code": 3000})),
        of_team("S25", resource, 404)
            .decided("S24, S25: nothing is behind it")
            .given(|scene| open_and_move(scene, 1))
            .expect(json!({"error_type": "NotFound"})),
    ]);
}

#[test]
fn the_case_of_the_caller_is_answered_as_agreed() {
    let who = |id, key| case(id, key, "GET /openapi/v1/currentuser", 200);
    let user = json!({"bean": {"nick_name": "team", "enterprise_id": "{E1}", "is_active": true}});
    run(vec![
        who("S26", "{KP}")
            .expect(user)
            .fact("object under bean", |_, answer| keys(&answer.json()) == ["bean"])
            .fact("the keys", |_, answer| keys(&answer.json()["bean"]) == BEAN),
    ]);
}
