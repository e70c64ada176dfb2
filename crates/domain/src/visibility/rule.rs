//! The rules that are asked, what was found, and the verdict: all findings hold, or it is no.

use std::fmt;

/// A rule about who sees a region or may open it. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The team and the region belong to the same enterprise.
    SameEnterprise,
    /// The caller acts in the enterprise concerned.
    CallerReaches,
    /// The caller's role may open regions.
    RoleOpens,
    /// The caller acts for the team.
    CallerActsForTeam,
    /// The region's scope lets the caller open it.
    ScopeAllows,
    /// The region's status lets it be opened, unless it is open already.
    StatusCanBeOpened,
    /// The caller's role sees every region of the enterprise.
    RoleReadsAll,
    /// The region is open for the team, or it is public.
    OpenOrPublic,
    /// The region's status lets teams see it.
    StatusShows,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 9] = [
        Self::SameEnterprise,
        Self::CallerReaches,
        Self::RoleOpens,
        Self::CallerActsForTeam,
        Self::ScopeAllows,
        Self::StatusCanBeOpened,
        Self::RoleReadsAll,
        Self::OpenOrPublic,
        Self::StatusShows,
    ];

    /// The rule's code, which never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameEnterprise => "same_enterprise",
            Self::CallerReaches => "caller_reaches",
            Self::RoleOpens => "role_opens",
            Self::CallerActsForTeam => "caller_acts_for_team",
            Self::ScopeAllows => "scope_allows",
            Self::StatusCanBeOpened => "status_can_be_opened",
            Self::RoleReadsAll => "role_reads_all",
            Self::OpenOrPublic => "open_or_public",
            Self::StatusShows => "status_shows",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of asking one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Whether it holds.
    pub holds: bool,
    /// Why, in words.
    pub why: String,
}

impl Finding {
    pub(super) fn new(rule: Rule, holds: bool, why: impl Into<String>) -> Self {
        Self { rule, holds, why: why.into() }
    }
}

/// The answer to a question, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Yes, because every rule holds, or no, because at least one does not.
    pub granted: bool,
    /// Every rule that was asked, in the order in which refusals are told.
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub(super) fn of(findings: Vec<Finding>) -> Self {
        Self { granted: findings.iter().all(|finding| finding.holds), findings }
    }

    /// The first rule that does not hold, if there is one.
    #[must_use]
    pub fn first_against(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| !finding.holds)
    }
}
