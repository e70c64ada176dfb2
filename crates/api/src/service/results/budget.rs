//! How many points nodes and enterprises may post. Each server counts for itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cadastre_domain::id::{EnterpriseId, NodeId};

use crate::clock::MonotonicClock;
use crate::error::{Error, RateLimited};

/// Points of so long a time may come at once.
const BURST: Duration = Duration::from_mins(1);
/// How often it is told at most that points were refused.
const TOLD_EVERY: Duration = Duration::from_mins(1);
/// From how many counts on those are forgotten that are as good as new.
const MANY: usize = 10_000;
/// How often that is looked for at most.
const PRUNED_EVERY: Duration = Duration::from_secs(1);

/// Points a minute of one node and of one enterprise; without a number, no limit.
///
/// A body may hold more points than the limit of a minute, so it is taken as a whole: who posted too
/// much waits until that is made good. The limiter that requests are counted with refuses for ever what
/// does not fit into one burst.
#[derive(Debug)]
pub(super) struct PointBudget {
    clock: MonotonicClock,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    nodes: Buckets<(EnterpriseId, Option<NodeId>)>,
    enterprises: Buckets<EnterpriseId>,
    refused: u64,
    told_at: Option<Duration>,
}

/// For each key, the time since the start at which all that it posted is made good.
#[derive(Debug)]
struct Buckets<K> {
    /// What one point takes; zero without a limit.
    each: Duration,
    even_at: HashMap<K, Duration>,
    pruned_at: Duration,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(per_minute: Option<NonZeroU32>) -> Self {
        let each = per_minute.map_or(Duration::ZERO, |most| Duration::from_mins(1) / most.get());
        Self { each, even_at: HashMap::new(), pruned_at: Duration::ZERO }
    }

    /// How long to wait until the next points are taken.
    fn wait(&self, key: &K, now: Duration) -> Option<Duration> {
        self.even_at.get(key)?.checked_sub(now + BURST).filter(|wait| !wait.is_zero())
    }

    fn spend(&mut self, key: K, points: u32, now: Duration) {
        if self.each.is_zero() {
            return;
        }
        let is_due = now.saturating_sub(self.pruned_at) >= PRUNED_EVERY;
        if is_due && self.even_at.len() >= MANY {
            self.pruned_at = now;
            self.even_at.retain(|_, even_at| *even_at > now);
        }
        let even_at = self.even_at.entry(key).or_default();
        *even_at = (*even_at).max(now) + self.each.saturating_mul(points);
    }

    fn give_back(&mut self, key: &K, points: u32) {
        if let Some(even_at) = self.even_at.get_mut(key) {
            *even_at = even_at.saturating_sub(self.each.saturating_mul(points));
        }
    }
}

impl PointBudget {
    /// Limits of so many points a minute.
    pub(super) fn new(
        per_node: Option<NonZeroU32>,
        per_enterprise: Option<NonZeroU32>,
        clock: MonotonicClock,
    ) -> Self {
        let counts = Counts {
            nodes: Buckets::new(per_node),
            enterprises: Buckets::new(per_enterprise),
            refused: 0,
            told_at: None,
        };
        Self { clock, counts: Mutex::new(counts) }
    }

    /// Counts points of a node; of none when only the enterprise is known. No points at all only ask.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many were posted before.
    pub(super) fn spend(
        &self,
        enterprise: EnterpriseId,
        node: Option<&NodeId>,
        points: usize,
    ) -> Result<(), Error> {
        self.spend_at(enterprise, node, points, self.clock.elapsed())
    }

    /// Gives back points that were spent and not written.
    pub(super) fn give_back(&self, enterprise: EnterpriseId, node: Option<&NodeId>, points: usize) {
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        let mut counts = self.lock();
        counts.nodes.give_back(&(enterprise, node.cloned()), points);
        counts.enterprises.give_back(&enterprise, points);
    }

