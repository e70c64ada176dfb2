//! Deleting teams.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_clusters::calling;
use crate::rainbond_fixture::{Fixture, fixtures, refusal, required, with};
use crate::stub_cluster::{NOWHERE, Seen, StubCluster};
use crate::support::Answer;

const GONE: (i64, &str, &str) = (404, "no found team", "团队不存在");
const KEPT: (i64, &str, &str) = (400, "delete tenant from cluster failure", "从集群删除租户失败");

fn delete(fixture: &Fixture, key: &str, team: &str) -> Answer {
    fixture.get(key, &format!("DELETE /openapi/v1/teams/{team}"))
}

fn open(fixture: &Fixture, team: &str, region: &str) {
    let request = format!("POST /openapi/v1/teams/{team}/regions");
    let opened = fixture.send("{KA}", &request, &json!({"region": region}));
    assert_eq!(opened.status(), 201, "{opened:?}");
}

fn exists(fixture: &Fixture, team: &str) -> bool {
    fixture.get("{MK}", &format!("GET /openapi/v1/teams/{team}")).status() == 200
}

#[test]
fn a_deleted_team_is_gone_with_all_that_was_open_for_it() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        for (team, region) in [("{T}", "r1"), ("{T}", "pub"), ("{V}", "r1")] {
            open(&fixture, team, region);
        }
        let answer = delete(&fixture, "{KA}", "{T}");
        assert_eq!((answer.status(), answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("content-length"), "0");
        assert!(!exists(&fixture, "{T}") && exists(&fixture, "{V}"));
        assert!(!fixture.is_open("{T}", "{r1}") && !fixture.is_open("{T}", "{pub}"));
        assert!(fixture.is_open("{V}", "{r1}"));
        let again = delete(&fixture, "{KA}", "{T}");
        assert_eq!((again.status(), again.text), (404, refusal(GONE)));
        let opened =
            fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &json!({"region": "r1"}));
        assert_eq!(opened.text, refusal(GONE));
    }
}

#[test]
fn the_audit_tells_of_the_team_and_of_each_region_that_was_closed() {
    for fixture in fixtures() {
        open(&fixture, "{T}", "r1");
        open(&fixture, "{T}", "pub");
        assert_eq!(delete(&fixture, "{KA}", "{T}").status(), 200);
        let thing = |kind: &str, id: &str| (kind.to_owned(), fixture.fill(id));
        let expected =
            [thing("team", "{T}"), thing("opening", "{T}/{r1}"), thing("opening", "{T}/{pub}")];
        assert_eq!(fixture.done("delete_team"), expected, "{}", fixture.register.name);
    }
}

#[test]
fn tokens_do_not_belong_to_a_team_that_was_deleted() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        fixture.add_token("member", Role::Team, "{E1}", &["{T}", "{V}"]);
        let teams = |fixture: &Fixture| {
            let text = fixture.fill("{member}");
            let id = cadastre_domain::token::id_in(&text).unwrap();
            fixture.read(|tx| Ok(tx.find_token(id)?)).unwrap().caller.teams
        };
        assert_eq!(teams(&fixture).len(), 2);
        assert_eq!(delete(&fixture, "{KA}", "{T}").status(), 200);
        assert_eq!(teams(&fixture), [fixture.id("{V}")]);
        let listed = fixture.get("{member}", "GET /openapi/v1/teams").json();
        assert_eq!(listed["total"], 1);
        assert_eq!(fixture.get("{member}", "GET /openapi/v1/teams/{T}").text, refusal(GONE));
    }
}

#[test]
fn a_team_is_deleted_by_its_name_too_but_not_beyond_the_own_enterprise() {
    for mut fixture in fixtures() {
        fixture.add_team("{KO}", "U");
        for (key, team) in [("{KA}", "{U}"), ("{KA}", "{U-name}"), ("{KO}", "{T-name}")] {
            let answer = delete(&fixture, key, team);
            assert_eq!((answer.status(), answer.text), (404, refusal(GONE)), "{key} {team}");
        }
        assert_eq!(delete(&fixture, "{MK}", "{U-name}").status(), 404);
        assert_eq!(delete(&fixture, "{MK}", "{U}").status(), 200);
        assert_eq!(delete(&fixture, "{KA}", "{T-name}").status(), 200);
        assert_eq!(delete(&fixture, "{KA}", "default").status(), 200);
        assert!(!exists(&fixture, "{T}") && !exists(&fixture, "{U}"));
    }
}

