//! What can be asked about teams, and about which region is open for which team.

use cadastre_domain::id::{EnterpriseId, RegionId, TeamId};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{Region, Status};
use cadastre_domain::team::{Team, TeamName};

use super::{Found, Result, Total};

/// Which teams to list.
#[derive(Debug, Clone, Default)]
pub struct TeamFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Only those among these.
    pub among: Option<Vec<TeamId>>,
    /// Those whose alias or name contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those behind this one.
    pub after: Option<TeamId>,
}

/// Teams.
pub trait Teams {
    /// Adds a team; its name may be [`crate::Taken::TeamName`].
    fn insert_team(&mut self, team: &Team) -> Result<()>;
    /// The team with this identifier.
    fn find_team(&mut self, id: TeamId) -> Result<Option<Team>>;
    /// Those of these teams that there are: a few, as all of them are looked for at once.
    fn find_teams(&mut self, ids: &[TeamId]) -> Result<Vec<Team>>;
    /// The team of this name in the enterprise.
    fn find_team_named(
        &mut self,
        enterprise: EnterpriseId,
        name: &TeamName,
    ) -> Result<Option<Team>>;
    /// At most `limit` teams, the oldest first, without the first `offset` of them.
    fn list_teams(&mut self, filter: &TeamFilter, offset: i64, limit: i64) -> Result<Vec<Team>>;
    /// At most `limit` teams, the oldest first, beginning after one. Looks at a bounded number of teams, so
    /// it may find fewer, even none, and go on.
    fn scan_teams(&mut self, filter: &TeamFilter, limit: i64) -> Result<Found<Team, TeamId>>;
    /// How many teams fit the filter, wherever a list of them goes on.
    fn count_some_teams(&mut self, filter: &TeamFilter) -> Result<Total>;
    /// How many teams fit the filter, however many have to be looked at: for an interface that cannot
    /// say that a number is a part.
    fn count_teams(&mut self, filter: &TeamFilter) -> Result<i64>;
    /// Saves a changed team; `false` when the stored version is not the one before.
    fn save_team(&mut self, team: &Team) -> Result<bool>;
    /// Deletes a team, and the membership of tokens in it; `false` when it has another version by
    /// now. Openings must be gone before.
    fn delete_team(&mut self, id: TeamId, version: i64) -> Result<bool>;
}

/// Which regions that are open for a team to list.
#[derive(Debug, Clone)]
pub struct OpenRegionFilter {
    /// The team.
    pub team: TeamId,
    /// Those whose name or alias contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those in one of these statuses.
    pub statuses: Option<Vec<Status>>,
    /// Those behind this one.
    pub after: Option<RegionId>,
}

/// Openings.
pub trait Openings {
    /// Opens a region for a team; `false` when it was open before, and then nothing is written.
    fn insert_opening(&mut self, opening: &Opening) -> Result<bool>;
    /// Whether the region is open for the team.
    fn is_open(&mut self, team: TeamId, region: RegionId) -> Result<bool>;
    /// The opening of the region for the team.
    fn find_opening(&mut self, team: TeamId, region: RegionId) -> Result<Option<Opening>>;
    /// Saves a changed opening; `false` when the stored version is not the one before.
    fn save_opening(&mut self, opening: &Opening) -> Result<bool>;
    /// Closes a region for a team; `false` when the opening has another version by now.
    fn delete_opening(&mut self, opening: &Opening) -> Result<bool>;
    /// At most `limit` openings of a region, by team, beginning behind `after`.
    fn openings_of_region(
        &mut self,
        region: RegionId,
        after: Option<TeamId>,
        limit: i64,
    ) -> Result<Vec<Opening>>;
    /// How many teams have the region open.
    fn count_openings_of_region(&mut self, region: RegionId) -> Result<Total>;
    /// All openings of a team.
    fn openings_of_team(&mut self, team: TeamId) -> Result<Vec<Opening>>;
    /// At most `limit` regions that are open for a team, the oldest first, without the first
    /// `offset` of them.
    fn list_open_regions(
        &mut self,
        filter: &OpenRegionFilter,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<(Opening, Region)>>;
    /// At most `limit` regions that are open for a team, the oldest first, beginning after one. Looks at a
    /// bounded number of openings, so it may find fewer, even none, and go on.
    fn scan_open_regions(
        &mut self,
        filter: &OpenRegionFilter,
        limit: i64,
    ) -> Result<Found<(Opening, Region), RegionId>>;
    /// How many regions that are open for a team fit the filter, wherever a list of them goes on.
    fn count_some_open_regions(&mut self, filter: &OpenRegionFilter) -> Result<Total>;
    /// How many regions that are open for a team fit the filter, however many have to be looked at.
    fn count_open_regions(&mut self, filter: &OpenRegionFilter) -> Result<i64>;
}
