//! What the register says to the clusters of regions, when it may, and what it makes of answers.

use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::rainbond_fixture::{Fixture, change, full, keys, required, with};
use crate::stub_cluster::{NOWHERE, Seen, StubCluster, call_loopback};
use crate::support::{Answer, registers, registers_with};

const ADD: &str = "POST /openapi/v1/regions";
const OPEN: &str = "POST /openapi/v1/teams/{T}/regions";

/// The fixture of registers that call clusters, whose regions are all at one cluster.
pub fn calling() -> impl Iterator<Item = (Fixture, StubCluster)> {
    registers_with(call_loopback).map(|register| {
        let cluster = StubCluster::start();
        let fixture = Fixture::new(register, &cluster.url);
        cluster.forget();
        (fixture, cluster)
    })
}

/// The same with a cluster at which a token may be sent, and the fields of a region that stands there
/// and has one.
pub fn calling_with_token() -> impl Iterator<Item = (Fixture, StubCluster, Value)> {
    let authority = Authority::new("authority");
    calling().map(move |(fixture, _)| {
        let cluster = StubCluster::signed_by(&authority);
        let fields = json!({"url": cluster.url, "token": "tk", "ssl_ca_cert": authority.pem()});
        (fixture, cluster, fields)
    })
}

fn add(fixture: &Fixture, changes: &Value) -> Answer {
    fixture.send("{KA}", ADD, &with(full(), changes))
}

fn open_r1(fixture: &Fixture) -> Answer {
    fixture.send("{KA}", OPEN, &json!({"region": "r1"}))
}

/// Changes `{r1}`, which calls nobody.
fn change_r1(fixture: &Fixture, changes: &Value) {
    let body = with(required(change()), changes);
    let answer = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &body);
    assert_eq!(answer.status(), 200, "{answer:?}");
}

fn lines(cluster: &StubCluster) -> Vec<String> {
    cluster.seen().into_iter().map(|seen| seen.line).collect()
}

#[test]
fn no_cluster_is_called_unless_calls_are_switched_on() {
    for register in registers() {
        let cluster = StubCluster::start();
        let fixture = Fixture::new(register, &cluster.url);
        assert_eq!(open_r1(&fixture).status(), 201);
        let team = json!({"tenant_name": "t", "region": "r1"});
        assert_eq!(fixture.send("{KA}", "POST /openapi/v1/teams", &team).status(), 201);
        assert_eq!(cluster.seen(), [], "{}", fixture.register.name);
    }
}

#[test]
fn the_cluster_of_a_new_region_is_asked_to_show_itself() {
    for (fixture, cluster, fields) in calling_with_token() {
        let url = json!({"url": format!("{}/base/?x=1", cluster.url)});
        let added = add(&fixture, &with(fields, &url));
        assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        let asked = Seen {
            line: "GET /base/v2/show".to_owned(),
            authorization: "tk".to_owned(),
            body: Value::Null,
            certificate: None,
        };
        assert_eq!(cluster.seen(), [asked]);
    }
}

#[test]
fn any_status_below_400_is_a_cluster_that_shows_itself() {
    for (fixture, cluster) in calling() {
        for (status, answer) in [(204, 201), (302, 201), (400, 400), (404, 400), (500, 400)] {
            cluster.answer(status, &json!({"code": 7, "msg": "m"}));
            let added = add(&fixture, &json!({"region_name": format!("s{status}")}));
            assert_eq!(added.status(), answer, "{status}: {added:?}");
            if answer == 400 {
                assert_eq!(added.json()["msg"], "test link region field", "{status}");
            }
        }
        assert!(lines(&cluster).iter().all(|line| line == "GET /v2/show"));
        assert_eq!(fixture.listed("{KA}").len(), 7);
    }
}

