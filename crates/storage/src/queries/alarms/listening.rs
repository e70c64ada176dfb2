//! Rows and queries of the spans in which nodes could be heard.

use cadastre_domain::node::Span;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::listening;
use super::super::{Repository, Result};
use crate::StorageError;

fn time(micros: i64) -> Result<DateTime<Utc>> {
    let unusable = || StorageError::Unusable(format!("{micros} is no time in microseconds"));
    DateTime::from_timestamp_micros(micros).ok_or_else(unusable)
}

impl Repository<'_> {
    pub(super) fn spans(&mut self) -> Result<Vec<Span>> {
        let rows: Vec<(i64, i64)> = listening::table
            .order(listening::since_us)
            .select((listening::since_us, listening::until_us))
            .load(self.conn()?)?;
        rows.into_iter()
            .map(|(since, until)| Ok(Span { since: time(since)?, until: time(until)? }))
            .collect()
    }

    pub(super) fn put_span(&mut self, span: Span) -> Result<()> {
        let until = listening::until_us.eq(span.until.timestamp_micros());
        diesel::insert_into(listening::table)
            .values((listening::since_us.eq(span.since.timestamp_micros()), until))
            .on_conflict(listening::since_us)
            .do_update()
            .set(until)
            .execute(self.conn()?)?;
        Ok(())
    }

    pub(super) fn drop_spans(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let before = before.timestamp_micros();
        let old = listening::since_us.lt(before).and(listening::until_us.lt(before));
        Ok(diesel::delete(listening::table.filter(old)).execute(self.conn()?)?)
    }
}
