//! What is known of watched regions.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use cadastre_domain::alarm::{EndpointCertificate, Latency, NodeCheck, RegionFacts};
use cadastre_domain::availability::State;
use cadastre_domain::id::{NodeId, RegionId, TaskId};
use cadastre_domain::region::{Dialling, Region};
use cadastre_domain::result::{LastSeen, Rollup, Step};
use cadastre_domain::task::TaskClass;
use cadastre_domain::watch::Watch;
use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use crate::error::Error;
use crate::service::availability::{Known, Seen, dialled};

/// How many watches are looked at together.
const CHUNK: i64 = 100;

/// How many days a region is compared with: those of the last week that are over.
const USUAL_DAYS: i64 = 7;

/// What is known of all regions that are watched.
///
/// # Errors
/// Failures of the storage.
pub fn of_regions(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Vec<RegionFacts>, Error> {
    let (mut facts, mut after) = (Vec::new(), None);
    loop {
        let watches = tx.list_watches(after, CHUNK)?;
        let Some(last) = watches.last() else { return Ok(facts) };
        after = Some(last.region_id);
        let regions: Vec<RegionId> = watches.iter().map(|watch| watch.region_id).collect();
        let regions = tx.find_regions(&regions)?;
        let known = Known::read(tx, &watches, Seen::RolledUp, &[recent(now), usual(now)])?;
        let mut nodes: Vec<NodeId> = watches.iter().flat_map(|watch| watch.nodes.clone()).collect();
        nodes.sort();
        nodes.dedup();
        let mut live = tx.find_nodes(&nodes)?;
        live.retain(cadastre_domain::node::Node::may_pull);
        let live: HashSet<&NodeId> = live.iter().map(|node| &node.id).collect();
        for watch in &watches {
            let found = regions.iter().find(|listed| listed.region.id == watch.region_id);
            if let Some(listed) = found {
                let scene = Scene { watch, region: &listed.region, known: &known, now };
                facts.push(scene.facts(&live));
            }
        }
    }
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

/// A watched region, and what is known.
struct Scene<'a> {
    watch: &'a Watch,
    region: &'a Region,
    known: &'a Known,
    now: DateTime<Utc>,
}

impl Scene<'_> {
    fn facts(&self, live: &HashSet<&NodeId>) -> RegionFacts {
        let (watch, region) = (self.watch, self.region);
        let parts = dialled(region, watch);
        let tasks: Vec<TaskId> = parts.iter().map(|part| part.2).collect();
        let nodes: Vec<&NodeId> = watch.nodes.iter().filter(|node| live.contains(node)).collect();
        let https = parts.iter().filter(|part| part.1.class() == TaskClass::Http);
        RegionFacts {
            region_id: region.id,
            enterprise_id: region.enterprise_id,
            is_dialled: region.status.dialling() != Dialling::Off && !nodes.is_empty(),
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

    /// What one node says: down, as soon as one part is; else as old as the oldest of its news.
    fn check(&self, node: &NodeId, tasks: &[TaskId]) -> NodeCheck {
        let at = |seen: &LastSeen| DateTime::from_timestamp_nanos(seen.at_ns);
        let is_down =
            |task: &&TaskId| self.known.state(self.watch, node, **task, self.now) == State::Down;
        let down = tasks.iter().find(is_down).and_then(|task| self.known.last(node, *task));
        let seen = tasks.iter().map(|task| self.known.last(node, *task).map(at));
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
        let mut sum = Rollup::default();
        for node in nodes {
            for task in tasks {
                sum.merge(&self.known.summed_up(node, *task, (*step, numbers)));
            }
        }
        let p95 = TimeDelta::microseconds(sum.percentiles()?.p95);
        Some(Latency { p95, samples: u64::try_from(sum.times()).unwrap_or(u64::MAX) })
    }

    /// The certificate that ends first of those that nodes were shown.
    fn certificate(&self, url: &str, nodes: &[&NodeId], task: TaskId) -> EndpointCertificate {
        let shown = nodes.iter().filter_map(|node| {
            let seen = self.known.last(node, task)?;
            let end = DateTime::from_timestamp(seen.certificate_expires?, 0)?;
            Some((end, DateTime::from_timestamp_nanos(seen.at_ns)))
        });
        EndpointCertificate { endpoint: url.to_owned(), shown: shown.min() }
    }
}
