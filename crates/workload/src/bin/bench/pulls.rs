//! Pulls of nodes that have everything already, which is what nearly all pulls are, against the floor;
//! and those of nodes that have just started.

use std::collections::HashMap;
use std::io::Write as _;
use std::time::Instant;

use actix_web::rt::System;
use cadastre_api::ids;
use cadastre_api::service::alarms::evaluation::evaluate;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, Listening, Node};
use cadastre_domain::task::Task;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::Server;
use cadastre_testkit::agent::signature::{Signed, date, sign};
use cadastre_testkit::sample::{self, hex};
use tempfile::NamedTempFile;

use crate::footprint::Memory;
use crate::median::median;
use crate::runs::Runs;
use crate::site::{Kind, Site, floor};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many connections ask.
pub const CONNECTIONS: u32 = 64;
/// How many nodes have one task.
const GROUP: usize = 1000;

/// The outcome.
pub struct Pulls {
    /// How many nodes pull.
    pub nodes: usize,
    /// The floor, which is asked the same and answers as many bytes.
    pub floor: Runs,
    /// The pulls.
    pub signed: Runs,
    /// The pulls of agents that have just started, each of which brings its task.
    pub first: Runs,
    /// How long it takes to judge all nodes for alarms, in seconds.
    pub judging: f64,
    /// The memory of the server after all this.
    pub memory: Memory,
}

struct Servers {
    wrk: Wrk,
    floor: Server,
    site: Site,
    /// What agents ask for that know their tasks.
    known: NamedTempFile,
    /// What agents ask for that have just started.
    started: NamedTempFile,
    signed: Signed,
}

/// Measures both in turns. Each node has a key and a task, and its agent knows the task.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Pulls> {
    let count = usize::try_from(options.nodes)?;
    let site = Site::start(&options.server, kind)?;
    let nodes = populate(&site.store()?, count)?;
    let (mut known, mut started) = (NamedTempFile::new()?, NamedTempFile::new()?);
    let mut last = None;
    for (node, since, key) in &nodes {
        let (ak, sk) = (key.id.to_string(), key.secret.reveal());
        let signed = sign(&ak, sk, "GET", b"", &date(sample::time()));
        writeln!(known, "{}\t{}", path(node, *since), signed.authorization)?;
        writeln!(started, "{}\t{}", path(node, 0), signed.authorization)?;
        last = Some((path(node, *since), path(node, 0), signed));
    }
    known.flush()?;
    started.flush()?;
    let (path, first, signed) = last.ok_or("no node pulls")?;
    let answer_to = |path: &str| answer(&site, path, &signed);
    let (nothing, task) = (answer_to(&path)?, answer_to(&first)?);
    if nothing.contains("external_id") || !task.contains("external_id") {
        return Err(format!("a task was delivered twice, or not: {nothing} {task}").into());
    }
    let (wrk, floor) = (Wrk::new(&options.wrk)?, floor(nothing.len())?);
    let servers = Servers { wrk, floor, site, known, started, signed };
    // The warm-up: its figures are not kept.
    round(&servers, 1, &mut <[Runs; 3]>::default())?;
    let mut loads = <[Runs; 3]>::default();
    for _ in 0..options.runs {
        round(&servers, options.seconds, &mut loads)?;
    }
    let ([floor, signed, first], site) = (loads, &servers.site);
    let (judging, memory) = (judging(site)?, Memory::of(&site.server)?);
    Ok(Pulls { nodes: count, floor, signed, first, judging, memory })
}

/// How long it takes to judge all nodes, in seconds: the median of several times. Agents are looked
/// at the first time only.
fn judging(site: &Site) -> Outcome<f64> {
    let app = site.app()?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let (app, now, start) = (app.clone(), app.clock.now(), Instant::now());
        let all = async move { evaluate(&app, Listening::always(), now).await };
        System::new().block_on(all)?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(median(times))
}

fn round(servers: &Servers, seconds: u32, [all, nothing, tasks]: &mut [Runs; 3]) -> Outcome {
    let Servers { wrk, floor, site, known, started, signed } = servers;
    let shared = (signed.content_md5.as_str(), signed.date.as_str());
    let pull = |url: &str, file: &NamedTempFile| {
        wrk.pull(url, CONNECTIONS, seconds, (file.path(), shared))
    };
    all.add(&pull(&floor.url("/"), known)?);
    nothing.add(&pull(&site.url("/"), known)?);
    tasks.add(&pull(&site.url("/"), started)?);
    Ok(())
}

/// What a pull is answered with.
pub fn answer(site: &Site, path: &str, signed: &Signed) -> Outcome<String> {
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let request = agent.get(site.url(path)).header("Authorization", &signed.authorization);
    let request = request.header("Content-MD5", &signed.content_md5).header("Date", &signed.date);
    Ok(request.call()?.body_mut().with_config().limit(64 << 20).read_to_string()?)
}

/// Adds the nodes, each with its key and a task; of each, the cursor of an agent that knows the task,
/// and the key.
fn populate(store: &Store, count: usize) -> Outcome<Vec<(NodeId, i64, AccessKey)>> {
    let home = store.read(|tx| {
        let enterprise = tx.list_enterprises()?.pop();
        Ok::<_, StorageError>(enterprise.map(|enterprise| enterprise.id))
    })?;
    let home = home.ok_or("the register has no enterprise")?;
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
    let known = all.into_iter().map(|(node, key)| {
        let since = cursors.get(&node.id).copied().unwrap_or_default();
        (node.id, since, key)
    });
    Ok(known.collect())
}

fn path(node: &NodeId, since: i64) -> String {
    format!("/v1/task/pull?region_id={node}&since={since}&variable_since=0")
}

fn id(number: usize) -> Outcome<NodeId> {
    Ok(format!("reg_{number:019}0").parse()?)
}
