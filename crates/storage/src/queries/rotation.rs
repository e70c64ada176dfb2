//! Changing the key that secrets are sealed with, while others read and write.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::answers;
use super::nodes::keys;
use super::regions::credentials;
use super::register::{KeyRow, place, row_of};
use super::schema::{
    dial_tasks, dial_variables, idempotent_answers, master_keys, node_keys, region_credentials,
    register, register_keys, tokens, webhooks,
};
use super::tasks::row as task_row;
use super::webhooks as webhook_row;
use super::{Repository, Result, variables};
use crate::vault::{KeyId, Place};

/// Seals what stands in one column of at most `$limit` rows of a table with the key `$to`; how many
/// rows there were. `$id` names a row, and `$place` tells where the column of one stands.
macro_rules! resealed {
    ($self:ident, $to:ident, $limit:ident, $table:ident($id:ident, $column:ident), $place:path) => {{
        let other = $table::key_id.lt($to.to_string()).or($table::key_id.gt($to.to_string()));
        let rows: Vec<(String, Vec<u8>, String)> = $table::table
            .filter(other)
            .limit($limit)
            .select(($table::$id, $table::$column, $table::key_id))
            .load($self.conn)?;
        for (row, sealed, from) in &rows {
            let sealed = $self.sealed_anew($place(row), from, $to, sealed)?;
            diesel::update($table::table.filter($table::$id.eq(row)))
                .set(($table::$column.eq(sealed), $table::key_id.eq($to.to_string())))
                .execute($self.conn)?;
        }
        Ok(rows.len())
    }};
}

