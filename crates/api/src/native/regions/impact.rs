//! What this face tells of a change before it is made.

use cadastre_domain::impact::{AffectedOpening, Impact, ImpactRefusal};
use cadastre_domain::region::{Dialling, OpeningUse};
use serde::Serialize;
use utoipa::ToSchema;

/// What a change of a region would do. Nothing is done.
#[derive(Serialize, ToSchema)]
#[schema(as = RegionImpact)]
pub(in crate::native) struct ImpactView {
    /// Whether the change would be made: nothing stands against it.
    allowed: bool,
    /// What stands against it.
    refusals: Vec<RefusalView>,
    /// The teams whose openings are touched.
    teams: Vec<String>,
    /// The openings whose worth changes, or which are closed.
    openings: Vec<AffectedOpeningView>,
    /// Whether nodes dial the region now: `off`, `on` or `muted`.
    dialling_before: &'static str,
    /// Whether they will; null when the region will be gone.
    #[schema(required)]
    dialling_after: Option<&'static str>,
    /// How many nodes begin or cease to dial it, or are muted.
    nodes: i64,
    /// How many dial tasks are about it.
    tasks: i64,
    /// The windows of maintenance that are planned for it or running.
    windows: Vec<String>,
}

/// What stands against a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(in crate::native) struct RefusalView {
    /// A word that does not change.
    #[schema(example = "not_ready")]
    code: &'static str,
    /// Why, for people.
    text: String,
}

/// An opening that a change touches.
#[derive(Serialize, ToSchema)]
#[schema(as = AffectedOpening)]
pub(in crate::native) struct AffectedOpeningView {
    team_id: String,
    /// What it is worth now: `kept`, `usable`, `not_usable` or `marked`.
    before: &'static str,
    /// What it will be worth; null when it is closed.
    #[schema(required)]
    after: Option<&'static str>,
}

impl From<Impact> for ImpactView {
    fn from(impact: Impact) -> Self {
        Self {
            allowed: impact.allowed,
            refusals: impact.refusals.into_iter().map(RefusalView::from).collect(),
            teams: impact.teams.iter().map(ToString::to_string).collect(),
            openings: impact.openings.into_iter().map(AffectedOpeningView::from).collect(),
            dialling_before: impact.dialling_before.as_str(),
            dialling_after: impact.dialling_after.map(Dialling::as_str),
            nodes: impact.nodes,
            tasks: impact.tasks,
            windows: impact.windows,
        }
    }
}

impl From<ImpactRefusal> for RefusalView {
    fn from(refusal: ImpactRefusal) -> Self {
        Self { code: refusal.code, text: refusal.text }
    }
}

impl From<AffectedOpening> for AffectedOpeningView {
    fn from(opening: AffectedOpening) -> Self {
        Self {
            team_id: opening.team_id.to_string(),
            before: opening.before.as_str(),
            after: opening.after.map(OpeningUse::as_str),
        }
    }
}
