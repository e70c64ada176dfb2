//! Whether a node is alive, and if not, why not: reckoned when somebody asks, never by a job that
//! could itself have stopped (dialing contract, section 5, T11 and T14).
//!
//! The only sign of life of a node is that it pulls (contract, section 3.3). The register does not
//! know how often a node is set to do so, from every 10 seconds to once a day; what it knows is how
//! long the last pulls were apart.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

/// How long a node may be silent at least: its first delivery of tasks delays its next pull by up
/// to a minute, and its interval is a minute unless somebody set another (contract, section 7,
/// decision 12).
pub const SHORTEST_PATIENCE: TimeDelta = TimeDelta::seconds(300);

/// The longest interval that an agent accepts for its pulls (contract, section 3).
pub const LONGEST_INTERVAL: TimeDelta = TimeDelta::hours(24);

/// How many intervals a node may be silent.
const INTERVALS: i32 = 3;

/// What is known of the pulls of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pulls {
    /// When one was accepted last.
    pub accepted_at: Option<DateTime<Utc>>,
    /// How far accepted pulls of one agent were apart, as far as two were seen. One that is
    /// negative is taken for none, and one above [`LONGEST_INTERVAL`] for that.
    pub interval: Option<TimeDelta>,
    /// The last one that was refused, if any was.
    pub refused: Option<RefusedPull>,
}

/// A pull that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedPull {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: PullRefusal,
}

/// Why a pull was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PullRefusal {
    /// Its signature was not that of the key, or none at all.
    Signature,
    /// Its key was one of the node's, but has been revoked.
    RevokedKey,
    /// Its key is that of another node.
    ForeignKey,
}

/// Whether a node is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It is.
    Alive {
        /// When it pulled last.
        seen_at: DateTime<Utc>,
        /// Until when it counts as alive without another pull.
        until: DateTime<Utc>,
    },
    /// It is not, for this reason.
    Down(DownReason),
}

/// Why a node is not alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownReason {
    /// It is disabled. What it does besides does not count.
    Disabled,
    /// It has no valid key left with which it could pull.
    NoKey,
    /// It has never pulled at all: it was not started, or does not reach the register.
    NeverSeen,
    /// Its last pull was refused, and none was accepted after it.
    Refused {
        /// When it was refused.
        at: DateTime<Utc>,
        /// Why.
        reason: PullRefusal,
        /// When one was accepted last, if ever.
        last_seen: Option<DateTime<Utc>>,
    },
    /// Nothing has been heard of it since this time.
    Silent {
        /// When it pulled last.
        since: DateTime<Utc>,
    },
}

impl Pulls {
    /// For how long after its last pull the node counts as alive: three of its intervals, but at
    /// least [`SHORTEST_PATIENCE`], both included.
    #[must_use]
    pub fn patience(&self) -> TimeDelta {
        let interval = self.interval.unwrap_or_default().clamp(TimeDelta::zero(), LONGEST_INTERVAL);
        SHORTEST_PATIENCE.max(interval * INTERVALS)
    }

    /// Whether the node is alive.
    ///
    /// The first that applies of: disabled; no valid key; alive; refused after the last accepted
    /// pull, or before there was any; silent; never seen. So one agent with a wrong key beside one
    /// that works does not make a node look dead. A pull in the future, which a clock that was set
    /// back leaves behind, counts as one of now.
    #[must_use]
    pub fn liveness(&self, enabled: bool, has_valid_key: bool, now: DateTime<Utc>) -> Liveness {
        if !enabled {
            return Liveness::Down(DownReason::Disabled);
        }
        if !has_valid_key {
            return Liveness::Down(DownReason::NoKey);
        }
        if let Some(seen_at) = self.accepted_at {
            let until = seen_at.min(now).checked_add_signed(self.patience());
            let until = until.unwrap_or(DateTime::<Utc>::MAX_UTC);
            if now <= until {
                return Liveness::Alive { seen_at, until };
            }
        }
        Liveness::Down(self.absence())
    }

    /// Why nothing was accepted lately.
    fn absence(&self) -> DownReason {
        let refused = self.refused.filter(|refused| Some(refused.at) > self.accepted_at);
        match (refused, self.accepted_at) {
            (Some(RefusedPull { at, reason }), last_seen) => {
                DownReason::Refused { at, reason, last_seen }
            }
            (None, Some(since)) => DownReason::Silent { since },
            (None, None) => DownReason::NeverSeen,
        }
    }
}

impl Liveness {
    /// Whether it is alive.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Alive { .. })
    }
}

impl DownReason {
    /// The reason in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::NoKey => "no_key",
            Self::NeverSeen => "never_seen",
            Self::Refused { reason, .. } => reason.as_str(),
            Self::Silent { .. } => "silent",
        }
    }
}

impl PullRefusal {
    /// The reason in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "wrong_signature",
            Self::RevokedKey => "key_revoked",
            Self::ForeignKey => "foreign_key",
        }
    }
}

/// The text is the word of no refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a refusal of a pull is one of wrong_signature, key_revoked, foreign_key")]
pub struct PullRefusalError;

impl FromStr for PullRefusal {
    type Err = PullRefusalError;

    fn from_str(text: &str) -> Result<Self, PullRefusalError> {
        let all = [Self::Signature, Self::RevokedKey, Self::ForeignKey];
        all.into_iter().find(|reason| reason.as_str() == text).ok_or(PullRefusalError)
    }
}

impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
