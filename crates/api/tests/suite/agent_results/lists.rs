//! `/cadastre/v1/results` and `/cadastre/v1/results/rollups`: filters, pages, fields, rights.

use cadastre_api::error::Error;
use cadastre_domain::node::NodeProfile;
use cadastre_domain::role::Role;
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{NODE, World, line, of, task, worlds};
use crate::native_conventions::check_wrong;

const RESULTS: &str = "/cadastre/v1/results";
const ROLLUPS: &str = "/cadastre/v1/results/rollups";

/// Two results of the node and one of nobody.
fn fill(world: &World) {
    // By then all of them are over.
    world.register.pass(TimeDelta::hours(2));
    world.post(
        &(line(0, "OK", 10)
            + "tcp_dial_testing,status=FAIL response_time=20i 1795338415298602000\n"),
    );
    let path = format!("/v1/write/logging?token={}", world.token);
    assert_eq!(world.call(&path, line(2, "OK", 30)).send().status(), 204);
    assert_eq!(world.roll_up(), 3);
}

fn times(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["response_time_us"].as_i64().unwrap()).collect()
}

#[test]
fn results_are_found_by_everything_that_is_asked_of_them() {
    for world in worlds() {
        fill(&world);
        let (task, at) = (task(), "2026-11-22T08:06:55.298602Z");
        for (query, found) in [
            ("", vec![20, 30, 10]),
            (&format!("node={NODE}"), vec![20, 10]),
            ("node=reg_cg2britepb7e977fpm90", vec![]),
            (&format!("task={task}"), vec![20, 10]),
            ("region=0000000000000000000000000000000a", vec![]),
            ("class=http", vec![30, 10]),
            ("class=tcp", vec![20]),
            ("class=icmp", vec![]),
            ("status=OK", vec![30, 10]),
            ("status=FAIL", vec![20]),
            ("country=China&province=Zhejiang&city=Hangzhou&isp=telecom", vec![20, 10]),
            ("country=china", vec![]),
            ("isp=unicom", vec![]),
            (&format!("until={at}"), vec![]),
            (&format!("since={at}&until=2026-11-22T09:00:00Z"), vec![30, 10]),
            ("since=2026-11-22T08:06:56Z", vec![20, 30]),
            ("since=9999-12-31T00:00:00Z", vec![]),
            ("until=9999-12-31T00:00:00Z&status=FAIL", vec![20]),
        ] {
            assert_eq!(times(&world.results(query)), found, "{} {query}", world.register.name);
        }
        for (query, found) in [
            ("", json!([["tcp", 1, 1], ["http", 1, 0], ["http", 1, 0]])),
            (&format!("node={NODE}&class=http"), json!([["http", 1, 0]])),
            ("isp=unicom", json!([])),
            ("since=2026-11-22T09:00:00Z", json!([["tcp", 1, 1]])),
            ("since=2026-11-22T08:00:01Z&until=2026-11-22T09:59:59Z", json!([])),
            ("until=2026-11-22T09:00:00Z&step=hour", json!([["http", 1, 0], ["http", 1, 0]])),
            ("step=day&class=http&country=China", json!([["http", 1, 0]])),
        ] {
            let rollups = of(&world.rollups(query), &["class", "count", "failures"]);
            assert_eq!(rollups, found, "{} {query}", world.register.name);
        }
    }
}

#[test]
fn pages_are_the_list() {
    for world in worlds() {
        fill(&world);
        for list in [RESULTS, ROLLUPS] {
            let all = world.get(list).json();
            assert_eq!(all["next"], Value::Null, "{all}");
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = world.get(&format!("{list}?limit=1{cursor}")).json();
                paged.extend(page["items"].as_array().unwrap().clone());
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(json!(paged), all["items"], "{} {list}", world.register.name);
            let wrong = world.get(&format!("{list}?cursor=1:2:3.00000000"));
            check_wrong(&wrong, "/cursor", "invalid", list);
        }
    }
}

#[test]
fn fields_are_those_that_are_asked_for_and_a_copy_is_confirmed() {
    for world in worlds() {
        fill(&world);
        for list in [RESULTS, ROLLUPS] {
            let whole = world.get(list);
            let first = whole.json()["items"][0].clone();
            for (name, value) in first.as_object().unwrap() {
                let cut = world.get(&format!("{list}?fields={name}&limit=1")).json();
                assert_eq!(cut["items"], json!([{name: value}]));
            }
            check_wrong(&world.get(&format!("{list}?fields=x")), "/fields", "invalid", list);
            let call = world.register.request("GET", list).key(&world.viewer);
            assert_eq!(call.header("if-none-match", whole.header("etag")).send().status(), 304);
        }
    }
}

#[test]
fn what_is_wrong_in_a_query_is_named() {
    for world in worlds() {
        for list in [RESULTS, ROLLUPS] {
            for (query, pointer, code) in [
                ("node=x", "/node", "invalid"),
                ("task=x", "/task", "invalid"),
                ("region=x", "/region", "invalid"),
                ("class=x", "/class", "invalid"),
                ("since=x", "/since", "invalid"),
                ("until=x", "/until", "invalid"),
                ("limit=0", "/limit", "invalid"),
                ("isp=a&isp=b", "/isp", "repeated"),
                ("total=true", "/total", "unknown"),
            ] {
                check_wrong(&world.get(&format!("{list}?{query}")), pointer, code, query);
            }
        }
        check_wrong(&world.get("/cadastre/v1/results?status=ok"), "/status", "invalid", "status");
        let wrong = world.get("/cadastre/v1/results/rollups?step=week");
        check_wrong(&wrong, "/step", "invalid", "step");
    }
}

#[test]
fn a_place_that_is_corrected_applies_to_the_list_at_once() {
    for world in worlds() {
        fill(&world);
        let now = world.register.app.clock.now();
        let changed: Result<_, Error> = world.register.app.store.write(move |tx| {
            let mut node = tx.find_nodes(&[NODE.parse().unwrap()])?.pop().unwrap();
            node.profile = NodeProfile { city: text("Ningbo"), ..node.profile };
            assert!(tx.save_node(&node.changed(now))?);
            Ok(())
        });
        changed.unwrap();
        assert_eq!(world.results("city=Hangzhou").len(), 0);
        let found = world.results("city=Ningbo");
        assert_eq!(times(&found), [20, 10]);
        assert_eq!(found[0]["node"]["city"], json!("Ningbo"));
    }
}

#[test]
fn others_do_not_see_them() {
    for world in worlds() {
        fill(&world);
        let foreign = world.register.add_enterprise("Another");
        for (role, enterprise, status, count) in [
            (Role::Platform, foreign, 200, 3),
            (Role::Viewer, foreign, 200, 0),
            (Role::Operator, world.register.enterprise, 200, 3),
            (Role::Team, world.register.enterprise, 403, 0),
        ] {
            let key = world.register.token(role, enterprise, &[]);
            for list in [RESULTS, ROLLUPS] {
                let answer = world.register.request("GET", list).key(&key).send();
                assert_eq!(answer.status(), status, "{role} {answer:?}");
                let found = answer.json()["items"].as_array().map_or(0, Vec::len);
                assert_eq!(found, count, "{role}");
            }
        }
    }
}
