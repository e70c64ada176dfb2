//! What keeping results takes: room for points and for what remains of them, and the time to roll
//! points up and to forget them.

use std::time::{Duration, Instant};

use actix_web::rt::System;
use cadastre_api::app::App;
use cadastre_api::config::{Config, ServeOptions};
use cadastre_api::service::results::{forget, roll_up_all};
use cadastre_api::start;
use cadastre_domain::result::line::parse;
use cadastre_domain::result::{Class, DialPoint, Outcome as DialOutcome, PointTags};
use cadastre_storage::{NewPoint, SeriesKey, StorageError};
use cadastre_testkit::sample::{self, hex};
use cadastre_testkit::{TestDatabase, interrupt, raw};
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;

use super::agents::{NODES, TASKS, tags};
use crate::Outcome;
use crate::site::Kind;

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// For how many minutes all series get points, so that rolling up and forgetting meet as many series
/// at once as at full load.
const MINUTES: i64 = 30;

/// The outcome. Sizes are in bytes, of tables with their indexes.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Of a point.
    pub point: f64,
    /// Of the roll-up of an hour.
    pub hour: f64,
    /// Of the roll-up of a day.
    pub day: f64,
    /// Seconds to roll a point up.
    pub roll_up: f64,
    /// Seconds to forget a point.
    pub forget: f64,
}

/// A register with so many series.
struct Site {
    app: App,
    series: Vec<(i64, Option<i64>)>,
    start: DateTime<Utc>,
    database: TestDatabase,
}

/// Measures. So many series get points for a whole day, a tenth of all unless asked otherwise: so the
/// roll-ups of their hours and days have as many points as at full load.
pub fn measure(kind: Kind, whole_days: u32) -> Outcome<Plan> {
    let site = Site::new(kind.database())?;
    site.add(0..DAY, usize::try_from(whole_days)?)?;
    let points = f64::from(whole_days) * f64::from(u32::try_from(DAY)?);
    let point = site.size("result_points")? / points;
    site.roll_up()?;
    let (hour, day) = (site.rollup(1)?, site.rollup(2)?);
    // Points of some minutes.
    site.add(DAY..DAY + MINUTES, site.series.len())?;
    let (rolled_up, took) = site.roll_up()?;
    let roll_up = took.as_secs_f64() / f64::from(u32::try_from(rolled_up)?);
    let (forgotten, took) = site.forget()?;
    let forget = took.as_secs_f64() / f64::from(u32::try_from(forgotten)?);
    Ok(Plan { point, hour, day, roll_up, forget })
}

impl Site {
    fn new(database: TestDatabase) -> Outcome<Self> {
        let mut options = ServeOptions::default();
        options.database.database_url = Some(database.url().to_owned());
        let keys = database.master_key_file();
        options.database.master_key_file = Some(keys.display().to_string());
        options.results.results_max_size = Some("1TiB".to_owned());
        let app = start::app(&Config::new(options)?);
        app.store.prepare(sample::time(), |_| Ok::<_, StorageError>(()))?;
        let mut series = Vec::with_capacity(NODES * TASKS);
        for node in 0..NODES {
            series.extend(app.store.write(move |tx| {
                let each = (0..TASKS).map(|task| {
                    let id = tx.ensure_series(&key(node, task), 1)?;
                    let tags = tx.ensure_point_tags(hex(1), &point_tags(node, task), 1, 100_000)?;
                    Ok::<_, StorageError>((id, tags))
                });
                each.collect::<Result<Vec<_>, _>>()
            })?);
        }
        Ok(Self { app, series, start: sample::time(), database })
    }

    /// Adds a point a minute of the first series.
    fn add(&self, minutes: std::ops::Range<i64>, series: usize) -> Outcome {
        for minute in minutes {
            interrupt::check()?;
            for some in self.series[..series].chunks(500) {
                let new: Vec<_> = some.iter().map(|place| self.point(*place, minute)).collect();
                self.app.store.write(move |tx| tx.add_points(&new))?;
            }
        }
        Ok(())
    }

