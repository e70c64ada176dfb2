//! How long results are kept. Everything is forgotten in small parts, between which others write.

use cadastre_domain::result::Step;
use chrono::{DateTime, TimeDelta, Utc};

use super::Part;
use super::ingest::day;
use crate::app::{App, Changed, Writer};
use crate::error::Error;

/// How many points or roll-ups are forgotten at once.
const PART: i64 = 2000;
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
    let settings = &app.results.settings;
    let (before, most) = (micros_before(now, settings.keep), settings.max_bytes);
    let mut count = 0;
    for _ in 0..PARTS {
        let forgotten = app.write(Writer::Register, move |tx| {
            let excess = tx.progress()?.kept_bytes.saturating_sub(most);
            Ok(Changed::nothing(tx.forget_points(before, excess, PART)?))
        });
        match forgotten.await? {
            0 => return Ok(Part { count, is_all: true }),
            forgotten => count += forgotten,
        }
    }
    Ok(Part { count, is_all: false })
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
        let forgotten = app.write(Writer::Register, move |tx| {
            Ok(Changed::nothing(tx.forget_rollups(step, number, before_us, PART)?))
        });
        match forgotten.await? {
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
