//! Who sees a region and who may open it, decided and explained by the same functions.
//!
//! Each question is a list of rules; the answer is yes when all of them hold. So the explanation
//! cannot say anything else than the decision.

mod rule;

pub use rule::{Finding, Rule, Verdict};

use crate::id::{EnterpriseId, TeamId};
use crate::opening::Opening;
use crate::region::{OpeningUse, Region, Scope, Status};
use crate::role::{Right, Role};
use crate::team::Team;
use crate::token::Caller;

/// Everything about a team and a region: whether it is seen, whether it may be opened, and what
/// the opening is worth that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the team sees the region.
    pub sees: Verdict,
    /// Whether the caller may open the region for the team.
    pub may_open: Verdict,
    /// What the team's opening of the region is worth, if there is one.
    pub opening_use: Option<OpeningUse>,
}

/// Explains to `caller` whether `team` sees `region` and whether he may open it for the team.
/// `opening` is what there is between the two.
#[must_use]
pub fn explain(
    caller: &Caller,
    team: &Team,
    region: &Region,
    opening: Option<&Opening>,
) -> Explanation {
    let open = opening.is_some_and(|opening| is_between(opening, team, region));
    Explanation {
        sees: team_sees(team, region, opening),
        may_open: may_open(caller, team, region, open),
        opening_use: open.then(|| region.status.opening_use()),
    }
}

/// Whether `team` sees `region`. `opening` is what there is between the two.
#[must_use]
pub fn team_sees(team: &Team, region: &Region, opening: Option<&Opening>) -> Verdict {
    let open = opening.is_some_and(|opening| is_between(opening, team, region));
    Verdict::of(vec![
        same_enterprise(team, region),
        open_or_public(open, region.scope),
        status_shows(region.status),
    ])
}

/// Whether `caller` sees `region`: whoever reads all regions of the enterprise does in any status,
/// a `team` token like its teams. `open_teams` are those teams of the caller that have it open.
#[must_use]
pub fn caller_sees(caller: &Caller, region: &Region, open_teams: &[TeamId]) -> Verdict {
    let reaches = caller_reaches(caller, region.enterprise_id);
    if caller.may(Right::ReadRegions) {
        let why = format!("the role {} sees every region of its enterprise", caller.role);
        return Verdict::of(vec![reaches, Finding::new(Rule::RoleReadsAll, true, why)]);
    }
    let open = open_teams.iter().any(|team| caller.acts_for(*team));
    Verdict::of(vec![reaches, open_or_public(open, region.scope), status_shows(region.status)])
}

/// Whether `caller` may open any region for `team` at all.
#[must_use]
pub fn may_open_for(caller: &Caller, team: &Team) -> Verdict {
    Verdict::of(vec![
        caller_reaches(caller, team.enterprise_id),
        role_opens(caller.role),
        caller_acts_for(caller, team.id),
    ])
}

/// Whether `caller` may open `region` for `team`. What is open already may be opened again,
/// whatever its status, which changes nothing.
#[must_use]
pub fn may_open(caller: &Caller, team: &Team, region: &Region, already_open: bool) -> Verdict {
    let mut findings = vec![same_enterprise(team, region)];
    findings.extend(may_open_for(caller, team).findings);
    findings.push(scope_allows(caller.role, region.scope));
    findings.push(status_can_be_opened(region.status, already_open));
    Verdict::of(findings)
}

fn is_between(opening: &Opening, team: &Team, region: &Region) -> bool {
    opening.team_id == team.id && opening.region_id == region.id
}

fn same_enterprise(team: &Team, region: &Region) -> Finding {
    let holds = team.enterprise_id == region.enterprise_id;
    let why = if holds {
        "the team and the region belong to the same enterprise"
    } else {
        "the region belongs to another enterprise than the team"
    };
    Finding::new(Rule::SameEnterprise, holds, why)
}

fn caller_reaches(caller: &Caller, enterprise: EnterpriseId) -> Finding {
    let holds = caller.reaches(enterprise);
    let why = match (holds, caller.enterprise_id == enterprise) {
        (true, true) => "the caller acts in this enterprise".to_owned(),
        (true, false) => format!("the role {} acts in every enterprise", caller.role),
        (false, _) => "the caller acts in another enterprise".to_owned(),
    };
    Finding::new(Rule::CallerReaches, holds, why)
}

fn role_opens(role: Role) -> Finding {
    let holds = role.may(Right::OpenRegions);
    let may = if holds { "may" } else { "may not" };
    Finding::new(Rule::RoleOpens, holds, format!("the role {role} {may} open regions"))
}

fn caller_acts_for(caller: &Caller, team: TeamId) -> Finding {
    let holds = caller.acts_for(team);
    let why = match (holds, caller.role) {
        (true, Role::Team) => "the caller belongs to the team".to_owned(),
        (true, role) => format!("the role {role} acts for every team"),
        (false, _) => "the caller does not belong to the team".to_owned(),
    };
    Finding::new(Rule::CallerActsForTeam, holds, why)
}

fn scope_allows(role: Role, scope: Scope) -> Finding {
    let why = match (role, scope) {
        (Role::Team, Scope::Public) => "the region is public: members open it for their teams",
        (Role::Team, Scope::Private) => {
            "the region is private: only admins and operators open it for teams"
        }
        (_, Scope::Public) => "the region is public",
        (_, Scope::Private) => "the region is private, which binds the members of teams only",
    };
    Finding::new(Rule::ScopeAllows, role != Role::Team || scope == Scope::Public, why)
}

fn status_can_be_opened(status: Status, already_open: bool) -> Finding {
    let why = match (already_open, status.can_be_opened()) {
        (true, _) => "the region is open for the team already".to_owned(),
        (false, true) => format!("the region is {status}"),
        (false, false) => format!("the region is {status}, and only an enabled one is opened"),
    };
    Finding::new(Rule::StatusCanBeOpened, already_open || status.can_be_opened(), why)
}

fn open_or_public(open: bool, scope: Scope) -> Finding {
    let why = match (open, scope) {
        (true, _) => "the region is open for the team",
        (false, Scope::Public) => "the region is not open for the team, but public",
        (false, Scope::Private) => "the region is neither open for the team nor public",
    };
    Finding::new(Rule::OpenOrPublic, open || scope == Scope::Public, why)
}

fn status_shows(status: Status) -> Finding {
    let holds = status.seen_by_its_teams();
    let why = if holds { "so teams see it" } else { "so no team sees it" };
    Finding::new(Rule::StatusShows, holds, format!("the region is {status}, {why}"))
}

#[cfg(test)]
mod tests;
