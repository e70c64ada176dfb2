//! Many dial tasks that are saved together.

use std::collections::BTreeMap;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::task::{Tag, Task, TaskStatus};
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::on_both_seeded;

/// How many tasks there are: more than one statement asks for or writes.
const TASKS: usize = 501;

fn node(number: usize) -> Node {
    Node {
        id: text(&format!("reg_{number:019}0")),
        profile: NodeProfile { keycode: text(&number.to_string()), ..sample::node().profile },
        ..sample::node()
    }
}

/// Tasks of three nodes; every second one is only that of the first.
fn tasks() -> Vec<Task> {
    let nodes: Vec<NodeId> = (0..3).map(|number| node(number).id).collect();
    let task = |number: usize| {
        let nodes = nodes.iter().take(if number.is_multiple_of(2) { 3 } else { 1 });
        let id = hex(1000 + number as u64).into();
        Task { id, nodes: nodes.cloned().collect(), ..sample::task() }
    };
    (0..TASKS).map(task).collect()
}

fn fill(store: &Store) {
    let fill = store.write(|tx| {
        for number in 0..3 {
            let id = text(&format!("{number:020}"));
            tx.insert_node(&node(number), &AccessKey { id, ..sample::access_key() })?;
        }
        let tag = Tag { id: hex(80).into(), name: text("web") };
        let tags = tx.ensure_tags(hex(1), &[tag])?;
        for task in tasks() {
            tx.insert_task(&Task { tags: tags.clone(), ..task })?;
        }
        Ok::<_, StorageError>(())
    });
    fill.unwrap();
}

/// What a node is told: which tasks, whether they are tombstones, and when.
fn told(store: &Store, node: &NodeId) -> Vec<(String, bool, i64)> {
    let found = store.read(|tx| tx.deliveries(node, 0, 10_000)).unwrap().into_iter();
    found.map(|d| (d.task.to_string(), d.is_tombstone, d.update_time)).collect()
}

fn next(task: Task) -> Task {
    let updated_at = sample::time() + TimeDelta::seconds(60);
    Task { version: task.version + 1, updated_at, ..task }
}

#[test]
fn tasks_saved_together_are_told_to_each_node_in_their_order() {
    on_both_seeded(|database, store| {
        fill(store);
        let changed: Vec<Task> = tasks()
            .into_iter()
            .map(|task| {
                let dial = task.dial.clone().with_status(TaskStatus::Stop);
                next(Task { dial, ..task })
            })
            .collect();
        let saved = changed.clone();
        assert!(store.write(move |tx| tx.save_tasks(&saved)).unwrap());
        for number in 0..3 {
            let node = node(number).id;
            let mine = changed.iter().filter(|task| task.nodes.contains(&node));
            let first = changed[0].updated_at.timestamp_micros();
            let expected: Vec<_> =
                mine.zip(first..).map(|(task, time)| (task.id.to_string(), false, time)).collect();
            assert_eq!(told(store, &node), expected, "{}", database.name());
            let last = store.read(|tx| tx.update_times(std::slice::from_ref(&node))).unwrap();
            assert_eq!(last, [(node, expected.last().unwrap().2)]);
        }
        let stored = store.read(|tx| tx.find_task(changed[500].id)).unwrap().unwrap();
        assert_eq!((stored.dial, stored.version), (changed[500].dial.clone(), 2));
        assert_eq!(stored.tags.len(), 1, "tags stay");
    });
}

#[test]
fn tasks_deleted_together_leave_tombstones_behind_what_was_told() {
    on_both_seeded(|database, store| {
        fill(store);
        // The clock was set back: a node has heard of something later than now.
        let before = told(store, &node(0).id).last().unwrap().2;
        let gone: Vec<Task> = tasks()
            .into_iter()
            .map(|task| Task { deleted_at: Some(sample::time()), version: 2, ..task })
            .collect();
        let saved = gone.clone();
        assert!(store.write(move |tx| tx.save_tasks(&saved)).unwrap());
        let expected: Vec<_> = gone
            .iter()
            .zip(before + 1..)
            .map(|(task, time)| (task.id.to_string(), true, time))
            .collect();
        assert_eq!(told(store, &node(0).id), expected, "{}", database.name());
        let ids: Vec<_> = gone.iter().map(|task| task.id).collect();
        assert_eq!(store.read(|tx| tx.find_tasks(&ids)).unwrap(), []);
    });
}

#[test]
fn one_that_somebody_else_changed_spoils_all() {
    on_both_seeded(|_, store| {
        fill(store);
        let mut some: Vec<Task> = tasks().into_iter().take(3).map(next).collect();
        some[1].version = 3;
        let saved = some.clone();
        let result = store.write(move |tx| {
            let saved = tx.save_tasks(&saved)?;
            if saved { Ok(()) } else { Err(StorageError::Busy) }
        });
        assert!(result.is_err());
        let stored = store.read(|tx| tx.find_task(some[0].id)).unwrap().unwrap();
        assert_eq!(stored.version, 1);
        assert!(store.write(|tx| tx.save_tasks(&[])).unwrap());
    });
}

#[test]
fn a_node_is_told_the_latest_of_each_task_once() {
    on_both_seeded(|_, store| {
        fill(store);
        let node = node(0).id;
        let times: BTreeMap<i64, String> =
            told(store, &node).into_iter().map(|(task, _, time)| (time, task)).collect();
        assert_eq!(times.len(), TASKS, "no time stands twice");
    });
}
