//! Tasks that nodes are to run once.

use cadastre_domain::node::NodeRun;
use cadastre_storage::Store;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;

use crate::support::on_both_seeded;

fn run(number: u64) -> NodeRun {
    let tasks = vec![hex(70).into(), hex(number).into()];
    let created_at = sample::time() + TimeDelta::seconds(number.try_into().unwrap());
    NodeRun { id: hex(number).into(), number: None, node_id: sample::node().id, tasks, created_at }
}

fn insert(store: &Store, run: &NodeRun) -> i64 {
    let run = run.clone();
    store.write(move |tx| tx.insert_run(&run)).unwrap()
}

#[test]
fn runs_of_a_node_come_in_the_order_in_which_they_were_asked_for() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_node(&sample::node(), &sample::access_key())).unwrap();
        let node = sample::node().id;
        let last = || store.read(|tx| tx.last_runs(std::slice::from_ref(&node))).unwrap();
        assert_eq!(last(), []);
        let runs: Vec<_> = (1..4)
            .map(|number| {
                let run = run(number);
                NodeRun { number: Some(insert(store, &run)), ..run }
            })
            .collect();
        let behind = |after, limit| store.read(|tx| tx.runs_behind(&node, after, limit)).unwrap();
        assert_eq!(behind(0, 9), runs);
        assert_eq!(behind(0, 2), runs[..2]);
        assert_eq!(behind(runs[0].number.unwrap(), 9), runs[1..]);
        assert_eq!(last(), [(node.clone(), runs[2].number.unwrap())]);
        let forgotten = store.write(|tx| tx.forget_runs(run(3).created_at)).unwrap();
        assert_eq!((forgotten, behind(0, 9)), (2, runs[2..].to_vec()));
    });
}
