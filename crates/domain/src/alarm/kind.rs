//! The rules, each of which exists for every node or every watched region.

use std::str::FromStr;

use chrono::TimeDelta;

/// A rule, and the alarms that it raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    /// A node that pulled once and is enabled has been silent for three of its intervals.
    NodeSilent,
    /// The pulls of a node are refused.
    NodeRefused,
    /// An agent of a node is older than the oldest version that is wanted.
    AgentOutdated,
    /// A watched region does not answer some of the nodes that watch it.
    RegionDown,
    /// A watched region answers more slowly than in its own last week.
    RegionSlow,
    /// A certificate that an endpoint of a watched region shows expires soon.
    CertificateExpiring,
}

/// What the alarms of a rule are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Nodes.
    Node,
    /// Regions.
    Region,
}

impl SubjectKind {
    /// The kind in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Region => "region",
        }
    }
}

impl AlarmKind {
    /// All rules.
    pub const ALL: [Self; 6] = [
        Self::NodeSilent,
        Self::NodeRefused,
        Self::AgentOutdated,
        Self::RegionDown,
        Self::RegionSlow,
        Self::CertificateExpiring,
    ];

    /// The rule in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NodeSilent => "node_silent",
            Self::NodeRefused => "node_refused",
            Self::AgentOutdated => "agent_outdated",
            Self::RegionDown => "region_down",
            Self::RegionSlow => "region_slow",
            Self::CertificateExpiring => "certificate_expiring",
        }
    }

    /// What its alarms are about.
    #[must_use]
    pub const fn subject_kind(self) -> SubjectKind {
        match self {
            Self::NodeSilent | Self::NodeRefused | Self::AgentOutdated => SubjectKind::Node,
            Self::RegionDown | Self::RegionSlow | Self::CertificateExpiring => SubjectKind::Region,
        }
    }

    /// How long something has to be wrong before an alarm fires. A node counts as silent only after
    /// three intervals and is not waited for much longer; wrong keys are given the time in which
    /// somebody changes them; what is slow has to stay so.
    #[must_use]
    pub const fn fire_after(self) -> TimeDelta {
        match self {
            Self::NodeSilent | Self::RegionDown => TimeDelta::minutes(1),
            Self::NodeRefused | Self::CertificateExpiring => TimeDelta::minutes(5),
            Self::AgentOutdated => TimeDelta::minutes(10),
            Self::RegionSlow => TimeDelta::minutes(15),
        }
    }

    /// How long all has to be well before an alarm that fires is over.
    #[must_use]
    pub const fn resolve_after(self) -> TimeDelta {
        match self {
            Self::NodeSilent | Self::NodeRefused => TimeDelta::minutes(2),
            Self::RegionDown => TimeDelta::minutes(3),
            Self::CertificateExpiring => TimeDelta::minutes(5),
            Self::AgentOutdated => TimeDelta::minutes(10),
            Self::RegionSlow => TimeDelta::minutes(30),
        }
    }
}

/// The text names no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a kind of alarm is one of node_silent, node_refused, agent_outdated, region_down, region_slow, \
     certificate_expiring"
)]
pub struct AlarmKindError;

impl FromStr for AlarmKind {
    type Err = AlarmKindError;

    fn from_str(text: &str) -> Result<Self, AlarmKindError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(AlarmKindError)
    }
}

impl TryFrom<String> for AlarmKind {
    type Error = AlarmKindError;

    fn try_from(text: String) -> Result<Self, AlarmKindError> {
        text.parse()
    }
}

impl From<AlarmKind> for String {
    fn from(kind: AlarmKind) -> Self {
        kind.as_str().to_owned()
    }
}