    fn spend_at(
        &self,
        enterprise: EnterpriseId,
        node: Option<&NodeId>,
        points: usize,
        now: Duration,
    ) -> Result<(), Error> {
        let of_node = (enterprise, node.cloned());
        let mut counts = self.lock();
        let by_node = counts.nodes.wait(&of_node, now);
        if let Some(wait) = by_node.max(counts.enterprises.wait(&enterprise, now)) {
            counts.refuse(&of_node, by_node.is_some(), now);
            return Err(Error::RateLimited(RateLimited::after(wait, by_node.is_none())));
        }
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        counts.nodes.spend(of_node, points, now);
        counts.enterprises.spend(enterprise, points, now);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn refuse(&mut self, of: &(EnterpriseId, Option<NodeId>), is_node: bool, now: Duration) {
        self.refused += 1;
        if self.told_at.is_some_and(|told| now.saturating_sub(told) < TOLD_EVERY) {
            return;
        }
        self.told_at = Some(now);
        let refused = std::mem::take(&mut self.refused);
        let enterprise = of.0;
        match &of.1 {
            Some(node) if is_node => log::warn!(
                "posts of results are refused, {refused} since this was told last: the node {node} \
                 posts more than CADASTRE_RESULTS_NODE_LIMIT"
            ),
            _ => log::warn!(
                "posts of results are refused, {refused} since this was told last: the enterprise \
                 {enterprise} posts more than its limits"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn enterprise(byte: u8) -> EnterpriseId {
        EnterpriseId::from_bytes([byte; 16])
    }

    fn node(last: &str) -> NodeId {
        format!("reg_cg2britepb7e977fpm{last}").parse().expect("a node")
    }

    fn limits(per_node: u32, per_enterprise: u32) -> PointBudget {
        let clock = Clock::System.monotonic();
        PointBudget::new(NonZeroU32::new(per_node), NonZeroU32::new(per_enterprise), clock)
    }

    /// Whether each of these posts is taken: seconds after the start, enterprise, node, points.
    fn taken(budget: &PointBudget, posts: &[(u64, u8, Option<&str>, usize)]) -> Vec<bool> {
        let post = |(second, of, by, points): &(u64, u8, Option<&str>, usize)| {
            let now = Duration::from_secs(*second);
            budget.spend_at(enterprise(*of), by.map(node).as_ref(), *points, now).is_ok()
        };
        posts.iter().map(post).collect()
    }

    #[test]
    fn a_node_posts_a_burst_and_then_what_its_limit_says() {
        let budget = limits(60, 0);
        let mut posts = vec![(0, 1, Some("8g"), 1); 62];
        posts.extend([(1, 1, Some("8g"), 1), (1, 1, Some("8g"), 1), (0, 1, Some("90"), 1)]);
        let expected = [[true; 61].as_slice(), &[false, true, false, true]].concat();
        assert_eq!(taken(&budget, &posts), expected);
    }

    #[test]
    fn a_body_larger_than_a_burst_is_taken_and_made_good() {
        let budget = limits(60, 0);
        let posts = [
            (0, 1, Some("8g"), 180),
            (0, 1, Some("8g"), 1),
            (119, 1, Some("8g"), 1),
            (120, 1, Some("8g"), 1),
        ];
        assert_eq!(taken(&budget, &posts), [true, false, false, true]);
    }

    #[test]
    fn nodes_of_an_enterprise_share_its_limit_and_no_other_enterprise_does() {
        let budget = limits(60, 120);
        let posts = [
            (0, 1, Some("8g"), 61),
            (0, 1, Some("90"), 60),
            (0, 1, Some("a0"), 1),
            (0, 1, None, 1),
            (0, 2, Some("8g"), 1),
        ];
        assert_eq!(taken(&budget, &posts), [true, true, false, false, true]);
    }

    #[test]
    fn without_limits_everything_is_taken_and_nothing_remembered() {
        let budget = limits(0, 0);
        assert_eq!(taken(&budget, &[(0, 1, None, usize::MAX); 3]), [true; 3]);
        let counts = budget.counts.lock().expect("no panic");
        assert!(counts.nodes.even_at.is_empty() && counts.enterprises.even_at.is_empty());
    }

    #[test]
    fn what_is_made_good_is_forgotten_when_there_is_much_of_it() {
        let mut buckets = Buckets::new(NonZeroU32::new(60));
        for key in 0..MANY {
            buckets.spend(key, 1, Duration::ZERO);
        }
        buckets.spend(MANY, 1, Duration::from_secs(1));
        assert_eq!(buckets.even_at.len(), 1);
    }

    #[test]
    fn what_is_made_good_is_looked_for_once_a_second_at_most() {
        let mut buckets = Buckets::new(NonZeroU32::new(60_000));
        let time = Duration::from_millis;
        for key in 0..2 * MANY {
            buckets.spend(key, 1, time(if key < MANY { 998 } else { 999 }));
        }
        // What was spent first is made good by now, and is looked for again only at the next second.
        assert_eq!(buckets.even_at.len(), 2 * MANY);
        buckets.spend(2 * MANY, 1, time(1000));
        assert_eq!(buckets.even_at.len(), 1);
        for key in 0..MANY {
            buckets.spend(key, 1, time(1001));
        }
        buckets.spend(2 * MANY, 1, time(1999));
        assert_eq!(buckets.even_at.len(), MANY + 1);
        buckets.spend(2 * MANY, 1, time(2001));
        assert_eq!(buckets.even_at.len(), 1);
    }

    #[test]
    fn what_is_given_back_can_be_spent_again_and_no_more() {
        let budget = limits(60, 120);
        let (of, by) = (enterprise(1), node("8g"));
        assert_eq!(taken(&budget, &[(0, 1, Some("8g"), 1000)]), [true]);
        budget.give_back(of, Some(&by), 1000);
        let posts = [(0, 1, Some("8g"), 60), (0, 1, Some("8g"), 1), (0, 1, Some("8g"), 1)];
        assert_eq!(taken(&budget, &posts), [true, true, false]);
        // Long after the points were made good, nothing is left to be given back.
        budget.give_back(of, Some(&by), 1000);
        let posts = [(600, 1, Some("8g"), 61), (600, 1, Some("8g"), 1)];
        assert_eq!(taken(&budget, &posts), [true, false]);
    }
}
