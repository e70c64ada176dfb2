//! What can be asked of the register, one trait per noun.
//!
//! Inside [`crate::Store::write`] all calls belong to one transaction, and nobody else writes
//! meanwhile. Lookups of things that are not there return `None`; that is no error here.

mod alarms;
mod answers;
mod nodes;
mod regions;
mod results;
mod scan;
mod tasks;
mod teams;
mod variables;
mod watches;

use cadastre_domain::audit::{Entry, FieldChange, Object};
use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, TokenId};
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Presented, Token, TokenRefusal};
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};

pub use alarms::{AlarmFilter, Alarms, WebhookDeliveryFilter, WebhookFilter, Webhooks};
pub use answers::{Answer, Answers};
pub use nodes::{NodeFilter, Nodes};
pub use regions::{
    CertificatePlace, ChangedBy, CredentialSets, ListedCertificate, ListedRegion, RegionSave,
    RegionSets, Regions, Revisions, SetChange, WindowFilter, Windows,
};
pub use results::{
    KeptPoint, KeptRollup, LoosePoint, NewPoint, PointFilter, PointPlace, PointUsage, Progress,
    Results, RolledUp, RollupFilter, RollupPlace, SHARES, Series, SeriesFilter, SeriesKey, Trimmed,
    share_of,
};
pub use scan::{Found, MOST_SCANNED, Total};
pub use tasks::{DialTasks, TaskFilter};
pub use teams::{OpenRegionFilter, Openings, TeamFilter, Teams};
pub use variables::{DialVariables, NodeRuns, VariableFilter, VariableState};
pub use watches::Watches;

use crate::{
    AuditCheck, AuditFilter, AuditRecord, ChainEnds, ChainKey, ChainLink, KeyId, LinkCheck,
    StorageError, TokenCode, TokenProof,
};

type Result<T> = std::result::Result<T, StorageError>;

/// Everything that one transaction can do.
pub trait Tx:
    Enterprises
    + Users
    + Tokens
    + Regions
    + CredentialSets
    + Revisions
    + Windows
    + Teams
    + Openings
    + Nodes
    + DialTasks
    + Watches
    + Alarms
    + Webhooks
    + DialVariables
    + NodeRuns
    + Answers
    + Results
    + Audit
    + Register
{
}

impl<T> Tx for T where
    T: Enterprises
        + Users
        + Tokens
        + Regions
        + CredentialSets
        + Revisions
        + Windows
        + Teams
        + Openings
        + Nodes
        + DialTasks
        + Watches
        + Alarms
        + Webhooks
        + DialVariables
        + NodeRuns
        + Answers
        + Results
        + Audit
        + Register
{
}

/// Which enterprises to list.
#[derive(Debug, Clone, Default)]
pub struct EnterpriseFilter {
    /// Only this one.
    pub only: Option<EnterpriseId>,
    /// Those whose name contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those behind this one.
    pub after: Option<EnterpriseId>,
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
    /// At most `limit` enterprises, the oldest first.
    fn list_some_enterprises(
        &mut self,
        filter: &EnterpriseFilter,
        limit: i64,
    ) -> Result<Found<Enterprise, EnterpriseId>>;
    /// How many enterprises fit the filter, wherever a list of them goes on.
    fn count_enterprises(&mut self, filter: &EnterpriseFilter) -> Result<Total>;
    /// Saves a changed enterprise; `false` when the stored version is not the one before.
    fn save_enterprise(&mut self, enterprise: &Enterprise) -> Result<bool>;
}

/// Which users to list.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those whose name contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those behind this one.
    pub after: Option<UserId>,
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
    /// At most `limit` users, the oldest first.
    fn list_users(&mut self, filter: &UserFilter, limit: i64) -> Result<Found<User, UserId>>;
    /// How many users fit the filter, wherever a list of them goes on.
    fn count_users(&mut self, filter: &UserFilter) -> Result<Total>;
    /// Saves a changed user; `false` when the stored version is not the one before.
    fn save_user(&mut self, user: &User) -> Result<bool>;
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

