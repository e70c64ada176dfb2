//! Dial tasks and their way to the nodes.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::task::{DialTask, Tag, Task, TaskClass, TaskStatus};
use cadastre_storage::{Store, TaskFilter};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{column, on_both_seeded};

/// Registers the sample node and another one.
pub fn two_nodes(store: &Store) -> [NodeId; 2] {
    let other = Node {
        id: text("reg_cg2britepb7e977fpm80"),
        profile: NodeProfile { keycode: text("other"), ..sample::node().profile },
        ..sample::node()
    };
    let ids = [sample::node().id, other.id.clone()];
    store
        .write(move |tx| {
            tx.insert_node(&sample::node(), &sample::access_key())?;
            tx.insert_node(
                &other,
                &AccessKey { id: text("00000000000000000001"), ..sample::access_key() },
            )
        })
        .unwrap();
    ids
}

fn insert(store: &Store, task: &Task) -> i64 {
    let task = task.clone();
    store.write(move |tx| tx.insert_task(&task)).unwrap()
}

fn save(store: &Store, task: &Task) -> bool {
    let task = task.clone();
    store.write(move |tx| tx.save_task(&task)).unwrap()
}

/// What a node is told behind `since`: the numbers of tasks, whether they are tombstones, and the
/// largest time.
fn pulled(store: &Store, node: &NodeId, since: i64) -> (Vec<(String, bool)>, i64) {
    let found = store.read(|tx| tx.deliveries(node, since, 100)).unwrap();
    let largest = found.iter().map(|delivery| delivery.update_time).max().unwrap_or(since);
    let told = found.iter().map(|d| (d.task.to_string(), d.is_tombstone)).collect();
    (told, largest)
}

#[test]
fn a_task_is_kept_with_its_nodes_and_tags_and_sealed() {
    on_both_seeded(|database, store| {
        two_nodes(store);
        let tag = Tag { id: hex(80).into(), name: text("web") };
        let tags =
            store.write(move |tx| tx.ensure_tags(hex(1), std::slice::from_ref(&tag))).unwrap();
        let task = Task { tags: tags.clone(), ..sample::task() };
        let number = insert(store, &task);
        let found = store.read(|tx| tx.find_task(task.id)).unwrap();
        assert_eq!(found, Some(Task { number: Some(number), ..task.clone() }));
        // The same tag again is the same.
        let again = Tag { id: hex(81).into(), name: text("web") };
        assert_eq!(
            store.write(move |tx| tx.ensure_tags(hex(1), std::slice::from_ref(&again))).unwrap(),
            tags
        );
        let sealed = match database.name() {
            "sqlite" => "SELECT hex(content) AS value FROM dial_tasks",
            _ => "SELECT upper(encode(content, 'hex')) AS value FROM dial_tasks",
        };
        let clear = "6578616D706C652E636F6D";
        assert_eq!(u128::from_str_radix(clear, 16).unwrap().to_be_bytes()[5..], *b"example.com");
        assert!(!column(database, sealed)[0].contains(clear));
    });
}

#[test]
fn a_change_is_told_once_with_a_later_time() {
    on_both_seeded(|_, store| {
        let [node, _] = two_nodes(store);
        let task = sample::task();
        insert(store, &task);
        let id = task.id.to_string();
        let (told, first) = pulled(store, &node, 0);
        assert_eq!(told, [(id.clone(), false)]);
        assert_eq!(pulled(store, &node, first).0, []);
        // At the same moment, or with a clock that was set back.
        for (version, seconds) in [(2, 0), (3, -3600)] {
            let before = pulled(store, &node, 0).1;
            let updated_at = sample::time() + TimeDelta::seconds(seconds);
            assert!(save(store, &Task { version, updated_at, ..task.clone() }));
            let (told, now) = pulled(store, &node, before);
            assert_eq!(told, [(id.clone(), false)]);
            assert!(now > before);
        }
        assert!(!save(store, &Task { version: 3, ..task }), "another version is stored");
    });
}

