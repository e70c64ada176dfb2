//! Rows and queries of tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use cadastre_domain::id::{EnterpriseId, TeamId, TokenId};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token, TokenName, TokenNote, TokenRefusal, id_in};
use cadastre_domain::user::UserId;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use diesel::prelude::*;

use super::schema::{token_teams, tokens};
use super::{Conn, Repository, Result};
use crate::mac::same;
use crate::safe::{TokenCode, TokenProof, digest};
use crate::{Acceptance, Identified, StorageError, TokenUse, Tokens};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
struct TokenRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: TokenId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: TokenName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    note: TokenNote,
    #[diesel(serialize_as = String, deserialize_as = String)]
    role: Role,
    user_id: i64,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    overlap_ends_at: Option<DateTime<Utc>>,
}

/// What is stored of a token's texts.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct CodesRow {
    code: Vec<u8>,
    pepper_version: i32,
    previous_code: Option<Vec<u8>>,
    previous_pepper_version: Option<i32>,
}

impl TokenRow {
    fn with_teams(self, teams: Vec<TeamId>) -> Token {
        let (role, enterprise_id) = (self.role, self.enterprise_id);
        Token {
            id: self.id,
            name: self.name,
            note: self.note,
            caller: Caller { user_id: UserId(self.user_id), enterprise_id, role, teams },
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
            overlap_ends_at: self.overlap_ends_at,
        }
    }
}

impl From<&Token> for TokenRow {
    fn from(token: &Token) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            note: token.note.clone(),
            role: token.caller.role,
            user_id: token.caller.user_id.0,
            enterprise_id: token.caller.enterprise_id,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
            overlap_ends_at: token.overlap_ends_at,
        }
    }
}

/// A token as it is in this transaction, and which of its texts was presented; or why that is the text of none.
pub(super) type CheckedToken = std::result::Result<(Token, Presented), TokenRefusal>;

/// A list of tokens that is being narrowed down.
type Narrowed = tokens::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The tokens of one enterprise without those of the platform, or all.
fn of_enterprise(enterprise: Option<EnterpriseId>) -> Narrowed {
    let query = tokens::table.into_boxed();
    match enterprise {
        Some(enterprise) => query
            .filter(tokens::enterprise_id.eq(enterprise.to_string()))
            .filter(tokens::role.ne(Role::Platform.as_str())),
        None => query,
    }
}

impl Repository<'_> {
    /// Only a `team` token has teams; for others, the table is not asked.
    fn with_its_teams(&mut self, row: TokenRow) -> Result<Token> {
        if row.role != Role::Team {
            return Ok(row.with_teams(Vec::new()));
        }
        let teams: Vec<String> = token_teams::table
            .filter(token_teams::token_id.eq(row.id.to_string()))
            .order(token_teams::team_id)
            .select(token_teams::team_id)
            .load(self.conn()?)?;
        let teams = teams.iter().map(|id| id.parse()).collect::<std::result::Result<_, _>>();
        Ok(row.with_teams(teams.map_err(|e| StorageError::Query(Arc::new(e)))?))
    }
}

