//! How long points and roll-ups are kept.
//!
//! The oldest points are those with the lowest numbers. None is forgotten that is not rolled up.

use cadastre_domain::result::Step;
use diesel::prelude::*;

use super::super::schema::{
    result_points as points, result_progress as progress, result_rollups as rollups,
};
use super::super::{Repository, Result};
use super::rolling::{PROGRESS, bytes};

/// The number of a point, when it was received, and why the dial failed.
type Oldest = (i64, i64, Option<String>);

impl Repository<'_> {
    pub(super) fn forget_oldest_points(
        &mut self,
        before_us: i64,
        excess: i64,
        limit: i64,
    ) -> Result<usize> {
        let rolled_up = self.how_far()?.rolled_up();
        let oldest: Vec<Oldest> = points::table
            .filter(points::id.le(rolled_up))
            .order(points::id)
            .limit(limit)
            .select((points::id, points::received_us, points::fail_reason))
            .load(self.conn()?)?;
        let Some((last, ..)) = oldest.last() else { return Ok(0) };
        // The very oldest go for the excess, and of those behind them the ones that are too old.
        let (last, mut upto, mut size) = (*last, 0, 0);
        for (id, received_us, reason) in &oldest {
            if size < excess {
                upto = *id;
            } else if *received_us >= before_us {
                continue;
            }
            size += bytes(reason.as_deref());
        }
        if size == 0 {
            return Ok(0);
        }
        let old = points::received_us.lt(before_us).and(points::id.gt(upto));
        let old = points::table.filter(old).filter(points::id.le(last));
        let mut forgotten = diesel::delete(old).execute(self.conn()?)?;
        if upto > 0 {
            let excess = points::table.filter(points::id.le(upto));
            forgotten += diesel::delete(excess).execute(self.conn()?)?;
        }
        self.count_forgotten(forgotten, size)?;
        Ok(forgotten)
    }

    fn count_forgotten(&mut self, count: usize, size: i64) -> Result<()> {
        let count = i64::try_from(count).unwrap_or(0);
        diesel::update(progress::table.find(PROGRESS))
            .set((
                progress::kept.eq(progress::kept - count),
                progress::kept_bytes.eq(progress::kept_bytes - size),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    pub(super) fn forget_old_rollups(
        &mut self,
        step: Step,
        before: i64,
        written_before_us: i64,
        limit: i64,
    ) -> Result<usize> {
        let step = i32::from(step.code());
        // One that was written of late, of points that came late, stays for as long as any other.
        let old: Vec<(i64, i64)> = rollups::table
            .filter(rollups::step.eq(step).and(rollups::number.lt(before)))
            .filter(rollups::written_us.lt(written_before_us))
            .order((rollups::number, rollups::series_id))
            .limit(limit)
            .select((rollups::number, rollups::series_id))
            .load(self.conn()?)?;
        let mut forgotten = 0;
        for some in old.chunk_by(|one, next| one.0 == next.0) {
            let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
            let old = rollups::table
                .filter(rollups::step.eq(step).and(rollups::number.eq(first.0)))
                .filter(rollups::series_id.ge(first.1).and(rollups::series_id.le(last.1)))
                .filter(rollups::written_us.lt(written_before_us));
            forgotten += diesel::delete(old).execute(self.conn()?)?;
        }
        Ok(forgotten)
    }
}
