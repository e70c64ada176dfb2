//! What is known of watched regions.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use cadastre_domain::alarm::{EndpointCertificate, Latency, NodeCheck, RegionFacts};
use cadastre_domain::availability::State;
use cadastre_domain::id::{NodeId, RegionId, TaskId};
use cadastre_domain::node::Node;
use cadastre_domain::region::{Dialling, Region};
use cadastre_domain::result::{LastSeen, Rollup, Step};
use cadastre_domain::task::TaskClass;
use cadastre_domain::watch::Watch;
use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::error::Error;
use crate::service::availability::{Known, Looking, Seen, dialled};
use crate::service::nodes::contacts::contacts;

/// How many watches are looked at together, and how many series they may have: a row of some hundred
/// bytes each.
const TOGETHER: (i64, usize) = (100, 5000);

/// The same when roll-ups are read, too: for each series nine, of up to some kilobytes.
const TOGETHER_WITH_LATENCY: (i64, usize) = (10, 1000);

/// How many days a region is compared with: those of the last week that are over.
const USUAL_DAYS: i64 = 7;

/// What is known of regions that are watched, beginning behind one of them, and the last of them:
/// none when there are no more. How long they take is looked up only where `with_latency` says so.
///
/// # Errors
/// Failures of the storage.
pub fn of_regions(
    app: &App,
    tx: &mut dyn Tx,
    after: Option<RegionId>,
    with_latency: bool,
    now: DateTime<Utc>,
) -> Result<(Vec<RegionFacts>, Option<RegionId>), Error> {
    let watches = some_watches(tx, after, with_latency)?;
    let Some(last) = watches.last().map(|watch| watch.region_id) else {
        return Ok((Vec::new(), None));
    };
    let mut nodes: Vec<NodeId> = watches.iter().flat_map(|watch| watch.nodes.clone()).collect();
    nodes.sort();
    nodes.dedup();
    let contacts = contacts(app, tx, &nodes)?;
    let latency = [recent(now), usual(now)];
    let numbers = if with_latency { &latency[..] } else { &[] };
    let looking = Looking { seen: Seen::RolledUp, contacts: &contacts, numbers };
    let known = Known::read(tx, &watches, &looking)?;
    let live = tx.find_nodes(&nodes)?.into_iter().filter(Node::may_pull).map(|node| node.id);
    let live: HashSet<NodeId> = live.collect();
    let ids: Vec<RegionId> = watches.iter().map(|watch| watch.region_id).collect();
    let listed = tx.find_regions(&ids)?.into_iter();
    let regions: HashMap<RegionId, Region> =
        listed.map(|listed| (listed.region.id, listed.region)).collect();
    let scene = |watch| Scene { watch, known: &known, live: &live, with_latency, now };
    let facts =
        watches.iter().filter_map(|watch| Some(scene(watch).facts(regions.get(&watch.region_id)?)));
    Ok((facts.collect(), Some(last)))
}

/// The watches behind this region that are looked at together: one, or as many as have a bounded
/// number of series.
fn some_watches(
    tx: &mut dyn Tx,
    after: Option<RegionId>,
    with_latency: bool,
) -> Result<Vec<Watch>, Error> {
    let (limit, most) = if with_latency { TOGETHER_WITH_LATENCY } else { TOGETHER };
    let mut watches = tx.list_watches(after, limit)?;
    let mut series = 0;
    let fitting = watches.iter().take_while(|watch| {
        series += watch.nodes.len() * watch.slots().count();
        series <= most
    });
    let number = fitting.count().max(1);
    watches.truncate(number);
    Ok(watches)
}

/// The present hour and the one before.
fn recent(now: DateTime<Utc>) -> (Step, RangeInclusive<i64>) {
    let hour = now.timestamp().div_euclid(Step::Hour.seconds());
    (Step::Hour, hour - 1..=hour)
}

