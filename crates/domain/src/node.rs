//! Nodes: self-built dial-testing nodes, with place, carrier and key pair.

mod access_key;
mod contact;
mod edit;
mod key;
mod listening;
mod liveness;
mod result_token;
mod run;
mod signature;

use chrono::{DateTime, Utc};

pub use access_key::{AccessKey, AccessKeyError, AccessKeyId, SecretKey};
pub use contact::{NodeAgent, NodeContact, PULL_TAKES};
pub use edit::NodeEdit;
pub use key::{MOST_VALID_KEYS, NodeKey, NodeKeyRefusal, Overlap};
pub use listening::{Listening, Span};
pub use liveness::{
    DownReason, LONGEST_INTERVAL, Liveness, PullRefusal, PullRefusalError, Pulls, RefusedPull,
    SHORTEST_PATIENCE,
};
pub use result_token::{ResultToken, ResultTokenError};
pub use run::{MOST_RUN_TASKS, NodeRun};
pub use signature::{
    Authorization, MD5_OF_NOTHING, Signature, SignatureError, SignedRequest, content_md5,
};

use crate::id::{EnterpriseId, NodeId};
use crate::text::Line;

/// The code of a node: 1 to 128 characters on one line, unique among the live nodes of an
/// enterprise.
pub type Keycode = Line<1, 128>;

/// A word about a node that may be left empty: up to 256 characters on one line.
pub type NodeText = Line<0, 256>;

/// A word about a node that must be given: 1 to 256 characters on one line.
pub type NodeWord = Line<1, 256>;

/// What is said about a node when it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeProfile {
    /// Inside China (`true`) or abroad.
    pub internal: bool,
    /// The carrier.
    pub isp: NodeWord,
    /// The country.
    pub country: NodeWord,
    /// The province.
    pub province: NodeText,
    /// The city.
    pub city: NodeText,
    /// What people call it.
    pub name: NodeText,
    /// Whose it is.
    pub company: NodeText,
    /// Its code.
    pub keycode: Keycode,
}

/// A registered node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its identifier.
    pub id: NodeId,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// What was said about it.
    pub profile: NodeProfile,
    /// Whether it may pull tasks. One that may not is told to stop all that it has.
    pub is_enabled: bool,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was registered.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, if it was. Its results are kept, and its keycode is free again.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Node {
    /// A node that is registered at `now`.
    #[must_use]
    pub const fn new(
        id: NodeId,
        enterprise_id: EnterpriseId,
        profile: NodeProfile,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            enterprise_id,
            profile,
            is_enabled: true,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            version: 1,
        }
    }

    /// Whether it may pull tasks: it is neither disabled nor deleted.
    #[must_use]
    pub const fn may_pull(&self) -> bool {
        self.is_enabled && self.deleted_at.is_none()
    }

    /// The same node in its next version, made at `now`.
    #[must_use]
    pub fn changed(&self, now: DateTime<Utc>) -> Self {
        Self { updated_at: now, version: self.version + 1, ..self.clone() }
    }
}
