//! Creating tokens. Like [`super::enterprises`], for the command line and the first start.

use cadastre_domain::id::{EnterpriseId, TeamId};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Token, TokenName};
use cadastre_domain::user::UserName;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::auth::digest;
use crate::error::{Error, Thing};
use crate::ids;

/// A request for a token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for; also the name of the user that it acts for.
    pub name: TokenName,
    /// What it may do.
    pub role: Role,
    /// Where it acts.
    pub enterprise: EnterpriseId,
    /// The teams that a `team` token belongs to.
    pub teams: Vec<TeamId>,
    /// When it ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its text, when that was chosen by an operator.
    pub text: Option<Secret>,
}

/// Creates a token and answers its text, which is nowhere stored.
///
/// # Errors
/// An enterprise that does not exist, a team that is not one of it; failures of the storage.
pub fn create(tx: &mut dyn Tx, request: &NewToken, now: DateTime<Utc>) -> Result<Secret, Error> {
    let enterprise =
        tx.find_enterprise(request.enterprise)?.ok_or(Error::NotFound(Thing::Enterprise))?;
    for team in &request.teams {
        tx.find_team(*team)?
            .filter(|team| team.enterprise_id == enterprise.id)
            .ok_or(Error::NotFound(Thing::Team))?;
    }
    let user = UserName::try_from(String::from(request.name.clone()))
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    let id = ids::hex_id();
    let text = request.text.clone().unwrap_or_else(|| ids::token_text(id));
    let token = Token {
        id,
        name: request.name.clone(),
        caller: Caller {
            user_id: tx.ensure_user(enterprise.id, &user, now)?,
            enterprise_id: enterprise.id,
            role: request.role,
            teams: request.teams.clone(),
        },
        created_at: now,
        expires_at: request.expires_at,
        revoked_at: None,
    };
    tx.insert_token(&token, &digest(text.reveal()))?;
    Ok(text)
}