/// Whether a token is accepted, and if not, why.
pub type Acceptance = std::result::Result<(), TokenRefusal>;

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
    /// Whether the token is accepted at `now` by the text that was presented. In a write transaction the answer
    /// stays true until its commit, unless the transaction itself changes the token.
    fn check_token(&mut self, proof: &TokenProof, now: DateTime<Utc>) -> Result<Acceptance>;
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
    /// How many tokens of one enterprise there are, without those of the platform, or of all.
    fn count_tokens(&mut self, enterprise: Option<EnterpriseId>) -> Result<Total>;
    /// Whether there is any token at all: a register without one is new.
    fn any_token(&mut self) -> Result<bool>;
    /// Whether any token has a text that an operator chose, and so of another form than others.
    fn any_chosen_token(&mut self) -> Result<bool>;
    /// Revokes a token; `false` when there is none or it was revoked before.
    fn revoke_token(&mut self, id: TokenId, now: DateTime<Utc>) -> Result<bool>;
    /// Gives a token another text. The text before is accepted until its overlap ends.
    fn rotate_token(&mut self, token: &Token, text: &Secret) -> Result<()>;
    /// Notes in which minutes tokens were used last, and renews codes of old peppers.
    fn note_token_uses(&mut self, uses: &[TokenUse]) -> Result<()>;
}

/// Audit entries, which form a chain.
pub trait Audit {
    /// Writes the entry at the end of this transaction.
    fn record(&mut self, entry: Entry);
    /// At most `limit` entries, the latest first. Looks at a bounded number of entries, so it may find
    /// fewer, even none, and go on.
    fn scan_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Found<AuditRecord, i64>>;
    /// At most `limit` entries, the latest first, however many have to be looked at for that: not for a
    /// request.
    fn list_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditRecord>>;
    /// How many entries fit the filter, wherever a list of them goes on.
    fn count_audit(&mut self, filter: &AuditFilter) -> Result<Total>;
    /// The changes of a thing as an entry would tell them: a JSON array of
    /// `{"field","before","after"}`, in which a secret is a fingerprint.
    fn tell(&mut self, object: &Object, changes: &[FieldChange]) -> Result<String>;
    /// The sequence of the last entry: it grows with everything that is changed.
    fn last_entry(&mut self) -> Result<i64>;
    /// Those of the `limit` entries after the one of this sequence that tell of something done: their
    /// sequences, and the kinds and identifiers of their things. None when entries after it were
    /// archived, or that entry itself, so that it is not known what they told.
    fn changed_since(
        &mut self,
        sequence: i64,
        limit: i64,
    ) -> Result<Option<Vec<(i64, String, String)>>>;
    /// Where the chain begins and ends.
    fn chain_ends(&mut self) -> Result<ChainEnds>;
    /// The key of the chain.
    fn chain_key(&mut self) -> Result<ChainKey>;
    /// Follows the whole chain.
    fn verify_audit(&mut self) -> Result<AuditCheck>;
    /// Whether a place that was noted earlier is in the chain. Entries are not checked.
    fn check_link(&mut self, link: &ChainLink) -> Result<LinkCheck>;
    /// At most `limit` entries after the one of this sequence, the first one first.
    fn entries_after(&mut self, sequence: i64, limit: i64) -> Result<Vec<AuditRecord>>;
    /// Has the chain, which must begin after `from`, begin after `to`. What stands before that place is
    /// shown no more. Nothing is moved when either is not in the chain.
    fn begin_chain_after(&mut self, from: &ChainLink, to: &ChainLink) -> Result<()>;
    /// Deletes entries that stand before the beginning of the chain, at most so many; how many.
    fn delete_archived(&mut self, limit: i64) -> Result<usize>;
}

/// How far the upgrade of what an earlier version left is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upgrade {
    /// The last token that got its codes.
    pub signed: Option<TokenId>,
    /// Whether nothing is left to do.
    pub is_done: bool,
}

/// The register as a whole: its keys.
pub trait Register {
    /// Makes sure that the keys of a register that is not new are there.
    fn check_keys(&mut self) -> Result<()>;
    /// Makes the keys of a new register; makes sure that those of one that is not new are there.
    fn ensure_keys(&mut self, now: DateTime<Utc>) -> Result<()>;
    /// Goes on with the upgrade of what an earlier version left, by at most `limit` rows of a kind; of
    /// tokens, the rows of their teams come in addition. Each part is to be a transaction of its own. One
    /// that is broken off may be started again.
    fn upgrade(&mut self, from: Upgrade, limit: i64) -> Result<Upgrade>;
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
