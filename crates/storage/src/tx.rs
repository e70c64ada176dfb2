//! What can be asked of the register, one trait per noun.
//!
//! Inside [`crate::Store::write`] all calls belong to one transaction, and nobody else writes
//! meanwhile. Lookups of things that are not there return `None`; that is no error here.

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, RegionId, TeamId, TokenId};
use cadastre_domain::node::{AccessKey, Node};
use cadastre_domain::opening::Opening;
use cadastre_domain::region::{Region, RegionDetail, RegionName};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::{Team, TeamName};
use cadastre_domain::token::{Presented, Token};
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};

use crate::{AuditFilter, AuditRecord, KeyId, StorageError, TokenCode, Verification};

type Result<T> = std::result::Result<T, StorageError>;

/// Everything that one transaction can do.
pub trait Tx:
    Enterprises + Users + Tokens + Regions + Teams + Openings + Nodes + Audit + Register
{
}

impl<T> Tx for T where
    T: Enterprises + Users + Tokens + Regions + Teams + Openings + Nodes + Audit + Register
{
}

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
    /// Adds a user; its name may be [`crate::Taken::UserName`].
    fn insert_user(
        &mut self,
        enterprise: EnterpriseId,
        name: &UserName,
        now: DateTime<Utc>,
    ) -> Result<UserId>;
    /// The user with this number.
    fn find_user(&mut self, id: UserId) -> Result<Option<User>>;
    /// At most `limit` users, of one enterprise or of all, the oldest first, beginning behind
    /// `after`.
    fn list_users(
        &mut self,
        enterprise: Option<EnterpriseId>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<User>>;
    /// The name of the user with this number.
    fn find_user_name(&mut self, id: UserId) -> Result<Option<UserName>>;
}

/// Whose token a text is.
#[derive(Debug, Clone)]
pub enum Identified {
    /// Nobody's. It may name a token, be it that there is none or that its secret is another.
    Nobody(Option<TokenId>),
    /// That of this token, whether it is still accepted or not.
    Token {
        /// The token.
        token: Token,
        /// Which of its texts this is.
        presented: Presented,
        /// Its code under the newest pepper, when it is stored under an older one.
        renewed: Option<TokenCode>,
    },
}

/// That a token was used.
#[derive(Debug, Clone)]
pub struct TokenUse {
    /// The token.
    pub id: TokenId,
    /// When.
    pub at: DateTime<Utc>,
    /// What is to be stored of its text instead of what is.
    pub renewed: Option<TokenCode>,
}

/// Tokens. Of their text, only a code made with a pepper is stored.
pub trait Tokens {
    /// Adds a token with its teams. A text that is not of our own form was chosen by an operator.
    fn insert_token(&mut self, token: &Token, text: &Secret) -> Result<()>;
    /// Whose token this text is.
    fn identify(&mut self, text: &Secret) -> Result<Identified>;
    /// The token with this identifier, whether it is still accepted or not.
    fn find_token(&mut self, id: TokenId) -> Result<Option<Token>>;
    /// All tokens, the oldest first.
    fn list_tokens(&mut self) -> Result<Vec<Token>>;
    /// At most `limit` tokens, the oldest first, beginning behind `after`: of one enterprise without
    /// those of the platform, or all.
    fn list_some_tokens(
        &mut self,
        enterprise: Option<EnterpriseId>,
        after: Option<TokenId>,
        limit: i64,
    ) -> Result<Vec<Token>>;
    /// Whether there is any token at all: a register without one is new.
    fn any_token(&mut self) -> Result<bool>;
    /// Revokes a token; `false` when there is none or it was revoked before.
    fn revoke_token(&mut self, id: TokenId, now: DateTime<Utc>) -> Result<bool>;
    /// Gives a token another text. The text before is accepted until its overlap ends.
    fn rotate_token(&mut self, token: &Token, text: &Secret) -> Result<()>;
    /// Notes in which minutes tokens were used last, and renews codes of old peppers.
    fn note_token_uses(&mut self, uses: &[TokenUse]) -> Result<()>;
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

/// Audit entries, which form a chain.
pub trait Audit {
    /// Writes the entry at the end of this transaction.
    fn record(&mut self, entry: Entry);
    /// At most `limit` entries, the latest first.
    fn list_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditRecord>>;
    /// Follows the whole chain.
    fn verify_audit(&mut self) -> Result<Verification>;
}

/// The register as a whole: its keys.
pub trait Register {
    /// Makes sure that the keys of a register that is not new are there.
    fn check_keys(&mut self) -> Result<()>;
    /// Makes the keys of a new register; makes sure that those of one that is not new are there,
    /// and that nothing is in clear.
    fn ensure_keys(&mut self, now: DateTime<Utc>) -> Result<()>;
    /// The master keys in use, the oldest first, since when, and which one is current.
    fn master_keys(&mut self) -> Result<Vec<(KeyId, DateTime<Utc>, bool)>>;
    /// From now on, secrets are sealed with this key, and new tokens get a new pepper.
    fn switch_key(&mut self, key: &KeyId, now: DateTime<Utc>) -> Result<()>;
    /// Seals at most `limit` secrets with the current key that are sealed with another; how many.
    fn reseal(&mut self, limit: i64) -> Result<usize>;
    /// Forgets the keys that nothing needs any more, peppers included, and answers the master keys
    /// among them.
    fn forget_keys(&mut self) -> Result<Vec<KeyId>>;
}
