//! Tokens: credentials of users and programs, and the caller that one stands for.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::{EnterpriseId, TeamId, TokenId};
use crate::role::{Right, Role};
use crate::text::{Line, Text};
use crate::user::UserId;

/// What a token is called by people: 1 to 64 characters on one line.
pub type TokenName = Line<1, 64>;

/// A remark about a token: up to 200 characters.
pub type TokenNote = Text<0, 200>;

/// The fewest characters that a token chosen by an operator may have.
pub const SHORTEST_CHOSEN_TOKEN: usize = 20;

/// The longest time for which a token that was rotated is accepted beside its successor.
pub const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(30);

/// The most teams that a new token may belong to.
pub const MOST_TEAMS: usize = 100;

/// The teams of a new token: not too many, and each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenTeams(Vec<TeamId>);

/// Why a token cannot belong to some teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenTeamsError {
    /// They are too many.
    #[error("a token belongs to at most {MOST_TEAMS} teams")]
    TooMany,
    /// One is named more than once.
    #[error("the team {0} is named more than once")]
    Repeated(TeamId),
}

impl TryFrom<Vec<TeamId>> for TokenTeams {
    type Error = TokenTeamsError;

    fn try_from(teams: Vec<TeamId>) -> Result<Self, TokenTeamsError> {
        if teams.len() > MOST_TEAMS {
            return Err(TokenTeamsError::TooMany);
        }
        let mut known = HashSet::new();
        match teams.iter().find(|team| !known.insert(**team)) {
            Some(team) => Err(TokenTeamsError::Repeated(*team)),
            None => Ok(Self(teams)),
        }
    }
}

impl From<TokenTeams> for Vec<TeamId> {
    fn from(teams: TokenTeams) -> Self {
        teams.0
    }
}

impl AsRef<[TeamId]> for TokenTeams {
    fn as_ref(&self) -> &[TeamId] {
        &self.0
    }
}

/// A credential, without the secret itself, which is nowhere kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its identifier, which may be shown.
    pub id: TokenId,
    /// What people call it.
    pub name: TokenName,
    /// A remark.
    pub note: TokenNote,
    /// Whom it acts for, where, and with which role.
    pub caller: Caller,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The minute in which it was last used, if it was.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Until when the text before the last rotation is accepted, if there is one.
    pub overlap_ends_at: Option<DateTime<Utc>>,
    /// Whether it is stored as the register wrote it. If somebody else has changed what it may do, it is
    /// not accepted.
    pub is_intact: bool,
}

/// Which of a token's texts was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The one that was made last.
    Current,
    /// The one before the last rotation.
    Previous,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It was revoked.
    #[error("revoked")]
    Revoked,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// It was rotated, and the time of overlap is over.
    #[error("rotated")]
    Rotated,
    /// There is no such token.
    #[error("unknown")]
    Unknown,
    /// Its stored row was changed by another program than the register.
    #[error("altered")]
    Altered,
}

impl Token {
    /// Accepts or refuses the token at `now`: it ends with the instant it expires.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn accept(&self, presented: Presented, now: DateTime<Utc>) -> Result<(), TokenRefusal> {
        if !self.is_intact {
            return Err(TokenRefusal::Altered);
        }
        if self.revoked_at.is_some() {
            return Err(TokenRefusal::Revoked);
        }
        if self.expires_at.is_some_and(|end| now >= end) {
            return Err(TokenRefusal::Expired);
        }
        let overlaps = self.overlap_ends_at.is_some_and(|end| now < end);
        if presented == Presented::Previous && !overlaps {
            return Err(TokenRefusal::Rotated);
        }
        Ok(())
    }
}

