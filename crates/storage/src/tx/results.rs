//! Results: points, what remains of them, and how series of them stand.

use std::collections::HashSet;

use cadastre_domain::id::{EnterpriseId, NodeId, RegionId, TaskId};
use cadastre_domain::result::{
    DialPoint, LastSeen, Measurement, Outcome, PointTags, Rollup, SeenPoint, Step,
};

use super::{Found, Result};

/// Who dialled what: points of the same are a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeriesKey {
    /// Whose points they are.
    pub enterprise: EnterpriseId,
    /// The node, if that was told.
    pub node: Option<NodeId>,
    /// The dial task, if that was told.
    pub task: Option<TaskId>,
    /// What was measured.
    pub measurement: Measurement,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its number.
    pub id: i64,
    /// Who dialled what.
    pub key: SeriesKey,
    /// The region that the task watches.
    pub region: Option<RegionId>,
}

/// Which series to list. An empty list of nodes or tasks means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those of these nodes.
    pub nodes: Vec<NodeId>,
    /// Those of these tasks.
    pub tasks: Vec<TaskId>,
    /// Those of tasks that watch this region.
    pub region: Option<RegionId>,
    /// Those of this measurement.
    pub measurement: Option<Measurement>,
}

/// A point that is to be kept.
#[derive(Debug, Clone)]
pub struct NewPoint {
    /// Its series.
    pub series: i64,
    /// A digest of the package in which it came, and of its place there. A point of the same series,
    /// time and digest is the same point.
    pub digest: i64,
    /// When it was received, in microseconds since 1970.
    pub received_us: i64,
    /// Where its tags are kept; those in the point itself are not.
    pub tags: Option<i64>,
    /// The point.
    pub point: DialPoint,
}

/// A point that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPoint {
    /// Its number, in the order in which points were committed.
    pub id: i64,
    /// Its series.
    pub series: i64,
    /// The digest with which it came.
    pub digest: i64,
    /// When it was received, in microseconds since 1970.
    pub received_us: i64,
    /// The point, with its tags; its measurement is that of its series.
    pub point: DialPoint,
}

/// A place among points by time: the time, the series, the digest.
pub type PointPlace = (i64, i64, i64);

/// A place among roll-ups by time: the number of the hour or day, and the series.
pub type RollupPlace = (i64, i64);

/// Which points to list.
#[derive(Debug, Clone, Default)]
pub struct PointFilter {
    /// Those of these series.
    pub series: HashSet<i64>,
    /// Those with this outcome.
    pub outcome: Option<Outcome>,
    /// Those at this time or later, in nanoseconds since 1970.
    pub since_ns: Option<i64>,
    /// Those before this time, in nanoseconds since 1970.
    pub until_ns: Option<i64>,
}

/// Which roll-ups to list.
#[derive(Debug, Clone)]
pub struct RollupFilter {
    /// Hours or days.
    pub step: Step,
    /// Those of these series.
    pub series: HashSet<i64>,
    /// Those of this hour or day, or of a later one.
    pub since: Option<i64>,
    /// Those of an earlier hour or day than this.
    pub until: Option<i64>,
}

/// The roll-up of one series over one hour or day.
#[derive(Debug, Clone)]
pub struct KeptRollup {
    /// Hour or day.
    pub step: Step,
    /// Which one, counted from 1970.
    pub number: i64,
    /// The series.
    pub series: i64,
    /// What it came to.
    pub rollup: Rollup,
}

impl KeptRollup {
    /// What identifies it.
    #[must_use]
    pub const fn key(&self) -> (Step, i64, i64) {
        (self.step, self.number, self.series)
    }
}

/// A point that is not rolled up yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoosePoint {
    /// Its number.
    pub id: i64,
    /// Its series.
    pub series: i64,
    /// How much it takes up, in bytes.
    pub bytes: i64,
    /// What it tells.
    pub seen: SeenPoint,
}

/// Into how many shares series fall.
pub const SHARES: i64 = 16;

/// The share of a series.
#[must_use]
pub const fn share_of(series: i64) -> i64 {
    series.rem_euclid(SHARES)
}

/// How far points are rolled up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Each share, and the last point that was looked at for it.
    pub shares: Vec<(i64, i64)>,
}

/// How many points an enterprise has, or some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointUsage {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// How many points they are.
    pub count: i64,
    /// How much they take up, in bytes.
    pub bytes: i64,
}

/// What [`Results::trim_points`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trimmed {
    /// How many points it forgot.
    pub forgotten: usize,
    /// Whether nothing is left to forget: the excess is gone, or all points were looked at.
    pub is_done: bool,
}

impl Progress {
    /// The point up to which all are rolled up.
    #[must_use]
    pub fn rolled_up(&self) -> i64 {
        self.shares.iter().map(|(_, upto)| *upto).min().unwrap_or_default()
    }

