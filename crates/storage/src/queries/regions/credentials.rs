//! Rows and queries of the credentials of regions, which lists do not read. The token and the
//! private key are sealed.

use std::sync::Arc;

use cadastre_domain::id::RegionId;
use cadastre_domain::region::{Credentials, Pem, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::text::TextError;
use diesel::prelude::*;

use super::super::schema::region_credentials;
use super::super::{Repository, Result};
use crate::StorageError;
use crate::safe::Safe;
use crate::vault::{KeyId, Place};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = region_credentials, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct CredentialsRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    ca: Option<String>,
    certificate: Option<String>,
    token: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    key_id: Option<String>,
}

impl CredentialsRow {
    /// The credentials of a region, sealed with `key_id`.
    fn seal(detail: &RegionDetail, key_id: &KeyId, safe: &Safe) -> Result<Self> {
        let Credentials { token, ca, certificate, key } = &detail.credentials;
        let row = detail.region.id.to_string();
        let seal = |column, secret: &Option<Secret>| {
            let secret = secret.as_ref().map(|secret| secret.reveal().as_bytes());
            secret.map(|plain| safe.vault.seal(key_id, place(&row, column), plain)).transpose()
        };
        Ok(Self {
            region_id: detail.region.id,
            ca: ca.clone().map(String::from),
            certificate: certificate.clone().map(String::from),
            token: seal("token", token)?,
            key: seal("key", key)?,
            key_id: Some(key_id.to_string()),
        })
    }

    pub(super) fn open(self, safe: &Safe) -> Result<Credentials> {
        let pem = |text: Option<String>| {
            let parsed = text.map(Pem::try_from).transpose();
            parsed.map_err(|error: TextError| StorageError::Query(Arc::new(error)))
        };
        let row = self.region_id.to_string();
        let key_id = self.key_id.map(KeyId::try_from).transpose()?;
        let open = |column, sealed: Option<Vec<u8>>| {
            let (Some(key_id), Some(sealed)) = (&key_id, sealed) else { return Ok(None) };
            safe.open_text(key_id, place(&row, column), &sealed).map(Some)
        };
        Ok(Credentials {
            token: open("token", self.token)?,
            ca: pem(self.ca)?,
            certificate: pem(self.certificate)?,
            key: open("key", self.key)?,
        })
    }
}

/// Where a secret of a region stands.
pub(in super::super) const fn place<'a>(row: &'a str, column: &'a str) -> Place<'a> {
    Place { table: "region_credentials", row, column }
}

/// Whether there is anything to keep.
const fn any(credentials: &Credentials) -> bool {
    let Credentials { token, ca, certificate, key } = credentials;
    token.is_some() || ca.is_some() || certificate.is_some() || key.is_some()
}

impl Repository<'_> {
    /// Adds the credentials of new regions; a region without any has no row.
    pub(super) fn insert_credentials(&mut self, new: &[RegionDetail]) -> Result<()> {
        let new: Vec<_> = new.iter().filter(|detail| any(&detail.credentials)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let (key, safe) = (self.sealing_key()?, self.safe);
        let rows = new.into_iter().map(|detail| CredentialsRow::seal(detail, &key, safe));
        let mut rows = rows.collect::<Result<Vec<_>>>()?;
        let insert = diesel::insert_into(region_credentials::table);
        if rows.len() == 1 {
            insert.values(rows.remove(0)).execute(self.conn)?;
        } else {
            insert.values(rows).execute(self.conn)?;
        }
        Ok(())
    }

    /// Saves the credentials of a region, whether it had any or not.
    pub(super) fn save_credentials(&mut self, detail: &RegionDetail) -> Result<()> {
        let (key, safe) = (self.sealing_key()?, self.safe);
        diesel::insert_into(region_credentials::table)
            .values(CredentialsRow::seal(detail, &key, safe)?)
            .on_conflict(region_credentials::region_id)
            .do_update()
            .set(CredentialsRow::seal(detail, &key, safe)?)
            .execute(self.conn()?)?;
        Ok(())
    }
}
