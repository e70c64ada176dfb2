//! What this face shows of openings.

use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::region::{Region, Status};
use cadastre_domain::team::Team;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::super::closing::opening_use;
use crate::openapi::one_of;

/// How much of a region a team may use; 0 is without limit.
#[derive(Serialize, ToSchema)]
#[schema(as = Quota)]
pub(in crate::native) struct QuotaView {
    /// Memory, in MB.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    memory_mb: i64,
    /// Processors, in thousandths of one.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    cpu_millicores: i64,
}

impl From<Quota> for QuotaView {
    fn from(quota: Quota) -> Self {
        Self { memory_mb: quota.memory_mb(), cpu_millicores: quota.cpu_millicores() }
    }
}

/// An opening: that a team may use a region.
#[derive(Serialize, ToSchema)]
#[schema(as = Opening)]
pub(in crate::native) struct OpeningView {
    pub(super) team_id: String,
    pub(super) region_id: String,
    /// How much of the region the team may use.
    quota: QuotaView,
    /// When the region was opened.
    created_at: DateTime<Utc>,
    /// When the quota was last changed; before that, when the region was opened.
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
}

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] =
    &["team_id", "region_id", "quota", "created_at", "updated_at", "version"];

impl From<Opening> for OpeningView {
    fn from(opening: Opening) -> Self {
        Self {
            team_id: opening.team_id.to_string(),
            region_id: opening.region_id.to_string(),
            quota: opening.quota.into(),
            created_at: opening.created_at,
            updated_at: opening.updated_at,
            version: opening.version,
        }
    }
}

/// A region that is open for a team.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenRegion)]
pub(in crate::native) struct OpenRegionView {
    team_id: String,
    pub(super) region_id: String,
    /// How much of the region the team may use.
    quota: QuotaView,
    /// When the region was opened.
    created_at: DateTime<Utc>,
    /// When the quota was last changed; before that, when the region was opened.
    updated_at: DateTime<Utc>,
    /// Counts the changes of the opening, from 1.
    version: i64,
    /// The region.
    region: NamedRegionView,
    /// What the opening is worth to the team now.
    #[schema(schema_with = opening_use)]
    r#use: &'static str,
}

/// The fields that can be chosen.
pub(super) const OF_TEAM: &[&str] =
    &["team_id", "region_id", "quota", "created_at", "updated_at", "version", "region", "use"];

/// A region in few words.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedRegion)]
pub(in crate::native) struct NamedRegionView {
    name: String,
    alias: String,
    #[schema(schema_with = status)]
    status: &'static str,
}

fn status() -> RefOr<Schema> {
    one_of(Status::ALL.map(Status::as_str))
}

impl From<(Opening, Region)> for OpenRegionView {
    fn from((opening, region): (Opening, Region)) -> Self {
        let OpeningView { team_id, region_id, quota, created_at, updated_at, version } =
            opening.into();
        let (r#use, status) = (region.status.opening_use().as_str(), region.status.as_str());
        let region =
            NamedRegionView { name: region.name.into(), alias: region.alias.into(), status };
        Self { team_id, region_id, quota, created_at, updated_at, version, region, r#use }
    }
}

/// A team for which a region is open.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenTeam)]
pub(in crate::native) struct OpenTeamView {
    pub(super) team_id: String,
    region_id: String,
    /// How much of the region the team may use.
    quota: QuotaView,
    /// When the region was opened.
    created_at: DateTime<Utc>,
    /// When the quota was last changed; before that, when the region was opened.
    updated_at: DateTime<Utc>,
    /// Counts the changes of the opening, from 1.
    version: i64,
    /// The team.
    team: NamedTeamView,
}

/// The fields that can be chosen.
pub(super) const OF_REGION: &[&str] =
    &["team_id", "region_id", "quota", "created_at", "updated_at", "version", "team"];

/// A team in few words.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedTeam)]
pub(in crate::native) struct NamedTeamView {
    name: String,
    alias: String,
}

impl From<(Opening, Team)> for OpenTeamView {
    fn from((opening, team): (Opening, Team)) -> Self {
        let OpeningView { team_id, region_id, quota, created_at, updated_at, version } =
            opening.into();
        let team = NamedTeamView { name: team.name.into(), alias: team.alias.into() };
        Self { team_id, region_id, quota, created_at, updated_at, version, team }
    }
}
