//! Rolling points up: each exactly once, in the order in which they were committed.
//!
//! What points come to is found while others write. Then it is saved in one short transaction,
//! together with the place up to which points are rolled up, if that is still the same: several
//! servers may try at once, one of them saves. A server that ends in between has done nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cadastre_domain::result::{LastSeen, Rollup, SeenPoint, Step};
use cadastre_storage::{KeptRollup, LoosePoint, RolledUp, StorageError, Tx};
use chrono::{DateTime, Utc};

use super::Part;
use crate::app::{App, Changed};
use crate::error::Error;

/// How many points are rolled up at once. Their series are as many at most, so a round writes at most
/// three times as many rows, which takes a fraction of a second.
const ROUND: i64 = 5000;
/// How many rounds are made at one go.
const ROUNDS: usize = 40;
/// How long the others may write between two rounds.
const PAUSE: Duration = Duration::from_millis(20);

type Keys = BTreeMap<(Step, i64, i64), Rollup>;

/// Rolls points up, of which there may be more afterwards.
///
/// # Errors
/// That the database is not available.
pub async fn roll_up(app: &App, now: DateTime<Utc>) -> Result<Part, Error> {
    let mut count = 0;
    for _ in 0..ROUNDS {
        let done = round(app, now, ROUND).await?;
        count += done;
        if done < usize::try_from(ROUND).unwrap_or(usize::MAX) {
            return Ok(Part { count, is_all: true });
        }
        tokio::time::sleep(PAUSE).await;
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

/// Rolls up at most `limit` points; how many there were. That is also the answer when another server
/// was first.
async fn round(app: &App, now: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    let now_us = now.timestamp_micros();
    let found = app.read(move |tx| Ok(what_points_come_to(tx, limit, now_us)?)).await?;
    let Some(rolled_up) = found else { return Ok(0) };
    let count = usize::try_from(rolled_up.count).unwrap_or_default();
    app.write(move |tx| Ok(Changed::nothing(tx.save_rolled_up(&rolled_up)?))).await?;
    Ok(count)
}

fn what_points_come_to(
    tx: &mut dyn Tx,
    limit: i64,
    now_us: i64,
) -> Result<Option<RolledUp>, StorageError> {
    let after = tx.progress()?.rolled_up;
    let points = tx.loose_points(after, limit)?;
    let Some(upto) = points.last().map(|point| point.id) else { return Ok(None) };
    let bytes = points.iter().map(|point| point.bytes).sum();
    let count = i64::try_from(points.len()).unwrap_or_default();
    let (new, seen) = folded(points);
    let rollups = merged(tx, new)?;
    let seen = seen_after(tx, &seen)?;
    Ok(Some(RolledUp { after, upto, count, bytes, rollups, seen, now_us }))
}

/// The roll-ups of these points alone, and the points of each series.
fn folded(points: Vec<LoosePoint>) -> (Keys, BTreeMap<i64, Vec<SeenPoint>>) {
    let (mut rollups, mut seen) = (Keys::new(), BTreeMap::<_, Vec<_>>::new());
    for LoosePoint { series, seen: point, .. } in points {
        for step in Step::ALL {
            let rollup = rollups.entry((step, step.of(point.at_ns), series)).or_default();
            rollup.add(point.outcome, point.response_us);
        }
        seen.entry(series).or_default().push(point);
    }
    (rollups, seen)
}

/// These roll-ups with what is there already.
fn merged(tx: &mut dyn Tx, mut new: Keys) -> Result<Vec<KeptRollup>, StorageError> {
    let mut asked: BTreeMap<(Step, i64), Vec<i64>> = BTreeMap::new();
    for (step, number, series) in new.keys() {
        asked.entry((*step, *number)).or_default().push(*series);
    }
    for ((step, number), series) in asked {
        for kept in tx.find_rollups(step, &[number], &series)? {
            if let Some(rollup) = new.get_mut(&kept.key()) {
                rollup.merge(&kept.rollup);
            }
        }
    }
    let kept = |((step, number, series), rollup)| KeptRollup { step, number, series, rollup };
    Ok(new.into_iter().map(kept).collect())
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
