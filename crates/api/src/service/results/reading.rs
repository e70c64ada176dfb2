//! Reading results.

use std::collections::{BTreeSet, HashMap};

use cadastre_domain::id::{EnterpriseId, NodeId, RegionId, TaskId};
use cadastre_domain::node::Node;
use cadastre_domain::result::{Class, Outcome, Step};
use cadastre_storage::{
    Found, KeptPoint, KeptRollup, PointFilter, PointPlace, RollupFilter, RollupPlace, Series,
    SeriesFilter, StorageError, Tx,
};
use chrono::{DateTime, Utc};

/// Which results to list: those that fit all of this.
#[derive(Debug, Clone, Default)]
pub struct ResultFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those of this node.
    pub node: Option<NodeId>,
    /// Those of this task.
    pub task: Option<TaskId>,
    /// Those of tasks that watch this region.
    pub region: Option<RegionId>,
    /// Those of this class.
    pub class: Option<Class>,
    /// Those of nodes in this country, as it stands at the node now.
    pub country: Option<String>,
    /// Those of nodes in this province.
    pub province: Option<String>,
    /// Those of nodes in this city.
    pub city: Option<String>,
    /// Those of nodes of this carrier.
    pub isp: Option<String>,
    /// Those with this outcome; roll-ups have none.
    pub outcome: Option<Outcome>,
    /// Those at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Those before this time.
    pub until: Option<DateTime<Utc>>,
}

/// A point, and whose it is.
#[derive(Debug, Clone)]
pub struct ListedPoint {
    /// The point.
    pub kept: KeptPoint,
    /// Its series.
    pub series: Series,
    /// Its node as it is now, if there is one.
    pub node: Option<Node>,
}

/// A roll-up, and whose it is.
#[derive(Debug, Clone)]
pub struct ListedRollup {
    /// The roll-up.
    pub kept: KeptRollup,
    /// Its series.
    pub series: Series,
    /// Its node as it is now, if there is one.
    pub node: Option<Node>,
}

/// The series that fit a filter, and their nodes.
struct Selected {
    series: HashMap<i64, Series>,
    nodes: HashMap<NodeId, Node>,
}

impl Selected {
    fn owner(&self, series: i64) -> Option<(Series, Option<Node>)> {
        let series = self.series.get(&series)?.clone();
        let node = series.key.node.as_ref().and_then(|node| self.nodes.get(node)).cloned();
        Some((series, node))
    }
}

impl ResultFilter {
    fn select(&self, tx: &mut dyn Tx) -> Result<Selected, StorageError> {
        let filter = SeriesFilter {
            enterprise: self.enterprise,
            nodes: self.node.iter().cloned().collect(),
            tasks: self.task.into_iter().collect(),
            region: self.region,
            measurement: self.class.map(Into::into),
        };
        let series = tx.list_series(&filter)?;
        let nodes: BTreeSet<_> =
            series.iter().filter_map(|series| series.key.node.clone()).collect();
        let nodes = tx.find_nodes(&nodes.into_iter().collect::<Vec<_>>())?;
        let nodes: HashMap<_, _> = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
        let fits = |series: &Series| {
            let node = series.key.node.as_ref().and_then(|node| nodes.get(node));
            node.map_or_else(|| !self.asks_for_a_place(), |node| self.fits(node))
        };
        let series = series.into_iter().filter(fits).map(|series| (series.id, series)).collect();
        Ok(Selected { series, nodes })
    }

    const fn asks_for_a_place(&self) -> bool {
        self.country.is_some()
            || self.province.is_some()
            || self.city.is_some()
            || self.isp.is_some()
    }

    fn fits(&self, node: &Node) -> bool {
        let profile = &node.profile;
        let is = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == text)
        };
        is(&self.country, profile.country.as_ref())
            && is(&self.province, profile.province.as_ref())
            && is(&self.city, profile.city.as_ref())
            && is(&self.isp, profile.isp.as_ref())
    }
}

fn nanos(time: Option<DateTime<Utc>>) -> Option<i64> {
    // Times that nanoseconds do not reach are before or behind all points.
    let beyond = |time: DateTime<Utc>| if time.timestamp() < 0 { i64::MIN } else { i64::MAX };
    time.map(|time| time.timestamp_nanos_opt().unwrap_or_else(|| beyond(time)))
}

/// At most `limit` points, the latest first, beginning behind `place`. There may be fewer, even none,
/// and still more behind them.
///
/// # Errors
/// Failures of the storage.
pub fn points(
    tx: &mut dyn Tx,
    filter: &ResultFilter,
    place: Option<PointPlace>,
    limit: usize,
) -> Result<Found<ListedPoint, PointPlace>, StorageError> {
    let selected = filter.select(tx)?;
    let wanted = PointFilter {
        series: selected.series.keys().copied().collect(),
        outcome: filter.outcome,
        since_ns: nanos(filter.since),
        until_ns: nanos(filter.until),
    };
    if wanted.series.is_empty() {
        return Ok(Found { items: Vec::new(), rest: None });
    }
    let found = tx.list_points(&wanted, place, limit)?;
    let listed = found.items.into_iter().filter_map(|kept| {
        let (series, node) = selected.owner(kept.series)?;
        Some(ListedPoint { kept, series, node })
    });
    Ok(Found { items: listed.collect(), rest: found.rest })
}

/// At most `limit` roll-ups, the latest first, beginning behind `place`, as [`points`].
///
/// # Errors
/// Failures of the storage.
pub fn rollups(
    tx: &mut dyn Tx,
    filter: &ResultFilter,
    step: Step,
    place: Option<RollupPlace>,
    limit: usize,
) -> Result<Found<ListedRollup, RollupPlace>, StorageError> {
    let selected = filter.select(tx)?;
    let wanted = RollupFilter {
        step,
        series: selected.series.keys().copied().collect(),
        // Those that lie within the time as a whole.
        since: filter.since.map(|since| whole(step, since)),
        until: filter.until.map(|until| until.timestamp().div_euclid(step.seconds())),
    };
    if wanted.series.is_empty() {
        return Ok(Found { items: Vec::new(), rest: None });
    }
    let found = tx.list_rollups(&wanted, place, limit)?;
    let listed = found.items.into_iter().filter_map(|kept| {
        let (series, node) = selected.owner(kept.series)?;
        Some(ListedRollup { kept, series, node })
    });
    Ok(Found { items: listed.collect(), rest: found.rest })
}

/// The first hour or day that begins at this time or later.
fn whole(step: Step, since: DateTime<Utc>) -> i64 {
    let seconds = since.timestamp() + i64::from(since.timestamp_subsec_nanos() > 0);
    seconds.div_euclid(step.seconds()) + i64::from(seconds.rem_euclid(step.seconds()) > 0)
}
