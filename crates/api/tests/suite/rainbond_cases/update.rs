//! `PUT /openapi/v2/manage/regions/{region_id}`.

use serde_json::{Value, json};

use super::{Case, case, run};
use crate::material::MATERIAL;
use crate::rainbond_fixture::{change, keys, required, with};

const R1: &str = "PUT /openapi/v2/manage/regions/{r1}";
const NOBODY: &str = "PUT /openapi/v2/manage/regions/zz";

fn update(id: &'static str, request: &'static str, status: u16, body: &Value) -> Case {
    case(id, "{MK}", request, status).json(body)
}

#[test]
fn the_cases_of_a_region_that_is_changed_are_answered_as_agreed() {
    run(vec![
        update("U01", R1, 200, &change())
            .expect(json!({"region_name": "r1", "region_alias": "New"}))
            .fact("14 keys", |_, a| keys(&a.json()).len() == 14)
            .fact("no enterprise", |_, a| a.json().get("enterprise_id").is_none()),
        update(
            "U06",
            "PUT /openapi/v2/manage/regions/{r2}",
            200,
            &required(with(change(), &json!({"status": 0}))),
        )
        .decided("status rules: a disabled region may be edited")
        .expect(json!({"status": "0"})),
        update("U07", R1, 200, &change()).decided("D14").expect(json!({"token": "tk"})),
        update("U08", R1, 200, &required(change()))
            .decided("D14")
            .given(|scene| {
                let before = scene.fixture.send("{MK}", R1, &change());
                assert_eq!(before.status(), 200);
            })
            .expect(with(json!({"scope": "public", "desc": "newd", "token": "tk"}), &MATERIAL)),
    ]);
}

#[test]
fn the_cases_of_a_change_that_is_refused_are_answered_as_agreed() {
    let bad =
        json!({"url": "bad", "wsurl": "bad", "tcpdomain": "bad", "scope": "bad", "status": 9});
    run(vec![
        update("U03", NOBODY, 404, &change()).expect(json!({"msg": "修改的数据中心不存在"})),
        update("U04", NOBODY, 400, &json!({})).wrong(&[
            "region_alias",
            "url",
            "wsurl",
            "httpdomain",
            "tcpdomain",
            "status",
        ]),
        update("U06", R1, 400, &with(change(), &json!({"status": 0})))
            .decided("status rules: an enabled region cannot be edited")
            .wrong(&["status"]),
        update("U09", R1, 400, &with(change(), &bad)).wrong(&[
            "url",
            "wsurl",
            "tcpdomain",
            "scope",
            "status",
        ]),
        case("U11", "{KA}", R1, 401).json(&change()).expect(json!({"detail": "token is invalid"})),
    ]);
}
