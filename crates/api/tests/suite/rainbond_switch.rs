//! `PUT /openapi/v1/regions/{region_id}/status` (contract 6.3): the rules of the status, by name.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_clusters::calling_with_token;
use crate::rainbond_fixture::{Fixture, fixtures, keys, with, wrong};
use crate::rainbond_roles::steady;
use crate::stub_cluster::NOWHERE;
use crate::support::Answer;

const NAMES: [&str; 4] = ["NOTREADY", "ONLINE", "OFFLINE", "MAINTAIN"];

fn switch(fixture: &Fixture, key: &str, region: &str, status: &Value) -> Answer {
    let request = format!("PUT /openapi/v1/regions/{region}/status");
    fixture.send(key, &request, &json!({"status": status}))
}

#[test]
fn a_region_that_is_switched_is_answered_with_all_fifteen_keys() {
    let secrets = with(MATERIAL.clone(), &json!({"token": "tk", "status": 0}));
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "safe", &secrets);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        for (key, reveal, name, status) in [
            ("{KA}", true, "ONLINE", "1"),
            ("{KA}", true, "online", "1"),
            ("{operator}", false, "Maintain", "3"),
            ("{MK}", true, " OFFLINE ", "2"),
        ] {
            let answer = switch(&fixture, key, "{safe}", &json!(name));
            let body = json!({
                "region_id": "{safe}", "region_name": "safe", "region_alias": "a", "url": "{url}",
                "token": if reveal { json!("tk") } else { Value::Null },
                "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com",
                "tcpdomain": "1.2.3.4", "scope": "private",
                "ssl_ca_cert": MATERIAL["ssl_ca_cert"], "cert_file": MATERIAL["cert_file"],
                "key_file": if reveal { &MATERIAL["key_file"] } else { &Value::Null },
                "status": status, "desc": "d", "enterprise_id": "{E1}",
            });
            let expected = fixture.fill(&body.to_string());
            assert_eq!((answer.status(), answer.text), (200, expected), "{key} {name}");
            let shown = fixture.entries("switch_region");
            let expected = if reveal { "token,key" } else { "" };
            assert_eq!(shown[0].revealed, expected, "{key} {name}");
        }
    }
}

#[test]
fn a_switch_that_is_not_in_the_table_is_refused_as_everywhere() {
    for fixture in fixtures() {
        for (from, to, expected) in [
            (
                "{r0}",
                "MAINTAIN",
                "集群状态不能从编辑中(0)变为维护中(3)，允许变为：启用(1)、停用(2)",
            ),
            (
                "{r1}",
                "NOTREADY",
                "集群状态不能从启用(1)变为编辑中(0)，允许变为：停用(2)、维护中(3)",
            ),
            (
                "{r2}",
                "MAINTAIN",
                "集群状态不能从停用(2)变为维护中(3)，允许变为：编辑中(0)、启用(1)",
            ),
            (
                "{r3}",
                "NOTREADY",
                "集群状态不能从维护中(3)变为编辑中(0)，允许变为：启用(1)、停用(2)",
            ),
        ] {
            let before = fixture.stored(from).region;
            let answer = switch(&fixture, "{KA}", from, &json!(to));
            assert_eq!(answer.status(), 400, "{from} {to}: {answer:?}");
            assert_eq!(answer.text, wrong(&json!({"status": [expected]})), "{from} {to}");
            assert_eq!(fixture.stored(from).region, before, "{}", fixture.register.name);
        }
        // The status that it has is always fine.
        for (region, name) in ["{r0}", "{r1}", "{r2}", "{r3}"].into_iter().zip(NAMES) {
            assert_eq!(switch(&fixture, "{KA}", region, &json!(name)).status(), 200, "{name}");
        }
    }
}