#[test]
fn members_and_viewers_delete_no_team() {
    for mut fixture in fixtures() {
        fixture.add_token("viewer", Role::Viewer, "{E1}", &[]);
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        for (key, status) in [("{viewer}", 403), ("{member}", 403), ("{operator}", 200)] {
            assert_eq!(delete(&fixture, key, "{T}").status(), status, "{key}");
            assert_eq!(exists(&fixture, "{T}"), status == 403, "{key}");
        }
    }
}

/// Requests of the cluster for the team `{T}` to be forgotten, as many.
fn forgetting(fixture: &Fixture, count: usize) -> Vec<Seen> {
    let asked = Seen {
        line: fixture.fill("DELETE /v2/tenants/{T-name}"),
        authorization: String::new(),
        body: Value::Null,
        certificate: None,
    };
    vec![asked; count]
}

fn opened_twice() -> impl Iterator<Item = (Fixture, StubCluster)> {
    calling().map(|(fixture, cluster)| {
        open(&fixture, "{T}", "r1");
        open(&fixture, "{T}", "pub");
        cluster.forget();
        (fixture, cluster)
    })
}

#[test]
fn each_cluster_is_told_to_forget_the_team_and_may_not_know_it() {
    for (said, body) in [(200, json!({})), (404, json!({"code": 404, "msg": "not found"}))] {
        for (fixture, cluster) in opened_twice() {
            cluster.answer(said, &body);
            assert_eq!(delete(&fixture, "{KA}", "{T}").status(), 200, "{said}");
            assert_eq!(cluster.seen(), forgetting(&fixture, 2), "{said}");
            assert!(!exists(&fixture, "{T}"), "{said} on {}", fixture.register.name);
        }
    }
}

#[test]
fn a_team_stays_when_a_cluster_does_not_forget_it() {
    for (fixture, cluster) in opened_twice() {
        for said in [302, 400, 409, 500] {
            cluster.forget();
            cluster.answer(said, &json!({"code": 7, "msg": "components are running"}));
            let answer = delete(&fixture, "{KA}", "{T}");
            assert_eq!((answer.status(), answer.text), (400, refusal(KEPT)), "{said}");
            assert_eq!(cluster.seen(), forgetting(&fixture, 1), "{said}");
        }
        assert!(exists(&fixture, "{T}"));
        assert!(fixture.is_open("{T}", "{r1}") && fixture.is_open("{T}", "{pub}"));
    }
}

#[test]
fn a_cluster_that_cannot_be_reached_does_not_keep_a_team() {
    for (fixture, _) in opened_twice() {
        for region in ["{r1}", "{pub}"] {
            let moved = required(with(crate::rainbond_fixture::change(), &json!({"url": NOWHERE})));
            let request = format!("PUT /openapi/v2/manage/regions/{region}");
            assert_eq!(fixture.send("{MK}", &request, &moved).status(), 200);
        }
        assert_eq!(delete(&fixture, "{KA}", "{T}").status(), 200, "{}", fixture.register.name);
        assert!(!exists(&fixture, "{T}"));
        let told: Vec<_> =
            fixture.entries("delete_team").into_iter().map(|entry| entry.reason).collect();
        let missed = Some("the cluster was not told: unreachable".to_owned());
        assert_eq!(told, [missed.clone(), missed, None], "the team itself comes first");
    }
}

#[test]
fn no_cluster_is_told_unless_clusters_are_called() {
    for register in crate::support::registers() {
        let cluster = StubCluster::start();
        let fixture = Fixture::new(register, &cluster.url);
        open(&fixture, "{T}", "r1");
        assert_eq!(delete(&fixture, "{KA}", "{T}").status(), 200);
        assert_eq!(cluster.seen(), [], "{}", fixture.register.name);
    }
}
