//! Rolling points up: each exactly once, in the order in which they were committed.
//!
//! What points come to is found while others write, for one share of the series after the other. Then
//! it is saved in one short transaction, together with the place up to which points of the share are
//! rolled up, if that is still the same: several servers may try at once, one of them saves. A server
//! that ends in between has done nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::{LastSeen, Rollup, SeenPoint, Step};
use cadastre_storage::{
    KeptRollup, LoosePoint, PointUsage, Progress, RolledUp, StorageError, Tx, share_of,
};
use chrono::{DateTime, Utc};

use super::Part;
use crate::app::{App, Changed};
use crate::error::Error;
use crate::reads::ReadClass;

/// How many points are looked at in a round. The more, the more there are of each series, and the
/// fewer rows are written for them.
const ROUND: i64 = 60_000;
/// How many rounds are made at one go.
const ROUNDS: usize = 4;
/// How many points are saved at once, unless those of one share are more. Their series are as many at
/// most, and three rows are written for each, for which others wait some hundredths of a second.
const SAVED: usize = 2000;
/// How long the others may write between two savings.
const PAUSE: Duration = Duration::from_millis(5);

type Keys = BTreeMap<(Step, i64, i64), Rollup>;

/// Rolls points up, of which there may be more afterwards.
///
/// # Errors
/// That the database is not available.
pub async fn roll_up(app: &App, now: DateTime<Utc>) -> Result<Part, Error> {
    let mut count = 0;
    for _ in 0..ROUNDS {
        let part = round(app, now).await?;
        count += part.count;
        if part.is_all {
            return Ok(Part { count, is_all: true });
        }
    }
    Ok(Part { count, is_all: false })
}

/// Rolls up all points that there are.
///
/// # Errors
/// That the database is not available.
pub async fn roll_up_all(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut count = 0;
    loop {
        let part = roll_up(app, now).await?;
        count += part.count;
        if part.is_all {
            return Ok(count);
        }
    }
}

/// Points of some shares, each share with the last point that was looked at before.
#[derive(Clone)]
struct Batch {
    shares: Vec<(i64, i64)>,
    points: Vec<LoosePoint>,
}

/// Rolls up points once. What another server rolled up meanwhile is not counted.
async fn round(app: &App, now: DateTime<Utc>) -> Result<Part, Error> {
    let read = |tx: &mut dyn Tx| {
        let progress = tx.progress()?;
        let points = tx.loose_points(progress.rolled_up(), ROUND)?;
        Ok((progress, points))
    };
    let (progress, points) = app.read_as(ReadClass::BACKGROUND, read).await?;
    let is_all = i64::try_from(points.len()).is_ok_and(|count| count < ROUND);
    let Some(upto) = points.last().map(|point| point.id) else {
        return Ok(Part { count: 0, is_all });
    };
    let mut count = 0;
    for batch in batches(&progress, points) {
        if count > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let size = batch.points.len();
        let come_to = move |tx: &mut dyn Tx| Ok(come_to(tx, batch.clone(), upto, now)?);
        let rolled_up = app.read_as(ReadClass::BACKGROUND, come_to).await?;
        let save = move |tx: &mut dyn Tx| Ok(Changed::nothing(tx.save_rolled_up(&rolled_up)?));
        if app.write_bulk(None, size, save).await? {
            count += size;
        }
    }
    Ok(Part { count, is_all })
}

/// The points that are not rolled up, by share, with shares of few points together.
fn batches(progress: &Progress, points: Vec<LoosePoint>) -> Vec<Batch> {
    let mut by_share: BTreeMap<i64, Vec<LoosePoint>> = BTreeMap::new();
    for point in points.into_iter().filter(|point| !progress.is_behind(point)) {
        by_share.entry(share_of(point.series)).or_default().push(point);
    }
    let mut batches: Vec<Batch> = Vec::new();
    for (share, after) in &progress.shares {
        let points = by_share.remove(share).unwrap_or_default();
        let last = batches.last_mut();
        match last.filter(|batch| batch.points.len() + points.len() <= SAVED) {
            Some(batch) => {
                batch.shares.push((*share, *after));
                batch.points.extend(points);
            }
            None => batches.push(Batch { shares: vec![(*share, *after)], points }),
        }
    }
    batches
}

fn come_to(
    tx: &mut dyn Tx,
    Batch { shares, points }: Batch,
    upto: i64,
    now: DateTime<Utc>,
) -> Result<RolledUp, StorageError> {
    let usage = usage_of(tx, &points)?;
    let (new, seen) = folded(points);
    let rollups = merged(tx, new)?;
    let seen = seen_after(tx, &seen)?;
    Ok(RolledUp { shares, upto, usage, rollups, seen, now_us: now.timestamp_micros() })
}

/// How much of these points is whose.
fn usage_of(tx: &mut dyn Tx, points: &[LoosePoint]) -> Result<Vec<PointUsage>, StorageError> {
    let mut by_series: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for point in points {
        let (count, bytes) = by_series.entry(point.series).or_default();
        *count += 1;
        *bytes += point.bytes;
    }
    let ids: Vec<_> = by_series.keys().copied().collect();
    let mut usage: BTreeMap<EnterpriseId, PointUsage> = BTreeMap::new();
    for series in tx.find_series(&ids)? {
        let (count, bytes) = by_series.get(&series.id).copied().unwrap_or_default();
        let enterprise = series.key.enterprise;
        let none = PointUsage { enterprise, count: 0, bytes: 0 };
        let usage = usage.entry(enterprise).or_insert(none);
        usage.count += count;
        usage.bytes += bytes;
    }
    Ok(usage.into_values().collect())
}

