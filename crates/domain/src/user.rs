//! Users: whom a token acts for.

use chrono::{DateTime, Utc};

use crate::id::EnterpriseId;
use crate::text::Line;

/// The name of a user: 1 to 64 characters on one line, unique in its enterprise.
pub type UserName = Line<1, 64>;

/// The number of a user, given by the database; existing clients expect an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// The user as the dialing interface names it: `acnt_`, the first 16 digits of its enterprise and 16
/// of its number, all hexadecimal. Number 0 is nobody, which is the register itself.
#[must_use]
pub fn account(enterprise: EnterpriseId, user: Option<UserId>) -> String {
    let home = enterprise.to_string();
    format!("acnt_{}{:016x}", &home[..16], user.map_or(0, |user| user.0))
}

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
    /// When it was last renamed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl User {
    /// A user that is made at `now`.
    #[must_use]
    pub const fn new(
        id: UserId,
        enterprise_id: EnterpriseId,
        name: UserName,
        now: DateTime<Utc>,
    ) -> Self {
        Self { id, enterprise_id, name, created_at: now, updated_at: now, version: 1 }
    }

    /// The user under another name; tokens go on acting for it.
    #[must_use]
    pub fn rename(self, name: UserName, now: DateTime<Utc>) -> Self {
        Self { name, updated_at: now, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, OWN, text};

    #[test]
    fn an_account_is_told_by_its_enterprise_and_number() {
        let home = EnterpriseId::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef01234567");
        assert_eq!(account(home, Some(UserId(255))), "acnt_0123456789abcdef00000000000000ff");
        assert_eq!(account(home, None), "acnt_0123456789abcdef0000000000000000");
        assert_eq!(account(home, Some(UserId(i64::MAX))).len(), 37);
    }

    #[test]
    fn a_rename_changes_the_name_only_and_counts() {
        let later = NOW + TimeDelta::seconds(1);
        let first = User::new(UserId(3), OWN, text("ann"), NOW);
        assert_eq!((first.created_at, first.updated_at, first.version), (NOW, NOW, 1));
        let name = text::<UserName>("eve");
        let expected = User { name: name.clone(), updated_at: later, version: 2, ..first.clone() };
        assert_eq!(first.rename(name, later), expected);
    }
}
