//! `GET /openapi/v1/regions/{name or id}` and `POST /openapi/v1/grctl/ip`.

use serde_json::{Value, json};

use super::{Case, Setting, case, run};
use crate::material::MATERIAL;
use crate::rainbond_fixture::{keys, with};
use crate::support::Answer;

const HEALTH: [&str; 7] = [
    "used_disk",
    "total_disk",
    "used_memory",
    "total_memory",
    "used_cpu",
    "total_cpu",
    "health_status",
];

fn shows_no_identifier(answer: &Answer) -> bool {
    answer.json().get("region_id").is_none()
}

#[test]
fn the_cases_of_a_region_that_is_shown_are_answered_as_agreed() {
    let r1 = |id, key, status| case(id, key, "GET /openapi/v1/regions/r1", status);
    run(vec![
        r1("S01", "{KP}", 404)
            .decided("roles: a team token sees what is open for its teams, and KP has none")
            .expect(json!({"code": 404, "msg": "no found region", "msg_show": "数据中心不存在"})),
        r1("S01", "{KA}", 200)
            .decided("health fields: they are left out where no cluster is called")
            .fact("no region_id key", |_, a| shows_no_identifier(a))
            .fact("no health fields", |_, a| {
                keys(&a.json()).iter().all(|key| !HEALTH.contains(key))
            }),
        r1("S04", "{KA}", 200)
            .decided("blank certificates are none")
            .expect(json!({"ssl_ca_cert": null, "cert_file": null, "key_file": null})),
        case("S03", "{KA}", "GET /openapi/v1/regions/foreign", 404)
            .expect(json!({"code": 404, "msg": "no found region"})),
        r1("S01", "{KA}", 200)
            .setting(Setting::ClusterCalls)
            .fact("no region_id key", |_, a| shows_no_identifier(a))
            .fact("used_disk is a float", |_, a| a.text.contains(r#""used_disk":0.0,"#))
            .expect(json!({"health_status": "ok"})),
    ]);
}

#[test]
fn the_case_of_a_region_whose_cluster_is_asked_is_answered_as_agreed() {
    run(vec![
        case("S02", "{KA}", "GET /openapi/v1/regions/{r1}?extend_info=true", 200)
            .setting(Setting::ClusterCalls)
            .given(|scene| {
                let said = json!({"bean": {
                    "cap_cpu": 8, "req_cpu": 2.5, "cap_mem": 16384, "req_mem": 512,
                    "cap_disk": 3_221_225_472_u64, "req_disk": 536_870_912,
                }});
                scene.cluster.answer_on("GET /v2/cluster", 200, &said);
            })
            .expect(json!({
                "used_disk": 0.5, "total_disk": 3.0, "used_memory": 512.0,
                "total_memory": 16384.0, "used_cpu": 2.5, "total_cpu": 8.0, "health_status": "ok",
            })),
    ]);
}

#[test]
fn the_cases_of_other_addresses_are_answered_as_agreed() {
    let post = |id, status, body: &Value| -> Case {
        case(id, "{KA}", "POST /openapi/v1/grctl/ip", status).json(body)
    };
    let addresses = json!({
        "region_name": "r1", "url": "https://new.example.com", "ws_url": "ws://1.1.1.1",
        "http_domain": "n.x", "tcp_domain": "9.9.9.9",
    });
    run(vec![
        post("S10", 404, &json!({"region_name": "zz"}))
            .expect(json!({"code": 404, "msg": "region not found", "msg_show": "数据中心不存在"})),
        post("S11", 200, &with(addresses, &MATERIAL))
            .expect(json!({
                "code": 200, "msg": "success", "msg_show": "更新成功",
                "data": {"bean": {}, "list": []},
            }))
            .fact("they are stored", |scene, _| {
                let stored = scene.fixture.stored("{r1}");
                stored.region.addresses.http_domain.as_ref() == "n.x"
                    && stored.credentials.key.is_some()
            }),
    ]);
}
