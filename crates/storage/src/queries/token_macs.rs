//! Codes over the rows of tokens, so that nobody but the register can change what a token may do (ADR 0022).

use cadastre_domain::id::{TeamId, TokenId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::register::{AUDIT_KEY_OF_TOKEN_MACS, KeyRow, place, row_of};
use super::schema::{register_keys, token_teams, tokens};
use super::tokens::{CodesRow, TokenRow};
use super::{Repository, Result, parsed};
use crate::StorageError;
use crate::mac::{hmac_sha256, same};
use crate::safe::RegisterKeys;

/// A column that may be null: what is null and what is empty differ in their first byte.
fn nullable(bytes: Option<impl AsRef<[u8]>>) -> Vec<u8> {
    bytes.map_or(Vec::new(), |bytes| [b"=", bytes.as_ref()].concat())
}

/// A time, as exact as both databases keep it.
fn time(time: Option<DateTime<Utc>>) -> Vec<u8> {
    nullable(time.map(|time| time.timestamp_micros().to_be_bytes()))
}

/// The code over all columns of a token that say by which text it is accepted, until when, and for what.
pub(super) fn token_mac(keys: &RegisterKeys, row: &TokenRow, codes: &CodesRow) -> [u8; 32] {
    let (id, enterprise) = (row.id.to_string(), row.enterprise_id.to_string());
    let parts: [&[u8]; 13] = [
        b"token",
        id.as_bytes(),
        row.role.as_str().as_bytes(),
        &row.user_id.to_be_bytes(),
        enterprise.as_bytes(),
        &codes.code,
        &codes.pepper_version.to_be_bytes(),
        &nullable(codes.previous_code.as_ref()),
        &nullable(codes.previous_pepper_version.map(i32::to_be_bytes)),
        &[u8::from(codes.is_chosen)],
        &time(row.expires_at),
        &time(row.revoked_at),
        &time(row.overlap_ends_at),
    ];
    hmac_sha256(&keys.token_rows, &parts)
}

/// The code over the row that says that a token belongs to a team.
pub(super) fn team_mac(keys: &RegisterKeys, token: TokenId, team: TeamId) -> [u8; 32] {
    let (token, team) = (token.to_string(), team.to_string());
    hmac_sha256(&keys.token_rows, &[b"team of a token", token.as_bytes(), team.as_bytes()])
}

/// Whether the code that stands in a row is the right one. A row without any is not as the register wrote it.
pub(super) fn is_right(stored: Option<&Vec<u8>>, mac: &[u8; 32]) -> bool {
    stored.is_some_and(|stored| same(stored, mac))
}

impl Repository<'_> {
    /// Makes the codes of the first tokens after this one, and answers the last of them; none when there is
    /// none left. Existing codes are made again: a server of the version before may have changed rows
    /// after an upgrade that was broken off.
    pub(super) fn make_token_macs(
        &mut self,
        after: Option<TokenId>,
        limit: i64,
    ) -> Result<Option<TokenId>> {
        let keys = self.keys()?;
        // All identifiers come after the empty text.
        let after = after.map(String::from).unwrap_or_default();
        let rows: Vec<(TokenRow, CodesRow)> = tokens::table
            .filter(tokens::id.gt(after))
            .order(tokens::id)
            .limit(limit)
            .select((TokenRow::as_select(), CodesRow::as_select()))
            .load(self.conn)?;
        let last = rows.last().map(|(row, _)| row.id);
        for (row, codes) in rows {
            diesel::update(tokens::table.find(row.id.to_string()))
                .set(tokens::mac.eq(token_mac(&keys, &row, &codes).to_vec()))
                .execute(self.conn)?;
            self.make_team_macs(&keys, row.id)?;
        }
        Ok(last)
    }

    /// Makes the codes of the teams of a token.
    fn make_team_macs(&mut self, keys: &RegisterKeys, token: TokenId) -> Result<()> {
        let teams: Vec<String> = token_teams::table
            .filter(token_teams::token_id.eq(token.to_string()))
            .select(token_teams::team_id)
            .load(self.conn)?;
        for team in teams {
            let mac = team_mac(keys, token, parsed(&team)?);
            diesel::update(token_teams::table.find((token.to_string(), team)))
                .set(token_teams::mac.eq(mac.to_vec()))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Notes that tokens have codes from now on.
    ///
    /// That note must not be a value that could be taken away: it is the version under which the key of the
    /// audit is sealed, without which the register does not start at all.
    pub(super) fn note_token_macs(&mut self) -> Result<()> {
        let audit = register_keys::table
            .filter(register_keys::purpose.eq("audit"))
            .filter(register_keys::version.lt(AUDIT_KEY_OF_TOKEN_MACS));
        let row: KeyRow = audit.select(KeyRow::as_select()).get_result(self.conn)?;
        let before = row_of("audit", row.version);
        let key = self.safe.vault.open(&row.key_id, place(&before), &row.sealed)?;
        let after = row_of("audit", AUDIT_KEY_OF_TOKEN_MACS);
        let sealed = self.safe.vault.seal(&row.key_id, place(&after), &key)?;
        diesel::update(register_keys::table.find(("audit", row.version)))
            .set((
                register_keys::version.eq(AUDIT_KEY_OF_TOKEN_MACS),
                register_keys::sealed.eq(sealed),
            ))
            .execute(self.conn)?;
        self.load_keys().map(drop)
    }
}

/// Why a row is not changed: the code over it would make good what others wrote into it.
pub(super) fn altered(id: TokenId) -> StorageError {
    StorageError::Unusable(format!("the row of the token {id} is not as the register wrote it"))
}
