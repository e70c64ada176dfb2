//! `POST /openapi/v1/regions`.

use serde_json::{Value, json};

use super::{Case, Setting, case, run};
use crate::rainbond_fixture::{full, with, without};
use crate::stub_cluster::NOWHERE;

fn add(id: &'static str, status: u16, body: &Value) -> Case {
    case(id, "{KA}", "POST /openapi/v1/regions", status).json(body)
}

fn full_with(changes: &Value) -> Value {
    with(full(), changes)
}

#[test]
fn the_cases_of_a_region_that_is_added_are_answered_as_agreed() {
    run(vec![
        add("R01", 201, &full()).expect(json!({
            "region_id": "<hex>", "status": "1", "token": null, "scope": "private",
            "enterprise_id": "{E1}",
        })),
        add("R02", 201, &without(full(), &["region_id", "enterprise_id"]))
            .decided("D1, D2")
            .expect(json!({"enterprise_id": "{E1}"})),
        add("R03", 201, &without(full(), &["status"])).decided("D3").expect(json!({"status": "0"})),
        add("R14", 201, &without(full(), &["desc"])).expect(json!({"desc": ""})),
        add("R20", 201, &full_with(&json!({"tcpdomain": "1.2.3.4:80"}))),
        add("R18", 201, &full_with(&json!({"tcpdomain": "tcp.example.com"})))
            .decided("R18: a DNS name is a TCP address")
            .expect(json!({"tcpdomain": "tcp.example.com"})),
        add("R30", 201, &without(full(), &["ssl_ca_cert", "cert_file", "key_file"]))
            .decided("D4")
            .expect(json!({"ssl_ca_cert": null, "cert_file": null, "key_file": null})),
    ]);
}

#[test]
fn the_cases_of_a_region_that_is_refused_are_answered_as_agreed() {
    let unknown = json!({
        "code": 404, "msg": "enterprise not found", "msg_show": "企业不存在",
        "data": {"bean": {}, "list": []},
    });
    let bad =
        json!({"url": "bad", "wsurl": "bad", "tcpdomain": "bad", "scope": "bad", "status": 9});
    run(vec![
        add("R05", 404, &full_with(&json!({"enterprise_id": "zzz"}))).expect(unknown.clone()),
        add("R07", 400, &full_with(&json!({"region_name": "r1"}))).wrong(&["region_name"]),
        add("R08", 400, &full_with(&json!({"region_name": "foreign"}))).wrong(&["region_name"]),
        add("R18", 400, &full_with(&json!({"tcpdomain": "256.1.1.1"})))
            .decided("R18: out-of-range octets are refused")
            .wrong(&["tcpdomain"])
            .expect(json!({"err": {"tcpdomain": ["TCP访问地址非法"]}})),
        add("R22", 400, &full_with(&json!({"desc": "d".repeat(201)}))).wrong(&["desc"]),
        add("R24", 400, &full_with(&bad)).wrong(&["url", "wsurl", "tcpdomain", "scope", "status"]),
        add("R26", 400, &json!([])).wrong(&["non_field_errors"]),
        case("R27", "{KA}", "POST /openapi/v1/regions", 415).body("text/plain", "abc"),
        add("R32", 404, &full_with(&json!({"enterprise_id": "{E2}"})))
            .decided("D2, R32")
            .expect(unknown),
    ]);
}

#[test]
fn the_case_of_a_cluster_that_refuses_connections_is_answered_as_agreed() {
    run(vec![
        add("R28", 400, &full_with(&json!({"url": NOWHERE})))
            .setting(Setting::ClusterCalls)
            .expect(json!({
                "code": 400, "msg": "test link region field", "msg_show": "连接集群测试失败…",
                "data": {"bean": {}, "list": []},
            }))
            .fact("nothing is stored", |scene, _| {
                !scene.fixture.listed("{KA}").contains(&"new1".to_owned())
            }),
    ]);
}