impl Tokens for Repository<'_> {
    fn insert_token(&mut self, token: &Token, text: &Secret) -> Result<()> {
        self.checked_tokens.clear();
        let TokenCode { pepper_version, code } = self.new_code(text)?;
        let is_chosen = id_in(text.reveal()) != Some(token.id);
        diesel::insert_into(tokens::table)
            .values((
                TokenRow::from(token),
                tokens::code.eq(code),
                tokens::pepper_version.eq(pepper_version),
                tokens::is_chosen.eq(is_chosen),
            ))
            .execute(self.conn()?)?;
        if token.caller.teams.is_empty() {
            return Ok(());
        }
        let teams: Vec<_> = token
            .caller
            .teams
            .iter()
            .map(|team| {
                let token_id = token_teams::token_id.eq(token.id.to_string());
                (token_id, token_teams::team_id.eq(team.to_string()))
            })
            .collect();
        diesel::insert_into(token_teams::table).values(teams).execute(self.conn()?)?;
        Ok(())
    }

    fn identify(&mut self, text: &Secret) -> Result<Identified> {
        let claimed = id_in(text.reveal());
        let select = (TokenRow::as_select(), CodesRow::as_select());
        if let Some(id) = claimed {
            let row = tokens::table.find(id.to_string()).select(select).get_result(self.conn()?);
            if let Some(row) = row.optional()?
                && let Some(found) = self.compare(row, text)?
            {
                return Ok(found);
            }
        }
        let chosen = tokens::table.filter(tokens::is_chosen.eq(true)).select(select);
        let chosen: Vec<(TokenRow, CodesRow)> = chosen.load(self.conn()?)?;
        for row in chosen {
            if let Some(found) = self.compare(row, text)? {
                return Ok(found);
            }
        }
        Ok(Identified::Nobody(claimed))
    }

    fn check_token(&mut self, proof: &TokenProof, now: DateTime<Utc>) -> Result<Acceptance> {
        let checked = match self.checked_tokens.get(proof) {
            Some(checked) => checked,
            None => {
                let checked = self.look_at_token(proof)?;
                self.checked_tokens.entry(*proof).or_insert(checked)
            }
        };
        match checked {
            Ok((token, presented)) => Ok(token.accept(*presented, now)),
            Err(refusal) => Ok(Err(*refusal)),
        }
    }

    fn find_token(&mut self, id: TokenId) -> Result<Option<Token>> {
        let row = tokens::table
            .find(id.to_string())
            .select(TokenRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        row.map(|row| self.with_its_teams(row)).transpose()
    }

    fn list_tokens(&mut self) -> Result<Vec<Token>> {
        self.list_some_tokens(None, None, i64::MAX)
    }

    fn list_some_tokens(
        &mut self,
        enterprise: Option<EnterpriseId>,
        after: Option<TokenId>,
        limit: i64,
    ) -> Result<Vec<Token>> {
        let mut query = of_enterprise(enterprise).select(TokenRow::as_select());
        if let Some(after) = after {
            query = query.filter(tokens::id.gt(after.to_string()));
        }
        let rows = query.order(tokens::id).limit(limit).load(self.conn()?)?;
        rows.into_iter().map(|row| self.with_its_teams(row)).collect()
    }

    fn count_tokens(&mut self, enterprise: Option<EnterpriseId>) -> Result<i64> {
        Ok(of_enterprise(enterprise).count().get_result(self.conn()?)?)
    }

    fn any_token(&mut self) -> Result<bool> {
        let tokens = tokens::table.select(tokens::id);
        Ok(diesel::select(diesel::dsl::exists(tokens)).get_result(self.conn()?)?)
    }

    fn any_chosen_token(&mut self) -> Result<bool> {
        let chosen = tokens::table.filter(tokens::is_chosen.eq(true)).select(tokens::id);
        Ok(diesel::select(diesel::dsl::exists(chosen)).get_result(self.conn()?)?)
    }

    fn revoke_token(&mut self, id: TokenId, now: DateTime<Utc>) -> Result<bool> {
        self.checked_tokens.clear();
        let live = tokens::table.find(id.to_string()).filter(tokens::revoked_at.is_null());
        let changed = diesel::update(live).set(tokens::revoked_at.eq(now)).execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn rotate_token(&mut self, token: &Token, text: &Secret) -> Result<()> {
        self.checked_tokens.clear();
        let TokenCode { pepper_version, code } = self.new_code(text)?;
        let is_chosen = id_in(text.reveal()) != Some(token.id);
        diesel::update(tokens::table.find(token.id.to_string()))
            .set((
                // If it is not, the text before may still be.
                is_chosen.then(|| tokens::is_chosen.eq(true)),
                tokens::previous_code.eq(tokens::code.nullable()),
                tokens::previous_pepper_version.eq(tokens::pepper_version.nullable()),
                tokens::overlap_ends_at.eq(token.overlap_ends_at),
                tokens::code.eq(code),
                tokens::pepper_version.eq(pepper_version),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn note_token_uses(&mut self, uses: &[TokenUse]) -> Result<()> {
        self.checked_tokens.clear();
        let keys = self.load_keys()?;
        let latest: BTreeMap<_, _> = uses.iter().map(|used| (used.id.to_string(), used)).collect();
        for (id, used) in latest {
            let minute = used.at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(used.at);
            // Another server may have noted a later one.
            diesel::update(tokens::table.find(&id))
                .filter(tokens::last_used_at.is_null().or(tokens::last_used_at.lt(minute)))
                .set(tokens::last_used_at.eq(minute))
                .execute(self.conn()?)?;
            if let Some(TokenCode { pepper_version, code }) = &used.renewed
                && keys.peppers.contains_key(pepper_version)
            {
                // Unless it was rotated meanwhile: then an even newer one is stored.
                diesel::update(tokens::table.find(&id))
                    .filter(tokens::pepper_version.lt(pepper_version))
                    .set((tokens::code.eq(code), tokens::pepper_version.eq(pepper_version)))
                    .execute(self.conn()?)?;
            }
        }
        Ok(())
    }
}

impl Repository<'_> {
    /// The token of which a text was presented, without its teams.
    fn look_at_token(&mut self, proof: &TokenProof) -> Result<CheckedToken> {
        let select = (TokenRow::as_select(), CodesRow::as_select());
        // What is collected is not written for it: it does not change tokens.
        let row = tokens::table.find(proof.id.to_string()).select(select).get_result(self.conn);
        let Some((row, codes)) = row.optional()? else { return Ok(Err(TokenRefusal::Unknown)) };
        let presented = self.presented(&codes, &proof.digest)?;
        Ok(match presented {
            Some(presented) => Ok((row.with_teams(Vec::new()), presented)),
            None => Err(TokenRefusal::Rotated),
        })
    }

    fn new_code(&mut self, text: &Secret) -> Result<TokenCode> {
        // Read anew: under a pepper that another process has forgotten, the token would be lost.
        let code = self.load_keys()?.new_code(text);
        code.ok_or_else(|| StorageError::Unusable("there is no pepper".to_owned()))
    }

    /// Compares `text` with what is stored of a token's texts, in constant time.
    fn compare(
        &mut self,
        (row, codes): (TokenRow, CodesRow),
        text: &Secret,
    ) -> Result<Option<Identified>> {
        let Some(presented) = self.presented(&codes, &digest(text))? else { return Ok(None) };
        let newest = self.keys()?.new_code(text);
        let current = presented == Presented::Current;
        let renewed = newest.filter(|new| current && new.pepper_version > codes.pepper_version);
        Ok(Some(Identified::Token { token: self.with_its_teams(row)?, presented, renewed }))
    }

    /// Which of a token's texts has this digest.
    fn presented(&mut self, codes: &CodesRow, digest: &[u8; 32]) -> Result<Option<Presented>> {
        if self.has_code(digest, codes.pepper_version, &codes.code)? {
            return Ok(Some(Presented::Current));
        }
        let (Some(version), Some(code)) = (codes.previous_pepper_version, &codes.previous_code)
        else {
            return Ok(None);
        };
        let is_previous = self.has_code(digest, version, code)?;
        Ok(is_previous.then_some(Presented::Previous))
    }

    fn has_code(&mut self, digest: &[u8; 32], pepper_version: i32, stored: &[u8]) -> Result<bool> {
        let mut code = self.keys()?.code(pepper_version, digest);
        if code.is_none() {
            // The pepper was made by another process.
            code = self.load_keys()?.code(pepper_version, digest);
        }
        Ok(code.is_some_and(|code| same(&code, stored)))
    }
}
