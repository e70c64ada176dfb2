//! Pulls of nodes that have everything already, which is what nearly all pulls are, against the floor.

use std::collections::HashMap;
use std::io::Write as _;

use cadastre_api::ids;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, Node};
use cadastre_domain::task::Task;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::Server;
use cadastre_testkit::agent::signature::{Signed, date, sign};
use cadastre_testkit::sample::{self, hex};
use tempfile::NamedTempFile;

use crate::runs::Runs;
use crate::site::{Kind, Site, floor};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many connections ask.
pub const CONNECTIONS: u32 = 64;
/// How many nodes have one task.
const GROUP: usize = 1000;

/// The outcome.
#[derive(Default)]
pub struct Pulls {
    /// How many nodes pull.
    pub nodes: usize,
    /// The floor, of as many bytes as the answer to a pull.
    pub floor: Runs,
    /// The pulls.
    pub signed: Runs,
}

struct Servers {
    wrk: Wrk,
    floor: Server,
    site: Site,
    file: NamedTempFile,
    signed: Signed,
}

/// Measures both in turns. Each node has a key and a task, and its agent knows the task.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Pulls> {
    let count = usize::try_from(options.nodes)?;
    let site = Site::start(&options.server, kind)?;
    let nodes = populate(&site.store()?, count)?;
    let mut file = NamedTempFile::new()?;
    let mut last = None;
    for (path, key) in &nodes {
        let (ak, sk) = (key.id.to_string(), key.secret.reveal());
        let signed = sign(&ak, sk, "GET", b"", &date(sample::time()));
        writeln!(file, "{path}\t{}", signed.authorization)?;
        last = Some((path, signed));
    }
    file.flush()?;
    let (path, signed) = last.ok_or("no node pulls")?;
    let length = answer(&site, path, &signed)?;
    let servers =
        Servers { wrk: Wrk::new(&options.wrk)?, floor: floor(length)?, site, file, signed };
    // The warm-up: its figures are not kept.
    round(&servers, 1, &mut Pulls::default())?;
    let mut pulls = Pulls { nodes: count, ..Pulls::default() };
    for _ in 0..options.runs {
        round(&servers, options.seconds, &mut pulls)?;
    }
    Ok(pulls)
}

fn round(servers: &Servers, seconds: u32, pulls: &mut Pulls) -> Outcome {
    let Servers { wrk, floor, site, file, signed } = servers;
    let url = format!("http://{}/", floor.address());
    pulls.floor.add(&wrk.get(&url, CONNECTIONS, seconds)?);
    let shared = (signed.content_md5.as_str(), signed.date.as_str());
    pulls.signed.add(&wrk.pull(&site.url("/"), CONNECTIONS, seconds, (file.path(), shared))?);
    Ok(())
}

/// How many bytes a pull is answered with; it must be one in which nothing is new.
fn answer(site: &Site, path: &str, signed: &Signed) -> Outcome<usize> {
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let request = agent.get(site.url(path)).header("Authorization", &signed.authorization);
    let request = request.header("Content-MD5", &signed.content_md5).header("Date", &signed.date);
    let text = request.call()?.body_mut().read_to_string()?;
    if text.contains("external_id") {
        return Err(format!("a task was delivered again: {text}").into());
    }
    Ok(text.len())
}

/// Adds the nodes, each with its key and a task; of each, what its agent asks for, and the key.
fn populate(store: &Store, count: usize) -> Outcome<Vec<(String, AccessKey)>> {
    let home = store.read(|tx| {
        let enterprise = tx.list_enterprises()?.pop();
        Ok::<_, StorageError>(enterprise.map(|enterprise| enterprise.id))
    })?;
    let home = home.ok_or("the register has no enterprise")?;
    store.write(move |tx| {
        tx.ensure_result_token(home, &ids::result_token(), sample::time()).map(drop)
    })?;
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        let mut node = Node { id: id(number)?, enterprise_id: home, ..sample::node() };
        node.profile.keycode = format!("node-{number}").try_into()?;
        all.push((node, ids::access_key()));
    }
    let mut cursors = HashMap::with_capacity(count);
    for (number, group) in all.chunks(GROUP).enumerate() {
        let group = group.to_vec();
        cursors.extend(store.write(move |tx| {
            for (node, key) in &group {
                tx.insert_node(node, key)?;
            }
            let nodes: Vec<_> = group.iter().map(|(node, _)| node.id.clone()).collect();
            let id = hex(1000 + number as u64).into();
            let task = Task { id, enterprise_id: home, nodes: nodes.clone(), ..sample::task() };
            tx.insert_task(&task)?;
            tx.update_times(&nodes)
        })?);
    }
    let paths = all.into_iter().map(|(node, key)| {
        let since = cursors.get(&node.id).copied().unwrap_or_default();
        let query = format!("region_id={}&since={since}&variable_since=0", node.id);
        (format!("/v1/task/pull?{query}"), key)
    });
    Ok(paths.collect())
}

fn id(number: usize) -> Outcome<NodeId> {
    Ok(format!("reg_{number:019}0").parse()?)
}
