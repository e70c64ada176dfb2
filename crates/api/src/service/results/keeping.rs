//! How long results are kept. Everything is forgotten in small parts, between which others write.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::{Step, excesses};
use cadastre_storage::{StorageError, Tx};
use chrono::{DateTime, TimeDelta, Utc};

use super::Part;
use super::ingest::day;
use crate::app::{App, Changed, Writer};
use crate::error::Error;
use crate::reads::ReadClass;

/// How many points or roll-ups are forgotten at once.
const PART: i64 = 2000;
/// For how many rows that counts in the write queue: they are deleted faster than others are written.
const ROWS: usize = 1000;
/// How many parts are forgotten at one go.
const PARTS: usize = 50;
/// For how many days more than points a set of tags is kept after it was used last. Servers remember
/// where tags are kept for a day, and their clocks may differ.
const TAGS_KEPT_LONGER: i32 = 2;

/// Forgets what need not be kept, of which there may be more afterwards.
///
/// # Errors
/// That the database is not available.
pub async fn forget(app: &App, now: DateTime<Utc>) -> Result<Part, Error> {
    let settings = &app.results.settings;
    let forgotten = forget_points(app, now).await?
        + trim_points(app).await?
        + forget_rollups(app, now, Step::Hour, settings.keep_hours).await?
        + forget_rollups(app, now, Step::Day, settings.keep_days).await?;
    let days = i32::try_from(settings.keep.num_days()).unwrap_or(i32::MAX);
    let unused = day(now).saturating_sub(days.saturating_add(TAGS_KEPT_LONGER));
    app.write(Writer::Register, move |tx| {
        Ok(Changed::nothing(tx.forget_point_tags(unused, PART)?))
    })
    .await?;
    Ok(forgotten)
}

async fn forget_points(app: &App, now: DateTime<Utc>) -> Result<Part, Error> {
    let before = micros_before(now, app.results.settings.keep);
    let mut count = 0;
    for _ in 0..PARTS {
        let forget = move |tx: &mut dyn Tx| Ok(Changed::nothing(tx.forget_points(before, PART)?));
        match app.write_bulk(None, ROWS, forget).await? {
            0 => return Ok(Part { count, is_all: true }),
            forgotten => count += forgotten,
        }
    }
    Ok(Part { count, is_all: false })
}

/// Forgets points of enterprises that have more than their shares of the room, while all have more than
/// there is.
async fn trim_points(app: &App) -> Result<Part, Error> {
    let most = app.results.settings.max_bytes;
    let mut count = 0;
    for _ in 0..PARTS {
        let exceeded = move |tx: &mut dyn Tx| Ok(shares_exceeded(tx, most)?);
        if app.read_as(ReadClass::BACKGROUND, exceeded).await?.is_empty() {
            return Ok(Part { count, is_all: true });
        }
        let trim = move |tx: &mut dyn Tx| Ok(Changed::nothing(trim(tx, most)?));
        match app.write_bulk(None, ROWS, trim).await? {
            None => return Ok(Part { count, is_all: true }),
            Some(forgotten) => count += forgotten,
        }
    }
    Ok(Part { count, is_all: false })
}

/// The enterprises that have more than their shares, and how much more.
fn shares_exceeded(tx: &mut dyn Tx, most: i64) -> Result<Vec<(EnterpriseId, i64)>, StorageError> {
    let usage = tx.point_usage()?;
    let usage: Vec<_> = usage.iter().map(|usage| (usage.enterprise, usage.bytes)).collect();
    Ok(excesses(&usage, most))
}

/// Forgets points of the enterprise that uses most; how many. None when there is nothing to forget, as
/// what is too much is not rolled up yet.
fn trim(tx: &mut dyn Tx, most: i64) -> Result<Option<usize>, StorageError> {
    for (enterprise, excess) in shares_exceeded(tx, most)? {
        let trimmed = tx.trim_points(enterprise, excess, PART)?;
        if trimmed.forgotten > 0 || !trimmed.is_done {
            return Ok(Some(trimmed.forgotten));
        }
    }
    Ok(None)
}

async fn forget_rollups(
    app: &App,
    now: DateTime<Utc>,
    step: Step,
    keep: TimeDelta,
) -> Result<Part, Error> {
    let before_us = micros_before(now, keep);
    let number = step.of(before_us.saturating_mul(1000));
    let mut count = 0;
    for _ in 0..PARTS {
        let forget = move |tx: &mut dyn Tx| {
            Ok(Changed::nothing(tx.forget_rollups(step, number, before_us, PART)?))
        };
        match app.write_bulk(None, ROWS, forget).await? {
            0 => return Ok(Part { count, is_all: true }),
            forgotten => count += forgotten,
        }
    }
    Ok(Part { count, is_all: false })
}

fn micros_before(now: DateTime<Utc>, keep: TimeDelta) -> i64 {
    let keep = keep.num_microseconds().unwrap_or(i64::MAX);
    now.timestamp_micros().saturating_sub(keep)
}
