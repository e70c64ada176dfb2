//! Rows of points, and how they are added.

use cadastre_domain::result::{DialPoint, Measurement, Outcome, PointTags, Timings};
use diesel::prelude::*;

use super::super::schema::result_points as points;
use super::super::{Repository, Result, invalid};
use super::LOOK_UP;
use crate::{KeptPoint, NewPoint, StorageError};

#[derive(Clone, Insertable)]
#[diesel(table_name = points, treat_none_as_default_value = false)]
pub(in super::super) struct PointRow {
    at_ns: i64,
    series_id: i64,
    digest: i64,
    received_us: i64,
    outcome: i32,
    response_us: Option<i64>,
    dns_us: Option<i64>,
    connect_us: Option<i64>,
    tls_us: Option<i64>,
    first_byte_us: Option<i64>,
    download_us: Option<i64>,
    status_code: Option<i32>,
    packet_loss: Option<i32>,
    certificate_expires: Option<i64>,
    fail_reason: Option<String>,
    tags_id: Option<i64>,
}

#[expect(clippy::cast_possible_truncation, reason = "a loss is from 0 to 100 percent")]
fn thousandths(percent: f64) -> i32 {
    (percent * 1000.0).round() as i32
}

impl From<&NewPoint> for PointRow {
    fn from(new: &NewPoint) -> Self {
        let DialPoint { timings, .. } = &new.point;
        Self {
            at_ns: new.point.at_ns,
            series_id: new.series,
            digest: new.digest,
            received_us: new.received_us,
            outcome: new.point.outcome.code().into(),
            response_us: timings.response,
            dns_us: timings.dns,
            connect_us: timings.connect,
            tls_us: timings.tls,
            first_byte_us: timings.first_byte,
            download_us: timings.download,
            status_code: new.point.status_code,
            packet_loss: new.point.packet_loss.map(thousandths),
            certificate_expires: new.point.certificate_expires,
            fail_reason: new.point.fail_reason.clone(),
            tags_id: new.tags,
        }
    }
}

impl Repository<'_> {
    /// Adds the points that were collected, in one statement. One that is there already was posted
    /// again, here or at another server.
    pub(in super::super) fn flush_points(&mut self) -> Result<()> {
        let new = std::mem::take(&mut self.new_points);
        if let [row] = &new[..] {
            // Only a statement for a single row is prepared once and kept.
            diesel::insert_into(points::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(self.conn)?;
            return Ok(());
        }
        for some in new.chunks(LOOK_UP) {
            diesel::insert_into(points::table)
                .values(some)
                .on_conflict_do_nothing()
                .execute(self.conn)?;
        }
        Ok(())
    }
}

/// A point as it is read, with its tags beside it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = points)]
pub(super) struct KeptRow {
    id: i64,
    at_ns: i64,
    pub(super) series_id: i64,
    digest: i64,
    received_us: i64,
    outcome: i32,
    response_us: Option<i64>,
    dns_us: Option<i64>,
    connect_us: Option<i64>,
    tls_us: Option<i64>,
    first_byte_us: Option<i64>,
    download_us: Option<i64>,
    status_code: Option<i32>,
    packet_loss: Option<i32>,
    certificate_expires: Option<i64>,
    fail_reason: Option<String>,
}

/// The outcome of this number.
pub(super) fn outcome(code: i32) -> Result<Outcome> {
    let outcome = i16::try_from(code).ok().and_then(Outcome::with_code);
    outcome.ok_or_else(|| StorageError::Unusable(format!("{code} is no outcome of a dial")))
}

impl KeptRow {
    pub(super) fn point(self, tags: Option<&str>, measurement: Measurement) -> Result<KeptPoint> {
        let tags = tags.map(PointTags::from_json).transpose().map_err(invalid)?;
        let timings = Timings {
            response: self.response_us,
            dns: self.dns_us,
            connect: self.connect_us,
            tls: self.tls_us,
            first_byte: self.first_byte_us,
            download: self.download_us,
        };
        let point = DialPoint {
            measurement,
            at_ns: self.at_ns,
            outcome: outcome(self.outcome)?,
            timings,
            status_code: self.status_code,
            packet_loss: self.packet_loss.map(|loss| f64::from(loss) / 1000.0),
            fail_reason: self.fail_reason,
            certificate_expires: self.certificate_expires,
            tags: tags.unwrap_or_default(),
        };
        let Self { id, series_id: series, digest, received_us, .. } = self;
        Ok(KeptPoint { id, series, digest, received_us, point })
    }
}
