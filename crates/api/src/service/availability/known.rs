//! What is known of the series of watches.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use cadastre_domain::availability::{Observation, State, state};
use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::node::Node;
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

/// What is known of the series of some watches.
pub(in crate::service) struct Known {
    series: HashMap<(NodeId, TaskId), Vec<i64>>,
    last: HashMap<i64, LastSeen>,
    rollups: HashMap<(Step, i64), Vec<(i64, Rollup)>>,
}

impl Known {
    /// Reads what is known of these watches, and their roll-ups of these hours and days.
    ///
    /// # Errors
    /// Failures of the storage.
    pub(in crate::service) fn read(
        tx: &mut dyn Tx,
        watches: &[Watch],
        seen: Seen,
        numbers: &[(Step, RangeInclusive<i64>)],
    ) -> Result<Self, Error> {
        let slots: Vec<TaskId> = watches.iter().flat_map(Watch::slots).map(|slot| slot.2).collect();
        if slots.is_empty() {
            return Ok(Self::of(Vec::new(), Vec::new()));
        }
        let filter = SeriesFilter { tasks: slots, ..SeriesFilter::default() };
        let listed = tx.list_series(&filter)?;
        let ids: Vec<i64> = listed.iter().map(|series| series.id).collect();
        let last = match seen {
            Seen::Latest => tx.last_seen(&ids)?,
            Seen::RolledUp => tx.rolled_up_seen(&ids)?,
        };
        let mut known = Self::of(listed, last);
        for (step, numbers) in numbers {
            let numbers: Vec<i64> = numbers.clone().collect();
            for kept in tx.find_rollups(*step, &numbers, &ids)? {
                let of_series = known.rollups.entry((kept.step, kept.series)).or_default();
                of_series.push((kept.number, kept.rollup));
            }
        }
        Ok(known)
    }

    fn of(listed: Vec<Series>, last: Vec<(i64, LastSeen)>) -> Self {
        let mut series: HashMap<_, Vec<_>> = HashMap::new();
        for one in listed {
            if let (Some(node), Some(task)) = (one.key.node, one.key.task) {
                series.entry((node, task)).or_default().push(one.id);
            }
        }
        Self { series, last: last.into_iter().collect(), rollups: HashMap::new() }
    }

    fn own(&self, node: &NodeId, task: TaskId) -> &[i64] {
        self.series.get(&(node.clone(), task)).map_or(&[], Vec::as_slice)
    }

    /// What a node found last when it dialled this task.
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
            is_up: !seen.outcome.is_failure(),
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
