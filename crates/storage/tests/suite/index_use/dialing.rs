//! What can be done with nodes and dial tasks.

use cadastre_domain::node::{AccessKey, NodeAgent, NodeContact, NodeKey, NodeRun, Pulls};
use cadastre_domain::secret::Secret;
use cadastre_domain::task::{Tag, Task, TaskClass, TaskStatus};
use cadastre_domain::variable::DialVariable;
use cadastre_domain::watch::Watch;
use cadastre_storage::{NodeFilter, TaskFilter, Tx, VariableFilter};
use cadastre_testkit::sample::{self, hex, text};

use super::lists::{choices, only};
use super::walk::Result;

pub fn nodes(tx: &mut dyn Tx) -> Result {
    let node = sample::node();
    tx.insert_node(&node, &sample::access_key())?;
    assert!(tx.save_node(&node.changed(sample::time()))?);
    let ids = [node.id.clone()];
    let key = tx.node_keys(&ids)?.remove(0);
    tx.save_node_key(&NodeKey { ends_others: true, ..key.clone() })?;
    let pair = AccessKey { id: text(&"k".repeat(20)), ..sample::access_key() };
    tx.insert_node_key(&NodeKey { pair, ..key.clone() })?;
    tx.note_key_uses(&[(key.pair.id.clone(), sample::time())])?;
    let pulls = Pulls::default();
    tx.note_contacts(&[NodeContact { node_id: node.id.clone(), pulls, date: None }])?;
    tx.note_agents(&[NodeAgent {
        node_id: node.id.clone(),
        address: "192.0.2.1".to_owned(),
        key: key.pair.id,
        first_seen_at: sample::time(),
        last_seen_at: sample::time(),
        interval: None,
        cursor: Some(1),
    }])?;
    let run = run();
    tx.insert_run(&run).map(drop)
}

fn run() -> NodeRun {
    let (node_id, tasks) = (sample::node().id, vec![hex(70).into()]);
    NodeRun { id: hex(90).into(), number: None, node_id, tasks, created_at: sample::time() }
}

pub fn variables(tx: &mut dyn Tx) -> Result {
    let variable = sample::variable();
    tx.insert_variable(&variable)?;
    let variable = tx.find_variable(variable.id)?.unwrap();
    let after = DialVariable { version: 2, ..variable };
    assert!(tx.save_variable(&after)?);
    Ok(())
}

pub fn tasks(tx: &mut dyn Tx) -> Result {
    let tag = Tag { id: hex(80).into(), name: text("web") };
    tx.ensure_tags(hex(1), std::slice::from_ref(&tag))?;
    let tags = tx.ensure_tags(hex(1), &[tag])?;
    let task = Task { tags, region_id: Some(hex(20)), ..sample::task() };
    tx.insert_task(&task)?;
    let task = Task { version: 2, ..task };
    assert!(tx.save_task(&task)?);
    let task = Task { nodes: Vec::new(), version: 3, ..task };
    assert!(tx.save_task(&task)?);
    let task = Task { nodes: vec![sample::node().id], version: 4, ..task };
    assert!(tx.save_task(&task)?);
    assert!(tx.save_tasks(&[Task { version: 5, ..task }])?);
    tx.redeliver(&sample::node().id, sample::time())?;
    tx.withdraw_deliveries(&sample::node().id, sample::time())?;
    let token = Secret::from("tkn_x".to_owned());
    tx.find_shared_result_token(&token).map(drop)
}

pub fn lists(tx: &mut dyn Tx) -> Result {
    let node = sample::node().id;
    for [home, search, cursor] in choices() {
        let filter = NodeFilter {
            enterprise: only(home, hex(1)),
            contains: only(search, "x".to_owned()),
            after: only(cursor, node.clone()),
        };
        tx.list_some_nodes(&filter, 9)?;
    }
    for [class, status, tag, schedule, search, region] in choices() {
        let filter = TaskFilter {
            enterprise: hex(1),
            classes: only(class, TaskClass::Http).into_iter().collect(),
            statuses: only(status, TaskStatus::Ok).into_iter().collect(),
            tags: only(tag, "tag_x".to_owned()).into_iter().collect(),
            schedules: only(schedule, "1m".to_owned()).into_iter().collect(),
            contains: only(search, "x".to_owned()),
            region: only(region, hex(20)),
        };
        tx.list_tasks(&filter, 0, 9)?;
        tx.count_tasks(&filter)?;
    }
    tx.list_nodes(hex(1))?;
    tx.list_all_nodes(Some(&node), 9)?;
    let ids = [node.clone()];
    tx.find_nodes(&ids)?;
    tx.update_times(&ids)?;
    tx.node_keys(&ids)?;
    tx.list_contacts(&ids)?;
    tx.list_agents(&node, sample::time())?;
    tx.last_runs(&ids)?;
    tx.runs_behind(&node, 0, 9)?;
    for [home, search, cursor] in choices() {
        let filter = VariableFilter {
            enterprise: only(home, hex(1)),
            contains: only(search, "x".to_owned()),
            after: only(cursor, hex(1).into()),
        };
        tx.list_variables(&filter, 9)?;
        // Those of every enterprise are counted by reading all.
        if home {
            tx.count_variables(&filter)?;
        }
    }
    tx.variables_behind(hex(1), 0, 9)?;
    tx.variable_states()?;
    tx.find_variables(hex(1), &[hex(85).into()])?;
    tx.find_task(hex(70).into())?;
    tx.find_tasks(&[hex(70).into()])?;
    tx.targets_since(&[hex(70).into()])?;
    tx.tasks_of_region(hex(20))?;
    tx.list_tags(hex(1))?;
    tx.deliveries(&node, 0, 9)?;
    tx.nodes_of_task(hex(70).into())?;
    tx.is_delivered(&node, hex(70).into())?;
    tx.delivered(&node, &[hex(70).into()])?;
    tx.tokens_signed_since()?;
    tx.access_ended_at().map(drop)
}

pub fn watches(tx: &mut dyn Tx) -> Result {
    tx.insert_watch(&sample::watch(hex(20)))?;
    let watch = tx.find_watch(hex(20))?.unwrap();
    assert!(tx.save_watch(&Watch { nodes: Vec::new(), version: 2, ..watch.clone() })?);
    assert!(tx.save_watch(&Watch { version: 3, ..watch })?);
    tx.list_watches(Some(hex(20)), 9)?;
    assert_eq!(tx.watches_from(&sample::node().id)?.len(), 1);
    assert!(tx.delete_watch(hex(20), 3)?);
    Ok(())
}

pub fn deletions(tx: &mut dyn Tx) -> Result {
    tx.forget_tombstones(sample::time(), 9)?;
    tx.forget_agents(sample::time())?;
    tx.forget_runs(sample::time())?;
    tx.forget_variables(sample::time())?;
    tx.forget_keys_of_deleted(sample::time()).map(drop)
}
