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
    /// Counts its changes, from 1; opening a region does not count.
    pub version: i64,
}

/// A change of a team's data: what is `None` stays. Its name, identifier and enterprise never
/// change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamEdit {
    /// What people will call it.
    pub alias: Option<TeamAlias>,
    /// Whether it will be in use.
    pub is_active: Option<bool>,
    /// Memory that it will be allowed, in MB; 0 is without limit.
    pub limit_memory: Option<i32>,
    /// The user who will count as its maker.
    pub creator: Option<UserId>,
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
            version: 1,
        }
    }

    /// The team after `edit`.
    #[must_use]
    pub fn edit(mut self, edit: TeamEdit, now: DateTime<Utc>) -> Self {
        self.alias = edit.alias.unwrap_or(self.alias);
        self.is_active = edit.is_active.unwrap_or(self.is_active);
        self.limit_memory = edit.limit_memory.unwrap_or(self.limit_memory);
        self.creator = edit.creator.unwrap_or(self.creator);
        self.updated_at = now;
        self.version += 1;
        self
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, team, text};

    #[test]
    fn an_edit_changes_what_it_names_and_counts() {
        let later = NOW + TimeDelta::seconds(1);
        let after = Team { updated_at: later, version: 2, ..team() };
        let (none, alias) = (TeamEdit::default(), text::<TeamAlias>("other"));
        for (edit, expected) in [
            (none.clone(), after.clone()),
            (
                TeamEdit { alias: Some(alias.clone()), ..none.clone() },
                Team { alias: alias.clone(), ..after.clone() },
            ),
            (
                TeamEdit { is_active: Some(false), ..none.clone() },
                Team { is_active: false, ..after.clone() },
            ),
            (
                TeamEdit { limit_memory: Some(512), ..none.clone() },
                Team { limit_memory: 512, ..after.clone() },
            ),
            (
                TeamEdit { creator: Some(UserId(7)), ..none },
                Team { creator: UserId(7), ..after.clone() },
            ),
        ] {
            assert_eq!(team().edit(edit.clone(), later), expected, "{edit:?}");
        }
    }

    #[test]
    fn a_new_team_is_the_first_version_and_every_edit_the_next() {
        assert_eq!(team().version, 1);
        let twice = team().edit(TeamEdit::default(), NOW).edit(TeamEdit::default(), NOW);
        assert_eq!(twice.version, 3);
    }
}
