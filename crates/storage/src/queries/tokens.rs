//! Rows and queries of tokens.

use std::collections::BTreeMap;

use cadastre_domain::id::{EnterpriseId, TeamId, TokenId};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token, TokenName, TokenNote, TokenRefusal, id_in};
use cadastre_domain::user::UserId;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use diesel::prelude::*;

use super::scan::{self, look};
use super::schema::{token_teams, tokens};
use super::token_macs::{altered, is_right, team_mac, token_mac};
use super::{Conn, Repository, Result, parsed};
use crate::mac::same;
use crate::safe::{RegisterKeys, TokenCode, TokenProof, digest};
use crate::{Acceptance, Identified, StorageError, TokenUse, Tokens, Total};

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub(super) struct TokenRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub(super) id: TokenId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: TokenName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    note: TokenNote,
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub(super) role: Role,
    pub(super) user_id: i64,
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub(super) enterprise_id: EnterpriseId,
    created_at: DateTime<Utc>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    pub(super) overlap_ends_at: Option<DateTime<Utc>>,
}

/// What is stored of a token's texts, and the code over the row.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct CodesRow {
    pub(super) code: Vec<u8>,
    pub(super) pepper_version: i32,
    pub(super) previous_code: Option<Vec<u8>>,
    pub(super) previous_pepper_version: Option<i32>,
    pub(super) is_chosen: bool,
    mac: Option<Vec<u8>>,
}

impl CodesRow {
    /// With the right code over the row.
    fn authenticated(mut self, keys: &RegisterKeys, row: &TokenRow) -> Self {
        self.mac = Some(token_mac(keys, row, &self).to_vec());
        self
    }

    /// Whether the code over the row is the right one.
    fn is_intact(&self, keys: &RegisterKeys, row: &TokenRow) -> bool {
        is_right(self.mac.as_ref(), &token_mac(keys, row, self))
    }
}

/// A row of a token, whole.
type StoredToken = (TokenRow, CodesRow);

impl TokenRow {
    fn with_teams(self, teams: Vec<TeamId>, is_intact: bool) -> Token {
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
            is_intact,
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
    fn with_its_teams(&mut self, (row, codes): StoredToken) -> Result<Token> {
        let keys = self.keys()?;
        let mut is_intact = codes.is_intact(&keys, &row);
        if row.role != Role::Team {
            return Ok(row.with_teams(Vec::new(), is_intact));
        }
        let rows: Vec<(String, Option<Vec<u8>>)> = token_teams::table
            .filter(token_teams::token_id.eq(row.id.to_string()))
            .order(token_teams::team_id)
            .select((token_teams::team_id, token_teams::mac))
            .load(self.conn()?)?;
        let mut teams = Vec::with_capacity(rows.len());
        for (team, mac) in rows {
            let team = parsed(&team)?;
            is_intact &= is_right(mac.as_ref(), &team_mac(&keys, row.id, team));
            teams.push(team);
        }
        Ok(row.with_teams(teams, is_intact))
    }

    /// The row of this token, which may be changed; none when there is no such token.
    ///
    /// Fails when it is not as the register wrote it.
    fn intact_row(&mut self, id: TokenId) -> Result<Option<StoredToken>> {
        let Some((row, codes)) = self.stored_token(id)? else { return Ok(None) };
        if codes.is_intact(&*self.keys()?, &row) {
            Ok(Some((row, codes)))
        } else {
            Err(altered(id))
        }
    }

    fn stored_token(&mut self, id: TokenId) -> Result<Option<StoredToken>> {
        // What is collected is not written for it: it does not change tokens.
        Ok(tokens::table
            .find(id.to_string())
            .select((TokenRow::as_select(), CodesRow::as_select()))
            .get_result(self.conn)
            .optional()?)
    }
}

impl Tokens for Repository<'_> {
    fn insert_token(&mut self, token: &Token, text: &Secret) -> Result<()> {
        self.checked_tokens.clear();
        let TokenCode { pepper_version, code } = self.new_code(text)?;
        let (keys, row) = (self.keys()?, TokenRow::from(token));
        let codes = CodesRow {
            code,
            pepper_version,
            previous_code: None,
            previous_pepper_version: None,
            is_chosen: id_in(text.reveal()) != Some(token.id),
            mac: None,
        };
        let codes = codes.authenticated(&keys, &row);
        diesel::insert_into(tokens::table).values((row, codes)).execute(self.conn()?)?;
        if token.caller.teams.is_empty() {
            return Ok(());
        }
        let teams: Vec<_> = token
            .caller
            .teams
            .iter()
            .map(|team| {
                (
                    token_teams::token_id.eq(token.id.to_string()),
                    token_teams::team_id.eq(team.to_string()),
                    token_teams::mac.eq(team_mac(&keys, token.id, *team).to_vec()),
                )
            })
            .collect();
        diesel::insert_into(token_teams::table).values(teams).execute(self.conn()?)?;
        Ok(())
    }

    fn identify(&mut self, text: &Secret) -> Result<Identified> {
        let claimed = id_in(text.reveal());
        let select = (TokenRow::as_select(), CodesRow::as_select());
        if let Some(id) = claimed
            && let Some(row) = self.stored_token(id)?
            && let Some(found) = self.compare(row, text)?
        {
            return Ok(found);
        }
        let chosen = tokens::table.filter(tokens::is_chosen.eq(true)).select(select);
        let chosen: Vec<StoredToken> = chosen.load(self.conn()?)?;
        for row in chosen {
            if let Some(found) = self.compare(row, text)? {
                return Ok(found);
            }
        }
        Ok(Identified::Nobody(claimed))
    }