#[test]
fn a_cluster_that_cannot_be_asked_is_told_and_its_region_not_kept() {
    let changes = [
        (json!({"url": NOWHERE}), "unreachable"),
        (json!({"url": "http://127.0.0.1:1/路径"}), "request"),
        (json!({"token": "tk"}), "insecure"),
        (json!({"url": "https://127.0.0.1:1", "token": "two\nlines"}), "request"),
        (json!({"url": "https://127.0.0.1:1"}), "unreachable"),
        (json!({"url": "http://169.254.169.254"}), "address"),
        (json!({"url": "http://[::1]:1"}), "address"),
    ];
    for (fixture, cluster) in calling() {
        for (changes, code) in &changes {
            let answer = add(&fixture, changes);
            let found = answer.json();
            assert_eq!(answer.status(), 400, "{changes}: {answer:?}");
            assert_eq!(keys(&found), ["code", "msg", "msg_show", "data"]);
            assert_eq!(
                (&found["code"], &found["msg"]),
                (&json!(400), &json!("test link region field"))
            );
            let shown = found["msg_show"].as_str().unwrap();
            assert_eq!(shown, format!("连接集群测试失败，请确认网络和集群状态: {code}"));
        }
        assert_eq!(cluster.seen(), []);
        assert_eq!(fixture.listed("{KA}").len(), 5, "{}", fixture.register.name);
    }
}

#[test]
fn a_cluster_is_not_bothered_with_a_region_that_is_refused_anyway() {
    for (fixture, cluster) in calling() {
        for (changes, status) in [
            (json!({"region_name": "r1"}), 400),
            (json!({"enterprise_id": "zzz"}), 404),
            (json!({"tcpdomain": ""}), 400),
            (json!({"cert_file": "x"}), 400),
        ] {
            assert_eq!(add(&fixture, &changes).status(), status, "{changes}");
        }
        assert_eq!(fixture.send("{KA}", OPEN, &json!({"region": "r2"})).status(), 409);
        assert_eq!(fixture.send("{KP}", OPEN, &json!({"region": "r1"})).status(), 403);
        assert_eq!(cluster.seen(), [], "{}", fixture.register.name);
    }
}

#[test]
fn a_team_is_made_known_to_the_cluster_once() {
    for (fixture, cluster, fields) in calling_with_token() {
        let url = json!({"url": format!("{}/", cluster.url)});
        change_r1(&fixture, &with(fields, &url));
        assert_eq!(open_r1(&fixture).status(), 201);
        assert_eq!(open_r1(&fixture).status(), 201);
        let body = json!({
            "tenant_id": "{T}", "tenant_name": "{T-name}", "eid": "{E1}", "namespace": "{T}",
            "bind_existing_namespace": false,
        });
        let asked = Seen {
            line: "POST /v2/tenants".to_owned(),
            authorization: "tk".to_owned(),
            body: serde_json::from_str(&fixture.fill(&body.to_string())).unwrap(),
            certificate: None,
        };
        assert_eq!(cluster.seen(), [asked], "{}", fixture.register.name);
    }
}

/// What somebody says who is no cluster.
fn inside(code: u16) -> Value {
    json!({"code": code, "msg": "INSIDE", "msg_show": "INSIDE", "data": "INSIDE"})
}

#[test]
fn the_native_interface_tells_the_reason_as_a_code() {
    for (fixture, cluster) in calling() {
        cluster.answer(403, &inside(7));
        let body = json!({
            "name": "n", "addresses": {
                "api_url": cluster.url, "websocket_url": "ws://h", "http_domain": "h",
                "tcp_address": "h.example",
            },
        });
        let refused = fixture.send("{KA}", "POST /cadastre/v1/regions", &body);
        let found = refused.json();
        assert_eq!(refused.status(), 400, "{refused:?}");
        assert_eq!(
            (&found["code"], &found["reason"]),
            (&"cluster_failed".into(), &"status".into())
        );
        assert!(!refused.text.contains("INSIDE"), "{refused:?}");
        // The identifier of the request may hold these digits by chance.
        let detail = found["detail"].as_str().unwrap();
        assert!(!detail.contains("403"), "{detail}");
        cluster.answer(500, &inside(7));
        let path = "POST /cadastre/v1/teams/{T}/openings";
        let refused = fixture.send("{KA}", path, &json!({"region_id": "{r1}"}));
        assert_eq!(refused.json()["reason"], "refused", "{refused:?}");
        assert!(!refused.text.contains("INSIDE"), "{refused:?}");
    }
}

