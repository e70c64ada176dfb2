//! `POST /openapi/v1/teams/{team_id}/regions`, and teams that are created with a region.

use serde_json::{Value, json};

use super::{Case, Scene, Setting, case, run};
use crate::rainbond_fixture::{change, keys, required, with};
use crate::stub_cluster::NOWHERE;
use crate::support::Answer;

const OPEN: &str = "POST /openapi/v1/teams/{T}/regions";
const BASE: [&str; 11] = [
    "tenant_id",
    "tenant_name",
    "region",
    "is_active",
    "create_time",
    "creater",
    "limit_memory",
    "update_time",
    "expired_time",
    "tenant_alias",
    "enterprise_id",
];
const LONG: &str = "twenty-five-characters-25";

fn open(id: &'static str, key: &'static str, status: u16, region: &Value) -> Case {
    case(id, key, OPEN, status).json(&json!({"region": region}))
}

fn closed(scene: &Scene, _: &Answer) -> bool {
    !scene.fixture.is_open("{T}", "{r1}")
}

fn open_r1(scene: &mut Scene) {
    let opened = scene.fixture.send("{KA}", OPEN, &json!({"region": "r1"}));
    assert_eq!(opened.status(), 201, "{opened:?}");
}

#[test]
fn the_cases_of_a_region_that_is_opened_are_answered_as_agreed() {
    let r1 = json!("r1");
    run(vec![
        open("O01", "{KA}", 201, &r1)
            .expect(json!({"region": "", "creater": 1, "expired_time": null}))
            .decided("D19: expired_time is present")
            .fact("the keys", |_, a| keys(&a.json()) == BASE)
            .fact("it is open", |scene, _| scene.fixture.is_open("{T}", "{r1}")),
        open("O02", "{KA}", 201, &r1)
            .setting(Setting::ClusterCalls)
            .given(|scene| {
                open_r1(scene);
                scene.cluster.forget();
            })
            .fact("no cluster was called", |scene, _| scene.cluster.seen().is_empty())
            .fact("it is open", |scene, _| scene.fixture.is_open("{T}", "{r1}")),
        open("O10", "{KA}", 201, &json!(LONG))
            .decided("D23")
            .given(|scene| scene.fixture.add_region("{KA}", LONG, &json!({}))),
        case("O19", "{KA}", OPEN, 201)
            .body("application/x-www-form-urlencoded", "region=r1")
            .fact("it is open", |scene, _| scene.fixture.is_open("{T}", "{r1}")),
    ]);
}

#[test]
fn the_cases_of_an_opening_that_is_refused_are_answered_as_agreed() {
    let r1 = json!("r1");
    let to = |id, request, status| case(id, "{KA}", request, status).json(&json!({"region": "r1"}));
    run(vec![
        to("O03", "POST /openapi/v1/teams/zz/regions", 404)
            .expect(json!({"code": 404, "msg": "no found team"})),
        open("O04", "{KA}", 404, &json!("zz")).expect(
            json!({"code": 3000, "msg": "the region is not found", "msg_show": "集群不存在"}),
        ),
        open("O07", "{KA}", 400, &json!("")).wrong(&["region"]),
        open("O08", "{KA}", 400, &json!(null)).wrong(&["region"]),
        case("O09", "{KA}", OPEN, 400).json(&json!({})).decided("D7").wrong(&["region"]),
        open("O10", "{KA}", 400, &json!("r".repeat(65))).decided("D23").wrong(&["region"]),
        open("O11", "{KA}", 409, &json!("r2")).decided("D8").expect(json!({
            "code": 3001, "msg": "the region is not enabled", "msg_show": "集群未启用",
        })),
        open("O12", "{KP}", 403, &json!("pub")).decided("D9, O12").expect(json!({
            "code": 10402, "msg": "no permissions ", "msg_show": "没有操作权限",
        })),
        open("O13", "{KO}", 404, &r1).expect(json!({"msg": "no found team"})),
        to("O14", "POST /openapi/v1/teams/{T-name}/regions", 404).expect(json!({"code": 2002})),
        to("O20", "DELETE /openapi/v1/teams/{T}/regions", 405),
    ]);
}

#[test]
fn the_cases_of_a_cluster_that_does_not_do_its_part_are_answered_as_agreed() {
    run(vec![
        open("O17", "{KA}", 400, &json!("r1"))
            .setting(Setting::ClusterCalls)
            .given(|scene| scene.cluster.answer(500, &json!({"msg": "namespace exists"})))
            .expect(json!({"code": 20701, "msg": "namespace exists"}))
            .fact("it is not open", closed),
        open("O18", "{KA}", 400, &json!("r1"))
            .setting(Setting::ClusterCalls)
            .given(|scene| {
                let down = required(with(change(), &json!({"url": NOWHERE})));
                let moved =
                    scene.fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &down);
                assert_eq!(moved.status(), 200, "{moved:?}");
            })
            .expect(json!({"code": 10411, "msg_show": "访问数据中心异常，请稍后重试"}))
            .fact("it is not open", closed),
    ]);
}

#[test]
fn the_cases_of_a_team_that_is_created_are_answered_as_agreed() {
    let team =
        |id, status, body: &Value| case(id, "{KA}", "POST /openapi/v1/teams", status).json(body);
    run(vec![
        team("S16", 404, &json!({"tenant_name": "t3", "region": "zz"}))
            .expect(json!({"code": 3000})),
        team("S15", 201, &json!({"tenant_name": "t2"}))
            .expect(json!({"tenant_alias": "t2", "limit_memory": 0}))
            .fact("8 letters and digits", |_, a| {
                let name = a.json()["tenant_name"].as_str().unwrap().to_owned();
                name.len() == 8 && name.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9'))
            }),
    ]);
}
