//! How long points and roll-ups are kept.
//!
//! The oldest points are those with the lowest numbers. None is forgotten that is not rolled up. What
//! each enterprise has is counted in the transaction that changes it, so it is right after a server was
//! killed, and with several servers.

use std::collections::BTreeMap;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::Step;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::schema::{
    result_points as points, result_rollups as rollups, result_series as series,
    result_usage as usage,
};
use super::super::{Repository, Result, parsed};
use super::LOOK_UP;
use super::rolling::bytes;
use crate::{PointUsage, Trimmed};

/// From how many points on that lie side by side they are deleted as a range.
const RANGE: usize = 32;

/// A point that may be forgotten: its number, whose it is, when it was received, and why the dial
/// failed.
type Candidate = (i64, String, i64, Option<String>);

impl Repository<'_> {
    pub(super) fn usage_of_all(&mut self) -> Result<Vec<PointUsage>> {
        let rows: Vec<(String, i64, i64)> = usage::table
            .order(usage::enterprise_id)
            .select((usage::enterprise_id, usage::kept, usage::kept_bytes))
            .load(self.conn()?)?;
        let read = |(enterprise, count, bytes): (String, _, _)| {
            Ok(PointUsage { enterprise: parsed(&enterprise)?, count, bytes })
        };
        rows.into_iter().map(read).collect()
    }

    /// Counts points that are kept from now on; fewer of them when the numbers are negative.
    pub(super) fn count_kept(&mut self, more: &[PointUsage]) -> Result<()> {
        for some in more.chunks(LOOK_UP) {
            let row = |more: &PointUsage| {
                (
                    usage::enterprise_id.eq(more.enterprise.to_string()),
                    usage::kept.eq(more.count),
                    usage::kept_bytes.eq(more.bytes),
                    usage::trimmed_upto.eq(0),
                )
            };
            diesel::insert_into(usage::table)
                .values(some.iter().map(row).collect::<Vec<_>>())
                .on_conflict(usage::enterprise_id)
                .do_update()
                .set((
                    usage::kept.eq(usage::kept + excluded(usage::kept)),
                    usage::kept_bytes.eq(usage::kept_bytes + excluded(usage::kept_bytes)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    /// Points behind `after`, in their order, as far as all up to them are rolled up.
    fn rolled_up_points(&mut self, after: i64, limit: i64) -> Result<Vec<Candidate>> {
        let rolled_up = self.how_far()?.rolled_up();
        let rows = points::table
            .inner_join(series::table.on(series::id.eq(points::series_id)))
            .filter(points::id.gt(after).and(points::id.le(rolled_up)))
            .order(points::id)
            .limit(limit)
            .select((points::id, series::enterprise_id, points::received_us, points::fail_reason))
            .load(self.conn()?)?;
        Ok(rows)
    }

    pub(super) fn forget_old_points(&mut self, before_us: i64, limit: i64) -> Result<usize> {
        let oldest = self.rolled_up_points(0, limit)?;
        let Some((last, ..)) = oldest.last() else { return Ok(0) };
        let mut gone = BTreeMap::<&str, (i64, i64)>::new();
        for (_, enterprise, received_us, reason) in &oldest {
            if *received_us < before_us {
                let (count, size) = gone.entry(enterprise).or_default();
                *count -= 1;
                *size -= bytes(reason.as_deref());
            }
        }
        if gone.is_empty() {
            return Ok(0);
        }
        let old = points::received_us.lt(before_us).and(points::id.le(*last));
        let forgotten = diesel::delete(points::table.filter(old)).execute(self.conn()?)?;
        let fewer = gone.into_iter().map(|(enterprise, (count, bytes))| {
            Ok(PointUsage { enterprise: parsed(enterprise)?, count, bytes })
        });
        self.count_kept(&fewer.collect::<Result<Vec<_>>>()?)?;
        Ok(forgotten)
    }

    pub(super) fn forget_points_of(
        &mut self,
        enterprise: EnterpriseId,
        excess: i64,
        limit: i64,
    ) -> Result<Trimmed> {
        let row = usage::table.find(enterprise.to_string()).select(usage::trimmed_upto);
        let after: Option<i64> = row.get_result(self.conn()?).optional()?;
        let looked_at = limit.saturating_mul(2);
        let found = self.rolled_up_points(after.unwrap_or_default(), looked_at)?;
        let most = usize::try_from(limit).unwrap_or_default();
        let own = enterprise.to_string();
        let mut is_done = found.len() < most.saturating_mul(2);
        let mut runs: Vec<Vec<i64>> = Vec::new();
        let mut was_own = false;
        let mut upto = None;
        let mut count = 0;
        let mut size = 0;
        for (id, owner, _, reason) in &found {
            let is_own = *owner == own;
            if is_own {
                if size >= excess || count == most {
                    is_done = size >= excess;
                    break;
                }
                count += 1;
                size += bytes(reason.as_deref());
                match runs.last_mut().filter(|_| was_own) {
                    Some(run) => run.push(*id),
                    None => runs.push(vec![*id]),
                }
            }
            was_own = is_own;
            upto = Some(*id);
        }
        if let Some(upto) = upto {
            self.delete_points(runs)?;
            let gone = i64::try_from(count).unwrap_or_default();
            self.count_kept(&[PointUsage { enterprise, count: -gone, bytes: -size }])?;
            diesel::update(usage::table.find(own))
                .set(usage::trimmed_upto.eq(upto))
                .execute(self.conn()?)?;
        }
        Ok(Trimmed { forgotten: count, is_done })
    }

    /// Deletes runs of points between whose numbers there are no others.
    fn delete_points(&mut self, runs: Vec<Vec<i64>>) -> Result<()> {
        let mut scattered = Vec::new();
        for run in runs {
            match (run.first(), run.last()) {
                (Some(first), Some(last)) if run.len() >= RANGE => {
                    let run = points::table.filter(points::id.ge(first).and(points::id.le(last)));
                    diesel::delete(run).execute(self.conn()?)?;
                }
                _ => scattered.extend(run),
            }
        }
        for some in scattered.chunks(LOOK_UP) {
            let some = points::table.filter(points::id.eq_any(some));
            diesel::delete(some).execute(self.conn()?)?;
        }
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
