//! Rows of dial tasks that are not as they should be.

use cadastre_domain::id::TaskId;
use cadastre_domain::task::{DialTask, Task, TaskClass};
use cadastre_storage::{Store, TaskFilter};
use cadastre_testkit::sample::{self, hex};
use serde_json::{Value, json};

use crate::support::{execute, on_both_seeded};

fn id(number: u64) -> TaskId {
    hex(100 + number).into()
}

/// Adds the sample's node, and so many tasks on it.
fn fill(store: &Store, tasks: u64) {
    store
        .write(move |tx| {
            tx.insert_node(&sample::node(), &sample::access_key())?;
            (0..tasks).try_for_each(|number| {
                tx.insert_task(&Task { id: id(number), ..sample::task() }).map(drop)
            })
        })
        .unwrap();
}

/// The tasks that the node is told of in pages of this size.
fn pulled(store: &Store, limit: i64) -> Vec<TaskId> {
    let (mut tasks, mut since) = (Vec::new(), 0);
    loop {
        let found = store.read(|tx| tx.deliveries(&sample::node().id, since, limit)).unwrap();
        since = found.last().map_or(since, |delivery| delivery.update_time);
        let is_last = found.len() < usize::try_from(limit).unwrap();
        tasks.extend(found.into_iter().map(|delivery| delivery.task));
        if is_last {
            return tasks;
        }
    }
}

#[test]
fn what_cannot_be_read_keeps_no_node_from_all_else() {
    on_both_seeded(|database, store| {
        fill(store, 7);
        let bad: Vec<_> = [1, 2, 3, 6].map(|number| format!("'{}'", id(number))).to_vec();
        let bad = bad.join(", ");
        execute(database, &format!("UPDATE dial_tasks SET class = 'smtp' WHERE id IN ({bad})"));
        for limit in [1, 2, 3, 100] {
            assert_eq!(pulled(store, limit), [0, 4, 5].map(id), "{} {limit}", database.name());
        }
        // Whoever asks for such a task, or for all, is told that it cannot be read.
        assert!(store.read(|tx| tx.find_task(id(1))).is_err());
        let filter = TaskFilter::all(hex(1));
        assert!(store.read(|tx| tx.list_tasks(&filter, 0, 9)).is_err());
        assert!(store.read(|tx| tx.find_task(id(0))).is_ok());
    });
}

#[test]
fn what_was_stored_by_other_rules_is_read() {
    on_both_seeded(|_, store| {
        fill(store, 0);
        let Value::Object(content) = json!({
            "name": "old", "status": "ok", "frequency": "1m", "method": "GET", "url": "{{nosuch}}",
            "success_when": [{"body": [{"match_regex": "(?=a)"}]}],
        }) else {
            unreachable!("it is an object")
        };
        let dial = DialTask::stored(TaskClass::Http, content).unwrap();
        let task = Task { id: id(0), dial, ..sample::task() };
        let stored = task.clone();
        store.write(move |tx| tx.insert_task(&stored)).unwrap();
        assert_eq!(store.read(|tx| tx.find_task(id(0))).unwrap().unwrap().dial, task.dial);
        assert_eq!(pulled(store, 9), [id(0)]);
    });
}
