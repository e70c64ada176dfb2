//! Openings: the fact that a team may use a region, and who may bring it about.

mod quota;

use chrono::{DateTime, Utc};

pub use quota::{Quota, QuotaEdit, QuotaError};

use crate::id::{RegionId, TeamId};
use crate::region::{Region, Status};
use crate::team::Team;
use crate::token::Caller;
use crate::visibility::{self, Rule};

/// A team may use a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The team.
    pub team_id: TeamId,
    /// The region.
    pub region_id: RegionId,
    /// How much of the region it may use.
    pub quota: Quota,
    /// When the region was opened for the team.
    pub created_at: DateTime<Utc>,
    /// When the quota was last set.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Opening {
    /// The opening of a region for a team at `now`.
    #[must_use]
    pub const fn new(
        team_id: TeamId,
        region_id: RegionId,
        quota: Quota,
        now: DateTime<Utc>,
    ) -> Self {
        Self { team_id, region_id, quota, created_at: now, updated_at: now, version: 1 }
    }

    /// The opening with another quota.
    #[must_use]
    pub const fn with_quota(self, quota: Quota, now: DateTime<Utc>) -> Self {
        Self { quota, updated_at: now, version: self.version + 1, ..self }
    }
}

/// What is to be done about a permitted request to open a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpeningDecision {
    /// Open it.
    Open,
    /// It is open already: nothing to do, whatever the region's status.
    AlreadyOpen,
}

/// Why a region is not opened for a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningRefusal {
    /// The caller may not open regions for this team.
    #[error("the caller may not open this region for this team")]
    NotPermitted,
    /// The region belongs to another enterprise than the team; being public does not help.
    #[error("the region belongs to another enterprise")]
    OtherEnterprise,
    /// The region is not enabled.
    #[error("the region is {0}, not enabled")]
    NotEnabled(Status),
}

/// Whether `caller` may open any region for `team` at all.
#[must_use]
pub fn may_open_for(caller: &Caller, team: &Team) -> bool {
    visibility::may_open_for(caller, team).granted
}

/// Decides whether `caller` opens `region` for `team`.
///
/// # Errors
/// The first reason against it, in the order of [`OpeningRefusal::OtherEnterprise`],
/// [`OpeningRefusal::NotPermitted`], [`OpeningRefusal::NotEnabled`].
pub fn decide_opening(
    caller: &Caller,
    team: &Team,
    region: &Region,
    already_open: bool,
) -> Result<OpeningDecision, OpeningRefusal> {
    let verdict = visibility::may_open(caller, team, region, already_open);
    match verdict.first_against() {
        Some(against) => Err(refusal(against.rule, region.status)),
        None if already_open => Ok(OpeningDecision::AlreadyOpen),
        None => Ok(OpeningDecision::Open),
    }
}

/// The refusal for a rule that does not hold, about a region in this status.
const fn refusal(rule: Rule, status: Status) -> OpeningRefusal {
    match rule {
        Rule::SameEnterprise => OpeningRefusal::OtherEnterprise,
        Rule::StatusCanBeOpened | Rule::StatusShows => OpeningRefusal::NotEnabled(status),
        Rule::CallerReaches
        | Rule::RoleOpens
        | Rule::CallerActsForTeam
        | Rule::ScopeAllows
        | Rule::RoleReadsAll
        | Rule::OpenOrPublic => OpeningRefusal::NotPermitted,
    }
}

#[cfg(test)]
mod tests;
