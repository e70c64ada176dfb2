//! What this face shows of enterprises.

use cadastre_domain::enterprise::Enterprise;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An enterprise.
#[derive(Serialize, ToSchema)]
#[schema(as = Enterprise)]
pub(in crate::native) struct EnterpriseView {
    /// Its identifier.
    pub(super) id: String,
    /// Its name, unique in the register.
    name: String,
    /// As the dialing interface names it.
    workspace: String,
    created_at: DateTime<Utc>,
    /// When it was last renamed; before that, when it was made.
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
}

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] =
    &["id", "name", "workspace", "created_at", "updated_at", "version"];

impl From<Enterprise> for EnterpriseView {
    fn from(enterprise: Enterprise) -> Self {
        let workspace = enterprise.workspace();
        let Enterprise { id, name, created_at, updated_at, version, .. } = enterprise;
        Self { id: id.to_string(), name: name.into(), workspace, created_at, updated_at, version }
    }
}
