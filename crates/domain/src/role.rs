//! Roles and rights: who may do what.

use std::fmt;
use std::str::FromStr;

/// What a token may do in its enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything, in every enterprise.
    Platform,
    /// Everything in its enterprise, secrets included.
    Admin,
    /// Changes regions, teams and nodes; writes secrets but does not read them back.
    Operator,
    /// Reads; never a secret.
    Viewer,
    /// Sees its teams and their regions, and opens public regions for them.
    Team,
}

/// One thing that can be allowed. The list is closed: a new operation needs a right from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Acts in any enterprise; the only key to the management interface.
    ManagePlatform,
    /// Lists all regions of the enterprise.
    ReadRegions,
    /// Sees regions; a `team` token only those of its teams, and public ones.
    SeeRegions,
    /// Adds and changes regions.
    ManageRegions,
    /// Reads teams; a `team` token only its own.
    ReadTeams,
    /// Creates, changes and deletes teams.
    ManageTeams,
    /// Opens regions for teams, within the limits of [`crate::opening`].
    OpenRegions,
    /// Reads nodes, dial tasks and what they found.
    ReadNodes,
    /// Registers, changes and removes nodes and dial tasks.
    ManageNodes,
    /// Reads secrets back in clear.
    RevealSecrets,
    /// Reads its own enterprise; a platform token every one.
    ReadEnterprises,
    /// Adds enterprises.
    AddEnterprises,
    /// Renames its own enterprise; a platform token every one.
    RenameEnterprises,
    /// Lists users.
    ReadUsers,
    /// Adds users.
    ManageUsers,
    /// Makes, lists, renews and revokes tokens, within the limits of [`crate::token::Caller::may_grant`].
    ManageTokens,
    /// Says where the enterprise is told of its alarms, and looks at what is on its way there.
    ManageWebhooks,
    /// Reads the audit entries.
    ReadAudit,
    /// Asks who he is himself.
    ReadSelf,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Platform, Self::Admin, Self::Operator, Self::Viewer, Self::Team];

    /// The role in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
            Self::Team => "team",
        }
    }

    /// Whether this role has `right`.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::ManagePlatform | Right::AddEnterprises => matches!(self, Self::Platform),
            Right::RevealSecrets
            | Right::RenameEnterprises
            | Right::ManageUsers
            | Right::ManageTokens
            | Right::ManageWebhooks
            | Right::ReadAudit => matches!(self, Self::Platform | Self::Admin),
            Right::ManageRegions | Right::ManageTeams | Right::ManageNodes => {
                matches!(self, Self::Platform | Self::Admin | Self::Operator)
            }
            Right::OpenRegions => !matches!(self, Self::Viewer),
            Right::ReadRegions | Right::ReadUsers | Right::ReadNodes => !matches!(self, Self::Team),
            Right::SeeRegions | Right::ReadTeams | Right::ReadSelf | Right::ReadEnterprises => true,
        }
    }
}

impl Right {
    /// The right in words, as documents tell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManagePlatform => "manage_platform",
            Self::ReadRegions => "read_regions",
            Self::SeeRegions => "see_regions",
            Self::ManageRegions => "manage_regions",
            Self::ReadTeams => "read_teams",
            Self::ManageTeams => "manage_teams",
            Self::OpenRegions => "open_regions",
            Self::ReadNodes => "read_nodes",
            Self::ManageNodes => "manage_nodes",
            Self::RevealSecrets => "reveal_secrets",
            Self::ReadEnterprises => "read_enterprises",
            Self::AddEnterprises => "add_enterprises",
            Self::RenameEnterprises => "rename_enterprises",
            Self::ReadUsers => "read_users",
            Self::ManageUsers => "manage_users",
            Self::ManageTokens => "manage_tokens",
            Self::ManageWebhooks => "manage_webhooks",
            Self::ReadAudit => "read_audit",
            Self::ReadSelf => "read_self",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of platform, admin, operator, viewer, team")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

impl TryFrom<String> for Role {
    type Error = RoleError;

    fn try_from(text: String) -> Result<Self, RoleError> {
        text.parse()
    }
}

impl From<Role> for String {
    fn from(value: Role) -> Self {
        value.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pair_of_role_and_right_is_as_designed() {
        let table = [
            (Right::ManagePlatform, [true, false, false, false, false]),
            (Right::ReadRegions, [true, true, true, true, false]),
            (Right::SeeRegions, [true, true, true, true, true]),
            (Right::ManageRegions, [true, true, true, false, false]),
            (Right::ReadTeams, [true, true, true, true, true]),
            (Right::ManageTeams, [true, true, true, false, false]),
            (Right::OpenRegions, [true, true, true, false, true]),
            (Right::ReadNodes, [true, true, true, true, false]),
            (Right::ManageNodes, [true, true, true, false, false]),
            (Right::RevealSecrets, [true, true, false, false, false]),
            (Right::ReadEnterprises, [true, true, true, true, true]),
            (Right::AddEnterprises, [true, false, false, false, false]),
            (Right::RenameEnterprises, [true, true, false, false, false]),
            (Right::ReadUsers, [true, true, true, true, false]),
            (Right::ManageUsers, [true, true, false, false, false]),
            (Right::ManageTokens, [true, true, false, false, false]),
            (Right::ManageWebhooks, [true, true, false, false, false]),
            (Right::ReadAudit, [true, true, false, false, false]),
            (Right::ReadSelf, [true, true, true, true, true]),
        ];
        for (right, expected) in table {
            assert_eq!(Role::ALL.map(|role| role.may(right)), expected, "{right:?}");
        }
    }

    #[test]
    fn every_role_prints_back_the_same() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            if let Ok(role) = text.parse::<Role>() {
                prop_assert_eq!(role.as_str(), text);
            }
        }
    }
}
