//! Closing regions for teams.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_clusters::{calling, calling_with_token};
use crate::rainbond_fixture::{Fixture, change, fixtures, refusal, required, with};
use crate::stub_cluster::{NOWHERE, Seen};
use crate::support::Answer;

const NO_TEAM: (i64, &str, &str) = (404, "no found team", "团队不存在");
const BY_NAME: (i64, &str, &str) = (2002, "the team is not found", "团队不存在");
const KEPT: (i64, &str, &str) = (400, "delete tenant from cluster failure", "从集群删除租户失败");

fn close(fixture: &Fixture, key: &str, team: &str, region: &str) -> Answer {
    fixture.get(key, &format!("DELETE /openapi/v1/teams/{team}/regions/{region}"))
}

fn open(fixture: &Fixture, region: &str) {
    let body = json!({"region": region});
    let opened = fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &body);
    assert_eq!(opened.status(), 201, "{opened:?}");
}

fn update(fixture: &Fixture, region: &str, changes: &Value) {
    let body = with(required(change()), changes);
    let answer = fixture.send("{MK}", &format!("PUT /openapi/v2/manage/regions/{region}"), &body);
    assert_eq!(answer.status(), 200, "{answer:?}");
}

fn not_open() -> String {
    let body = json!({
        "msg": "team not open cluster, not need close",
        "msg_show": "该团队未开通此集群，无需关闭",
    });
    body.to_string()
}

#[test]
fn a_closing_is_answered_with_the_whole_team_and_done_once() {
    for fixture in fixtures() {
        open(&fixture, "r1");
        open(&fixture, "pub");
        let team = json!({
            "tenant_id": "{T}", "tenant_name": "{T-name}", "region": "", "is_active": true,
            "create_time": "2026-11-22 16:06:55.298602", "creater": 1, "limit_memory": 0,
            "update_time": "2026-11-22 16:06:55.298602", "expired_time": null,
            "tenant_alias": "myteam", "enterprise_id": "{E1}",
        });
        let closed = close(&fixture, "{KA}", "{T}", "r1");
        assert_eq!((closed.status(), closed.text), (200, fixture.fill(&team.to_string())));
        assert!(!fixture.is_open("{T}", "{r1}") && fixture.is_open("{T}", "{pub}"));
        let again = close(&fixture, "{KA}", "{T}", "r1");
        assert_eq!((again.status(), again.text), (400, not_open()));
        let expected = [("opening".to_owned(), fixture.fill("{T}/{r1}"))];
        assert_eq!(fixture.done("close_region"), expected, "{}", fixture.register.name);
    }
}

#[test]
fn what_was_closed_can_be_opened_again() {
    for fixture in fixtures() {
        for _ in 0..3 {
            open(&fixture, "r1");
            assert_eq!(close(&fixture, "{KA}", "{T}", "r1").status(), 200);
            assert!(!fixture.is_open("{T}", "{r1}"), "{}", fixture.register.name);
        }
    }
}

#[test]
fn a_region_that_is_not_open_is_told_like_one_that_is_not_there() {
    for mut fixture in fixtures() {
        fixture.add_region("{KO}", "theirs", &json!({"enterprise_id": "{E2}"}));
        for region in ["r1", "r0", "zz", "theirs", "a%20b", "{r1}", "R1", "%E5%8C%BA"] {
            for key in ["{KA}", "{MK}"] {
                let answer = close(&fixture, key, "{T}", region);
                assert_eq!((answer.status(), answer.text), (400, not_open()), "{region}");
            }
        }
    }
}

#[test]
fn a_region_is_closed_whatever_its_status_and_by_any_name() {
    for mut fixture in fixtures() {
        for (name, in_path) in [("区.1", "%E5%8C%BA.1"), ("a_b-c.9", "a_b-c.9")] {
            fixture.add_region("{KA}", name, &json!({}));
            for status in [3, 1, 2, 0] {
                update(&fixture, &format!("{{{name}}}"), &json!({"status": 1}));
                open(&fixture, name);
                for step in if status == 0 { vec![2, 0] } else { vec![status] } {
                    update(&fixture, &format!("{{{name}}}"), &json!({"status": step}));
                }
                assert_eq!(close(&fixture, "{KA}", "{T}", in_path).status(), 200, "{status}");
            }
        }
    }
}

