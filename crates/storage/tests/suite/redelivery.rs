//! What a node is told once more when it is enabled again.

use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::task::Task;
use cadastre_testkit::sample::{self, hex};

use crate::support::on_both_seeded;
use crate::tasks::two_nodes;

#[test]
fn many_tasks_are_told_again_each_later_than_the_one_before() {
    on_both_seeded(|database, store| {
        let [node, other] = two_nodes(store);
        let ids: Vec<TaskId> = (1000..2203).map(|number| hex(number).into()).collect();
        let (all, nodes) = (ids.clone(), vec![node.clone(), other.clone()]);
        store
            .write(move |tx| {
                all.iter().rev().try_for_each(|id| {
                    let task = Task { id: *id, nodes: nodes.clone(), ..sample::task() };
                    tx.insert_task(&task).map(drop)
                })
            })
            .unwrap();
        // One of them is gone from the node.
        let gone = Task { id: ids[7], nodes: vec![other.clone()], version: 2, ..sample::task() };
        assert!(store.write(move |tx| tx.save_task(&gone)).unwrap());
        let told = |node: &NodeId| {
            let found = store.read(|tx| tx.deliveries(node, 0, 2000)).unwrap().into_iter();
            let told = found.map(|told| (told.task, told.is_tombstone, told.update_time));
            told.collect::<Vec<_>>()
        };
        let (before, others) = (told(&node), told(&other));
        let last = before.last().unwrap().2;
        let again = node.clone();
        store.write(move |tx| tx.redeliver(&again, sample::time())).unwrap();
        let times = last + 1..;
        let expected = before.into_iter().zip(times).map(|((id, gone, _), time)| (id, gone, time));
        assert_eq!(told(&node), expected.collect::<Vec<_>>(), "{}", database.name());
        assert_eq!(told(&other), others);
        let times = store.read(|tx| tx.update_times(std::slice::from_ref(&node))).unwrap();
        assert_eq!(times, [(node.clone(), told(&node).last().unwrap().2)]);
        assert_eq!(store.read(|tx| tx.delivered(&node, &ids)).unwrap().len(), ids.len());
        let unknown = [hex(1).into(), ids[3]];
        assert_eq!(store.read(|tx| tx.delivered(&node, &unknown)).unwrap(), [ids[3]]);
    });
}
