//! Lists of points.
//!
//! Points are in the order of their times, whosever they are. So a list looks at them one after the
//! other and takes those of its series, as far as [`MOST_LOOKED_AT`].

use std::collections::HashMap;

use cadastre_domain::result::Measurement;
use diesel::prelude::*;

use super::super::schema::{result_points as points, result_tags};
use super::super::{Conn, Repository, Result};
use super::LOOK_UP;
use super::points::KeptRow;
use crate::{Found, KeptPoint, PointFilter, PointPlace};

/// How many points a list looks at. On both databases that takes less than a second.
const MOST_LOOKED_AT: usize = 300_000;
/// How many at once: few at first, since most lists find what they look for soon.
const CHUNKS: [i64; 2] = [1000, 20_000];

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
        mut place: Option<PointPlace>,
        limit: usize,
    ) -> Result<Found<KeptPoint, PointPlace>> {
        let wanted = filter.outcome.map(|outcome| i32::from(outcome.code()));
        let (mut ids, mut looked_at) = (Vec::new(), 0);
        let rest = loop {
            let chunk = CHUNKS[usize::from(looked_at > 0)];
            let looked = self.look(filter, place, chunk)?;
            let size = looked.len();
            looked_at += size;
            for (at, series, digest, id, outcome) in looked {
                place = Some((at, series, digest));
                let fits = wanted.is_none_or(|wanted| outcome == wanted);
                if fits && filter.series.contains(&series) {
                    ids.push(id);
                }
                if ids.len() == limit {
                    break;
                }
            }
            if ids.len() == limit || looked_at >= MOST_LOOKED_AT {
                break place;
            }
            if i64::try_from(size).is_ok_and(|size| size < chunk) {
                break None;
            }
        };
        Ok(Found { items: self.points_named(&ids)?, rest })
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
