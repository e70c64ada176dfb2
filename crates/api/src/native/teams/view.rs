//! What this face shows of teams.

use cadastre_domain::team::Team;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A team.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub(in crate::native) struct TeamView {
    /// Its identifier.
    pub(super) id: String,
    /// The enterprise to which it belongs.
    enterprise_id: String,
    /// Its technical name, unique in the enterprise. It never changes.
    name: String,
    /// What people call it.
    alias: String,
    /// The namespace that stands for it in clusters.
    namespace: String,
    /// Whether it is in use.
    is_active: bool,
    /// Memory that it may use, in MB; 0 is without limit.
    limit_memory_mb: i32,
    /// The number of the user who made it.
    creator_id: i64,
    created_at: DateTime<Utc>,
    /// When it was last changed. To open a region for it does not count.
    updated_at: DateTime<Utc>,
    /// When it ends, if it does.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
}

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "name",
    "alias",
    "namespace",
    "is_active",
    "limit_memory_mb",
    "creator_id",
    "created_at",
    "updated_at",
    "expires_at",
    "version",
];

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self {
            id: team.id.to_string(),
            enterprise_id: team.enterprise_id.to_string(),
            name: team.name.into(),
            alias: team.alias.into(),
            namespace: team.namespace,
            is_active: team.is_active,
            limit_memory_mb: team.limit_memory,
            creator_id: team.creator.0,
            created_at: team.created_at,
            updated_at: team.updated_at,
            expires_at: team.expires_at,
            version: team.version,
        }
    }
}
