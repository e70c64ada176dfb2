//! Enterprises: the tenants of the register, to one of which everything else belongs.

use chrono::{DateTime, Utc};

use crate::id::{EnterpriseId, ParentKeyId};
use crate::text::Line;

/// The name of an enterprise: 1 to 64 characters on one line, unique in the register.
pub type EnterpriseName = Line<1, 64>;

/// The name of the enterprise that a new register starts with.
pub const DEFAULT_ENTERPRISE: &str = "default";

/// A tenant of the register; in the dialing interface, a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enterprise {
    /// Its identifier.
    pub id: EnterpriseId,
    /// Its name.
    pub name: EnterpriseName,
    /// The constant parent of all its node keys, which outlives their rotation.
    pub parent_key_id: ParentKeyId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Enterprise {
    /// The enterprise as the dialing interface names it: `wksp_` and its identifier.
    #[must_use]
    pub fn workspace(&self) -> String {
        format!("wksp_{}", self.id)
    }
}
