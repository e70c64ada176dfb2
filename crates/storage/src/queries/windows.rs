//! Rows and queries of windows of maintenance.

use cadastre_domain::id::{EnterpriseId, RegionId, WindowId};
use cadastre_domain::maintenance::{Window, WindowOwner, WindowReason, WindowState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::maintenance_windows as windows;
use super::{Conn, Repository, Result};
use crate::{WindowFilter, Windows};

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

/// The windows that fit the filter, wherever a list of them goes on.
fn fitting(filter: &WindowFilter) -> Narrowed {
    let mut query = windows::table.into_boxed();
    if let Some(enterprise) = filter.enterprise {
        query = query.filter(windows::enterprise_id.eq(enterprise.to_string()));
    }
    if let Some(region) = filter.region {
        query = query.filter(windows::region_id.eq(region.to_string()));
    }
    if let Some(state) = filter.state {
        query = query.filter(windows::state.eq(state.as_str()));
    }
    query
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

    fn list_windows(&mut self, filter: &WindowFilter, limit: i64) -> Result<Vec<Window>> {
        let mut query = fitting(filter).select(WindowRow::as_select());
        if let Some(after) = filter.after {
            query = query.filter(windows::id.gt(after.to_string()));
        }
        let rows: Vec<WindowRow> = query.order(windows::id).limit(limit).load(self.conn()?)?;
        Ok(rows.into_iter().map(Window::from).collect())
    }

    fn count_windows(&mut self, filter: &WindowFilter) -> Result<i64> {
        Ok(fitting(filter).count().get_result(self.conn()?)?)
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
