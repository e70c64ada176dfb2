//! Rows and queries of windows of maintenance.

use cadastre_domain::id::{EnterpriseId, RegionId, WindowId};
use cadastre_domain::maintenance::{Window, WindowOwner, WindowReason, WindowState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::maintenance_windows as windows;
use super::{Conn, Repository, Result, parsed};
use crate::{Found, MOST_SCANNED, Total, WindowFilter, Windows};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = windows, treat_none_as_default_value = false)]
struct WindowRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: WindowId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    #[diesel(serialize_as = String, deserialize_as = String)]
    owner: WindowOwner,
    #[diesel(serialize_as = String, deserialize_as = String)]
    reason: WindowReason,
    #[diesel(serialize_as = String, deserialize_as = String)]
    state: WindowState,
    note: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<WindowRow> for Window {
    fn from(row: WindowRow) -> Self {
        Self {
            id: row.id,
            region_id: row.region_id,
            enterprise_id: row.enterprise_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            owner: row.owner,
            reason: row.reason,
            state: row.state,
            note: row.note,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl From<Window> for WindowRow {
    fn from(window: Window) -> Self {
        Self {
            id: window.id,
            region_id: window.region_id,
            enterprise_id: window.enterprise_id,
            starts_at: window.starts_at,
            ends_at: window.ends_at,
            owner: window.owner,
            reason: window.reason,
            state: window.state,
            note: window.note,
            created_at: window.created_at,
            updated_at: window.updated_at,
            version: window.version,
        }
    }
}

const OPEN: [&str; 2] = [WindowState::Planned.as_str(), WindowState::Running.as_str()];

/// A list of windows that is being narrowed down.
type Narrowed = windows::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The windows among which those that fit are, wherever a list of them goes on: those of one region, else
/// of one enterprise, else in one state.
fn driven(filter: &WindowFilter) -> Narrowed {
    let query = windows::table.into_boxed();
    match (filter.region, filter.enterprise, filter.state) {
        (Some(region), ..) => query.filter(windows::region_id.eq(region.to_string())),
        (None, Some(enterprise), _) => {
            query.filter(windows::enterprise_id.eq(enterprise.to_string()))
        }
        (None, None, Some(state)) => query.filter(windows::state.eq(state.as_str())),
        (None, None, None) => query,
    }
}

/// What the filter asks for besides.
fn conditions(filter: &WindowFilter) -> Vec<Fits<'static, windows::table>> {
    let enterprise = filter.enterprise.filter(|_| filter.region.is_some());
    let has_owner = filter.region.is_some() || filter.enterprise.is_some();
    let mut conditions: Vec<Fits<'static, windows::table>> = Vec::new();
    if let Some(enterprise) = enterprise {
        conditions.push(Box::new(windows::enterprise_id.eq(enterprise.to_string()).nullable()));
    }
    if let Some(state) = filter.state.filter(|_| has_owner) {
        conditions.push(Box::new(windows::state.eq(state.as_str()).nullable()));
    }
    conditions
}

impl Repository<'_> {
    fn look_at_windows(
        &mut self,
        filter: &WindowFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), windows::id, conditions(filter), after, chunk)
    }
}

impl Windows for Repository<'_> {
    fn insert_window(&mut self, window: &Window) -> Result<()> {
        diesel::insert_into(windows::table)
            .values(WindowRow::from(window.clone()))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn find_window(&mut self, id: WindowId) -> Result<Option<Window>> {
        let row = windows::table
            .find(id.to_string())
            .select(WindowRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Window::from))
    }

    fn save_window(&mut self, window: &Window) -> Result<bool> {
        let changed = diesel::update(windows::table.find(window.id.to_string()))
            .filter(windows::version.eq(window.version - 1))
            .set(WindowRow::from(window.clone()))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn list_windows(
        &mut self,
        filter: &WindowFilter,
        limit: i64,
    ) -> Result<Found<Window, WindowId>> {
        let after = filter.after.map(|after| after.to_string());
        if conditions(filter).is_empty() {
            let mut query = driven(filter).select(WindowRow::as_select());
            if let Some(after) = after {
                query = query.filter(windows::id.gt(after));
            }
            let rows: Vec<WindowRow> = query.order(windows::id).limit(limit).load(self.conn()?)?;
            return Ok(Found::whole(rows.into_iter().map(Window::from).collect()));
        }
        let look = |after: Option<&String>, chunk| self.look_at_windows(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let rows = found_rows!(self, windows::table, windows::id, found.items, WindowRow);
        let items = rows.into_iter().map(Window::from).collect();
        Ok(Found { items, rest: found.rest.map(|id| parsed(&id)).transpose()? })
    }

    fn count_windows(&mut self, filter: &WindowFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_windows(filter, after, chunk))
    }

    fn open_windows(&mut self, region: RegionId) -> Result<Vec<Window>> {
        let rows: Vec<WindowRow> = windows::table
            .filter(windows::region_id.eq(region.to_string()))
            .filter(windows::state.eq_any(OPEN))
            .order(windows::id)
            .select(WindowRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Window::from).collect())
    }

    fn due_windows(&mut self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Window>> {
        let [planned, running] = OPEN;
        // One after the other, since each has an index of its own. What ends comes first, so that
        // a window that touches another begins when that one has ended.
        let ending: Vec<WindowRow> = windows::table
            .filter(windows::state.eq(running).and(windows::ends_at.le(now)))
            .order(windows::ends_at)
            .limit(limit)
            .select(WindowRow::as_select())
            .load(self.conn()?)?;
        let beginning: Vec<WindowRow> = windows::table
            .filter(windows::state.eq(planned).and(windows::starts_at.le(now)))
            .order(windows::starts_at)
            .limit(limit)
            .select(WindowRow::as_select())
            .load(self.conn()?)?;
        let due = ending.into_iter().chain(beginning).map(Window::from);
        Ok(due.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}
