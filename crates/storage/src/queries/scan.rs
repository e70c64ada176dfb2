//! Scans: lists and counts that look at rows one after the other.
//!
//! An index gives the order and the rows of one owner; what else a filter asks for is no condition of the
//! statement but one of its columns. So a statement reads exactly as many rows as its `LIMIT` says, whatever
//! the filter is and whatever the planner knows, and a scan ends after a bounded number of them.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use super::{Conn, Result};
use crate::{Found, MOST_SCANNED, Total};

/// How many rows one statement reads: few at first, since most lists find what they look for soon.
const CHUNKS: [usize; 2] = [1000, 20_000];

/// Whether a row of this table fits a filter, as a column of a statement.
pub(super) type Fits<'a, Table> =
    Box<dyn BoxableExpression<Table, <Conn as Connection>::Backend, SqlType = Nullable<Bool>> + 'a>;

/// A row that was looked at: its place, and what it is if it fits.
pub(super) type Looked<P, T> = (P, Option<T>);

/// Looks at rows, beginning after `place`, until `limit` of them fit, `most` were looked at, or none is
/// left. `look` reads a number of rows after a place, in their order.
pub(super) fn scan<P, T>(
    mut place: Option<P>,
    limit: usize,
    most: usize,
    mut look: impl FnMut(Option<&P>, i64) -> Result<Vec<Looked<P, T>>>,
) -> Result<Found<T, P>> {
    let (mut items, mut looked_at) = (Vec::new(), 0);
    loop {
        let chunk = CHUNKS[usize::from(looked_at > 0)].min(most - looked_at);
        let rows = look(place.as_ref(), i64::try_from(chunk).unwrap_or(i64::MAX))?;
        looked_at += rows.len();
        let is_last = rows.len() < chunk;
        for (at, item) in rows {
            place = Some(at);
            items.extend(item);
            if items.len() >= limit {
                return Ok(Found { items, rest: place });
            }
        }
        if is_last {
            return Ok(Found { items, rest: None });
        }
        if looked_at >= most {
            return Ok(Found { items, rest: place });
        }
    }
}

/// Counts the rows that fit among the first [`MOST_SCANNED`].
pub(super) fn count<P, T>(
    look: impl FnMut(Option<&P>, i64) -> Result<Vec<Looked<P, T>>>,
) -> Result<Total> {
    let found = scan(None, usize::MAX, MOST_SCANNED, look)?;
    let count = i64::try_from(found.items.len()).unwrap_or(i64::MAX);
    Ok(Total { count, is_exact: found.rest.is_none() })
}

/// A number of rows as the database takes it.
pub(super) fn size(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or_default()
}

/// All of these conditions as one; true when there is none.
macro_rules! all {
    ($conditions:expr) => {
        $conditions
            .into_iter()
            .reduce(|one, other| Box::new(diesel::BoolExpressionMethods::and(one, other)))
            .unwrap_or_else(|| {
                let always = diesel::IntoSql::into_sql::<
                    diesel::sql_types::Nullable<diesel::sql_types::Bool>,
                >(true);
                Box::new(always)
            })
    };
}

/// Reads rows of a scan: `$chunk` rows of the boxed `$query` after `$after`, in the order of `$key`.
macro_rules! look {
    ($self:ident, $query:expr, $key:expr, $conditions:expr, $after:expr, $chunk:expr) => {{
        let mut query = $query;
        let conditions: Vec<scan::Fits<'_, _>> = $conditions;
        let fits: scan::Fits<'_, _> = scan::all!(conditions);
        if let Some(after) = $after {
            query = query.filter($key.gt(after.clone()));
        }
        let rows: Vec<(_, Option<bool>)> =
            query.order($key).limit($chunk).select(($key, fits)).load($self.conn()?)?;
        let looked = rows.into_iter().map(|(key, fits)| {
            let item = (fits == Some(true)).then(|| Clone::clone(&key));
            (key, item)
        });
        Ok(looked.collect())
    }};
}

/// Reads the rows with the keys that a scan found, in their order.
macro_rules! found_rows {
    ($self:ident, $table:expr, $key:expr, $keys:expr, $row:ty) => {{
        let mut rows: Vec<$row> = Vec::new();
        for some in $keys.chunks(scan::LOOK_UP) {
            let found: Vec<$row> = $table
                .filter($key.eq_any(some))
                .order($key)
                .select(<$row>::as_select())
                .load($self.conn()?)?;
            rows.extend(found);
        }
        rows
    }};
}

/// How many rows are asked for by their keys in one statement.
pub(super) const LOOK_UP: usize = 500;

pub(super) use {all, found_rows, look};
