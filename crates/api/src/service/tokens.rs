//! Making, showing, rotating and revoking tokens. Like [`super::enterprises`], for the command line,
//! the first start and the wire alike.

use cadastre_domain::audit::{Actor, Entry};
use cadastre_domain::id::{EnterpriseId, TokenId};
use cadastre_domain::role::{Right, Role};
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token, TokenName, TokenNote, TokenTeams};
use cadastre_domain::user::UserName;
use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use super::Counted;
use crate::app::Changed;
use crate::error::{Error, Thing};
use crate::ids;

/// A request for a token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What people call it.
    pub name: TokenName,
    /// A remark.
    pub note: TokenNote,
    /// The name of the user that it acts for, who is added when there is none; if none is named, he
    /// is called as the token.
    pub user: Option<UserName>,
    /// What it may do.
    pub role: Role,
    /// Where it acts.
    pub enterprise: EnterpriseId,
    /// The teams that a `team` token belongs to.
    pub teams: TokenTeams,
    /// When it ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its text, when that was chosen by an operator.
    pub text: Option<Secret>,
}

/// A token together with its text, which is shown now and never again.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The token.
    pub token: Token,
    /// Its text.
    pub text: Secret,
}

/// Which tokens there are for whoever asks.
#[derive(Debug, Clone)]
pub enum Realm {
    /// All: for the command line.
    All,
    /// Those that this caller could have made. Else an admin could get himself the secret of a
    /// platform token by rotating it.
    Caller(Caller),
}

impl Realm {
    fn has(&self, token: &Token) -> bool {
        match self {
            Self::All => true,
            Self::Caller(caller) => caller.may_grant(token.caller.role, token.caller.enterprise_id),
        }
    }

    /// The enterprise whose tokens alone there are, those of the platform left out; none for all.
    #[must_use]
    pub fn enterprise(&self) -> Option<EnterpriseId> {
        match self {
            Self::Caller(caller) if !caller.may(Right::ManagePlatform) => {
                Some(caller.enterprise_id)
            }
            Self::All | Self::Caller(_) => None,
        }
    }
}

/// Creates a token and answers its text, which is nowhere stored.
///
/// # Errors
/// An enterprise that does not exist, a team that is not one of it; failures of the storage.
pub fn create(
    tx: &mut dyn Tx,
    actor: &Actor,
    request: &NewToken,
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let enterprise =
        tx.find_enterprise(request.enterprise)?.ok_or(Error::NotFound(Thing::Enterprise))?;
    // In one query, because all other writers wait meanwhile.
    let teams = request.teams.as_ref();
    let found = tx.find_teams(teams)?;
    if found.iter().filter(|team| team.enterprise_id == enterprise.id).count() != teams.len() {
        return Err(Error::NotFound(Thing::Team));
    }
    let user = match &request.user {
        Some(user) => user.clone(),
        None => UserName::try_from(String::from(request.name.clone()))
            .map_err(|error| Error::Internal(error.to_string().into()))?,
    };
    let id = ids::hex_id();
    let text = request.text.clone().unwrap_or_else(|| ids::token_text(id));
    let token = Token {
        id,
        name: request.name.clone(),
        note: request.note.clone(),
        caller: Caller {
            user_id: tx.ensure_user(enterprise.id, &user, now)?,
            enterprise_id: enterprise.id,
            role: request.role,
            teams: teams.to_vec(),
        },
        created_at: now,
        expires_at: request.expires_at,
        revoked_at: None,
        last_used_at: None,
        overlap_ends_at: None,
        is_intact: true,
    };
    tx.insert_token(&token, &text)?;
    let entry = Entry::done(actor, now, None, Some(&token)).giving("secret", text.clone());
    Ok(Changed::new(Shown { token, text }, entry))
}

/// The token with this identifier, inside the realm.
///
/// # Errors
/// No such token there; failures of the storage.
pub fn find(tx: &mut dyn Tx, realm: &Realm, id: TokenId) -> Result<Token, Error> {
    let found = tx.find_token(id)?;
    found.filter(|token| realm.has(token)).ok_or(Error::NotFound(Thing::Token))
}

/// At most `limit` tokens inside the realm, the oldest first, beginning behind `after`, and if
/// `counted`, how many there are on all pages.
///
/// # Errors
/// Failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    realm: &Realm,
    after: Option<TokenId>,
    limit: i64,
    counted: bool,
) -> Result<Counted<Token>, Error> {
    let tokens = tx.list_some_tokens(realm.enterprise(), after, limit)?;
    let total = counted.then(|| tx.count_tokens(realm.enterprise())).transpose()?;
    Ok(Counted::whole(tokens, total))
}

/// Gives a token another text. The present one is accepted for the time of `overlap` beside it; one
/// before that is not any more.
///
/// # Errors
/// No such token, or one that has ended or was altered; failures of the storage.
pub fn rotate(
    tx: &mut dyn Tx,
    actor: &Actor,
    (realm, id): (&Realm, TokenId),
    overlap: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Changed<Shown>, Error> {
    let before = find(tx, realm, id)?;
    if before.accept(Presented::Current, now).is_err() {
        return Err(Error::TokenEnded);
    }
    let text = ids::token_text(id);
    let token = Token { overlap_ends_at: Some(now + overlap), ..before.clone() };
    tx.rotate_token(&token, &text)?;
    let entry = Entry::done(actor, now, Some(&before), Some(&token)).giving("secret", text.clone());
    Ok(Changed::new(Shown { token, text }, entry))
}

/// Revokes a token. It is refused everywhere only [`crate::auth::LEASE`] after the commit.
///
/// # Errors
/// No such token; failures of the storage.
pub fn revoke(
    tx: &mut dyn Tx,
    actor: &Actor,
    (realm, id): (&Realm, TokenId),
    now: DateTime<Utc>,
) -> Result<Changed<Token>, Error> {
    let before = find(tx, realm, id)?;
    if !tx.revoke_token(id, now)? {
        return Ok(Changed::nothing(before));
    }
    let token = Token { revoked_at: Some(now), ..before.clone() };
    let entry = Entry::done(actor, now, Some(&before), Some(&token));
    Ok(Changed::new(token, entry))
}