#[test]
fn a_node_that_loses_a_task_gets_a_tombstone_once() {
    on_both_seeded(|_, store| {
        let [one, other] = two_nodes(store);
        let task = Task { nodes: vec![other.clone(), one.clone()], ..sample::task() };
        insert(store, &task);
        let id = task.id.to_string();
        let (before, before_other) = (pulled(store, &one, 0).1, pulled(store, &other, 0).1);
        let without = Task { nodes: vec![other.clone()], version: 2, ..task.clone() };
        assert!(save(store, &without));
        let (told, after) = pulled(store, &one, before);
        assert_eq!(told, [(id.clone(), true)]);
        assert_eq!(pulled(store, &other, before_other).0, [(id.clone(), false)]);
        let nodes = store.read(|tx| tx.find_task(task.id)).unwrap().unwrap().nodes;
        assert_eq!(nodes, std::slice::from_ref(&other));
        // Deleted: the other gets one, and the first is not told again.
        let before_other = pulled(store, &other, 0).1;
        let deleted_at = Some(sample::time());
        assert!(save(store, &Task { deleted_at, version: 3, ..without }));
        assert_eq!(pulled(store, &one, after).0, []);
        assert_eq!(pulled(store, &other, before_other).0, [(id, true)]);
        assert_eq!(store.read(|tx| tx.find_task(task.id)).unwrap(), None);
        let filter = TaskFilter::all(hex(1));
        assert_eq!(store.read(|tx| tx.count_tasks(&filter)).unwrap(), 0);
    });
}

#[test]
fn everything_is_told_again_in_order_when_a_node_is_enabled_again() {
    on_both_seeded(|_, store| {
        let [node, _] = two_nodes(store);
        for number in 0..3 {
            insert(store, &Task { id: hex(70 + number).into(), ..sample::task() });
        }
        let (told, largest) = pulled(store, &node, 0);
        let again = node.clone();
        store.write(move |tx| tx.redeliver(&again, sample::time())).unwrap();
        assert_eq!(pulled(store, &node, largest).0, told);
    });
}

#[test]
fn a_task_reaches_all_of_its_many_nodes_each_later_than_what_it_had() {
    on_both_seeded(|database, store| {
        let node = |n: usize| Node {
            id: text(&format!("reg_{n:019}0")),
            profile: NodeProfile { keycode: text(&n.to_string()), ..sample::node().profile },
            ..sample::node()
        };
        let nodes: Vec<NodeId> = (0..1001).map(|n| node(n).id).collect();
        store
            .write(move |tx| {
                (0..1001).try_for_each(|n| {
                    let id = text(&format!("{n:020}"));
                    tx.insert_node(&node(n), &AccessKey { id, ..sample::access_key() })
                })
            })
            .unwrap();
        // Some of them had something later than now.
        let later = sample::time() + TimeDelta::seconds(60);
        let some = nodes.iter().step_by(3).cloned().collect();
        insert(
            store,
            &Task { id: hex(71).into(), nodes: some, updated_at: later, ..sample::task() },
        );
        insert(store, &Task { nodes: nodes.clone(), ..sample::task() });
        let times = column(
            database,
            "SELECT CAST(update_time AS TEXT) AS value FROM deliveries \
             WHERE task_id = 'dial_00000000000000000000000000000046' ORDER BY node_id",
        );
        let now = sample::time().timestamp_micros();
        let after = later.timestamp_micros() + 1;
        let expected = (0..1001).map(|n| if n % 3 == 0 { after } else { now }.to_string());
        assert_eq!(times, expected.collect::<Vec<_>>());
    });
}

#[test]
fn a_node_that_is_withdrawn_keeps_its_deliveries_as_tombstones_of_now() {
    on_both_seeded(|_, store| {
        let [one, other] = two_nodes(store);
        let task = Task { nodes: vec![other.clone(), one.clone()], ..sample::task() };
        insert(store, &task);
        let before = [pulled(store, &one, 0), pulled(store, &other, 0)];
        let (gone, later) = (one.clone(), sample::time() + TimeDelta::days(31));
        store.write(move |tx| tx.withdraw_deliveries(&gone, later)).unwrap();
        let id = task.id.to_string();
        let buried = (vec![(id.clone(), true)], later.timestamp_micros());
        assert_eq!(pulled(store, &one, 0), buried);
        let old = later - TimeDelta::days(30);
        assert_eq!(store.write(move |tx| tx.forget_tombstones(old, 9)).unwrap(), 0);
        assert_eq!(pulled(store, &other, 0), before[1]);
        let nodes = store.read(|tx| tx.find_task(task.id)).unwrap().unwrap().nodes;
        assert_eq!(nodes, std::slice::from_ref(&other));
        assert!(store.read(|tx| tx.is_delivered(&one, task.id)).unwrap());
        // Whatever becomes of the task, the node is not told any more.
        assert!(save(store, &Task { nodes, version: 2, ..task }));
        assert_eq!(pulled(store, &one, 0), buried);
    });
}

