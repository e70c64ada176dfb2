//! What is known of a node, and what its rules make of that.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{AgentVersion, AlarmKind, Finding};
use crate::id::{EnterpriseId, NodeId};
use crate::node::{DownReason, Liveness};

/// For how long it counts which version an agent told.
pub const AGENT_FRESHNESS: TimeDelta = TimeDelta::hours(24);

/// An agent of a node, as a result that it sent told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSeen {
    /// Its version as it told it.
    pub version: String,
    /// When it did so last.
    pub at: DateTime<Utc>,
}

/// What is known of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// The node.
    pub node_id: NodeId,
    /// Its enterprise.
    pub enterprise_id: EnterpriseId,
    /// Whether it is alive. One that was deleted counts as disabled.
    pub liveness: Liveness,
    /// Whether it may have pulled while the register could not hear it.
    pub may_be_unheard: bool,
    /// When a pull of it was accepted last, if ever.
    pub last_seen: Option<DateTime<Utc>>,
    /// The agents that sent results; none when that is not known.
    pub agents: Vec<AgentSeen>,
}

impl NodeFacts {
    /// What each rule for nodes finds. `oldest_agent` is the oldest version of an agent that is
    /// wanted; without it, no version is too old.
    #[must_use]
    pub fn findings(
        &self,
        oldest_agent: Option<AgentVersion>,
        now: DateTime<Utc>,
    ) -> [(AlarmKind, Finding); 3] {
        [
            (AlarmKind::NodeSilent, self.silent()),
            (AlarmKind::NodeRefused, self.refused()),
            (AlarmKind::AgentOutdated, self.outdated(oldest_agent, now)),
        ]
    }

    /// A node that pulled once is waited for while somebody listens. Anybody can send a pull that is refused, so one says
    /// nothing of whether the node is there: it neither raises this alarm nor resolves it, but the
    /// one below.
    fn silent(&self) -> Finding {
        match (self.liveness, self.last_seen) {
            (Liveness::Alive { .. }, _) => Finding::Good,
            (Liveness::Down(DownReason::Disabled | DownReason::NeverSeen), _)
            | (Liveness::Down(DownReason::NoKey), None) => Finding::Void,
            (Liveness::Down(DownReason::NoKey), Some(seen)) => bad("no_key", since(seen)),
            (Liveness::Down(DownReason::Silent { .. }), _) if self.may_be_unheard => {
                Finding::Unknown
            }
            (Liveness::Down(DownReason::Silent { since: seen }), _) => bad("silent", since(seen)),
            (Liveness::Down(DownReason::Refused { .. }), _) => Finding::Unknown,
        }
    }

    /// A node whose pulls are refused has a wrong key, or somebody else claims to be it. Silence
    /// afterwards does not make that good.
    fn refused(&self) -> Finding {
        match self.liveness {
            Liveness::Alive { .. } => Finding::Good,
            Liveness::Down(DownReason::Disabled | DownReason::NeverSeen) => Finding::Void,
            Liveness::Down(DownReason::NoKey | DownReason::Silent { .. }) => Finding::Unknown,
            Liveness::Down(DownReason::Refused { reason, last_seen, .. }) => {
                let never = || "no pull was ever accepted".to_owned();
                bad(reason.as_str(), last_seen.map_or_else(never, since))
            }
        }
    }

    /// The oldest agent counts that told its version lately. One whose version cannot be read does not
    /// make the others good.
    fn outdated(&self, oldest: Option<AgentVersion>, now: DateTime<Utc>) -> Finding {
        let Some(oldest) = oldest else { return Finding::Void };
        if self.liveness == Liveness::Down(DownReason::Disabled) {
            return Finding::Void;
        }
        let fresh = self.agents.iter().filter(|agent| now - agent.at <= AGENT_FRESHNESS);
        let versions: Vec<_> = fresh.map(|agent| agent.version.parse::<AgentVersion>()).collect();
        let found = versions.iter().filter_map(|version| version.ok()).min();
        match found.filter(|found| *found < oldest) {
            Some(found) => bad("outdated", format!("{found} is older than {oldest}")),
            None if !versions.is_empty() && versions.iter().all(Result::is_ok) => Finding::Good,
            None => Finding::Unknown,
        }
    }
}

fn bad(reason: &'static str, value: String) -> Finding {
    Finding::Bad { reason, value }
}

fn since(time: DateTime<Utc>) -> String {
    format!("last accepted pull at {}", time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
