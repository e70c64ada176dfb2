//! Why a maintenance window is not planned or changed as asked.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{LONGEST, WindowState, YEARS_AHEAD};
use crate::id::WindowId;

/// One of the two ends of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Where it begins.
    Start,
    /// Where it ends.
    End,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::End => "end",
        })
    }
}

/// Why a maintenance window is not planned or changed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowRefusal {
    /// It would end before it starts, or at once.
    #[error("the end, {}, is not after the start, {}", rfc3339(ends_at), rfc3339(starts_at))]
    NotAfterStart {
        /// The start.
        starts_at: DateTime<Utc>,
        /// The end.
        ends_at: DateTime<Utc>,
    },
    /// One of its ends has passed already.
    #[error("the {edge}, {}, is in the past; it is {} now", rfc3339(at), rfc3339(now))]
    Past {
        /// Which end.
        edge: Edge,
        /// When that is.
        at: DateTime<Utc>,
        /// What time it is.
        now: DateTime<Utc>,
    },
    /// One of its ends is further ahead than anybody plans in earnest.
    #[error(
        "the {edge}, {}, is more than {YEARS_AHEAD} years ahead; the latest is {}",
        rfc3339(at),
        rfc3339(latest)
    )]
    TooFar {
        /// Which end.
        edge: Edge,
        /// When that is.
        at: DateTime<Utc>,
        /// The latest time that is accepted.
        latest: DateTime<Utc>,
    },
    /// It is longer than a window may be.
    #[error(
        "a window lasts at most {} days; from this start it ends by {}",
        LONGEST.num_days(),
        rfc3339(latest)
    )]
    TooLong {
        /// The latest end that is accepted for this start.
        latest: DateTime<Utc>,
    },
    /// It would overlap another planned or running window of the same region.
    #[error(
        "it overlaps the window {id} of the same region, from {} to {}",
        rfc3339(starts_at),
        rfc3339(ends_at)
    )]
    Overlap {
        /// The other window.
        id: WindowId,
        /// When that one starts.
        starts_at: DateTime<Utc>,
        /// When that one ends.
        ends_at: DateTime<Utc>,
    },
    /// It is over, one way or the other, and does not change any more.
    #[error("a window that is {0} can neither be changed nor cancelled")]
    Closed(WindowState),
}

impl WindowRefusal {
    /// The end of the window that is to be corrected, when it is one of them alone.
    #[must_use]
    pub const fn edge(&self) -> Option<Edge> {
        match self {
            Self::Past { edge, .. } | Self::TooFar { edge, .. } => Some(*edge),
            Self::NotAfterStart { .. } | Self::TooLong { .. } => Some(Edge::End),
            Self::Overlap { .. } | Self::Closed(_) => None,
        }
    }
}

fn rfc3339(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