#[test]
fn since_when_tasks_dial_what_they_dial_is_found_for_many() {
    on_both_seeded(|_, store| {
        two_nodes(store);
        let (task, later) = (sample::task(), sample::time() + TimeDelta::hours(1));
        insert(store, &task);
        insert(store, &Task { id: hex(71).into(), target_since: later, ..task.clone() });
        let since = || {
            let ids = [task.id, hex(71).into(), hex(72).into()];
            let mut found = store.read(|tx| tx.targets_since(&ids)).unwrap();
            found.sort();
            found
        };
        assert_eq!(since(), [(task.id, task.target_since), (hex(71).into(), later)]);
        assert!(save(store, &Task { target_since: later, version: 2, ..task.clone() }));
        assert_eq!(since(), [(task.id, later), (hex(71).into(), later)]);
        assert!(save(store, &Task { deleted_at: Some(later), version: 3, ..task.clone() }));
        assert_eq!(since(), [(hex(71).into(), later)]);
    });
}

#[test]
fn old_tombstones_go_and_tasks_that_are_deleted_with_them() {
    on_both_seeded(|database, store| {
        let [node, _] = two_nodes(store);
        let task = sample::task();
        insert(store, &task);
        insert(store, &Task { id: hex(71).into(), ..task.clone() });
        let deleted_at = Some(sample::time());
        assert!(save(store, &Task { deleted_at, version: 2, ..task.clone() }));
        let at = |seconds| sample::time() + TimeDelta::seconds(seconds);
        assert_eq!(store.write(move |tx| tx.forget_tombstones(at(0), 9)).unwrap(), 0);
        assert_eq!(pulled(store, &node, 0).0.len(), 2);
        assert_eq!(store.write(move |tx| tx.forget_tombstones(at(60), 9)).unwrap(), 1);
        assert_eq!(
            pulled(store, &node, 0).0,
            [(hex::<()>(71).into(), false)]
                .map(|(id, gone): (String, bool)| (format!("dial_{id}"), gone))
        );
        assert_eq!(column(database, "SELECT id AS value FROM dial_tasks").len(), 1);
    });
}

#[test]
fn tasks_are_filtered_and_paged_the_newest_first() {
    on_both_seeded(|_, store| {
        two_nodes(store);
        let tcp = serde_json::json!({
            "name": "Port 50% open", "frequency": "5m", "host": "example.com", "port": "80",
            "success_when": [{"response_time": [{"target": "1s"}]}],
        });
        let tcp = DialTask::parse(TaskClass::Tcp, tcp).unwrap().with_status(TaskStatus::Stop);
        insert(store, &sample::task());
        insert(
            store,
            &Task { id: hex(71).into(), dial: tcp, region_id: Some(hex(20)), ..sample::task() },
        );
        let names = |filter: &TaskFilter, offset, limit| {
            let tasks = store.read(|tx| tx.list_tasks(filter, offset, limit)).unwrap();
            let count = store.read(|tx| tx.count_tasks(filter)).unwrap();
            let names = tasks.iter().map(|task| task.dial.name().as_ref().to_owned());
            (names.collect::<Vec<_>>(), count)
        };
        let all = TaskFilter::all(hex(1));
        let (port, home) = ("Port 50% open".to_owned(), "home page".to_owned());
        assert_eq!(names(&all, 0, 9), (vec![port.clone(), home.clone()], 2));
        assert_eq!(names(&all, 1, 9), (vec![home.clone()], 2));
        assert_eq!(names(&all, 0, 1), (vec![port.clone()], 2));
        let only_port = [
            TaskFilter { classes: vec![TaskClass::Tcp], ..all.clone() },
            TaskFilter { statuses: vec![TaskStatus::Stop], ..all.clone() },
            TaskFilter { schedules: vec!["5m".to_owned()], ..all.clone() },
            TaskFilter { contains: Some("0% OPEN".to_owned()), ..all.clone() },
            TaskFilter { region: Some(hex(20)), ..all.clone() },
        ];
        for filter in only_port {
            assert_eq!(names(&filter, 0, 9), (vec![port.clone()], 1), "{filter:?}");
        }
        let other = TaskFilter::all(hex(2));
        assert_eq!(names(&other, 0, 9), (vec![], 0));
    });
}
