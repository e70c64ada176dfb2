//! The nodes and tasks whose results are posted.

use std::error::Error;

use cadastre_domain::id::TaskId;
use cadastre_domain::node::{AccessKey, AccessKeyError, Node, ResultToken};
use cadastre_domain::task::Task;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::sample::{self, hex};

use crate::Outcome;

/// How many nodes there are.
pub const NODES: usize = 1000;
/// How many tasks each of them dials.
pub const TASKS: usize = 10;

/// What a node posts for one of its tasks.
pub struct Agent {
    /// Where.
    pub path: String,
    /// The tags of its results.
    pub tags: String,
}

/// Adds the nodes and the tasks to a register that has one enterprise.
pub fn populate(store: &Store) -> Outcome<Vec<Agent>> {
    let home = store.read(|tx| {
        let enterprise = tx.list_enterprises()?.pop();
        Ok::<_, StorageError>(enterprise.map(|enterprise| enterprise.id))
    })?;
    let home = home.ok_or("the register has no enterprise")?;
    let nodes = (0..NODES).map(node).collect::<Result<Vec<_>, _>>()?;
    for some in nodes.chunks(100) {
        let some = some.to_vec();
        store.write(move |tx| {
            for node in &some {
                let node = Node { enterprise_id: home, ..node.clone() };
                tx.insert_node(&node, &key(&node)?)?;
            }
            Ok::<_, StorageError>(())
        })?;
    }
    let ids: Vec<_> = nodes.iter().map(|node| node.id.clone()).collect();
    for number in 0..TASKS {
        let (id, nodes) = (hex(1000 + number as u64).into(), ids.clone());
        let task = Task { id, enterprise_id: home, nodes, ..sample::task() };
        store.write(move |tx| tx.insert_task(&task).map(drop))?;
    }
    let mut agents = Vec::with_capacity(NODES * TASKS);
    for (place, node) in nodes.iter().enumerate() {
        let key = key(node)?;
        for number in 0..TASKS {
            let task = TaskId::from(hex(1000 + number as u64));
            let token = ResultToken::sign(&key.secret, home, &node.id, task).text();
            let path =
                format!("/dial/{}/{task}/v1/write/logging?token={}", node.id, token.reveal());
            agents.push(Agent { path, tags: tags(place, number) });
        }
    }
    Ok(agents)
}

/// The key of a node, which follows from its identifier.
fn key(node: &Node) -> Result<AccessKey, StorageError> {
    let digits = node.id.as_ref().trim_start_matches("reg_");
    let id = digits.to_owned().try_into();
    let secret = digits.repeat(2).try_into();
    let invalid = |error: AccessKeyError| StorageError::Unusable(error.to_string());
    Ok(AccessKey { id: id.map_err(invalid)?, secret: secret.map_err(invalid)? })
}

/// The tags of the results of this node and this task.
pub fn tags(node: usize, task: usize) -> String {
    format!(
        "city=Shahrak,country=Afghanistan,datakit_version=1.84.1,dest_ip=192.0.2.{task},\
         internal=false,isp=telecom,method=GET,name=task_{task},node_name=node_{node},owner=custom,\
         proto=HTTP/1.1,status=OK,status_code_class=2xx,status_code_string=200\\ OK,\
         url=https://target-{task}.example.com/health"
    )
}

fn node(number: usize) -> Result<Node, Box<dyn Error + Send + Sync>> {
    let mut node = Node { id: format!("reg_{number:019}0").parse()?, ..sample::node() };
    node.profile.keycode = format!("node-{number}").try_into()?;
    Ok(node)
}
