//! What can be asked of the register, one trait per noun.
//!
//! Inside [`crate::Store::write`] all calls belong to one transaction, and nobody else writes
//! meanwhile. Lookups of things that are not there return `None`; that is no error here.

use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, RegionId, TeamId, TokenId};
use cadastre_domain::node::{AccessKey, Node};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{Region, RegionDetail, RegionName};
use cadastre_domain::team::{Team, TeamName};
use cadastre_domain::token::Token;
use cadastre_domain::user::{UserId, UserName};
use chrono::{DateTime, Utc};

use crate::StorageError;

type Result<T> = std::result::Result<T, StorageError>;

/// Everything that one transaction can do.
pub trait Tx: Enterprises + Users + Tokens + Regions + Teams + Openings + Nodes {}

impl<T: Enterprises + Users + Tokens + Regions + Teams + Openings + Nodes> Tx for T {}

/// Enterprises.
pub trait Enterprises {
    /// Adds an enterprise; its name may be [`crate::Taken::EnterpriseName`].
    fn insert_enterprise(&mut self, enterprise: &Enterprise) -> Result<()>;
    /// The enterprise with this identifier.
    fn find_enterprise(&mut self, id: EnterpriseId) -> Result<Option<Enterprise>>;
    /// The enterprise with this name.
    fn find_enterprise_named(&mut self, name: &EnterpriseName) -> Result<Option<Enterprise>>;
    /// All enterprises, the oldest first.
    fn list_enterprises(&mut self) -> Result<Vec<Enterprise>>;
}

/// Users.
pub trait Users {
    /// The number of the user of this name, who is added when there is none.
    fn ensure_user(
        &mut self,
        enterprise: EnterpriseId,
        name: &UserName,
        now: DateTime<Utc>,
    ) -> Result<UserId>;
    /// The name of the user with this number.
    fn find_user_name(&mut self, id: UserId) -> Result<Option<UserName>>;
}

/// Tokens, found by the SHA-256 of their text.
pub trait Tokens {
    /// Adds a token with its teams.
    fn insert_token(&mut self, token: &Token, digest: &[u8; 32]) -> Result<()>;
    /// The token of this digest, whether it is still accepted or not.
    fn find_token(&mut self, digest: &[u8; 32]) -> Result<Option<Token>>;
    /// All tokens, the oldest first.
    fn list_tokens(&mut self) -> Result<Vec<Token>>;
    /// Whether there is any token at all: a register without one is new.
    fn any_token(&mut self) -> Result<bool>;
    /// Revokes a token; `false` when there is none or it was revoked before.
    fn revoke_token(&mut self, id: TokenId, now: DateTime<Utc>) -> Result<bool>;
}

/// Regions.
pub trait Regions {
    /// Adds a region with its credentials. That its name is [`crate::Taken::RegionName`] may be told
    /// only by a later call or, at the latest, instead of the result of the whole work.
    fn insert_region(&mut self, detail: &RegionDetail) -> Result<()>;
    /// The region with this identifier, with its credentials.
    fn find_region_detail(&mut self, id: RegionId) -> Result<Option<RegionDetail>>;
    /// The region of this name, in any enterprise, with its credentials.
    fn find_region_named(&mut self, name: &RegionName) -> Result<Option<RegionDetail>>;
    /// Whether a region of this name exists, in any enterprise.
    fn region_name_taken(&mut self, name: &RegionName) -> Result<bool>;
    /// Whether the enterprise has any region.
    fn has_regions(&mut self, enterprise: EnterpriseId) -> Result<bool>;
    /// All regions of the enterprise without their credentials, the oldest first.
    fn list_regions(&mut self, enterprise: EnterpriseId) -> Result<Vec<Region>>;
    /// Saves a changed region and its credentials; `false` when the stored version is not the one
    /// before, and then nothing is written.
    fn save_region(&mut self, detail: &RegionDetail) -> Result<bool>;
}

/// Teams.
pub trait Teams {
    /// Adds a team; its name may be [`crate::Taken::TeamName`].
    fn insert_team(&mut self, team: &Team) -> Result<()>;
    /// The team with this identifier.
    fn find_team(&mut self, id: TeamId) -> Result<Option<Team>>;
    /// The team of this name in the enterprise.
    fn find_team_named(
        &mut self,
        enterprise: EnterpriseId,
        name: &TeamName,
    ) -> Result<Option<Team>>;
}

/// Openings.
pub trait Openings {
    /// Opens a region for a team; `false` when it was open before, and then nothing is written.
    fn insert_opening(&mut self, opening: &Opening) -> Result<bool>;
    /// Whether the region is open for the team.
    fn is_open(&mut self, team: TeamId, region: RegionId) -> Result<bool>;
}

/// Nodes.
pub trait Nodes {
    /// Adds a node with its key pair; its code may be [`crate::Taken::Keycode`].
    fn insert_node(&mut self, node: &Node, key: &AccessKey) -> Result<()>;
    /// All nodes of the enterprise, the oldest first.
    fn list_nodes(&mut self, enterprise: EnterpriseId) -> Result<Vec<Node>>;
}