/// The roll-ups of these points alone, and the points of each series.
fn folded(points: Vec<LoosePoint>) -> (Keys, BTreeMap<i64, Vec<SeenPoint>>) {
    let (mut rollups, mut seen) = (Keys::new(), BTreeMap::<_, Vec<_>>::new());
    for LoosePoint { series, seen: point, .. } in points {
        if let Some(at_ns) = point.counted_ns() {
            for step in Step::ALL {
                let rollup = rollups.entry((step, step.of(at_ns), series)).or_default();
                rollup.add(point.outcome, point.response_us);
            }
        }
        seen.entry(series).or_default().push(point);
    }
    (rollups, seen)
}

/// These roll-ups with what is there already.
fn merged(tx: &mut dyn Tx, mut new: Keys) -> Result<Vec<KeptRollup>, StorageError> {
    for (step, numbers, series) in asked(new.keys().copied()) {
        for kept in tx.find_rollups(step, &numbers, &series)? {
            if let Some(rollup) = new.get_mut(&kept.key()) {
                rollup.merge(&kept.rollup);
            }
        }
    }
    let kept = |((step, number, series), rollup)| KeptRollup { step, number, series, rollup };
    Ok(new.into_iter().map(kept).collect())
}

/// What to ask for to find all these roll-ups: numbers of hours or days, and series. Mostly there are
/// few numbers of many series; where times are scattered, it is the other way round.
fn asked(keys: impl Iterator<Item = (Step, i64, i64)>) -> Vec<(Step, Vec<i64>, Vec<i64>)> {
    let mut by_number: BTreeMap<(Step, i64), Vec<i64>> = BTreeMap::new();
    let mut by_series: BTreeMap<(Step, i64), Vec<i64>> = BTreeMap::new();
    for (step, number, series) in keys {
        by_number.entry((step, number)).or_default().push(series);
        by_series.entry((step, series)).or_default().push(number);
    }
    if by_number.len() <= by_series.len() {
        by_number.into_iter().map(|((step, number), all)| (step, vec![number], all)).collect()
    } else {
        by_series.into_iter().map(|((step, series), all)| (step, all, vec![series])).collect()
    }
}

fn seen_after(
    tx: &mut dyn Tx,
    points: &BTreeMap<i64, Vec<SeenPoint>>,
) -> Result<Vec<(i64, LastSeen)>, StorageError> {
    let ids: Vec<_> = points.keys().copied().collect();
    let mut before: HashMap<_, _> = tx.rolled_up_seen(&ids)?.into_iter().collect();
    let after = points.iter().filter_map(|(series, points)| {
        Some((*series, LastSeen::after(before.remove(series), points)?))
    });
    Ok(after.collect())
}

#[cfg(test)]
mod tests {
    use cadastre_domain::result::Outcome;
    use cadastre_storage::SHARES;

    use super::*;

    fn point(id: i64, series: i64) -> LoosePoint {
        let seen = SeenPoint {
            at_ns: id,
            received_us: id,
            outcome: Outcome::Ok,
            response_us: None,
            certificate_expires: None,
            agent_version: None,
        };
        LoosePoint { id, series, bytes: 1, seen }
    }

    #[test]
    fn every_point_that_is_not_rolled_up_is_in_the_batch_of_its_share() {
        let shares = (0..SHARES).map(|share| (share, if share == 3 { 5000 } else { 0 })).collect();
        let progress = Progress { shares };
        // Many of the shares 3 and 7, few of the others.
        let series = |id: i64| [3, 7, 7 + SHARES, id][usize::try_from(id % 4).unwrap_or_default()];
        let points: Vec<_> = (1..=10_000).map(|id| point(id, series(id))).collect();
        let batches = batches(&progress, points.clone());
        let moved: Vec<_> = batches.iter().flat_map(|batch| batch.shares.clone()).collect();
        assert_eq!(moved, progress.shares);
        for batch in &batches {
            let is_small = batch.points.len() <= SAVED || batch.shares.len() == 1;
            assert!(is_small, "{} of {:?}", batch.points.len(), batch.shares);
            let own = |point: &LoosePoint| {
                batch.shares.iter().any(|(share, _)| *share == share_of(point.series))
            };
            assert!(batch.points.iter().all(own));
        }
        let mut found: Vec<_> = batches.into_iter().flat_map(|batch| batch.points).collect();
        found.sort_by_key(|point| point.id);
        let loose = |point: &LoosePoint| share_of(point.series) != 3 || point.id > 5000;
        assert_eq!(found, points.into_iter().filter(loose).collect::<Vec<_>>());
    }

    #[test]
    fn few_questions_are_asked_whether_series_are_many_or_times() {
        let (hour, day) = (Step::Hour, Step::Day);
        let many_series = (0..500).flat_map(|series| [(hour, 7, series), (day, 0, series)]);
        let all: Vec<_> = (0..500).collect();
        assert_eq!(asked(many_series), [(hour, vec![7], all.clone()), (day, vec![0], all.clone())]);
        let many_times = (0..500).map(|number| (hour, number, 9));
        assert_eq!(asked(many_times), [(hour, all, vec![9])]);
        assert_eq!(asked(std::iter::empty()), []);
    }
}
