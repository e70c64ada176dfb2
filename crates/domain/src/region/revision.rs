//! What a region was after one of its changes.

use chrono::{DateTime, Utc};

use super::Region;
use crate::id::{CredentialsId, TokenId};
use crate::user::UserId;

/// A region as one of its changes left it, and who made the change.
///
/// The number of a revision is the version of its region. Two of them are compared, and an earlier
/// one brought back, together with the credentials that belonged to each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The region as it was from then on.
    pub region: Region,
    /// The credentials that it had, if it had any and they are still kept.
    pub credentials_id: Option<CredentialsId>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What was asked for: the name of the operation, as `change_region`.
    pub operation: String,
    /// The user for whom it was made.
    pub user_id: Option<UserId>,
    /// The token with which it was made.
    pub token_id: Option<TokenId>,
}
