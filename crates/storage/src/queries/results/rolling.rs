//! Rolling points up, and how series stand.
//!
//! Writers take turns on both databases, and numbers are given while a writer has his turn (ADR 0003):
//! so points become visible in the order of their numbers, and whoever sees one sees all before it.

use std::collections::{HashMap, HashSet};

use cadastre_domain::result::{LastSeen, SeenPoint, ShownCertificate};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::schema::{
    result_points as points, result_rollups as rollups, result_seen as seen,
    result_shares as shares, result_tags,
};
use super::super::{POINT_BYTES, Repository, Result};
use super::LOOK_UP;
use super::points::outcome;
use super::rollups::RollupRow;
use crate::{LoosePoint, Progress, RolledUp};

/// How many points that are not rolled up yet are looked at to tell how series stand.
const TAIL: i64 = 100_000;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = seen, treat_none_as_default_value = false)]
struct SeenRow {
    series_id: i64,
    at_ns: i64,
    received_us: i64,
    outcome: i32,
    response_us: Option<i64>,
    since_ns: i64,
    certificate_expires: Option<i64>,
    agent_version: Option<String>,
    certificate_at_ns: Option<i64>,
}

impl SeenRow {
    fn new(series_id: i64, seen: &LastSeen) -> Self {
        Self {
            series_id,
            at_ns: seen.at_ns,
            received_us: seen.received_us,
            outcome: seen.outcome.code().into(),
            response_us: seen.response_us,
            since_ns: seen.since_ns,
            certificate_expires: seen.certificate.map(|shown| shown.expires),
            agent_version: seen.agent_version.clone(),
            certificate_at_ns: seen.certificate.map(|shown| shown.at_ns),
        }
    }

    fn seen(self) -> Result<(i64, LastSeen)> {
        // Of rows of the version before it is not known when a certificate was shown.
        let certificate = self.certificate_expires.zip(self.certificate_at_ns);
        let seen = LastSeen {
            at_ns: self.at_ns,
            received_us: self.received_us,
            outcome: outcome(self.outcome)?,
            response_us: self.response_us,
            since_ns: self.since_ns,
            certificate: certificate.map(|(expires, at_ns)| ShownCertificate { expires, at_ns }),
            agent_version: self.agent_version,
        };
        Ok((self.series_id, seen))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = points)]
struct LooseRow {
    id: i64,
    series_id: i64,
    at_ns: i64,
    received_us: i64,
    outcome: i32,
    response_us: Option<i64>,
    certificate_expires: Option<i64>,
    fail_reason: Option<String>,
}

/// What a point takes up, in bytes.
pub(super) fn bytes(fail_reason: Option<&str>) -> i64 {
    POINT_BYTES + fail_reason.map_or(0, |reason| i64::try_from(reason.len()).unwrap_or(0))
}

impl LooseRow {
    fn point(self, agent_version: Option<String>) -> Result<LoosePoint> {
        let seen = SeenPoint {
            at_ns: self.at_ns,
            received_us: self.received_us,
            outcome: outcome(self.outcome)?,
            response_us: self.response_us,
            certificate_expires: self.certificate_expires,
            agent_version,
        };
        let bytes = bytes(self.fail_reason.as_deref());
        Ok(LoosePoint { id: self.id, series: self.series_id, bytes, seen })
    }
}

