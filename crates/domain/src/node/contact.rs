//! What is known of the pulls of a node and of the agents that make them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccessKeyId, Pulls};
use crate::id::NodeId;

/// What is known of the pulls of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeContact {
    /// The node.
    pub node_id: NodeId,
    /// Its pulls.
    pub pulls: Pulls,
    /// What the last of them said in `Date`, cut to 64 characters: the wall time of the machine,
    /// which tells of a clock that is wrong (dialing contract, section 3.1).
    pub date: Option<String>,
}

/// One of the agents that run with the keys of a node.
///
/// Nothing in a pull names its agent (dialing contract, section 3.2), so it is told by the address
/// from which it comes and the key that it uses: two behind one address count as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeAgent {
    /// The node.
    pub node_id: NodeId,
    /// The address from which it pulls; empty when that is not known.
    pub address: String,
    /// The key that it uses.
    pub key: AccessKeyId,
    /// When it pulled first.
    pub first_seen_at: DateTime<Utc>,
    /// When it pulled last.
    pub last_seen_at: DateTime<Utc>,
    /// How far its last two pulls were apart, if there were two.
    pub interval: Option<TimeDelta>,
}
