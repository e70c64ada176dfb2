//! Seals what an earlier version of the register kept in clear, some in a transaction.

use diesel::prelude::*;

use super::schema::{node_keys, region_credentials, tokens, unsealed_secrets};
use super::{Repository, Result};
use crate::StorageError;
use crate::safe::code;
use crate::vault::Place;

impl Repository<'_> {
    /// Seals at most `limit` secrets that are in clear; how many.
    pub(super) fn seal_what_is_not(&mut self, limit: i64) -> Result<usize> {
        let rows: Vec<(String, String, String)> =
            unsealed_secrets::table.limit(limit).load(self.conn)?;
        let (key, count) = (self.sealing_key()?, rows.len());
        for (kind, row, value) in rows {
            let (table, column) = match kind.as_str() {
                "region_token" => ("region_credentials", "token"),
                "region_key" => ("region_credentials", "key"),
                _ => ("node_keys", "secret"),
            };
            let sealed =
                self.safe.vault.seal(&key, Place { table, row: &row, column }, value.as_bytes())?;
            self.store_sealed(&kind, &row, sealed, key.as_ref())?;
            diesel::delete(unsealed_secrets::table.find((kind, row))).execute(self.conn)?;
        }
        Ok(count)
    }

    fn store_sealed(&mut self, kind: &str, row: &str, sealed: Vec<u8>, key: &str) -> Result<()> {
        let credentials = diesel::update(region_credentials::table.find(row));
        let key_id = region_credentials::key_id.eq(key);
        match kind {
            "region_token" => credentials
                .set((region_credentials::token.eq(sealed), key_id))
                .execute(self.conn)?,
            "region_key" => {
                credentials.set((region_credentials::key.eq(sealed), key_id)).execute(self.conn)?
            }
            _ => diesel::update(node_keys::table.find(row))
                .set((node_keys::secret.eq(sealed), node_keys::key_id.eq(key)))
                .execute(self.conn)?,
        };
        Ok(())
    }

    /// Turns at most `limit` digests of tokens into codes; how many.
    pub(super) fn turn_digests_into_codes(&mut self, limit: i64) -> Result<usize> {
        let old: Vec<(String, Vec<u8>)> = tokens::table
            .filter(tokens::pepper_version.eq(0))
            .limit(limit)
            .select((tokens::id, tokens::code))
            .load(self.conn)?;
        let (keys, count) = (self.keys()?, old.len());
        for (id, digest) in old {
            let (version, pepper) = keys
                .peppers
                .last_key_value()
                .ok_or_else(|| StorageError::Unusable("there is no pepper".to_owned()))?;
            let code = code(pepper, &digest).to_vec();
            diesel::update(tokens::table.find(id))
                .set((tokens::code.eq(code), tokens::pepper_version.eq(version)))
                .execute(self.conn)?;
        }
        Ok(count)
    }
}
