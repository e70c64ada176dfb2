//! Openings: the fact that a team may use a region, and who may bring it about.

use chrono::{DateTime, Utc};

use crate::id::{RegionId, TeamId};
use crate::region::{Region, Scope, Status};
use crate::role::{Right, Role};
use crate::team::Team;
use crate::token::Caller;

/// A team may use a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The team.
    pub team_id: TeamId,
    /// The region.
    pub region_id: RegionId,
    /// When the region was opened for the team.
    pub created_at: DateTime<Utc>,
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
    caller.may(Right::OpenRegions) && caller.reaches(team.enterprise_id) && caller.acts_for(team.id)
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
    if region.enterprise_id != team.enterprise_id {
        return Err(OpeningRefusal::OtherEnterprise);
    }
    let scope_permits = caller.role != Role::Team || region.scope == Scope::Public;
    if !may_open_for(caller, team) || !scope_permits {
        return Err(OpeningRefusal::NotPermitted);
    }
    if already_open {
        return Ok(OpeningDecision::AlreadyOpen);
    }
    if region.status.can_be_opened() {
        Ok(OpeningDecision::Open)
    } else {
        Err(OpeningRefusal::NotEnabled(region.status))
    }
}

#[cfg(test)]
mod tests;
