//! Tokens: credentials of users and programs, and the caller that one stands for.

use chrono::{DateTime, Utc};

use crate::id::{EnterpriseId, TeamId, TokenId};
use crate::role::{Right, Role};
use crate::text::Line;
use crate::user::UserId;

/// What a token is called by people: 1 to 64 characters on one line.
pub type TokenName = Line<1, 64>;

/// The fewest characters that a token chosen by an operator may have.
pub const SHORTEST_CHOSEN_TOKEN: usize = 20;

/// A credential, without the secret itself: only a digest of that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its identifier, which may be shown.
    pub id: TokenId,
    /// What it is for.
    pub name: TokenName,
    /// Whom it acts for, where, and with which role.
    pub caller: Caller,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Whether the token is accepted at `now`: it ends with the instant it expires.
    #[must_use]
    pub fn accepted_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Who is calling, as far as the rules need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user that the token acts for.
    pub user_id: UserId,
    /// The enterprise in which it acts.
    pub enterprise_id: EnterpriseId,
    /// What it may do there.
    pub role: Role,
    /// The teams that a `team` token belongs to; empty for other roles.
    pub teams: Vec<TeamId>,
}

impl Caller {
    /// Whether the caller's role has `right`.
    #[must_use]
    pub const fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Whether things of `enterprise` exist for this caller at all.
    #[must_use]
    pub fn reaches(&self, enterprise: EnterpriseId) -> bool {
        self.may(Right::ManagePlatform) || self.enterprise_id == enterprise
    }

    /// Whether the caller acts for `team`: everybody but a `team` token acts for all teams that
    /// he reaches.
    #[must_use]
    pub fn acts_for(&self, team: TeamId) -> bool {
        self.role != Role::Team || self.teams.contains(&team)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: EnterpriseId = EnterpriseId::from_bytes([1; 16]);
    const FOREIGN: EnterpriseId = EnterpriseId::from_bytes([2; 16]);
    const TEAM: TeamId = TeamId::from_bytes([3; 16]);

    fn caller(role: Role, teams: &[TeamId]) -> Caller {
        Caller { user_id: UserId(1), enterprise_id: OWN, role, teams: teams.to_vec() }
    }

    #[test]
    fn only_platform_reaches_beyond_its_enterprise() {
        for role in Role::ALL {
            assert!(caller(role, &[]).reaches(OWN), "{role}");
            assert_eq!(caller(role, &[]).reaches(FOREIGN), role == Role::Platform, "{role}");
        }
    }

    #[test]
    fn a_team_token_acts_for_its_own_teams_only() {
        for role in Role::ALL {
            assert_eq!(caller(role, &[]).acts_for(TEAM), role != Role::Team, "{role}");
            assert!(caller(role, &[TEAM]).acts_for(TEAM), "{role}");
        }
    }

    #[test]
    fn a_token_ends_when_it_expires_or_is_revoked() {
        let at = |s: i64| DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::seconds(s);
        let token = |expires_at, revoked_at| Token {
            id: TokenId::from_bytes([4; 16]),
            name: TokenName::try_from("t".to_owned()).expect("a valid name"),
            caller: caller(Role::Admin, &[]),
            created_at: at(0),
            expires_at,
            revoked_at,
        };
        assert!(token(None, None).accepted_at(at(i64::from(u32::MAX))));
        assert!(token(Some(at(10)), None).accepted_at(at(9)));
        assert!(!token(Some(at(10)), None).accepted_at(at(10)));
        assert!(!token(None, Some(at(5))).accepted_at(at(1)));
    }
}
