//! That the documents describe what is served, no more and no less.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::http::routes::Endpoint;
use crate::operation::ALL;
use crate::{dialing, native, rainbond};

/// Operations whose success the published interface answers with 200 and no body.
const EMPTY: [&str; 2] = ["update_team", "delete_team"];

/// The name of an operation.
fn id(operation: &Value) -> &str {
    operation["operationId"].as_str().unwrap_or_default()
}

/// What is served on the face of this name.
fn endpoints(face: &str) -> Vec<Endpoint> {
    match face {
        "rainbond" => rainbond::endpoints(),
        "dialing" => dialing::endpoints(),
        "native" => native::endpoints(),
        other => panic!("a document of an unknown face: {other}"),
    }
}

/// The documents as they are sent, by face.
fn texts() -> Vec<(&'static str, Value)> {
    let parsed = |document: Option<RenderedDocument>| {
        serde_json::from_slice(&document.expect("a document").text).unwrap_or_default()
    };
    FACES.into_iter().zip(render().map(parsed)).collect()
}

#[test]
fn the_event_loop_goes_on_while_documents_are_rendered() {
    let documents = DocumentCache(OnceCell::new());
    let (goes_on, waits) = std::sync::mpsc::channel();
    // It is rendered once the event loop has done something else, which is waited for in vain when
    // that is done in the event loop.
    let slow = move || {
        waits.recv_timeout(Duration::from_secs(30)).expect("the event loop stands still");
        render()
    };
    let all = async {
        tokio::join!(documents.get(slow), documents.get(render), async {
            goes_on.send(()).expect("it is waited for");
        })
    };
    let (first, second, ()) = actix_web::rt::System::new().block_on(all);
    let (first, second) = (first.expect("documents"), second.expect("documents"));
    assert!(std::ptr::eq(first, second), "they are rendered once");
}

/// Every operation of a document: its method, its path, and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            found.push((method.to_ascii_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn every_route_is_described_and_every_description_is_of_a_route() {
    for (face, document) in texts() {
        let described: BTreeSet<_> = operations(&document)
            .into_iter()
            .map(|(method, path, operation)| (method, path, id(&operation).to_owned()))
            .collect();
        let served: BTreeSet<_> = endpoints(face)
            .into_iter()
            .map(|Endpoint { method, path, operation }| {
                (method.to_string(), path, operation.name.to_owned())
            })
            .collect();
        assert_eq!(described, served, "{face}");
    }
}

#[test]
fn every_operation_is_served_exactly_once() {
    let mut served: Vec<_> = texts()
        .iter()
        .flat_map(|(face, _)| endpoints(face))
        .map(|endpoint| endpoint.operation.name)
        .collect();
    let mut known: Vec<_> = ALL.iter().map(|info| info.name).collect();
    served.sort_unstable();
    known.sort_unstable();
    assert_eq!(served, known);
    known.dedup();
    assert_eq!(served.len(), known.len(), "two operations have the same name");
}

#[test]
fn every_operation_says_which_right_it_takes_and_whether_it_changes_anything() {
    for (face, document) in texts() {
        for (method, path, operation) in operations(&document) {
            let at = format!("{face} {method} {path}");
            let info = ALL.iter().find(|info| operation["operationId"] == info.name);
            let info = info.unwrap_or_else(|| panic!("{at}: no such operation"));
            assert_eq!(operation["x-right"], info.right.as_str(), "{at}");
            assert_eq!(operation["x-changes"], info.changes, "{at}");
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{at}");
            assert_eq!(operation["security"].as_array().map(Vec::len), Some(1), "{at}");
        }
    }
}

#[test]
fn every_failure_has_a_body_and_every_reference_leads_somewhere() {
    for (face, document) in texts() {
        for (method, path, operation) in operations(&document) {
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                let content = response["content"].as_object().map_or(0, serde_json::Map::len);
                let empty = matches!(status.as_str(), "204" | "304")
                    || (status == "200" && EMPTY.contains(&id(&operation)));
                let expected = usize::from(!empty);
                assert_eq!(content, expected, "{face} {method} {path} {status}");
            }
        }
        let mut references = BTreeSet::new();
        collect_references(&document, &mut references);
        assert!(!references.is_empty(), "{face}");
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            assert!(document.pointer(pointer).is_some(), "{face}: {reference} leads nowhere");
        }
    }
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}
