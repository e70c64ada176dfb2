//! Several who change the same team at once, or what is open for it.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::rainbond_clusters::calling;
use crate::rainbond_fixture::{Fixture, fixtures};
use crate::stub_cluster::StubCluster;
use crate::support::Answer;

const OPEN: &str = "POST /openapi/v1/teams/{T}/regions";
const CLOSE: &str = "DELETE /openapi/v1/teams/{T}/regions/r1";
const DELETE: &str = "DELETE /openapi/v1/teams/{T}";

/// The answers to these requests, all of which start at the same moment.
fn at_once(fixture: &Fixture, requests: &[(&str, Value)]) -> Vec<Answer> {
    let start = Barrier::new(requests.len());
    let send = |request: &str, body: &Value| {
        start.wait();
        fixture.send("{KA}", request, body)
    };
    thread::scope(|scope| {
        let send = &send;
        let calls = requests.iter().map(|(request, body)| scope.spawn(move || send(request, body)));
        let calls: Vec<_> = calls.collect();
        calls.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<_> = answers.iter().map(Answer::status).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_many_that_delete_a_team_one_does() {
    for fixture in fixtures() {
        let answers = at_once(&fixture, &vec![(DELETE, json!({})); 8]);
        assert_eq!(statuses(&answers), [200, 404, 404, 404, 404, 404, 404, 404]);
        assert_eq!(fixture.done("delete_team").len(), 1, "{}", fixture.register.name);
    }
}

#[test]
fn of_many_that_close_a_region_one_does() {
    for fixture in fixtures() {
        assert_eq!(fixture.send("{KA}", OPEN, &json!({"region": "r1"})).status(), 201);
        let answers = at_once(&fixture, &vec![(CLOSE, json!({})); 8]);
        assert_eq!(statuses(&answers), [200, 400, 400, 400, 400, 400, 400, 400]);
        assert_eq!(fixture.done("close_region").len(), 1, "{}", fixture.register.name);
    }
}

#[test]
fn a_team_that_is_deleted_while_regions_are_opened_for_it_leaves_nothing_behind() {
    for mut fixture in fixtures() {
        for round in 0..10 {
            let mut requests = vec![(OPEN, json!({"region": "r1"})); 3];
            requests.extend(vec![(OPEN, json!({"region": "pub"})); 3]);
            requests.push((DELETE, json!({})));
            let answers = at_once(&fixture, &requests);
            let (opened, deleted) = answers.split_at(6);
            assert_eq!(statuses(deleted), [200], "{round} on {}", fixture.register.name);
            for answer in opened {
                assert!([201, 404].contains(&answer.status()), "{round}: {answer:?}");
            }
            assert!(!fixture.is_open("{T}", "{r1}") && !fixture.is_open("{T}", "{pub}"));
            // Whatever was opened was closed, too.
            let count = |operation| {
                let things = fixture.done(operation).into_iter();
                things.filter(|(kind, id)| kind == "opening" && id.contains(&fixture.fill("{T}")))
            };
            assert_eq!(count("open_region").count(), count("delete_team").count(), "{round}");
            fixture.forget("T");
            fixture.forget("T-name");
            fixture.add_team("{KA}", "T");
        }
    }
}

#[test]
fn changes_of_one_team_at_once_are_all_made() {
    for fixture in fixtures() {
        let change = |alias: String| ("PUT /openapi/v1/teams/{T}", json!({"tenant_alias": alias}));
        let requests: Vec<_> = (0..8).map(|number| change(format!("n{number}"))).collect();
        assert_eq!(statuses(&at_once(&fixture, &requests)), [200; 8]);
        let team = fixture.read(|tx| Ok(tx.find_team(fixture.id("{T}"))?)).unwrap();
        assert_eq!(team.version, 9, "{}", fixture.register.name);
    }
}

#[test]
fn a_region_that_is_opened_while_clusters_forget_the_team_is_closed_and_its_cluster_told() {
    for (mut fixture, cluster) in calling() {
        let late = StubCluster::start();
        fixture.add_region("{KA}", "late", &json!({"url": late.url}));
        assert_eq!(fixture.send("{KA}", OPEN, &json!({"region": "r1"})).status(), 201);
        let body = fixture.fill(r#"{"region": "late"}"#);
        let open = fixture.call("{KA}", OPEN).body("application/json", body);
        cluster.forget();
        late.forget();
        cluster.meanwhile(move || assert_eq!(open.send().status(), 201));
        assert_eq!(fixture.get("{KA}", DELETE).status(), 200, "{}", fixture.register.name);
        let lines = |cluster: &StubCluster| {
            cluster.seen().into_iter().map(|seen| seen.line).collect::<Vec<_>>()
        };
        let forget = fixture.fill("DELETE /v2/tenants/{T-name}");
        assert_eq!(lines(&cluster), std::slice::from_ref(&forget));
        assert_eq!(lines(&late), ["POST /v2/tenants".to_owned(), forget]);
        assert!(!fixture.is_open("{T}", "{r1}") && !fixture.is_open("{T}", "{late}"));
        assert_eq!(fixture.get("{KA}", "GET /openapi/v1/teams/{T}").status(), 404);
    }
}