impl Repository<'_> {
    /// What is sealed with `from`, sealed with `to`.
    fn sealed_anew(
        &self,
        place: Place<'_>,
        from: &str,
        to: &KeyId,
        sealed: &[u8],
    ) -> Result<Vec<u8>> {
        let from = KeyId::try_from(from.to_owned())?;
        let plain = self.safe.vault.open(&from, place, sealed)?;
        Ok(self.safe.vault.seal(to, place, &plain)?)
    }

    /// Seals the register's own keys with `to`.
    pub(super) fn reseal_own_keys(&mut self, to: &KeyId) -> Result<usize> {
        let rows: Vec<KeyRow> = register_keys::table
            .filter(register_keys::key_id.ne(to.to_string()))
            .select(KeyRow::as_select())
            .load(self.conn)?;
        for row in &rows {
            let name = row_of(&row.purpose, row.version);
            let sealed = self.sealed_anew(place(&name), row.key_id.as_ref(), to, &row.sealed)?;
            diesel::update(register_keys::table.find((&row.purpose, row.version)))
                .set((register_keys::sealed.eq(sealed), register_keys::key_id.eq(to.to_string())))
                .execute(self.conn)?;
        }
        Ok(rows.len())
    }

    /// Seals the secret halves of at most `limit` key pairs of nodes with `to`.
    pub(super) fn reseal_node_keys(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        let rows: Vec<(String, Option<Vec<u8>>, Option<String>)> = node_keys::table
            .filter(node_keys::key_id.lt(to.to_string()).or(node_keys::key_id.gt(to.to_string())))
            .limit(limit)
            .select((node_keys::id, node_keys::secret, node_keys::key_id))
            .load(self.conn)?;
        for (row, sealed, from) in &rows {
            let from = from.as_deref().unwrap_or_default();
            let anew = |s: &Vec<u8>| self.sealed_anew(keys::place(row), from, to, s);
            let sealed = sealed.as_ref().map(anew).transpose()?;
            diesel::update(node_keys::table.find(row))
                .set((node_keys::secret.eq(sealed), node_keys::key_id.eq(to.to_string())))
                .execute(self.conn)?;
        }
        Ok(rows.len())
    }

    /// Seals what at most `limit` dial tasks dial with `to`.
    pub(super) fn reseal_tasks(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        resealed!(self, to, limit, dial_tasks(id, content), task_row::place)
    }

    /// Seals the secrets of at most `limit` webhooks with `to`.
    pub(super) fn reseal_webhooks(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        resealed!(self, to, limit, webhooks(id, secret), webhook_row::place)
    }

    /// Seals the values of at most `limit` variables of dial tasks with `to`.
    pub(super) fn reseal_variables(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        resealed!(self, to, limit, dial_variables(id, value), variables::place)
    }

    /// Seals at most `limit` answers that are kept with `to`.
    pub(super) fn reseal_answers(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        let rows: Vec<(String, String, Vec<u8>, String)> = idempotent_answers::table
            .filter(idempotent_answers::key_id.ne(to.to_string()))
            .order((idempotent_answers::token_id, idempotent_answers::key))
            .limit(limit)
            .select((
                idempotent_answers::token_id,
                idempotent_answers::key,
                idempotent_answers::sealed,
                idempotent_answers::key_id,
            ))
            .load(self.conn)?;
        for (token, key, sealed, from) in &rows {
            let row = answers::row_of(token, key);
            let sealed = self.sealed_anew(answers::place(&row), from, to, sealed)?;
            diesel::update(idempotent_answers::table.find((token, key)))
                .set((
                    idempotent_answers::sealed.eq(sealed),
                    idempotent_answers::key_id.eq(to.to_string()),
                ))
                .execute(self.conn)?;
        }
        Ok(rows.len())
    }

    /// Seals at most `limit` sets of credentials with `to`.
    pub(super) fn reseal_credentials(&mut self, to: &KeyId, limit: i64) -> Result<usize> {
        type Row = (String, Option<Vec<u8>>, Option<Vec<u8>>, Option<String>);
        let rows: Vec<Row> = region_credentials::table
            .filter(
                region_credentials::key_id
                    .lt(to.to_string())
                    .or(region_credentials::key_id.gt(to.to_string())),
            )
            .limit(limit)
            .select((
                region_credentials::id,
                region_credentials::token,
                region_credentials::key,
                region_credentials::key_id,
            ))
            .load(self.conn)?;
        for (row, token, key, from) in &rows {
            let from = from.as_deref().unwrap_or_default();
            let anew = |column, sealed: &Option<Vec<u8>>| {
                let place = credentials::place(row, column);
                sealed.as_ref().map(|s| self.sealed_anew(place, from, to, s)).transpose()
            };
            let (token, key) = (anew("token", token)?, anew("key", key)?);
            diesel::update(region_credentials::table.find(row))
                .set((
                    region_credentials::token.eq(token),
                    region_credentials::key.eq(key),
                    region_credentials::key_id.eq(to.to_string()),
                ))
                .execute(self.conn)?;
        }
        Ok(rows.len())
    }

    /// Makes `to` the key that secrets are sealed with.
    pub(super) fn set_sealing_key(&mut self, to: &KeyId) -> Result<()> {
        diesel::update(register::table)
            .set(register::key_id.eq(to.to_string()))
            .execute(self.conn)?;
        self.head = None;
        Ok(())
    }

    /// Forgets peppers that no token needs, but for the newest.
    pub(super) fn forget_peppers(&mut self) -> Result<()> {
        let keys = self.load_keys()?;
        let newest = keys.peppers.keys().max().copied().unwrap_or_default();
        for version in keys.peppers.keys().copied().filter(|version| *version != newest) {
            let current = tokens::table.filter(tokens::pepper_version.eq(version));
            let previous = tokens::table.filter(tokens::previous_pepper_version.eq(version));
            let needed = diesel::select(exists(current)).get_result::<bool>(self.conn)?
                || diesel::select(exists(previous)).get_result::<bool>(self.conn)?;
            if !needed {
                diesel::delete(register_keys::table.find(("pepper", version)))
                    .execute(self.conn)?;
            }
        }
        self.load_keys().map(drop)
    }

    /// Forgets the master keys but `current`, and answers them. A reference to one that is still
    /// needed makes this fail.
    pub(super) fn forget_master_keys(&mut self, current: &KeyId) -> Result<Vec<KeyId>> {
        let others = || master_keys::table.filter(master_keys::id.ne(current.to_string()));
        let gone: Vec<String> = others().select(master_keys::id).load(self.conn)?;
        diesel::delete(others()).execute(self.conn)?;
        gone.into_iter().map(|id| Ok(KeyId::try_from(id)?)).collect()
    }
}
