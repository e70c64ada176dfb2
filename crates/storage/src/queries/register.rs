//! The register's one row and its own keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{master_keys, register, register_keys};
use super::{Repository, Result, twice};
use crate::audit::{ChainEnds, ChainLink, seal};
use crate::safe::{Key, RegisterKeys};
use crate::vault::{KeyId, Place};
use crate::{Register, StorageError, Upgrade};

/// The register's one row: the key that secrets are sealed with, and the end of the audit chain.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = register)]
pub(super) struct Head {
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub(super) key_id: KeyId,
    pub(super) audit_sequence: i64,
    pub(super) audit_hash: Vec<u8>,
    pub(super) audit_seal: Vec<u8>,
    pub(super) archived_sequence: i64,
    pub(super) archived_hash: Vec<u8>,
}

impl Head {
    /// Where the chain of what is here begins and ends.
    pub(super) fn ends(&self) -> ChainEnds {
        ChainEnds {
            archived: ChainLink {
                sequence: self.archived_sequence,
                hash: self.archived_hash.clone(),
            },
            last: ChainLink { sequence: self.audit_sequence, hash: self.audit_hash.clone() },
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = register_keys)]
pub(super) struct KeyRow {
    pub(super) purpose: String,
    pub(super) version: i32,
    #[diesel(deserialize_as = String)]
    pub(super) key_id: KeyId,
    pub(super) sealed: Vec<u8>,
}

/// The register's own keys are 256 bits of chance.
pub(super) const OWN_KEY_LENGTH: usize = 32;

/// The version of the key of the audit in a register whose tokens have codes. The key itself is the same as
/// before; but it is sealed for its version, so that one who can only write to the database cannot make the
/// register take its tokens for those of an earlier one.
pub(super) const AUDIT_KEY_OF_TOKEN_MACS: i32 = 2;

/// The version of that key in a register that is not upgraded yet, and in one that is being begun.
const FIRST_AUDIT_KEY: i32 = 1;

/// Where a key of the register's own stands.
pub(super) fn row_of(purpose: &str, version: i32) -> String {
    format!("{purpose}/{version}")
}

/// The place of one of the register's own keys.
pub(super) const fn place(row: &str) -> Place<'_> {
    Place { table: "register_keys", row, column: "sealed" }
}