    fn check_token(&mut self, proof: &TokenProof, now: DateTime<Utc>) -> Result<Acceptance> {
        let checked = if let Some(checked) = self.checked_tokens.get(proof) {
            checked
        } else {
            let checked = self.look_at_token(proof)?;
            self.checked_tokens.entry(*proof).or_insert(checked)
        };
        match checked {
            Ok((token, presented)) => Ok(token.accept(*presented, now)),
            Err(refusal) => Ok(Err(*refusal)),
        }
    }

    fn find_token(&mut self, id: TokenId) -> Result<Option<Token>> {
        let row = self.stored_token(id)?;
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
        let select = (TokenRow::as_select(), CodesRow::as_select());
        let mut query = of_enterprise(enterprise).select(select);
        if let Some(after) = after {
            query = query.filter(tokens::id.gt(after.to_string()));
        }
        let rows: Vec<StoredToken> = query.order(tokens::id).limit(limit).load(self.conn()?)?;
        rows.into_iter().map(|row| self.with_its_teams(row)).collect()
    }

    fn count_tokens(&mut self, enterprise: Option<EnterpriseId>) -> Result<Total> {
        scan::count(|after: Option<&String>, chunk| {
            look!(self, of_enterprise(enterprise), tokens::id, Vec::new(), after, chunk)
        })
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
        let Some((row, codes)) = self.stored_token(id)? else { return Ok(false) };
        if row.revoked_at.is_some() {
            return Ok(false);
        }
        let keys = self.keys()?;
        let revoked = TokenRow { revoked_at: Some(now), ..row.clone() };
        // One that is not intact is revoked, too, but not made good by that.
        let codes =
            if codes.is_intact(&keys, &row) { codes.authenticated(&keys, &revoked) } else { codes };
        diesel::update(tokens::table.find(id.to_string()))
            .set((tokens::revoked_at.eq(now), tokens::mac.eq(codes.mac)))
            .execute(self.conn)?;
        Ok(true)
    }

    fn rotate_token(&mut self, token: &Token, text: &Secret) -> Result<()> {
        self.checked_tokens.clear();
        let Some((row, before)) = self.intact_row(token.id)? else { return Ok(()) };
        let TokenCode { pepper_version, code } = self.new_code(text)?;
        let row = TokenRow { overlap_ends_at: token.overlap_ends_at, ..row };
        let codes = CodesRow {
            code,
            pepper_version,
            previous_code: Some(before.code),
            previous_pepper_version: Some(before.pepper_version),
            // If this one is not, the text before may still be.
            is_chosen: before.is_chosen || id_in(text.reveal()) != Some(token.id),
            mac: None,
        };
        let codes = codes.authenticated(&*self.keys()?, &row);
        diesel::update(tokens::table.find(token.id.to_string()))
            .set((tokens::overlap_ends_at.eq(token.overlap_ends_at), codes))
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
            if let Some(renewed) = &used.renewed
                && keys.peppers.contains_key(&renewed.pepper_version)
            {
                self.renew_code(used.id, renewed)?;
            }
        }
        Ok(())
    }
}

impl Repository<'_> {
    /// The token of which a text was presented, without its teams.
    fn look_at_token(&mut self, proof: &TokenProof) -> Result<CheckedToken> {
        let Some((row, codes)) = self.stored_token(proof.id)? else {
            return Ok(Err(TokenRefusal::Unknown));
        };
        let is_intact = codes.is_intact(&*self.keys()?, &row);
        Ok(match self.presented(&codes, &proof.digest)? {
            Some(presented) => Ok((row.with_teams(Vec::new(), is_intact), presented)),
            None => Err(TokenRefusal::Rotated),
        })
    }

    /// Stores another code of a token's text.
    fn renew_code(&mut self, id: TokenId, renewed: &TokenCode) -> Result<()> {
        let Some((row, codes)) = self.stored_token(id)? else { return Ok(()) };
        let keys = self.keys()?;
        // If it was rotated meanwhile, an even newer one is stored.
        if codes.pepper_version >= renewed.pepper_version || !codes.is_intact(&keys, &row) {
            return Ok(());
        }
        let TokenCode { pepper_version, code } = renewed.clone();
        let codes = CodesRow { code, pepper_version, ..codes }.authenticated(&keys, &row);
        diesel::update(tokens::table.find(id.to_string())).set(codes).execute(self.conn()?)?;
        Ok(())
    }

    fn new_code(&mut self, text: &Secret) -> Result<TokenCode> {
        // Read anew: under a pepper that another process has forgotten, the token would be lost.
        let code = self.load_keys()?.new_code(text);
        code.ok_or_else(|| StorageError::Unusable("there is no pepper".to_owned()))
    }

    /// Compares `text` with what is stored of a token's texts, in constant time.
    fn compare(&mut self, (row, codes): StoredToken, text: &Secret) -> Result<Option<Identified>> {
        let Some(presented) = self.presented(&codes, &digest(text))? else { return Ok(None) };
        let newest = self.keys()?.new_code(text);
        let current = presented == Presented::Current;
        let renewed = newest.filter(|new| current && new.pepper_version > codes.pepper_version);
        let token = self.with_its_teams((row, codes))?;
        Ok(Some(Identified::Token { token, presented, renewed }))
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
