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

impl Repository<'_> {
    pub(super) fn forget_oldest_points(
        &mut self,
        before_us: i64,
        all: bool,
        limit: i64,
    ) -> Result<usize> {
        let rolled_up = self.how_far()?.rolled_up;
        let oldest: Vec<(i64, i64, Option<String>)> = points::table
            .filter(points::id.le(rolled_up))
            .order(points::id)
            .limit(limit)
            .select((points::id, points::received_us, points::fail_reason))
            .load(self.conn()?)?;
        let Some((last, ..)) = oldest.last() else { return Ok(0) };
        let last = *last;
        let gone = oldest.iter().filter(|(_, received_us, _)| all || *received_us < before_us);
        let size: i64 = gone.map(|(_, _, reason)| bytes(reason.as_deref())).sum();
        let old = points::table.filter(points::id.le(last));
        let forgotten = if all {
            diesel::delete(old).execute(self.conn()?)?
        } else {
            let old = old.filter(points::received_us.lt(before_us));
            diesel::delete(old).execute(self.conn()?)?
        };
        let count = i64::try_from(forgotten).unwrap_or(0);
        diesel::update(progress::table.find(PROGRESS))
            .set((
                progress::kept.eq(progress::kept - count),
                progress::kept_bytes.eq(progress::kept_bytes - size),
            ))
            .execute(self.conn()?)?;
        Ok(forgotten)
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