/// The identifier inside the text of a token, `cad_<id>_<secret>`. Texts that an operator chose
/// have none.
#[must_use]
pub fn id_in(text: &str) -> Option<TokenId> {
    let (id, secret) = text.strip_prefix("cad_")?.split_once('_')?;
    if secret.is_empty() { None } else { id.parse().ok() }
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

    /// Whether the caller may make a token of this role in `enterprise`: only platform tokens make
    /// platform tokens, and nobody makes one where he could not act himself.
    #[must_use]
    pub fn may_grant(&self, role: Role, enterprise: EnterpriseId) -> bool {
        self.may(Right::ManageTokens)
            && self.reaches(enterprise)
            && (role != Role::Platform || self.role == Role::Platform)
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
    const OWN_TEAM: TeamId = TeamId::from_bytes([4; 16]);

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
    fn nobody_grants_more_than_he_has() {
        for granter in Role::ALL {
            for role in Role::ALL {
                let may = |enterprise| caller(granter, &[]).may_grant(role, enterprise);
                let admin = granter == Role::Admin && role != Role::Platform;
                assert_eq!(may(OWN), granter == Role::Platform || admin, "{granter} {role}");
                assert_eq!(may(FOREIGN), granter == Role::Platform, "{granter} {role}");
            }
        }
    }

    #[test]
    fn a_token_ends_when_it_expires_is_revoked_or_its_overlap_is_over() {
        use Presented::{Current, Previous};
        use TokenRefusal::{Altered, Expired, Revoked, Rotated};

        let at = |s: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(s);
        let token = |expires: Option<i64>, revoked: Option<i64>, overlap: Option<i64>| Token {
            id: TokenId::from_bytes([4; 16]),
            name: TokenName::try_from("t".to_owned()).expect("a valid name"),
            note: TokenNote::default(),
            caller: caller(Role::Admin, &[]),
            created_at: at(0),
            expires_at: expires.map(at),
            revoked_at: revoked.map(at),
            last_used_at: None,
            overlap_ends_at: overlap.map(at),
            is_intact: true,
        };
        for (token, presented, now, expected) in [
            (token(None, None, None), Current, i64::from(u32::MAX), Ok(())),
            (token(Some(10), None, None), Current, 9, Ok(())),
            (token(Some(10), None, None), Current, 10, Err(Expired)),
            (token(None, Some(5), None), Current, 1, Err(Revoked)),
            (token(Some(1), Some(5), None), Current, 2, Err(Revoked)),
            (token(None, None, Some(10)), Current, 99, Ok(())),
            (token(None, None, Some(10)), Previous, 9, Ok(())),
            (token(None, None, Some(10)), Previous, 10, Err(Rotated)),
            (token(None, None, None), Previous, 0, Err(Rotated)),
            (token(Some(5), None, Some(10)), Previous, 7, Err(Expired)),
            (Token { is_intact: false, ..token(None, None, None) }, Current, 0, Err(Altered)),
            (Token { is_intact: false, ..token(None, Some(5), None) }, Current, 0, Err(Altered)),
        ] {
            assert_eq!(token.accept(presented, at(now)), expected, "{token:?} {presented:?} {now}");
        }
    }

    #[test]
    fn a_token_belongs_to_at_most_a_hundred_teams_and_to_each_once() {
        let teams = |count: usize| -> Vec<TeamId> {
            (0..count).map(|number| TeamId::from_bytes((number as u128).to_be_bytes())).collect()
        };
        for count in [0, 1, MOST_TEAMS] {
            let kept = TokenTeams::try_from(teams(count)).map(Vec::from);
            assert_eq!(kept, Ok(teams(count)));
        }
        let refused = |teams: Vec<TeamId>| TokenTeams::try_from(teams);
        assert_eq!(refused(teams(MOST_TEAMS + 1)), Err(TokenTeamsError::TooMany));
        assert_eq!(refused(vec![TEAM, OWN_TEAM, TEAM]), Err(TokenTeamsError::Repeated(TEAM)));
        // Very many are not looked at.
        assert_eq!(refused(vec![TEAM; MOST_TEAMS + 1]), Err(TokenTeamsError::TooMany));
    }

    #[test]
    fn the_identifier_is_found_in_texts_of_our_own_form_only() {
        let id = TokenId::from_bytes([0xab; 16]);
        assert_eq!(id_in(&format!("cad_{id}_secret")), Some(id));
        assert_eq!(id_in(&format!("cad_{id}_with_underscore")), Some(id));
        for text in ["", "cad_", "cad__", "cad_x_y", "chosen-by-an-operator-0123"] {
            assert_eq!(id_in(text), None, "{text}");
        }
        assert_eq!(id_in(&format!("cad_{id}_")), None);
        assert_eq!(id_in(&format!("cad_{id}")), None);
        assert_eq!(id_in(&format!("CAD_{id}_secret")), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = id_in(&text);
        }
    }
}
