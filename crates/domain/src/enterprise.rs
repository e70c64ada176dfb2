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
    /// When it was last renamed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Enterprise {
    /// An enterprise that is made at `now`.
    #[must_use]
    pub const fn new(
        id: EnterpriseId,
        name: EnterpriseName,
        parent_key_id: ParentKeyId,
        now: DateTime<Utc>,
    ) -> Self {
        Self { id, name, parent_key_id, created_at: now, updated_at: now, version: 1 }
    }

    /// The enterprise under another name.
    #[must_use]
    pub fn rename(self, name: EnterpriseName, now: DateTime<Utc>) -> Self {
        Self { name, updated_at: now, version: self.version + 1, ..self }
    }

    /// The enterprise as the dialing interface names it: `wksp_` and its identifier.
    #[must_use]
    pub fn workspace(&self) -> String {
        format!("wksp_{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, OWN, text};

    #[test]
    fn a_rename_changes_the_name_only_and_counts() {
        let later = NOW + TimeDelta::seconds(1);
        let key = "ak_c1imts73q2c335d71cn0".parse().expect("an identifier");
        let first = Enterprise::new(OWN, text("one"), key, NOW);
        assert_eq!((first.created_at, first.updated_at, first.version), (NOW, NOW, 1));
        let name = text::<EnterpriseName>("two");
        let expected =
            Enterprise { name: name.clone(), updated_at: later, version: 2, ..first.clone() };
        assert_eq!(first.rename(name, later), expected);
    }
}
