//! What it would do to close openings, be it one or all of a team that is deleted.

use cadastre_domain::id::{RegionId, TeamId};
use cadastre_domain::impact::{Impact, TeamImpact};
use cadastre_domain::region::OpeningUse;
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::openapi::one_of;

/// Whether a deletion is only looked at.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(super) struct DryRunQuery {
    /// Whether to tell what would happen, and to do nothing. `If-Match` is not needed then.
    #[param(default = false)]
    dry_run: Option<bool>,
}

/// What would be closed. Nothing else is touched, and nothing ever stands against it.
#[derive(Serialize, ToSchema)]
#[schema(as = Closing)]
pub(super) struct ClosingView {
    /// Whether it would be done.
    allowed: bool,
    /// The openings that would be closed.
    openings: Vec<ClosedOpeningView>,
}

/// An opening that would be closed.
#[derive(Serialize, ToSchema)]
#[schema(as = ClosedOpening)]
pub(super) struct ClosedOpeningView {
    team_id: String,
    region_id: String,
    /// What it is worth to the team now.
    #[schema(schema_with = opening_use)]
    r#use: &'static str,
}

/// What an opening can be worth.
pub(super) fn opening_use() -> RefOr<Schema> {
    one_of(
        [OpeningUse::Kept, OpeningUse::Usable, OpeningUse::NotUsable, OpeningUse::Marked]
            .map(OpeningUse::as_str),
    )
}

impl ClosedOpeningView {
    fn new(team: TeamId, region: RegionId, worth: OpeningUse) -> Self {
        Self { team_id: team.to_string(), region_id: region.to_string(), r#use: worth.as_str() }
    }
}

impl ClosingView {
    /// What would come of closing a region for a team.
    pub(super) fn of_region(impact: &Impact, region: RegionId) -> Self {
        let closed = impact.openings.iter();
        let closed = closed.map(|one| ClosedOpeningView::new(one.team_id, region, one.before));
        Self { allowed: impact.allowed, openings: closed.collect() }
    }

    /// What would come of deleting a team.
    pub(super) fn of_team(impact: &TeamImpact) -> Self {
        let closed = impact.openings.iter();
        let closed =
            closed.map(|one| ClosedOpeningView::new(impact.team_id, one.region_id, one.before));
        Self { allowed: true, openings: closed.collect() }
    }
}