impl Repository<'_> {
    pub(super) fn how_far(&mut self) -> Result<Progress> {
        let shares = shares::table
            .order(shares::share)
            .select((shares::share, shares::rolled_up))
            .load(self.conn()?)?;
        Ok(Progress { shares })
    }

    pub(super) fn points_behind(&mut self, after: i64, limit: i64) -> Result<Vec<LoosePoint>> {
        let rows: Vec<(LooseRow, Option<String>)> = points::table
            .left_join(result_tags::table)
            .filter(points::id.gt(after))
            .order(points::id)
            .limit(limit)
            .select((LooseRow::as_select(), result_tags::agent_version.nullable()))
            .load(self.conn()?)?;
        rows.into_iter().map(|(row, version)| row.point(version)).collect()
    }

    /// The latest points behind this one, in their order; of these series, when they are few.
    fn latest_behind(&mut self, after: i64, series: &[i64]) -> Result<Vec<LoosePoint>> {
        let mut query = points::table
            .left_join(result_tags::table)
            .filter(points::id.gt(after))
            .order(points::id.desc())
            .limit(TAIL)
            .select((LooseRow::as_select(), result_tags::agent_version.nullable()))
            .into_boxed();
        if series.len() <= LOOK_UP {
            query = query.filter(points::series_id.eq_any(series.to_vec()));
        }
        let rows: Vec<(LooseRow, Option<String>)> = query.load(self.conn()?)?;
        rows.into_iter().rev().map(|(row, version)| row.point(version)).collect()
    }

    pub(super) fn seen_as_rolled_up(&mut self, ids: &[i64]) -> Result<Vec<(i64, LastSeen)>> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<SeenRow> = seen::table
                .filter(seen::series_id.eq_any(some))
                .select(SeenRow::as_select())
                .load(self.conn()?)?;
            for row in rows {
                found.push(row.seen()?);
            }
        }
        Ok(found)
    }

    pub(super) fn seen_until_now(&mut self, ids: &[i64]) -> Result<Vec<(i64, LastSeen)>> {
        let wanted: HashSet<_> = ids.iter().copied().collect();
        // In this order: a point that is rolled up in between is then seen twice, which changes
        // nothing, and not left out.
        let after = self.how_far()?.rolled_up();
        let tail = self.latest_behind(after, ids)?;
        let mut found: HashMap<_, _> = self.seen_as_rolled_up(ids)?.into_iter().collect();
        for point in tail.iter().filter(|point| wanted.contains(&point.series)) {
            let before = found.remove(&point.series);
            let now = LastSeen::after(before, [&point.seen]);
            found.extend(now.map(|seen| (point.series, seen)));
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(id, _)| *id);
        Ok(found)
    }

    pub(super) fn save_what_points_came_to(&mut self, rolled_up: &RolledUp) -> Result<bool> {
        // Nobody else writes between this look and the end of the transaction.
        let now: HashMap<i64, i64> = self.how_far()?.shares.into_iter().collect();
        if rolled_up.shares.iter().any(|(share, before)| now.get(share) != Some(before)) {
            return Ok(false);
        }
        let moved: Vec<i64> = rolled_up.shares.iter().map(|(share, _)| *share).collect();
        // A share that is further already stays there.
        let behind = shares::share.eq_any(moved).and(shares::rolled_up.lt(rolled_up.upto));
        diesel::update(shares::table.filter(behind))
            .set(shares::rolled_up.eq(rolled_up.upto))
            .execute(self.conn()?)?;
        self.count_kept(&rolled_up.usage)?;
        let row = |kept| RollupRow::new(kept, rolled_up.now_us);
        let mut rows: Vec<_> = rolled_up.rollups.iter().map(row).collect();
        self.save_rollups(&mut rows)?;
        self.save_seen(&rolled_up.seen)?;
        Ok(true)
    }

    fn save_rollups(&mut self, rows: &mut [RollupRow]) -> Result<()> {
        for some in rows.chunks(LOOK_UP) {
            diesel::insert_into(rollups::table)
                .values(some)
                .on_conflict((rollups::step, rollups::number, rollups::series_id))
                .do_update()
                .set((
                    rollups::count.eq(excluded(rollups::count)),
                    rollups::failures.eq(excluded(rollups::failures)),
                    rollups::sketch.eq(excluded(rollups::sketch)),
                    rollups::written_us.eq(excluded(rollups::written_us)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    fn save_seen(&mut self, all: &[(i64, LastSeen)]) -> Result<()> {
        for some in all.chunks(LOOK_UP) {
            let rows: Vec<_> = some.iter().map(|(id, seen)| SeenRow::new(*id, seen)).collect();
            diesel::insert_into(seen::table)
                .values(rows)
                .on_conflict(seen::series_id)
                .do_update()
                .set((
                    seen::at_ns.eq(excluded(seen::at_ns)),
                    seen::received_us.eq(excluded(seen::received_us)),
                    seen::outcome.eq(excluded(seen::outcome)),
                    seen::response_us.eq(excluded(seen::response_us)),
                    seen::since_ns.eq(excluded(seen::since_ns)),
                    seen::certificate_expires.eq(excluded(seen::certificate_expires)),
                    seen::agent_version.eq(excluded(seen::agent_version)),
                    seen::certificate_at_ns.eq(excluded(seen::certificate_at_ns)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }
}
