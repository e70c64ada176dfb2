//! What this face shows of windows of maintenance.

use cadastre_domain::maintenance::{Window, WindowState};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "region_id",
    "enterprise_id",
    "starts_at",
    "ends_at",
    "owner",
    "reason",
    "state",
    "note",
    "created_at",
    "updated_at",
    "version",
];

/// A window of maintenance.
#[derive(Serialize, ToSchema)]
#[schema(as = MaintenanceWindow)]
pub(in crate::native) struct WindowView {
    /// Its identifier.
    pub(super) id: String,
    /// The region that is maintained.
    region_id: String,
    /// The enterprise of the region.
    enterprise_id: String,
    /// When the register moves the region into maintenance.
    starts_at: DateTime<Utc>,
    /// When the register brings the region back, if it is ready then.
    ends_at: DateTime<Utc>,
    /// Who answers for it.
    owner: String,
    /// What it is for.
    reason: String,
    /// How far it has come. `skipped`: it never began. `stuck`: the region was not ready at the end
    /// and was left in maintenance.
    #[schema(schema_with = state)]
    state: &'static str,
    /// What the register has to say about how it went.
    note: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub(super) version: i64,
}

pub(super) fn state() -> RefOr<Schema> {
    one_of(WindowState::ALL.map(WindowState::as_str))
}

impl From<Window> for WindowView {
    fn from(window: Window) -> Self {
        Self {
            id: window.id.to_string(),
            region_id: window.region_id.to_string(),
            enterprise_id: window.enterprise_id.to_string(),
            starts_at: window.starts_at,
            ends_at: window.ends_at,
            owner: window.owner.into(),
            reason: window.reason.into(),
            state: window.state.as_str(),
            note: window.note,
            created_at: window.created_at,
            updated_at: window.updated_at,
            version: window.version,
        }
    }
}
