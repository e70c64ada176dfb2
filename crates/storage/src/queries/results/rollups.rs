//! Roll-ups: how they are found.
//!
//! They are in the order of their hours or days, so that a round writes them side by side.

use cadastre_domain::result::{Rollup, Step};
use diesel::prelude::*;

use super::super::scan;
use super::super::schema::result_rollups as rollups;
use super::super::{Conn, Repository, Result, invalid};
use super::LOOK_UP;
use crate::{Found, KeptRollup, MOST_SCANNED, RollupFilter, RollupPlace, StorageError};

/// How many roll-ups a list looks at: more than other scans do, since they are small and everybody's.
const MOST_LOOKED_AT: usize = 3 * MOST_SCANNED;
/// How many hours or days are asked for in one statement. Together with [`LOOK_UP`] series that is
/// far below what can be named in one.
const NUMBERS: usize = 400;

type Narrowed = rollups::BoxedQuery<'static, <Conn as Connection>::Backend>;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rollups, treat_none_as_default_value = false)]
pub(super) struct RollupRow {
    step: i32,
    number: i64,
    series_id: i64,
    count: i64,
    failures: i64,
    sketch: Vec<u8>,
    written_us: i64,
}

impl RollupRow {
    pub(super) fn new(kept: &KeptRollup, written_us: i64) -> Self {
        Self {
            step: kept.step.code().into(),
            number: kept.number,
            series_id: kept.series,
            count: kept.rollup.count,
            failures: kept.rollup.failures,
            sketch: kept.rollup.sketch(),
            written_us,
        }
    }

    fn kept(self) -> Result<KeptRollup> {
        let step = Step::ALL.into_iter().find(|step| i32::from(step.code()) == self.step);
        let no_step = || StorageError::Unusable(format!("{} is no step of roll-ups", self.step));
        let rollup = Rollup::new(self.count, self.failures, &self.sketch).map_err(invalid)?;
        let step = step.ok_or_else(no_step)?;
        Ok(KeptRollup { step, number: self.number, series: self.series_id, rollup })
    }
}

fn behind(filter: &RollupFilter, place: Option<RollupPlace>) -> Narrowed {
    let step = i32::from(filter.step.code());
    let mut query = rollups::table.filter(rollups::step.eq(step)).into_boxed();
    if let Some(since) = filter.since {
        query = query.filter(rollups::number.ge(since));
    }
    if let Some((number, series)) = place {
        let beside = rollups::number.lt(number).or(rollups::series_id.lt(series));
        query = query.filter(rollups::number.le(number)).filter(beside);
    } else if let Some(until) = filter.until {
        query = query.filter(rollups::number.lt(until));
    }
    query
}

impl Repository<'_> {
    pub(super) fn rollups_fitting(
        &mut self,
        filter: &RollupFilter,
        place: Option<RollupPlace>,
        limit: usize,
    ) -> Result<Found<KeptRollup, RollupPlace>> {
        let look = |place: Option<&RollupPlace>, chunk| {
            let looked: Vec<RollupPlace> = behind(filter, place.copied())
                .order((rollups::number.desc(), rollups::series_id.desc()))
                .limit(chunk)
                .select((rollups::number, rollups::series_id))
                .load(self.conn()?)?;
            let fits = |at: RollupPlace| filter.series.contains(&at.1).then_some(at);
            Ok(looked.into_iter().map(|at| (at, fits(at))).collect())
        };
        let found = scan::scan(place, limit, MOST_LOOKED_AT, look)?;
        Ok(Found { items: self.rollups_at(filter.step, &found.items)?, rest: found.rest })
    }

    /// The roll-ups in these places, in this order.
    fn rollups_at(&mut self, step: Step, places: &[RollupPlace]) -> Result<Vec<KeptRollup>> {
        let mut found = Vec::with_capacity(places.len());
        for some in places.chunk_by(|one, next| one.0 == next.0) {
            let series: Vec<_> = some.iter().map(|(_, series)| *series).collect();
            let mut of_number = self.rollups_named(step, &[some[0].0], &series)?;
            of_number.sort_by_key(|kept| std::cmp::Reverse(kept.series));
            found.append(&mut of_number);
        }
        Ok(found)
    }

    pub(super) fn rollups_named(
        &mut self,
        step: Step,
        numbers: &[i64],
        series: &[i64],
    ) -> Result<Vec<KeptRollup>> {
        let mut found = Vec::new();
        for numbers in numbers.chunks(NUMBERS) {
            for series in series.chunks(LOOK_UP) {
                let rows: Vec<RollupRow> = rollups::table
                    .filter(rollups::step.eq(i32::from(step.code())))
                    .filter(rollups::number.eq_any(numbers))
                    .filter(rollups::series_id.eq_any(series))
                    .select(RollupRow::as_select())
                    .load(self.conn()?)?;
                for row in rows {
                    found.push(row.kept()?);
                }
            }
        }
        Ok(found)
    }
}