#[test]
fn what_a_cluster_says_of_a_team_is_told_in_words_of_the_register_alone() {
    let exists = "tenant name {T-name} is exist";
    for (fixture, cluster) in calling() {
        for (status, said, code, expected) in [
            (500, json!({"msg": "namespace exists"}), 400, json!([20701, "namespace exists"])),
            (500, json!({"msg": "no"}), 400, json!([400, "cluster init failure "])),
            (503, json!("text"), 400, json!([400, "cluster init failure "])),
            (409, inside(7), 400, json!([400, "cluster init failure "])),
            (404, inside(8), 400, json!([400, "cluster init failure "])),
            (201, inside(9), 400, json!([400, "cluster init failure "])),
        ] {
            cluster.answer(status, &said);
            let answer = open_r1(&fixture);
            let found = answer.json();
            assert_eq!(answer.status(), code, "{said}: {answer:?}");
            assert_eq!(json!([found["code"], found["msg"]]), expected, "{said}");
            assert_eq!(found["data"], json!({"bean": {}, "list": []}), "{said}");
            assert!(!answer.text.contains("INSIDE"), "{answer:?}");
            assert!(!fixture.is_open("{T}", "{r1}"), "{said}");
        }
        let audit = fixture.get("{KA}", "GET /cadastre/v1/audit?limit=100");
        assert!(audit.text.contains("the cluster did not do its part: refused"), "{audit:?}");
        assert!(!audit.text.contains("INSIDE"), "{audit:?}");
        cluster.answer(400, &json!({"msg": fixture.fill(exists)}));
        assert_eq!(open_r1(&fixture).status(), 201);
        assert!(fixture.is_open("{T}", "{r1}"));
    }
}

#[test]
fn a_cluster_that_is_gone_does_not_keep_an_opening_from_being_told() {
    for (fixture, _) in calling() {
        assert_eq!(open_r1(&fixture).status(), 201);
        change_r1(&fixture, &json!({"url": NOWHERE}));
        assert_eq!(open_r1(&fixture).status(), 201, "{}", fixture.register.name);
    }
}

#[test]
fn a_team_that_its_cluster_refuses_is_not_created() {
    for (fixture, cluster) in calling() {
        let create = || {
            let team = json!({"tenant_name": "t", "region": "r1"});
            let answer = fixture.send("{KA}", "POST /openapi/v1/teams", &team);
            let id = cluster.seen().pop().unwrap().body["tenant_id"].as_str().unwrap().to_owned();
            let found = fixture.get("{KA}", &format!("GET /openapi/v1/teams/{id}")).status();
            (answer.status(), found)
        };
        assert_eq!(create(), (201, 200), "{}", fixture.register.name);
        cluster.answer(500, &json!({"msg": "no"}));
        assert_eq!(create(), (400, 404), "{}", fixture.register.name);
    }
}

#[test]
fn the_team_of_the_first_region_is_made_known_to_the_cluster_or_is_left_without_the_region() {
    for (said, open) in [(200, true), (500, false)] {
        for register in registers_with(call_loopback) {
            let cluster = StubCluster::start();
            let mut fixture = Fixture::bare(register, &cluster.url);
            cluster.answer_on("POST /v2/tenants", said, &json!({"msg": "no"}));
            fixture.add_region("{KA}", "first", &json!({}));
            assert_eq!(lines(&cluster), ["GET /v2/show", "POST /v2/tenants"]);
            let seen = cluster.seen().pop().unwrap().body;
            assert_eq!(
                (&seen["tenant_name"], &seen["namespace"]),
                (&json!("default"), &json!("default"))
            );
            let team = seen["tenant_id"].as_str().unwrap().to_owned();
            assert_eq!(fixture.is_open(&team, "{first}"), open, "{}", fixture.register.name);

            cluster.answer(200, &json!({}));
            let request = format!("POST /openapi/v1/teams/{team}/regions");
            let opened = fixture.send("{KA}", &request, &json!({"region": "first"}));
            assert_eq!(opened.status(), 201);
            assert_eq!(
                lines(&cluster).len(),
                if open { 2 } else { 3 },
                "{}",
                fixture.register.name
            );
        }
    }
}
