//! Watching a region: the dial tasks that follow from its addresses and its status.
//!
//! A watch says from which nodes and how often; everything else follows from the region, so that its
//! tasks are brought in step whenever the region changes, and need no care of their own.

mod plan;
mod target;

use chrono::{DateTime, Utc};

pub use plan::{Planned, plan};
pub use target::Endpoint;

use crate::id::{EnterpriseId, HexId, NodeId, RegionId, TaskId};
use crate::task::{Frequency, TaskClass};

/// Marks the identifier of a watch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatchKind {}
/// Identifies a watch; those of its tasks follow from it.
pub type WatchId = HexId<WatchKind>;

/// What of a region is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatchPart {
    /// The address of its API, by TCP.
    Api,
    /// Its root domain of HTTP applications, by HTTPS.
    Http,
    /// Its websocket, by WebSocket.
    Websocket,
    /// Its address of TCP applications: by TCP where it has a port, else by ICMP.
    Tcp,
}

/// The text is the name of no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of a region is one of api, http, websocket, tcp")]
pub struct WatchPartError;

/// From where and how often a region is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Its identifier.
    pub id: WatchId,
    /// The region that is watched.
    pub region_id: RegionId,
    /// The enterprise of the region.
    pub enterprise_id: EnterpriseId,
    /// The nodes that dial it, in the order of their identifiers. Those that are deleted are taken
    /// out, so there may be none left.
    pub nodes: Vec<NodeId>,
    /// How often they do.
    pub frequency: Frequency,
    /// How many nodes must find any part of the region down before that is an alarm; at least 1.
    pub down_from: u32,
    /// Whether a certificate of the HTTP root domain that does not verify is a failure. A private
    /// authority is not known to the nodes.
    pub verifies_tls: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl WatchPart {
    /// All parts.
    pub const ALL: [Self; 4] = [Self::Api, Self::Http, Self::Websocket, Self::Tcp];

    /// The part in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Http => "http",
            Self::Websocket => "websocket",
            Self::Tcp => "tcp",
        }
    }
}

impl std::str::FromStr for WatchPart {
    type Err = WatchPartError;

    fn from_str(text: &str) -> Result<Self, WatchPartError> {
        Self::ALL.into_iter().find(|part| part.as_str() == text).ok_or(WatchPartError)
    }
}

/// The tasks that a watch may have. A part that may be dialled in two ways has two, of which one
/// rests: an agent takes what it knows by one identifier for one class.
const SLOTS: [(WatchPart, TaskClass); 5] = [
    (WatchPart::Api, TaskClass::Tcp),
    (WatchPart::Http, TaskClass::Http),
    (WatchPart::Websocket, TaskClass::Websocket),
    (WatchPart::Tcp, TaskClass::Tcp),
    (WatchPart::Tcp, TaskClass::Icmp),
];

impl Watch {
    /// The tasks that it may have: their identifiers, which follow from that of the watch, so that
    /// each has the same for as long as the watch lives.
    pub fn slots(&self) -> impl Iterator<Item = (WatchPart, TaskClass, TaskId)> {
        let bytes = self.id.to_bytes();
        SLOTS.into_iter().zip(1..).map(move |((part, class), number)| {
            let mut bytes = bytes;
            bytes[15] ^= number;
            (part, class, HexId::from_bytes(bytes).into())
        })
    }

    /// The identifier of the task that dials this part in this way.
    #[must_use]
    pub fn task_id(&self, part: WatchPart, class: TaskClass) -> Option<TaskId> {
        self.slots().find(|slot| (slot.0, slot.1) == (part, class)).map(|slot| slot.2)
    }

    /// What the task with this identifier dials, if it is one of this watch.
    #[must_use]
    pub fn part_of(&self, task: TaskId) -> Option<WatchPart> {
        self.slots().find(|slot| slot.2 == task).map(|slot| slot.0)
    }
}

#[cfg(test)]
mod tests;
