//! Rows and queries of the key pairs of nodes. Their secret halves are sealed.

use std::collections::HashMap;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, AccessKeyId, NodeKey, SecretKey};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::schema::{node_keys, nodes};
use super::super::{Repository, Result, invalid, parsed, twice};
use super::{LOOK_UP, texts};
use crate::vault::{KeyId, Place};

/// Where the secret half of a key pair stands.
pub(in super::super) const fn place(row: &str) -> Place<'_> {
    Place { table: "node_keys", row, column: "secret" }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = node_keys)]
struct KeyRow {
    id: String,
    node_id: String,
    created_at: DateTime<Utc>,
    secret: Option<Vec<u8>>,
    key_id: Option<String>,
    valid_until: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    ends_others: bool,
    first_used_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

/// When a key was used, and what a row cannot be without.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = node_keys, treat_none_as_default_value = false)]
struct UseRow {
    id: String,
    node_id: String,
    created_at: DateTime<Utc>,
    first_used_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Repository<'_> {
    pub(super) fn keys_of(&mut self, ids: &[NodeId]) -> Result<Vec<NodeKey>> {
        let mut keys = Vec::new();
        for some in ids.chunks(LOOK_UP) {
            keys.extend(twice(|| self.some_keys(some))?);
        }
        Ok(keys)
    }

    fn some_keys(&mut self, ids: &[NodeId]) -> Result<Vec<NodeKey>> {
        let rows: Vec<(KeyRow, String)> = node_keys::table
            .inner_join(nodes::table.on(nodes::id.eq(node_keys::node_id)))
            .filter(node_keys::node_id.eq_any(texts(ids)))
            .order((node_keys::created_at, node_keys::id))
            .select((KeyRow::as_select(), nodes::enterprise_id))
            .load(self.conn()?)?;
        let opened = rows.into_iter().map(|(row, enterprise)| self.opened(row, &enterprise));
        opened.filter_map(Result::transpose).collect()
    }

    /// The key of a row; none when its secret is gone.
    fn opened(&self, row: KeyRow, enterprise: &str) -> Result<Option<NodeKey>> {
        let (Some(sealed), Some(key_id)) = (row.secret, row.key_id) else { return Ok(None) };
        let secret = self.safe.open_text(&KeyId::try_from(key_id)?, place(&row.id), &sealed)?;
        let secret = SecretKey::try_from(secret.reveal().to_owned()).map_err(invalid)?;
        let pair = AccessKey { id: AccessKeyId::try_from(row.id).map_err(invalid)?, secret };
        Ok(Some(NodeKey {
            pair,
            node_id: parsed(&row.node_id)?,
            enterprise_id: parsed(enterprise)?,
            created_at: row.created_at,
            valid_until: row.valid_until,
            revoked_at: row.revoked_at,
            ends_others: row.ends_others,
            first_used_at: row.first_used_at,
            last_used_at: row.last_used_at,
        }))
    }

    pub(super) fn add_key(&mut self, key: &NodeKey) -> Result<()> {
        let (key_id, row) = (self.sealing_key()?, key.pair.id.to_string());
        let secret = key.pair.secret.reveal().as_bytes();
        let sealed = self.safe.vault.seal(&key_id, place(&row), secret)?;
        diesel::insert_into(node_keys::table)
            .values((
                node_keys::id.eq(&row),
                node_keys::node_id.eq(key.node_id.to_string()),
                node_keys::secret.eq(sealed),
                node_keys::key_id.eq(key_id.to_string()),
                node_keys::created_at.eq(key.created_at),
                node_keys::valid_until.eq(key.valid_until),
                node_keys::ends_others.eq(key.ends_others),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    pub(super) fn change_key(&mut self, key: &NodeKey) -> Result<()> {
        diesel::update(node_keys::table.find(key.pair.id.to_string()))
            .set((
                node_keys::valid_until.eq(key.valid_until),
                node_keys::revoked_at.eq(key.revoked_at),
                node_keys::ends_others.eq(key.ends_others),
                node_keys::first_used_at.eq(key.first_used_at),
                node_keys::last_used_at.eq(key.last_used_at),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    /// Every key is there already, so that what looks like an insertion only ever is an update: one
    /// of many rows with a value for each.
    pub(super) fn note_uses_of_keys(
        &mut self,
        uses: &[(AccessKeyId, DateTime<Utc>)],
    ) -> Result<()> {
        for some in uses.chunks(LOOK_UP) {
            let times: HashMap<String, DateTime<Utc>> =
                some.iter().map(|(key, at)| (key.to_string(), *at)).collect();
            let known: Vec<UseRow> = node_keys::table
                .filter(node_keys::id.eq_any(times.keys()))
                .select(UseRow::as_select())
                .load(self.conn()?)?;
            let noted = |row: UseRow| {
                let at = times.get(&row.id).copied();
                let (first_used_at, last_used_at) =
                    (row.first_used_at.or(at), row.last_used_at.max(at));
                UseRow { first_used_at, last_used_at, ..row }
            };
            let rows: Vec<_> = known.into_iter().map(noted).collect();
            diesel::insert_into(node_keys::table)
                .values(rows)
                .on_conflict(node_keys::id)
                .do_update()
                .set((
                    node_keys::first_used_at.eq(excluded(node_keys::first_used_at)),
                    node_keys::last_used_at.eq(excluded(node_keys::last_used_at)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn drop_keys_of_deleted(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let deleted: Vec<String> = nodes::table
            .filter(nodes::deleted_at.lt(before))
            .select(nodes::id)
            .load(self.conn()?)?;
        let mut gone = 0;
        for some in deleted.chunks(LOOK_UP) {
            let keys = node_keys::table.filter(node_keys::node_id.eq_any(some));
            gone += diesel::delete(keys).execute(self.conn()?)?;
        }
        Ok(gone)
    }
}