#[test]
fn the_team_is_looked_for_first_and_a_name_will_not_do() {
    for mut fixture in fixtures() {
        fixture.add_team("{KO}", "U");
        open(&fixture, "r1");
        for (key, team, expected) in [
            ("{KA}", "zz", NO_TEAM),
            ("{KA}", "{U}", NO_TEAM),
            ("{KO}", "{T}", NO_TEAM),
            ("{KA}", "{T-name}", BY_NAME),
        ] {
            for region in ["r1", "zz"] {
                let answer = close(&fixture, key, team, region);
                assert_eq!((answer.status(), answer.text), (404, refusal(expected)), "{team}");
            }
        }
        assert!(fixture.is_open("{T}", "{r1}"));
        assert_eq!(close(&fixture, "{MK}", "{T}", "r1").status(), 200);
    }
}

#[test]
fn members_close_nothing_not_even_what_they_opened() {
    for mut fixture in fixtures() {
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        let body = json!({"region": "pub"});
        let opened = fixture.send("{member}", "POST /openapi/v1/teams/{T}/regions", &body);
        assert_eq!(opened.status(), 201);
        for (key, status) in [("{member}", 403), ("{viewer}", 403), ("{operator}", 200)] {
            assert_eq!(close(&fixture, key, "{T}", "pub").status(), status, "{key}");
            assert_eq!(fixture.is_open("{T}", "{pub}"), status == 403, "{key}");
        }
    }
}

#[test]
fn the_cluster_is_told_to_forget_the_team_before_the_region_is_closed() {
    for (fixture, cluster, fields) in calling_with_token() {
        let url = json!({"url": format!("{}/base/", cluster.url)});
        update(&fixture, "{r1}", &with(fields, &url));
        open(&fixture, "r1");
        cluster.forget();
        for said in [302, 400, 500] {
            cluster.answer(said, &json!({"code": 7, "msg": "no"}));
            let answer = close(&fixture, "{KA}", "{T}", "r1");
            assert_eq!((answer.status(), answer.text), (400, refusal(KEPT)), "{said}");
            assert!(fixture.is_open("{T}", "{r1}"), "{said}");
        }
        cluster.forget();
        cluster.answer(404, &json!({"msg": "not found"}));
        assert_eq!(close(&fixture, "{KA}", "{T}", "r1").status(), 200);
        assert!(!fixture.is_open("{T}", "{r1}"));
        assert_eq!(close(&fixture, "{KA}", "{T}", "r1").status(), 400);
        let asked = Seen {
            line: fixture.fill("DELETE /base/v2/tenants/{T-name}"),
            authorization: "tk".to_owned(),
            body: Value::Null,
            certificate: None,
        };
        assert_eq!(cluster.seen(), [asked], "{}", fixture.register.name);
    }
}

#[test]
fn a_cluster_that_cannot_be_reached_does_not_keep_a_region_open() {
    for (fixture, cluster) in calling() {
        open(&fixture, "r1");
        update(&fixture, "{r1}", &json!({"url": NOWHERE}));
        assert_eq!(close(&fixture, "{KA}", "{T}", "r1").status(), 200);
        assert!(!fixture.is_open("{T}", "{r1}"), "{}", fixture.register.name);
        let told = fixture.entries("close_region").remove(0).reason;
        assert_eq!(told.as_deref(), Some("the cluster was not told: unreachable"));
        // One that was told leaves nothing to be said.
        update(&fixture, "{r1}", &json!({"url": cluster.url}));
        open(&fixture, "r1");
        assert_eq!(close(&fixture, "{KA}", "{T}", "r1").status(), 200);
        assert_eq!(fixture.entries("close_region").remove(0).reason, None);
    }
}

#[test]
fn a_cluster_that_the_register_does_not_call_keeps_a_region_open() {
    for (fixture, cluster) in calling() {
        open(&fixture, "r1");
        cluster.forget();
        for (changes, code) in [
            (json!({"url": cluster.url, "token": "tk"}), "insecure"),
            (json!({"url": "http://169.254.169.254", "token": null}), "address"),
        ] {
            update(&fixture, "{r1}", &changes);
            let answer = close(&fixture, "{KA}", "{T}", "r1");
            assert_eq!((answer.status(), answer.text), (400, refusal(KEPT)), "{code}");
            let told = fixture.entries("close_region").remove(0);
            let expected = format!("the cluster did not do its part: {code}");
            assert_eq!((told.outcome.as_str(), told.reason), ("refused", Some(expected)));
            let path = "DELETE /cadastre/v1/teams/{T}/openings/{r1}";
            let answer = fixture.call("{KA}", path).header("if-match", "*").send();
            assert_eq!(answer.json()["reason"], code, "{answer:?}");
            assert!(fixture.is_open("{T}", "{r1}"), "{code}");
        }
        assert_eq!(cluster.seen(), [], "{}", fixture.register.name);
    }
}
