//! `/openapi/v2/manage/regions`, but for changes.

use serde_json::{Value, json};

use super::{Case, Scene, case, run};
use crate::rainbond_fixture::{full, keys, with};
use crate::support::Answer;

const REGIONS: &str = "GET /openapi/v2/manage/regions";

fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let name = |row: &Value| row["region_name"].as_str().unwrap().to_owned();
    body["data"].as_array().unwrap().iter().map(name).collect()
}

fn get(id: &'static str, request: &'static str, status: u16) -> Case {
    case(id, "{MK}", request, status)
}

#[test]
fn the_cases_of_the_managed_list_are_answered_as_agreed() {
    run(vec![
        get("S08", "GET /openapi/v2/manage/regions?query=r1", 200)
            .decided("D22")
            .fact("only r1", |_, a| names(a) == ["r1"])
            .expect(json!({"total": 1})),
        get("S09", "GET /openapi/v2/manage/regions?current=2&pageSize=2", 200)
            .fact("keys total and data", |_, a| keys(&a.json()) == ["total", "data"])
            .fact("two elements", |_, a| names(a) == ["r2", "r3"])
            .expect(json!({"total": 6})),
        get("S09", REGIONS, 200)
            .fact("all enterprises", |_, a| names(a).contains(&"foreign".to_owned())),
    ]);
}

#[test]
fn the_cases_of_one_managed_region_are_answered_as_agreed() {
    let gone = |scene: &Scene, _: &Answer| !scene.fixture.listed("{KA}").contains(&"r2".to_owned());
    run(vec![
        get("S05", "GET /openapi/v2/manage/regions/zz", 404)
            .decided("D13")
            .expect(json!({"msg": "数据中心不存在"})),
        get("S05", "GET /openapi/v2/manage/regions/{r1}", 200)
            .fact("14 keys", |_, a| keys(&a.json()).len() == 14)
            .fact("no enterprise", |_, a| a.json().get("enterprise_id").is_none()),
        get("S06", "POST /openapi/v2/manage/regions", 201)
            .decided("D2")
            .json(&with(full(), &json!({"enterprise_id": "{E2}"})))
            .expect(json!({"region_id": "<hex>", "region_name": "new1"}))
            .fact("14 keys", |_, a| keys(&a.json()).len() == 14)
            .fact("it is theirs", |scene, _| scene.fixture.listed("{KO}") == ["foreign", "new1"]),
        get("S07", "DELETE /openapi/v2/manage/regions/zz", 404)
            .expect(json!({"msg": "修改的数据中心不存在"})),
        get("S07", "DELETE /openapi/v2/manage/regions/{r1}", 400)
            .decided("delete: an enabled region is disabled first")
            .expect(json!({"msg": "集群处于启用状态，请先停用后再删除"})),
        get("S07", "DELETE /openapi/v2/manage/regions/{r2}", 200)
            .expect(json!({"region_name": "r2"}))
            .fact("it is gone", gone),
    ]);
}
