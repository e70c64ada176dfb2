//! Teams: groups inside an enterprise to which regions are opened.

use chrono::{DateTime, Utc};

use crate::id::{EnterpriseId, TeamId};
use crate::text::{Line, Text};
use crate::user::UserId;

/// What people call a team: 1 to 64 characters. Several teams may share one.
pub type TeamAlias = Text<1, 64>;

/// The technical name of a team: 1 to 64 characters, unique in its enterprise.
pub type TeamName = Line<1, 64>;

/// The team that an enterprise gets together with its first region.
pub const DEFAULT_TEAM: &str = "default";

/// A group of people; `tenant` in the Rainbond interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its identifier.
    pub id: TeamId,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// Its technical name.
    pub name: TeamName,
    /// What people call it.
    pub alias: TeamAlias,
    /// The Kubernetes namespace that stands for it in a cluster.
    pub namespace: String,
    /// Whether it is in use.
    pub is_active: bool,
    /// Memory it may use, in MB; 0 is without limit.
    pub limit_memory: i32,
    /// The user who made it.
    pub creator: UserId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; opening a region does not count.
    pub updated_at: DateTime<Utc>,
    /// When it ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Team {
    /// A team that `creator` makes at `now`: in use, without limit and without end.
    #[must_use]
    pub const fn new(
        id: TeamId,
        enterprise_id: EnterpriseId,
        name: TeamName,
        alias: TeamAlias,
        namespace: String,
        creator: UserId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            enterprise_id,
            name,
            alias,
            namespace,
            is_active: true,
            limit_memory: 0,
            creator,
            created_at: now,
            updated_at: now,
            expires_at: None,
        }
    }
}
