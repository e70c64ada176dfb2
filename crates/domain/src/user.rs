//! Users: whom a token acts for.

use chrono::{DateTime, Utc};

use crate::id::EnterpriseId;
use crate::text::Line;

/// The name of a user: 1 to 64 characters on one line, unique in its enterprise.
pub type UserName = Line<1, 64>;

/// The number of a user, given by the database; existing clients expect an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// A person or program of one enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// Its name.
    pub name: UserName,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
