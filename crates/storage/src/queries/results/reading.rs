//! Lists of points.
//!
//! Points are in the order of their times, whosever they are. So a list looks at them one after the
//! other and takes those of its series, as far as [`MOST_LOOKED_AT`].

use std::collections::HashMap;

use cadastre_domain::result::Measurement;
use diesel::prelude::*;

use super::super::scan;
use super::super::schema::{result_points as points, result_tags};
use super::super::{Conn, Repository, Result};
use super::LOOK_UP;
use super::points::KeptRow;
use crate::{Found, KeptPoint, MOST_SCANNED, PointFilter, PointPlace};

/// How many points a list looks at: more than other scans do, since they are small and everybody's.
const MOST_LOOKED_AT: usize = 3 * MOST_SCANNED;

/// A place in the list, its number, and its outcome.
type Looked = (i64, i64, i64, i64, i32);

type Narrowed = points::BoxedQuery<'static, <Conn as Connection>::Backend>;

fn behind(filter: &PointFilter, place: Option<PointPlace>) -> Narrowed {
    let mut query = points::table.into_boxed();
    if let Some(since) = filter.since_ns {
        query = query.filter(points::at_ns.ge(since));
    }
    if let Some((at, series, digest)) = place {
        let beside = points::series_id
            .lt(series)
            .or(points::series_id.eq(series).and(points::digest.lt(digest)));
        query = query.filter(points::at_ns.le(at));
        query = query.filter(points::at_ns.lt(at).or(beside));
    } else if let Some(until) = filter.until_ns {
        query = query.filter(points::at_ns.lt(until));
    }
    query
}

impl Repository<'_> {
    pub(super) fn points_fitting(
        &mut self,
        filter: &PointFilter,
        place: Option<PointPlace>,
        limit: usize,
    ) -> Result<Found<KeptPoint, PointPlace>> {
        let wanted = filter.outcome.map(|outcome| i32::from(outcome.code()));
        let look = |place: Option<&PointPlace>, chunk| {
            let looked = self.look(filter, place.copied(), chunk)?;
            let fits = |series, outcome| {
                wanted.is_none_or(|wanted| outcome == wanted) && filter.series.contains(&series)
            };
            let rows = looked.into_iter().map(|(at, series, digest, id, outcome)| {
                ((at, series, digest), fits(series, outcome).then_some(id))
            });
            Ok(rows.collect())
        };
        let found = scan::scan(place, limit, MOST_LOOKED_AT, look)?;
        Ok(Found { items: self.points_named(&found.items)?, rest: found.rest })
    }

    fn look(
        &mut self,
        filter: &PointFilter,
        place: Option<PointPlace>,
        limit: i64,
    ) -> Result<Vec<Looked>> {
        let looked = behind(filter, place)
            .order((points::at_ns.desc(), points::series_id.desc(), points::digest.desc()))
            .limit(limit)
            .select((points::at_ns, points::series_id, points::digest, points::id, points::outcome))
            .load(self.conn()?);
        Ok(looked?)
    }

    /// These points, in this order.
    fn points_named(&mut self, ids: &[i64]) -> Result<Vec<KeptPoint>> {
        let mut rows: HashMap<i64, (KeptRow, Option<String>)> = HashMap::new();
        for some in ids.chunks(LOOK_UP) {
            let found: Vec<(i64, KeptRow, Option<String>)> = points::table
                .left_join(result_tags::table)
                .filter(points::id.eq_any(some))
                .select((points::id, KeptRow::as_select(), result_tags::tags.nullable()))
                .load(self.conn()?)?;
            rows.extend(found.into_iter().map(|(id, row, tags)| (id, (row, tags))));
        }
        let measurements = self.measurements(rows.values().map(|(row, _)| row.series_id))?;
        let rows = ids.iter().filter_map(|id| rows.remove(id));
        let kept = rows.map(|(row, tags)| {
            let measurement = measurements.get(&row.series_id).cloned();
            row.point(tags.as_deref(), measurement.unwrap_or_else(Measurement::other))
        });
        kept.collect()
    }

    fn measurements(
        &mut self,
        series: impl Iterator<Item = i64>,
    ) -> Result<HashMap<i64, Measurement>> {
        let mut ids: Vec<_> = series.collect();
        ids.sort_unstable();
        ids.dedup();
        let series = self.series_named(&ids)?;
        Ok(series.into_iter().map(|series| (series.id, series.key.measurement)).collect())
    }
}
