//! How a watched region stands, as its nodes see it: now, and over time.

mod groups;

use std::collections::HashMap;

use cadastre_domain::availability::{Observation, State, state};
use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::node::Node;
use cadastre_domain::region::Region;
use cadastre_domain::result::{LastSeen, Rollup, Step};
use cadastre_domain::token::Caller;
use cadastre_domain::watch::{Watch, WatchPart, plan};
use cadastre_storage::{Series, SeriesFilter, Tx};
use chrono::{DateTime, Utc};

use super::regions::change::{Named, find};
use crate::error::{Error, Thing};
pub use groups::{Figures, Group, Place};

/// A time over which something is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its name on the wire.
    pub name: &'static str,
    /// Of what it is summed up.
    pub step: Step,
    /// How many of them, the present one included.
    pub length: i64,
}

/// The last day by the hour; the last week and the last 30 days by the day.
pub const SPANS: [Span; 3] = [
    Span { name: "24h", step: Step::Hour, length: 24 },
    Span { name: "7d", step: Step::Day, length: 7 },
    Span { name: "30d", step: Step::Day, length: 30 },
];

/// One part of a region, as one node sees it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The node.
    pub node: NodeId,
    /// The part.
    pub part: WatchPart,
    /// The task that dials it now.
    pub task: TaskId,
    /// How it stands.
    pub state: State,
    /// What the node found last.
    pub last: Option<LastSeen>,
    /// What it came to over each of [`SPANS`].
    pub spans: [Rollup; SPANS.len()],
}

/// How a watched region stands.
#[derive(Debug, Clone)]
pub struct Availability {
    /// The region.
    pub region: Region,
    /// The watch.
    pub watch: Watch,
    /// When that was asked.
    pub now: DateTime<Utc>,
    /// The nodes that watch it, without those that are deleted.
    pub nodes: Vec<Node>,
    /// Each part as each node sees it.
    pub members: Vec<Member>,
}

impl Span {
    /// The numbers of the hours or days that it is made of, the earliest first.
    #[must_use]
    pub fn numbers(self, now: DateTime<Utc>) -> std::ops::RangeInclusive<i64> {
        let present = now.timestamp().div_euclid(self.step.seconds());
        present - self.length + 1..=present
    }

    /// When it begins.
    #[must_use]
    pub fn start(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = self.numbers(now).start() * self.step.seconds();
        DateTime::from_timestamp(seconds, 0).unwrap_or(now)
    }
}

/// How a watched region stands.
///
/// # Errors
/// No such region for the caller, or one that is not watched; failures of the storage.
pub fn show(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    now: DateTime<Utc>,
) -> Result<Availability, Error> {
    let region = find(tx, caller, named, Thing::Region)?.region;
    let watch = tx.find_watch(region.id)?.ok_or(Error::NotFound(Thing::Watch))?;
    of_watch(tx, region, watch, now)
}

/// How the region of a watch stands.
///
/// # Errors
/// Failures of the storage.
pub fn of_watch(
    tx: &mut dyn Tx,
    region: Region,
    watch: Watch,
    now: DateTime<Utc>,
) -> Result<Availability, Error> {
    let mut nodes = tx.find_nodes(&watch.nodes)?;
    nodes.retain(|node| node.deleted_at.is_none());
    let known = Known::read(tx, &watch, now)?;
    let mut members = Vec::new();
    for planned in plan(&region, &watch) {
        // What cannot be dialled is nobody's to see.
        let Ok(dial) = planned.dial else { continue };
        let Some(task) = watch.task_id(planned.part, dial.class()) else { continue };
        for node in &nodes {
            members.push(known.member(&watch, node, (planned.part, task), now));
        }
    }
    Ok(Availability { region, watch, now, nodes, members })
}

/// What is known of the series of a watch.
struct Known {
    series: HashMap<(NodeId, TaskId), Vec<i64>>,
    last: HashMap<i64, LastSeen>,
    rollups: HashMap<(Step, i64), Vec<(i64, Rollup)>>,
}

impl Known {
    fn read(tx: &mut dyn Tx, watch: &Watch, now: DateTime<Utc>) -> Result<Self, Error> {
        let slots: Vec<TaskId> = watch.slots().map(|slot| slot.2).collect();
        let filter = SeriesFilter {
            enterprise: Some(watch.enterprise_id),
            nodes: watch.nodes.clone(),
            tasks: slots,
            ..SeriesFilter::default()
        };
        let listed = tx.list_series(&filter)?;
        let ids: Vec<i64> = listed.iter().map(|series| series.id).collect();
        let last = tx.last_seen(&ids)?.into_iter().collect();
        let mut rollups: HashMap<_, Vec<_>> = HashMap::new();
        // The longest of each step has all the others in it.
        for span in [SPANS[0], SPANS[2]] {
            let numbers: Vec<i64> = span.numbers(now).collect();
            for kept in tx.find_rollups(span.step, &numbers, &ids)? {
                let of_series = rollups.entry((kept.step, kept.series)).or_default();
                of_series.push((kept.number, kept.rollup));
            }
        }
        Ok(Self { series: by_owner(listed), last, rollups })
    }

    fn member(
        &self,
        watch: &Watch,
        node: &Node,
        (part, task): (WatchPart, TaskId),
        now: DateTime<Utc>,
    ) -> Member {
        let own = self.series.get(&(node.id.clone(), task)).map_or(&[][..], Vec::as_slice);
        let last = own.iter().filter_map(|id| self.last.get(id)).max_by_key(|seen| seen.at_ns);
        let observed = last.map(|seen| Observation {
            at: DateTime::from_timestamp_nanos(seen.at_ns),
            is_up: !seen.outcome.is_failure(),
        });
        let spans = SPANS.map(|span| self.summed_up(own, span, now));
        let state = state(observed, watch.frequency, now);
        Member { node: node.id.clone(), part, task, state, last: last.cloned(), spans }
    }

    fn summed_up(&self, series: &[i64], span: Span, now: DateTime<Utc>) -> Rollup {
        let numbers = span.numbers(now);
        let mut sum = Rollup::default();
        for id in series {
            let kept = self.rollups.get(&(span.step, *id)).into_iter().flatten();
            for (_, rollup) in kept.filter(|(number, _)| numbers.contains(number)) {
                sum.merge(rollup);
            }
        }
        sum
    }
}

fn by_owner(listed: Vec<Series>) -> HashMap<(NodeId, TaskId), Vec<i64>> {
    let mut owners: HashMap<_, Vec<_>> = HashMap::new();
    for series in listed {
        if let (Some(node), Some(task)) = (series.key.node, series.key.task) {
            owners.entry((node, task)).or_default().push(series.id);
        }
    }
    owners
}
