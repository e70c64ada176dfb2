//! Watches from nodes that are deleted.

use cadastre_storage::StorageError;
use serde_json::{Value, json};

use crate::native_availability::availability;
use crate::native_watches::{WATCH, stored, update_time, watch, with_nodes};
use crate::rainbond_fixture::Fixture;
use crate::support::Answer;

fn shown(fixture: &Fixture) -> (Value, String) {
    let answer = fixture.get("{KA}", &format!("GET {WATCH}"));
    let tag = answer.header("etag").to_owned();
    (answer.json(), tag)
}

fn patch(fixture: &Fixture, path: &str, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("PATCH {path}"));
    let answer = call.header("if-match", "*").json(body).send();
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer
}

/// How many deliveries of a node are no tombstones.
fn live(fixture: &Fixture, node: &str) -> usize {
    let node = fixture.fill(node).parse().unwrap();
    let found: Result<_, StorageError> =
        fixture.register.app.store.read(|tx| tx.deliveries(&node, 0, 99));
    found.unwrap().iter().filter(|delivery| !delivery.is_tombstone).count()
}

/// Deletes a node on the native face or on that of clients of dialing.
fn delete(fixture: &Fixture, node: &str, is_native: bool) {
    let status = if is_native {
        let call = fixture.call("{KA}", &format!("DELETE /cadastre/v1/nodes/{node}"));
        call.header("if-match", "*").send().status()
    } else {
        let path = fixture.fill(&format!("/api/v1/dialing_region/{node}/delete"));
        fixture.register.request("POST", &path).api_key(&fixture.fill("{KA}")).send().status()
    };
    assert!([200, 204].contains(&status), "{status}");
}

#[test]
fn a_node_that_is_deleted_is_in_no_watch_and_gets_nothing_any_more() {
    for (fixture, is_native) in
        with_nodes().zip([true, false]).chain(with_nodes().zip([false, true]))
    {
        watch(&fixture);
        let (before, tag) = shown(&fixture);
        delete(&fixture, "{n1}", is_native);
        let (after, other_tag) = shown(&fixture);
        assert_eq!(after["nodes"], json!([fixture.fill("{n2}")]));
        assert_eq!((&before["version"], &after["version"]), (&json!(1), &json!(2)));
        assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
        assert_ne!(tag, other_tag);
        let entries = "GET /cadastre/v1/audit?object_kind=region_watch";
        let entries = fixture.get("{KA}", entries).json();
        assert_eq!(entries["items"].as_array().unwrap().len(), 2, "{entries}");
        // A change that does not touch the tasks touches nobody.
        let (tasks, time) = (stored(&fixture, "{r1}"), update_time(&fixture, "{n2}"));
        patch(&fixture, "/cadastre/v1/regions/{r1}", &json!({"description": "another"}));
        assert_eq!(stored(&fixture, "{r1}"), tasks);
        assert_eq!(update_time(&fixture, "{n2}"), time);
        assert_eq!((live(&fixture, "{n1}"), live(&fixture, "{n2}")), (0, 4));
        // One that does tells the other node alone.
        let addresses = json!({"addresses": {"tcp_address": "192.0.2.11:3306"}});
        patch(&fixture, "/cadastre/v1/regions/{r1}", &addresses);
        assert_eq!((live(&fixture, "{n1}"), live(&fixture, "{n2}")), (0, 5));
        // What is shown can be sent back.
        patch(&fixture, WATCH, &json!({"nodes": after["nodes"]}));
        patch(&fixture, WATCH, &json!({"nodes": after["nodes"], "frequency": "5m"}));
        assert_eq!(live(&fixture, "{n1}"), 0);
    }
}

#[test]
fn a_watch_may_have_no_node_left() {
    for fixture in with_nodes() {
        watch(&fixture);
        delete(&fixture, "{n1}", true);
        delete(&fixture, "{n2}", false);
        assert_eq!(shown(&fixture).0["nodes"], json!([]));
        let found = availability(&fixture);
        assert_eq!(found["figures"]["state"], "unknown");
        assert_eq!((&found["figures"]["of_nodes"], &found["nodes"]), (&json!(0), &json!([])));
        // The rest of it can be changed, and the region, too.
        assert_eq!(patch(&fixture, WATCH, &json!({"down_from": 2})).json()["nodes"], json!([]));
        patch(&fixture, "/cadastre/v1/regions/{r1}", &json!({"description": "another"}));
        assert_eq!([live(&fixture, "{n1}"), live(&fixture, "{n2}")], [0, 0]);
    }
}
