//! What a change would do, before it is made: who is touched, and what stands against it.
//!
//! The effects are told as if nothing stood against the change, so that whoever is refused sees at
//! once what is at stake.

use chrono::{DateTime, Utc};

use crate::id::{RegionId, TeamId};
use crate::opening::Opening;
use crate::region::{
    DeletionRefusal, Dialling, OpeningUse, Passage, Region, RegionDetail, Status, StatusRefusal,
    decide_deletion,
};
use crate::team::Team;

/// What a change of a region would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// Whether the change would be made: nothing stands against it.
    pub allowed: bool,
    /// What stands against it.
    pub refusals: Vec<ImpactRefusal>,
    /// The teams whose openings are touched.
    pub teams: Vec<TeamId>,
    /// The openings whose worth changes, or which are closed.
    pub openings: Vec<AffectedOpening>,
    /// Whether nodes dial the region now.
    pub dialling_before: Dialling,
    /// Whether nodes will dial it; `None` when the region will be gone.
    pub dialling_after: Option<Dialling>,
    /// How many nodes dial the region.
    pub nodes: i64,
    /// How many dial tasks are about the region.
    pub tasks: i64,
    /// The maintenance windows that are touched, by their identifiers.
    pub windows: Vec<String>,
}

/// One reason against a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpactRefusal {
    /// Its code, which never changes: `transition`, `not_ready`, `disable_first`,
    /// `open_for_teams` or `in_maintenance`.
    pub code: &'static str,
    /// Why, in words.
    pub text: String,
}

/// An opening that a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffectedOpening {
    /// The team that has it.
    pub team_id: TeamId,
    /// What it is worth now.
    pub before: OpeningUse,
    /// What it will be worth; `None` when it is closed.
    pub after: Option<OpeningUse>,
}

/// What the deletion of a team would do. Nothing ever stands against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamImpact {
    /// The team.
    pub team_id: TeamId,
    /// Its openings, all of which are closed.
    pub openings: Vec<ClosedOpening>,
}

/// An opening that goes with its team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedOpening {
    /// The region that was open.
    pub region_id: RegionId,
    /// What the opening is worth now.
    pub before: OpeningUse,
}

impl Impact {
    /// The same, with what only the register as a whole knows: how many nodes dial the region, how
    /// many tasks are about it, and the maintenance windows that are touched.
    #[must_use]
    pub fn touching(self, nodes: i64, tasks: i64, windows: Vec<String>) -> Self {
        Self { nodes, tasks, windows, ..self }
    }

    fn of(
        region: &Region,
        refusals: Vec<ImpactRefusal>,
        openings: Vec<AffectedOpening>,
        dialling_after: Option<Dialling>,
    ) -> Self {
        Self {
            allowed: refusals.is_empty(),
            refusals,
            teams: openings.iter().map(|opening| opening.team_id).collect(),
            openings,
            dialling_before: region.status.dialling(),
            dialling_after,
            nodes: 0,
            tasks: 0,
            windows: Vec::new(),
        }
    }
}

/// What it would do to give a region the status `to`. `openings` are those of the region.
#[must_use]
pub fn of_status(
    detail: &RegionDetail,
    to: Status,
    openings: &[Opening],
    now: DateTime<Utc>,
) -> Impact {
    let region = &detail.region;
    let refusals = status_guard(detail, to, now).err().map_or_else(Vec::new, told);
    let after = to.opening_use();
    let touched = if after == region.status.opening_use() { &[] } else { openings };
    Impact::of(region, refusals, affected(region, touched, Some(after)), Some(to.dialling()))
}

/// What it would do to delete a region, if need be by `force`. `openings` are those of the region.
#[must_use]
pub fn of_deletion(region: &Region, openings: &[Opening], force: bool) -> Impact {
    let closed = affected(region, openings, None);
    let refusals = deletion_guard(region, closed.len(), force).into_iter().collect();
    Impact::of(region, refusals, closed, None)
}

/// What it would do to close an opening of a region. Nothing ever stands against it.
#[must_use]
pub fn of_closing(region: &Region, opening: &Opening) -> Impact {
    let closed = affected(region, std::slice::from_ref(opening), None);
    Impact::of(region, Vec::new(), closed, Some(region.status.dialling()))
}

/// What it would do to delete a team. `openings` are the team's, with the status of their regions.
#[must_use]
pub fn team_deletion(team: &Team, openings: &[(Opening, Status)]) -> TeamImpact {
    let own = openings.iter().filter(|(opening, _)| opening.team_id == team.id);
    let closed = own.map(|(opening, status)| ClosedOpening {
        region_id: opening.region_id,
        before: status.opening_use(),
    });
    TeamImpact { team_id: team.id, openings: closed.collect() }
}

fn affected(
    region: &Region,
    openings: &[Opening],
    after: Option<OpeningUse>,
) -> Vec<AffectedOpening> {
    let before = region.status.opening_use();
    let own = openings.iter().filter(|opening| opening.region_id == region.id);
    own.map(|opening| AffectedOpening { team_id: opening.team_id, before, after }).collect()
}

/// The guard of the change itself.
fn status_guard(
    detail: &RegionDetail,
    to: Status,
    now: DateTime<Utc>,
) -> Result<(), StatusRefusal> {
    if detail.region.status.passage(to)? != Passage::IfReady {
        return Ok(());
    }
    let faults = detail.credentials.faults(now);
    if faults.is_empty() { Ok(()) } else { Err(StatusRefusal::NotReady(faults)) }
}

/// A refusal as it is told: each fault for itself.
fn told(refusal: StatusRefusal) -> Vec<ImpactRefusal> {
    match refusal {
        StatusRefusal::Transition(error) => {
            vec![ImpactRefusal { code: "transition", text: error.to_string() }]
        }
        StatusRefusal::NotReady(faults) => {
            let tell = |fault| ImpactRefusal {
                code: "not_ready",
                text: format!("the region is not ready: {fault}"),
            };
            faults.into_iter().map(tell).collect()
        }
    }
}

fn deletion_guard(region: &Region, open: usize, force: bool) -> Option<ImpactRefusal> {
    let refusal = decide_deletion(region, open, force).err()?;
    let code = match refusal {
        DeletionRefusal::DisableFirst => "disable_first",
        DeletionRefusal::InMaintenance => "in_maintenance",
        DeletionRefusal::Open(_) => "open_for_teams",
    };
    Some(ImpactRefusal { code, text: refusal.to_string() })
}

#[cfg(test)]
mod tests;