    /// Whether this point is rolled up.
    #[must_use]
    pub fn is_behind(&self, point: &LoosePoint) -> bool {
        let of = self.shares.iter().find(|(share, _)| *share == share_of(point.series));
        of.is_some_and(|(_, upto)| point.id <= *upto)
    }
}

/// What the points of some shares came to.
#[derive(Debug, Clone)]
pub struct RolledUp {
    /// The shares, each with the last point that was looked at before.
    pub shares: Vec<(i64, i64)>,
    /// The last point that was looked at now.
    pub upto: i64,
    /// How many they are of each enterprise.
    pub usage: Vec<PointUsage>,
    /// The roll-ups that they change, as they are now.
    pub rollups: Vec<KeptRollup>,
    /// The series that they change, as they stand now.
    pub seen: Vec<(i64, LastSeen)>,
    /// When that was found, in microseconds since 1970.
    pub now_us: i64,
}

/// Results. Times are in nanoseconds or microseconds since 1970, as the names say.
pub trait Results {
    /// The number of a series, which is added when it is not there. Beyond `most` series of an
    /// enterprise that do not name both node and task, or are of no known class, those of further
    /// measurements are one: [`Measurement::other`].
    fn ensure_series(&mut self, key: &SeriesKey, most: i64) -> Result<i64>;
    /// Where these tags are kept: they are added when they are not there. Nothing when the enterprise
    /// has `most` sets of tags. `day` is today, counted from 1970.
    fn ensure_point_tags(
        &mut self,
        enterprise: EnterpriseId,
        tags: &PointTags,
        day: i32,
        most: i64,
    ) -> Result<Option<i64>>;
    /// Adds points, together with those of others; one that is there already is passed over.
    fn add_points(&mut self, points: &[NewPoint]) -> Result<()>;

    /// The series that fit the filter, the oldest first.
    fn list_series(&mut self, filter: &SeriesFilter) -> Result<Vec<Series>>;
    /// These series.
    fn find_series(&mut self, ids: &[i64]) -> Result<Vec<Series>>;
    /// How these series stand, points included that are not rolled up yet, of which the latest
    /// 100,000 are looked at.
    fn last_seen(&mut self, series: &[i64]) -> Result<Vec<(i64, LastSeen)>>;
    /// At most `limit` points, the latest first, beginning behind `place`.
    fn list_points(
        &mut self,
        filter: &PointFilter,
        place: Option<PointPlace>,
        limit: usize,
    ) -> Result<Found<KeptPoint, PointPlace>>;
    /// At most `limit` roll-ups, the latest first, beginning behind `place`.
    fn list_rollups(
        &mut self,
        filter: &RollupFilter,
        place: Option<RollupPlace>,
        limit: usize,
    ) -> Result<Found<KeptRollup, RollupPlace>>;
    /// The roll-ups of these series in the hours or days of these numbers.
    fn find_rollups(
        &mut self,
        step: Step,
        numbers: &[i64],
        series: &[i64],
    ) -> Result<Vec<KeptRollup>>;

    /// How far points are rolled up.
    fn progress(&mut self) -> Result<Progress>;
    /// At most `limit` points behind this one, in their order.
    fn loose_points(&mut self, after: i64, limit: i64) -> Result<Vec<LoosePoint>>;
    /// How these series stand, as far as their points are rolled up.
    fn rolled_up_seen(&mut self, series: &[i64]) -> Result<Vec<(i64, LastSeen)>>;
    /// Saves what the points of some shares came to; `false` when somebody else did so for any of them.
    fn save_rolled_up(&mut self, rolled_up: &RolledUp) -> Result<bool>;

    /// What enterprises have of points that are rolled up.
    fn point_usage(&mut self) -> Result<Vec<PointUsage>>;
    /// Looks at the oldest `limit` points, as far as they are rolled up, and forgets those of them that
    /// were received before this time; how many.
    fn forget_points(&mut self, before_us: i64, limit: i64) -> Result<usize>;
    /// Forgets at most `limit` of the oldest points of an enterprise, as far as they are rolled up and
    /// until they took up `excess` bytes. It looks at few points of others, and goes on from there the
    /// next time.
    fn trim_points(&mut self, enterprise: EnterpriseId, excess: i64, limit: i64)
    -> Result<Trimmed>;
    /// Forgets at most `limit` roll-ups of hours or days before this number that were written before
    /// this time; how many.
    fn forget_rollups(
        &mut self,
        step: Step,
        before: i64,
        written_before_us: i64,
        limit: i64,
    ) -> Result<usize>;
    /// Forgets at most `limit` sets of tags that no point had on this day or later; how many.
    fn forget_point_tags(&mut self, day: i32, limit: i64) -> Result<usize>;
}