/// The days of the last week that are over.
fn usual(now: DateTime<Utc>) -> (Step, RangeInclusive<i64>) {
    let day = now.timestamp().div_euclid(Step::Day.seconds());
    (Step::Day, day - USUAL_DAYS..=day - 1)
}

/// A watch, and what is known.
struct Scene<'a> {
    watch: &'a Watch,
    known: &'a Known,
    live: &'a HashSet<NodeId>,
    with_latency: bool,
    now: DateTime<Utc>,
}

impl Scene<'_> {
    /// The facts of its region. Where no node is left that may dial, nothing is known of it, and that
    /// is no reason to call anything off.
    fn facts(&self, region: &Region) -> RegionFacts {
        let watch = self.watch;
        let parts = dialled(region, watch);
        let tasks: Vec<TaskId> = parts.iter().map(|part| part.2).collect();
        let nodes: Vec<&NodeId> =
            watch.nodes.iter().filter(|node| self.live.contains(*node)).collect();
        let https = parts.iter().filter(|part| part.1.class() == TaskClass::Http);
        RegionFacts {
            region_id: region.id,
            enterprise_id: region.enterprise_id,
            is_dialled: region.status.dialling() != Dialling::Off,
            in_maintenance: region.status.dialling() == Dialling::Muted,
            down_from: usize::try_from(watch.down_from).unwrap_or(usize::MAX),
            checks: nodes.iter().map(|node| self.check(node, &tasks)).collect(),
            recent: self.latency(&nodes, &tasks, &recent(self.now)),
            usual: self.latency(&nodes, &tasks, &usual(self.now)),
            certificates: https
                .map(|(_, dial, task)| {
                    let url = dial.content().get("url").and_then(|url| url.as_str());
                    self.certificate(url.unwrap_or_default(), &nodes, *task)
                })
                .collect(),
        }
    }

    /// What one node says: down, as soon as one part is; else as old as the oldest of its news. It
    /// says nothing if one part has none, or none that says how the dial ended.
    fn check(&self, node: &NodeId, tasks: &[TaskId]) -> NodeCheck {
        let at = |seen: &LastSeen| DateTime::from_timestamp_nanos(seen.at_ns);
        let is_down =
            |task: &&TaskId| self.known.state(self.watch, node, **task, self.now) == State::Down;
        let down = tasks.iter().find(is_down).and_then(|task| self.known.last(node, *task));
        let told = |task: &TaskId| {
            self.known.last(node, *task).filter(|seen| seen.outcome.verdict().is_some())
        };
        let seen = tasks.iter().map(|task| told(task).map(at));
        let oldest = seen.collect::<Option<Vec<_>>>().and_then(|times| times.into_iter().min());
        NodeCheck {
            node_id: node.clone(),
            at: down.map(at).or(oldest),
            is_up: down.is_none(),
            interval: TimeDelta::seconds(i64::from(self.watch.frequency.seconds())),
        }
    }

    fn latency(
        &self,
        nodes: &[&NodeId],
        tasks: &[TaskId],
        (step, numbers): &(Step, RangeInclusive<i64>),
    ) -> Option<Latency> {
        if !self.with_latency {
            return None;
        }
        let mut sum = Rollup::default();
        for node in nodes {
            for task in tasks {
                sum.merge(&self.known.summed_up(node, *task, (*step, numbers)));
            }
        }
        let p95 = TimeDelta::microseconds(sum.percentiles()?.p95);
        Some(Latency { p95, samples: u64::try_from(sum.times()).unwrap_or(u64::MAX) })
    }

    /// The certificates that nodes were shown.
    fn certificate(&self, url: &str, nodes: &[&NodeId], task: TaskId) -> EndpointCertificate {
        let shown = nodes.iter().filter_map(|node| {
            let shown = self.known.last(node, task)?.certificate?;
            let end = DateTime::from_timestamp(shown.expires, 0)?;
            Some((end, DateTime::from_timestamp_nanos(shown.at_ns)))
        });
        EndpointCertificate { endpoint: url.to_owned(), shown: shown.collect() }
    }
}
