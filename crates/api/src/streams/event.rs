//! Events as agents read them.

use std::collections::BTreeMap;

use actix_web::web::Bytes;
use cadastre_domain::node::{Node, NodeRun};
use cadastre_domain::task::TaskClass;
use serde_json::{Value, json};

use crate::service::tasks::delivery::agent_region;

/// Behind how many bytes of tasks an event ends. Written once more as JSON, they are at most twice as
/// long, and agents take 8 MiB.
const MOST_BYTES: usize = 1024 * 1024;

/// What agents are told of a node.
pub(super) fn region(node: &Node) -> Bytes {
    agent_region(node).to_string().into()
}

/// That something else is said about a node.
pub(super) fn region_update(node: &Node) -> Bytes {
    let id = format!("{}-{}", node.id, node.version);
    event("dialtesting.region_update", &id, &agent_region(node))
}

/// That tasks are to be run once, in as many events as it takes.
pub(super) fn one_shot_run(run: &NodeRun, tasks: &[(TaskClass, String)]) -> Vec<Bytes> {
    let (mut chunks, mut chunk, mut bytes) = (Vec::new(), Vec::new(), 0);
    for task in tasks {
        if bytes + task.1.len() > MOST_BYTES && !chunk.is_empty() {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += task.1.len();
        chunk.push(task);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    let total = chunks.len();
    let chunks = chunks.into_iter().enumerate();
    chunks.map(|(index, chunk)| one_chunk(run, (index, total), &chunk)).collect()
}

fn one_chunk(
    run: &NodeRun,
    (index, total): (usize, usize),
    tasks: &[&(TaskClass, String)],
) -> Bytes {
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (class, task) in tasks {
        classes.entry(class.agent_key()).or_default().push(task);
    }
    let mut payload = json!({ "run_batch_id": run.id.to_string(), "tasks": classes });
    if total > 1 {
        payload["chunk_index"] = index.into();
        payload["chunk_total"] = total.into();
    }
    event("dialtesting.one_shot_run", &format!("{}-{index}", run.id), &payload)
}

/// An event: one line, as JSON has no others.
fn event(kind: &str, id: &str, payload: &Value) -> Bytes {
    let data = json!({ "type": kind, "message_id": id, "payload": payload });
    format!("event: message\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn run() -> NodeRun {
        NodeRun {
            id: "run_0123456789abcdef0123456789abcdef".parse().expect("an identifier"),
            number: Some(1),
            node_id: "reg_cg2britepb7e977fpm8g".parse().expect("an identifier"),
            tasks: Vec::new(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn data(event: &Bytes) -> Value {
        let text = std::str::from_utf8(event).expect("text");
        let line = text.strip_prefix("event: message\ndata: ").expect("an event");
        let line = line.strip_suffix("\n\n").expect("an end");
        assert!(!line.contains('\n'));
        serde_json::from_str(line).expect("JSON")
    }

    #[test]
    fn few_tasks_come_in_one_event_by_class() {
        let tasks =
            [(TaskClass::Tcp, "{\"a\":\"\\n\"}".to_owned()), (TaskClass::Http, "{}".to_owned())];
        let events = one_shot_run(&run(), &tasks);
        assert_eq!(events.len(), 1);
        let id = run().id.to_string();
        assert_eq!(
            data(&events[0]),
            json!({
                "type": "dialtesting.one_shot_run",
                "message_id": format!("{id}-0"),
                "payload": {
                    "run_batch_id": id,
                    "tasks": {"HTTP": ["{}"], "TCP": ["{\"a\":\"\\n\"}"]},
                },
            })
        );
    }

    #[test]
    fn many_tasks_come_in_events_that_agents_take() {
        let task = |letter: &str| (TaskClass::Http, letter.repeat(400 * 1024).replace('"', "\\\""));
        let tasks = [task("\""), task("b"), task("c"), task("d")];
        let events = one_shot_run(&run(), &tasks);
        let sizes: Vec<_> = events.iter().map(Bytes::len).collect();
        assert!(sizes.iter().all(|size| *size < 8 * 1024 * 1024), "{sizes:?}");
        let payloads: Vec<_> = events.iter().map(|event| data(event)["payload"].clone()).collect();
        let total = payloads.len();
        assert!(total > 1);
        let mut told = Vec::new();
        for (index, payload) in payloads.iter().enumerate() {
            assert_eq!(payload["chunk_index"], json!(index));
            assert_eq!(payload["chunk_total"], json!(total));
            let tasks = payload["tasks"]["HTTP"].as_array().expect("tasks");
            told.extend(tasks.iter().map(|task| task.as_str().expect("text").to_owned()));
        }
        assert_eq!(told, tasks.map(|(_, task)| task));
    }
}
