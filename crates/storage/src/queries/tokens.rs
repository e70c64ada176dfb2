//! Rows and queries of tokens.

use cadastre_domain::id::{EnterpriseId, TeamId, TokenId};
use cadastre_domain::role::Role;
use cadastre_domain::token::{Caller, Token, TokenName};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{token_teams, tokens};
use super::{Repository, Result};
use crate::{StorageError, Tokens};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
struct TokenRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: TokenId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: TokenName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    role: Role,
    user_id: i64,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    fn with_teams(self, teams: Vec<TeamId>) -> Token {
        let (role, enterprise_id) = (self.role, self.enterprise_id);
        Token {
            id: self.id,
            name: self.name,
            caller: Caller { user_id: UserId(self.user_id), enterprise_id, role, teams },
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

impl From<&Token> for TokenRow {
    fn from(token: &Token) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            role: token.caller.role,
            user_id: token.caller.user_id.0,
            enterprise_id: token.caller.enterprise_id,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
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
        Ok(row.with_teams(teams.map_err(|e| StorageError::Query(std::sync::Arc::new(e)))?))
    }
}

impl Tokens for Repository<'_> {
    fn insert_token(&mut self, token: &Token, digest: &[u8; 32]) -> Result<()> {
        diesel::insert_into(tokens::table)
            .values((TokenRow::from(token), tokens::digest.eq(digest.as_slice())))
            .execute(self.conn()?)?;
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

    fn find_token(&mut self, digest: &[u8; 32]) -> Result<Option<Token>> {
        let row = tokens::table
            .filter(tokens::digest.eq(digest.as_slice()))
            .select(TokenRow::as_select())
            .first(self.conn()?)
            .optional()?;
        row.map(|row| self.with_its_teams(row)).transpose()
    }

    fn list_tokens(&mut self) -> Result<Vec<Token>> {
        let rows =
            tokens::table.order(tokens::id).select(TokenRow::as_select()).load(self.conn()?)?;
        rows.into_iter().map(|row| self.with_its_teams(row)).collect()
    }

    fn any_token(&mut self) -> Result<bool> {
        let tokens = tokens::table.select(tokens::id);
        Ok(diesel::select(diesel::dsl::exists(tokens)).get_result(self.conn()?)?)
    }

    fn revoke_token(&mut self, id: TokenId, now: DateTime<Utc>) -> Result<bool> {
        let live = tokens::table.find(id.to_string()).filter(tokens::revoked_at.is_null());
        let changed = diesel::update(live).set(tokens::revoked_at.eq(now)).execute(self.conn()?)?;
        Ok(changed == 1)
    }
}