    /// A point within this minute: most take about as long, one in a hundred fails.
    fn point(&self, (series, tags): (i64, Option<i64>), minute: i64) -> NewPoint {
        let mut random = rand::rng();
        let at = self.start + TimeDelta::minutes(minute);
        let at = at + TimeDelta::microseconds(random.random_range(0..60_000_000));
        let whole =
            20_000.0 * 2_f64.powf(random.random_range(-1.0..1.0) * random.random_range(0.0..2.0));
        let failed = random.random_range(0..100) == 0;
        let mut point = template();
        point.at_ns = at.timestamp_nanos_opt().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "it is less than a second")]
        let micros = whole as i64;
        point.timings.response = Some(micros);
        point.timings.first_byte = Some(micros - 700);
        if failed {
            point.outcome = DialOutcome::Failed;
            point.fail_reason = Some("dial tcp 192.0.2.7:443: i/o timeout".to_owned());
        }
        let received_us = at.timestamp_micros() + 100_000;
        NewPoint { series, digest: random.random(), received_us, tags, point }
    }

    /// The bytes of a table with its indexes.
    fn size(&self, table: &str) -> Outcome<f64> {
        let sql = if self.database.name() == "sqlite" {
            format!(
                "SELECT CAST(sum(pgsize) AS TEXT) AS value FROM dbstat WHERE name IN \
                 (SELECT name FROM sqlite_master WHERE tbl_name = '{table}')"
            )
        } else {
            format!("SELECT pg_total_relation_size('{table}')::text AS value")
        };
        Ok(raw::column(&self.database, &sql).concat().parse()?)
    }

    /// The bytes of a roll-up of this step: its sketch, and its share of what the rest takes up.
    fn rollup(&self, step: i32) -> Outcome<f64> {
        let number =
            |sql: &str| -> Outcome<f64> { Ok(raw::column(&self.database, sql).concat().parse()?) };
        let all = number("SELECT CAST(sum(length(sketch)) AS TEXT) AS value FROM result_rollups")?;
        let count = number("SELECT CAST(count(*) AS TEXT) AS value FROM result_rollups")?;
        let own = number(&format!(
            "SELECT CAST(avg(length(sketch)) AS TEXT) AS value FROM result_rollups WHERE step = {step}"
        ))?;
        Ok(own + (self.size("result_rollups")? - all) / count)
    }

    fn roll_up(&self) -> Outcome<(usize, Duration)> {
        let (app, now, start) = (self.app.clone(), self.end(), Instant::now());
        let count = System::new().block_on(async move { roll_up_all(&app, now).await })?;
        Ok((count, start.elapsed()))
    }

    /// Forgets all points, and none of what they came to.
    fn forget(&self) -> Outcome<(usize, Duration)> {
        let (app, now, start) = (self.app.clone(), self.end() + TimeDelta::days(8), Instant::now());
        let mut count = 0;
        let once = || {
            let app = app.clone();
            System::new().block_on(async move { forget(&app, now).await })
        };
        loop {
            interrupt::check()?;
            let part = once()?;
            count += part.count;
            if part.is_all {
                return Ok((count, start.elapsed()));
            }
        }
    }

    fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::minutes(DAY + MINUTES)
    }
}

fn key(node: usize, task: usize) -> SeriesKey {
    SeriesKey {
        enterprise: hex(1),
        node: format!("reg_{node:019}0").parse().ok(),
        task: Some(hex(1000 + task as u64).into()),
        measurement: Class::Http.into(),
    }
}

fn read(line: &str) -> Option<DialPoint> {
    let lines = parse(line.as_bytes()).ok()?;
    DialPoint::read(lines.first()?, 0).ok()
}

fn point_tags(node: usize, task: usize) -> PointTags {
    let line = format!("http_dial_testing,{} f=1", tags(node, task));
    read(&line).map(|point| point.tags).unwrap_or_default()
}

/// A point as those of an HTTP dial are, without tags.
fn template() -> DialPoint {
    let line = "http_dial_testing,status=OK response_time=20000i,response_dns=0,\
                response_connection=161.796,response_ssl=250.5,response_ttfb=19300.1,\
                response_download=284.323,status_code=200i,ssl_cert_not_after=1800000000i";
    read(line).unwrap_or_else(|| unreachable!("the line is in order"))
}