#[test]
fn what_is_no_name_of_a_status_is_told_with_those_that_are() {
    let unknown =
        |text: &str| format!("不支持状态: '{text}', 仅支持: NOTREADY,ONLINE,OFFLINE,MAINTAIN");
    for fixture in fixtures() {
        for (status, expected) in [
            (json!(1), unknown("1")),
            (json!("1"), unknown("1")),
            (json!("enabled"), unknown("ENABLED")),
            (json!("ONLINE1"), unknown("ONLINE1")),
            (json!(""), "该字段不能为空。".to_owned()),
            (json!(null), "该字段不能为 null。".to_owned()),
            (json!(true), "Not a valid string.".to_owned()),
            (json!("O".repeat(65)), "请确保这个字段不能超过 64 个字符。".to_owned()),
        ] {
            // The body is judged before the region is looked for.
            for region in ["{r2}", "zz"] {
                let answer = switch(&fixture, "{KA}", region, &status);
                let expected = wrong(&json!({"status": [expected]}));
                assert_eq!((answer.status(), answer.text), (400, expected), "{status} {region}");
            }
        }
        let empty = fixture.send("{KA}", "PUT /openapi/v1/regions/{r2}/status", &json!({}));
        assert_eq!(empty.text, wrong(&json!({"status": ["该字段是必填项。"]})));
        let form = fixture
            .call("{KA}", "PUT /openapi/v1/regions/{r2}/status")
            .body("application/x-www-form-urlencoded", "status=online")
            .send();
        assert_eq!((form.status(), form.json()["status"].clone()), (200, json!("1")));
    }
}

#[test]
fn a_region_of_another_enterprise_is_as_if_it_were_not_there_but_for_the_platform() {
    let nobody = r#"{"msg":"数据中心不存在"}"#;
    for fixture in fixtures() {
        let unknown =
            switch(&fixture, "{KA}", "0123456789abcdef0123456789abcdef", &json!("ONLINE"));
        assert_eq!((unknown.status(), unknown.text.as_str()), (404, nobody));
        // Nor is its name enough.
        for region in ["{foreign}", "foreign", "r1", "zz"] {
            let answer = switch(&fixture, "{KA}", region, &json!("ONLINE"));
            assert_eq!(steady(&answer), steady(&unknown), "{region}");
        }
        let moved = switch(&fixture, "{MK}", "{foreign}", &json!("OFFLINE"));
        assert_eq!(moved.json()["enterprise_id"], fixture.fill("{E2}"));
        assert_eq!(moved.json()["status"], "2");
    }
}

#[test]
fn a_region_is_enabled_only_when_its_cluster_answers_where_clusters_are_called() {
    for (mut fixture, cluster, fields) in calling_with_token() {
        fixture.add_region("{KA}", "away", &with(fields, &json!({"status": 2})));
        cluster.forget();
        assert_eq!(switch(&fixture, "{KA}", "{away}", &json!("ONLINE")).status(), 200);
        let seen = cluster.seen();
        assert_eq!(
            (seen.len(), &*seen[0].line, &*seen[0].authorization),
            (1, "GET /v2/show", "tk")
        );
        for name in ["ONLINE", "MAINTAIN", "OFFLINE", "NOTREADY", "MAINTAIN"] {
            switch(&fixture, "{KA}", "{away}", &json!(name));
        }
        assert_eq!(cluster.seen().len(), 1, "{}", fixture.register.name);

        cluster.answer(500, &json!({}));
        let refused = switch(&fixture, "{KA}", "{away}", &json!("ONLINE"));
        let expected = r#"{"msg":"数据中心away不可达,无法上线"}"#;
        assert_eq!((refused.status(), refused.text.as_str()), (400, expected));
        let moved = json!({"region_name": "away", "url": NOWHERE, "token": null});
        assert_eq!(fixture.send("{KA}", "POST /openapi/v1/grctl/ip", &moved).status(), 200);
        let refused = switch(&fixture, "{KA}", "{away}", &json!("ONLINE"));
        assert_eq!((refused.status(), refused.text.as_str()), (400, expected));
        let found = fixture.get("{KA}", "GET /openapi/v1/regions/away").json();
        assert_eq!(found["status"], "0", "{}", fixture.register.name);
    }
}

#[test]
fn an_answer_without_secrets_leaves_no_word_of_them() {
    for mut fixture in fixtures() {
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        let answer = switch(&fixture, "{operator}", "{r1}", &json!("ONLINE"));
        assert_eq!(keys(&answer.json()).len(), 15, "{answer:?}");
        assert_eq!(fixture.entries("switch_region").len(), 0, "nothing was changed");
    }
}
