//! Rows and queries of results.

mod keeping;
pub(super) mod points;
mod reading;
mod rolling;
mod rollups;
mod series;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::{LastSeen, PointTags, Step};

use super::{Repository, Result};
use crate::{
    Found, KeptPoint, KeptRollup, LoosePoint, NewPoint, PointFilter, PointPlace, PointUsage,
    Progress, Results, RolledUp, RollupFilter, RollupPlace, Series, SeriesFilter, SeriesKey,
    Trimmed,
};
use points::PointRow;

/// How many things are named in one statement.
const LOOK_UP: usize = 500;

impl Results for Repository<'_> {
    fn ensure_series(&mut self, key: &SeriesKey, most: i64) -> Result<i64> {
        self.number_of_series(key, most)
    }

    fn ensure_point_tags(
        &mut self,
        enterprise: EnterpriseId,
        tags: &PointTags,
        day: i32,
        most: i64,
    ) -> Result<Option<i64>> {
        self.place_of_tags(enterprise, tags, day, most)
    }

    fn add_points(&mut self, points: &[NewPoint]) -> Result<()> {
        self.new_points.extend(points.iter().map(PointRow::from));
        Ok(())
    }

    fn list_series(&mut self, filter: &SeriesFilter) -> Result<Vec<Series>> {
        self.series_fitting(filter)
    }

    fn find_series(&mut self, ids: &[i64]) -> Result<Vec<Series>> {
        self.series_named(ids)
    }

    fn last_seen(&mut self, series: &[i64]) -> Result<Vec<(i64, LastSeen)>> {
        self.seen_until_now(series)
    }

    fn list_points(
        &mut self,
        filter: &PointFilter,
        place: Option<PointPlace>,
        limit: usize,
    ) -> Result<Found<KeptPoint, PointPlace>> {
        self.points_fitting(filter, place, limit)
    }

    fn list_rollups(
        &mut self,
        filter: &RollupFilter,
        place: Option<RollupPlace>,
        limit: usize,
    ) -> Result<Found<KeptRollup, RollupPlace>> {
        self.rollups_fitting(filter, place, limit)
    }

    fn find_rollups(
        &mut self,
        step: Step,
        numbers: &[i64],
        series: &[i64],
    ) -> Result<Vec<KeptRollup>> {
        self.rollups_named(step, numbers, series)
    }

    fn progress(&mut self) -> Result<Progress> {
        self.how_far()
    }

    fn loose_points(&mut self, after: i64, limit: i64) -> Result<Vec<LoosePoint>> {
        self.points_behind(after, limit)
    }

    fn rolled_up_seen(&mut self, series: &[i64]) -> Result<Vec<(i64, LastSeen)>> {
        self.seen_as_rolled_up(series)
    }

    fn save_rolled_up(&mut self, rolled_up: &RolledUp) -> Result<bool> {
        self.save_what_points_came_to(rolled_up)
    }

    fn point_usage(&mut self) -> Result<Vec<PointUsage>> {
        self.usage_of_all()
    }

    fn forget_points(&mut self, before_us: i64, limit: i64) -> Result<usize> {
        self.forget_old_points(before_us, limit)
    }

    fn trim_points(
        &mut self,
        enterprise: EnterpriseId,
        excess: i64,
        limit: i64,
    ) -> Result<Trimmed> {
        self.forget_points_of(enterprise, excess, limit)
    }

    fn forget_rollups(
        &mut self,
        step: Step,
        before: i64,
        written_before_us: i64,
        limit: i64,
    ) -> Result<usize> {
        self.forget_old_rollups(step, before, written_before_us, limit)
    }

    fn forget_point_tags(&mut self, day: i32, limit: i64) -> Result<usize> {
        self.forget_unused_tags(day, limit)
    }
}
