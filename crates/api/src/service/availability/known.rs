//! What is known of the series of watches.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use cadastre_domain::availability::{Observation, State, state};
use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::node::{Node, NodeContact};
use cadastre_domain::result::{LastSeen, Rollup, Step};
use cadastre_domain::watch::{Watch, WatchPart};
use cadastre_storage::{Series, SeriesFilter, Tx};
use chrono::{DateTime, Utc};

use super::{Member, SPANS, Span};
use crate::error::Error;

/// Which results are looked at to tell how things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Seen {
    /// All.
    Latest,
    /// Those that are rolled up already, which costs less.
    RolledUp,
}

/// What is looked at.
pub(in crate::service) struct Looking<'a> {
    /// Which results tell how things stand.
    pub(in crate::service) seen: Seen,
    /// What is known of the pulls of the nodes.
    pub(in crate::service) contacts: &'a HashMap<NodeId, NodeContact>,
    /// Of which hours and days roll-ups are wanted.
    pub(in crate::service) numbers: &'a [(Step, RangeInclusive<i64>)],
}

/// What is known of the series of some watches.
pub(in crate::service) struct Known {
    series: HashMap<(NodeId, TaskId), Vec<i64>>,
    last: HashMap<i64, LastSeen>,
    rollups: HashMap<(Step, i64), Vec<(i64, Rollup)>>,
}

impl Known {
    /// Reads what is known of these watches: how their tasks stand, as far as that tells of what they
    /// dial now, and all of their roll-ups.
    ///
    /// # Errors
    /// Failures of the storage.
    pub(in crate::service) fn read(
        tx: &mut dyn Tx,
        watches: &[Watch],
        looking: &Looking<'_>,
    ) -> Result<Self, Error> {
        let slots: Vec<TaskId> = watches.iter().flat_map(Watch::slots).map(|slot| slot.2).collect();
        if slots.is_empty() {
            return Ok(Self::of(&[], Vec::new()));
        }
        let targets: HashMap<_, _> = tx.targets_since(&slots)?.into_iter().collect();
        let listed = tx.list_series(&SeriesFilter { tasks: slots, ..SeriesFilter::default() })?;
        let ids: Vec<i64> = listed.iter().map(|series| series.id).collect();
        let last = match looking.seen {
            Seen::Latest => tx.last_seen(&ids)?,
            Seen::RolledUp => tx.rolled_up_seen(&ids)?,
        };
        let series: HashMap<i64, &Series> =
            listed.iter().map(|series| (series.id, series)).collect();
        let now = last.into_iter().filter_map(|(id, seen)| {
            let key = &series.get(&id)?.key;
            let since = *targets.get(key.task.as_ref()?)?;
            let contact = looking.contacts.get(key.node.as_ref()?);
            Some((id, telling(seen, contact, since)?))
        });
        let mut known = Self::of(&listed, now.collect());
        for (step, numbers) in looking.numbers {
            let numbers: Vec<i64> = numbers.clone().collect();
            for kept in tx.find_rollups(*step, &numbers, &ids)? {
                let of_series = known.rollups.entry((kept.step, kept.series)).or_default();
                of_series.push((kept.number, kept.rollup));
            }
        }
        Ok(known)
    }

    fn of(listed: &[Series], last: Vec<(i64, LastSeen)>) -> Self {
        let mut series: HashMap<_, Vec<_>> = HashMap::new();
        for one in listed {
            if let (Some(node), Some(task)) = (&one.key.node, one.key.task) {
                series.entry((node.clone(), task)).or_default().push(one.id);
            }
        }
        Self { series, last: last.into_iter().collect(), rollups: HashMap::new() }
    }

    fn own(&self, node: &NodeId, task: TaskId) -> &[i64] {
        self.series.get(&(node.clone(), task)).map_or(&[], Vec::as_slice)
    }

    /// What a node found last when it dialled what this task dials now.
    pub(in crate::service) fn last(&self, node: &NodeId, task: TaskId) -> Option<&LastSeen> {
        let seen = self.own(node, task).iter().filter_map(|id| self.last.get(id));
        seen.max_by_key(|seen| seen.at_ns)
    }

    /// How this task stands at a node.
    pub(in crate::service) fn state(
        &self,
        watch: &Watch,
        node: &NodeId,
        task: TaskId,
        now: DateTime<Utc>,
    ) -> State {
        let observed = self.last(node, task).map(|seen| Observation {
            at: DateTime::from_timestamp_nanos(seen.at_ns),
            is_up: seen.outcome.verdict(),
        });
        state(observed, watch.frequency, now)
    }

    /// What this task came to at a node in these hours or days.
    pub(in crate::service) fn summed_up(
        &self,
        node: &NodeId,
        task: TaskId,
        (step, numbers): (Step, &RangeInclusive<i64>),
    ) -> Rollup {
        let mut sum = Rollup::default();
        for id in self.own(node, task) {
            let kept = self.rollups.get(&(step, *id)).into_iter().flatten();
            for (_, rollup) in kept.filter(|(number, _)| numbers.contains(number)) {
                sum.merge(rollup);
            }
        }
        sum
    }

    pub(super) fn member(
        &self,
        watch: &Watch,
        node: &Node,
        (part, task): (WatchPart, TaskId),
        now: DateTime<Utc>,
    ) -> Member {
        let of = |span: Span| self.summed_up(&node.id, task, (span.step, &span.numbers(now)));
        Member {
            node: node.id.clone(),
            part,
            task,
            state: self.state(watch, &node.id, task, now),
            last: self.last(&node.id, task).cloned(),
            spans: SPANS.map(of),
        }
    }
}

/// How a series stands by the register's clock, as far as that tells of what its task dials since
/// this time.
fn telling(
    seen: LastSeen,
    contact: Option<&NodeContact>,
    since: DateTime<Utc>,
) -> Option<LastSeen> {
    if contact.is_some_and(|contact| !contact.may_know_of(since)) {
        return None;
    }
    let behind = contact.and_then(NodeContact::clock_behind).unwrap_or_default();
    let seen = seen.later_by(behind.num_nanoseconds().unwrap_or_default());
    seen.of_target(since.timestamp_micros().saturating_mul(1000))
}