impl Repository<'_> {
    /// The register's one row, read once in a transaction.
    pub(super) fn head(&mut self) -> Result<&mut Head> {
        if self.head.is_none() {
            let row = register::table.select(Head::as_select()).get_result(self.conn);
            self.head = Some(row?);
        }
        self.head.as_mut().ok_or_else(no_row)
    }

    /// The key with which secrets are sealed now.
    pub(super) fn sealing_key(&mut self) -> Result<KeyId> {
        Ok(self.head()?.key_id.clone())
    }

    /// The register's own keys.
    pub(super) fn keys(&mut self) -> Result<Arc<RegisterKeys>> {
        match self.own_keys.clone().or_else(|| self.safe.keys()) {
            Some(keys) => Ok(keys),
            None => self.load_keys(),
        }
    }

    /// Reads the register's own keys, which another process may have changed. Those of a transaction
    /// that is undone must not be used for anything that stays, so others read for themselves.
    pub(super) fn load_keys(&mut self) -> Result<Arc<RegisterKeys>> {
        let keys = Arc::new(twice(|| self.open_keys())?);
        if self.is_in_transaction() {
            self.safe.remember(None);
            self.own_keys = Some(Arc::clone(&keys));
        } else {
            self.safe.remember(Some(&keys));
        }
        Ok(keys)
    }

    fn open_keys(&mut self) -> Result<RegisterKeys> {
        let rows: Vec<KeyRow> = register_keys::table.select(KeyRow::as_select()).load(self.conn)?;
        let mut peppers = BTreeMap::new();
        let (mut fingerprint, mut audit, mut audit_version) = (None, None, 0);
        for row in rows {
            let name = row_of(&row.purpose, row.version);
            let key = self.safe.vault.open(&row.key_id, place(&name), &row.sealed)?;
            match row.purpose.as_str() {
                "pepper" => drop(peppers.insert(row.version, key)),
                "fingerprint" => fingerprint = Some(key),
                _ if row.version > audit_version => {
                    (audit, audit_version) = (Some(key), row.version);
                }
                _ => {}
            }
        }
        let missing = || StorageError::Unusable("the register's own keys are missing".to_owned());
        let fingerprint = fingerprint.ok_or_else(missing)?;
        let audit = audit.ok_or_else(missing)?;
        let has_token_macs = audit_version >= AUDIT_KEY_OF_TOKEN_MACS;
        Ok(RegisterKeys::new(peppers, fingerprint, audit, has_token_macs))
    }

    /// Adds a key of the register's own, sealed with `key`.
    pub(super) fn add_own_key(
        &mut self,
        (purpose, version): (&str, i32),
        key: &KeyId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut own = Key::new(vec![0; OWN_KEY_LENGTH]);
        getrandom::fill(&mut own).map_err(|e| StorageError::Unusable(e.to_string()))?;
        let sealed = self.safe.vault.seal(key, place(&row_of(purpose, version)), &own)?;
        diesel::insert_into(register_keys::table)
            .values((
                register_keys::purpose.eq(purpose),
                register_keys::version.eq(version),
                register_keys::key_id.eq(key.to_string()),
                register_keys::sealed.eq(sealed),
                register_keys::created_at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Notes a master key that secrets may be sealed with from now on.
    pub(super) fn add_master_key(&mut self, key: &KeyId, now: DateTime<Utc>) -> Result<()> {
        diesel::insert_into(master_keys::table)
            .values((master_keys::id.eq(key.to_string()), master_keys::created_at.eq(now)))
            .execute(self.conn)?;
        Ok(())
    }
}

impl Register for Repository<'_> {
    fn check_keys(&mut self) -> Result<()> {
        let known: Vec<String> = master_keys::table.select(master_keys::id).load(self.conn()?)?;
        known.into_iter().try_for_each(|id| Ok(self.safe.vault.check(&KeyId::try_from(id)?)?))
    }

    fn ensure_keys(&mut self, now: DateTime<Utc>) -> Result<()> {
        self.check_keys()?;
        let row: i64 = register::table.count().get_result(self.conn()?)?;
        if row > 0 {
            return self.load_keys().map(drop);
        }
        let known: i64 = master_keys::table.count().get_result(self.conn()?)?;
        if known > 0 {
            // Both are written at once.
            return Err(no_row());
        }
        let key = self.safe.vault.first_key()?;
        self.add_master_key(&key, now)?;
        for (purpose, version) in [("pepper", 1), ("fingerprint", 1), ("audit", FIRST_AUDIT_KEY)] {
            self.add_own_key((purpose, version), &key, now)?;
        }
        let keys = self.load_keys()?;
        let ends = ChainEnds { archived: ChainLink::start(), last: ChainLink::start() };
        let head = Head {
            key_id: key,
            audit_seal: seal(&ends, &keys).to_vec(),
            audit_sequence: ends.last.sequence,
            audit_hash: ends.last.hash,
            archived_sequence: ends.archived.sequence,
            archived_hash: ends.archived.hash,
        };
        diesel::insert_into(register::table)
            .values((register::id.eq(1), head))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn upgrade(&mut self, from: Upgrade, limit: i64) -> Result<Upgrade> {
        // Asked in each transaction: once another server has ended the upgrade, rows without a right code
        // are not to be believed any more.
        if !self.load_keys()?.has_token_macs {
            if self.turn_digests_into_codes(limit)? + self.seal_what_is_not(limit)? > 0 {
                return Ok(from);
            }
            if let Some(last) = self.make_token_macs(from.signed, limit)? {
                return Ok(Upgrade { signed: Some(last), is_done: false });
            }
            self.note_token_macs()?;
        }
        let read = self.read_certificates(limit)?;
        Ok(Upgrade { is_done: read == 0, ..from })
    }

    fn master_keys(&mut self) -> Result<Vec<(KeyId, DateTime<Utc>, bool)>> {
        let current = self.sealing_key()?;
        let rows: Vec<(String, DateTime<Utc>)> =
            master_keys::table.order(master_keys::created_at).load(self.conn()?)?;
        let parse = |(id, time)| {
            let id = KeyId::try_from(id)?;
            let is_current = id == current;
            Ok((id, time, is_current))
        };
        rows.into_iter().map(parse).collect()
    }

    fn switch_key(&mut self, key: &KeyId, now: DateTime<Utc>) -> Result<()> {
        self.add_master_key(key, now)?;
        self.set_sealing_key(key)?;
        self.reseal_own_keys(key)?;
        let newest = self.load_keys()?.peppers.keys().max().copied().unwrap_or_default();
        self.add_own_key(("pepper", newest + 1), key, now)?;
        self.load_keys().map(drop)
    }

    fn reseal(&mut self, limit: i64) -> Result<usize> {
        let key = self.sealing_key()?;
        let own = self.reseal_own_keys(&key)?;
        let credentials = self.reseal_credentials(&key, limit)?;
        let others = self.reseal_node_keys(&key, limit)? + self.reseal_answers(&key, limit)?;
        let tasks = self.reseal_tasks(&key, limit)?;
        let webhooks = self.reseal_webhooks(&key, limit)?;
        let variables = self.reseal_variables(&key, limit)?;
        Ok(own + credentials + others + tasks + webhooks + variables)
    }

    fn forget_keys(&mut self) -> Result<Vec<KeyId>> {
        self.forget_peppers()?;
        let current = self.sealing_key()?;
        self.forget_master_keys(&current)
    }
}

fn no_row() -> StorageError {
    StorageError::Unusable("the register's row is missing".to_owned())
}
