//! `GET /openapi/v1/regions`.

use serde_json::json;

use super::{Case, Setting, case, run};
use crate::rainbond_fixture::{change, with};
use crate::stub_cluster::NOWHERE;

fn list(id: &'static str, key: &'static str) -> Case {
    case(id, key, "GET /openapi/v1/regions", 200)
}

#[test]
fn the_cases_of_the_list_are_answered_as_agreed() {
    run(vec![
        list("L01", "{KA}").setting(Setting::NoRegions).fact("it is empty", |_, a| a.text == "[]"),
        list("L02", "{KA}").fact("all of the enterprise, of every status", |scene, _| {
            scene.fixture.listed("{KA}") == ["r0", "r1", "r2", "r3", "pub"]
        }),
        list("L05", "{KO}")
            .fact("its own only", |scene, _| scene.fixture.listed("{KO}") == ["foreign"]),
        list("L06", "{KA}")
            .decided("D11")
            .given(|scene| {
                let long = json!({"region_name": "long", "desc": "d".repeat(150)});
                scene.fixture.add_region("{KA}", "long", &long);
            })
            .fact("it is listed", |scene, _| {
                scene.fixture.listed("{KA}").contains(&"long".to_owned())
            }),
    ]);
}

#[test]
fn the_case_of_clusters_that_are_down_is_answered_as_agreed() {
    run(vec![
        list("L08", "{KA}")
            .setting(Setting::ClusterCalls)
            .decided("D26: it does not even try")
            .given(|scene| {
                let down = with(change(), &json!({"url": NOWHERE}));
                let moved =
                    scene.fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &down);
                assert_eq!(moved.status(), 200);
                scene.cluster.forget();
            })
            .fact("all five are listed", |_, a| a.json().as_array().unwrap().len() == 5)
            .fact("no cluster was called", |scene, _| scene.cluster.seen().is_empty()),
    ]);
}
