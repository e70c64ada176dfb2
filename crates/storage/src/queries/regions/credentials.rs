//! Rows and queries of the credentials of regions, which lists do not read.

use std::sync::Arc;

use cadastre_domain::id::RegionId;
use cadastre_domain::region::{Credentials, Pem, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::text::TextError;
use diesel::prelude::*;

use super::super::schema::region_credentials;
use super::super::{Conn, Repository, Result};
use crate::StorageError;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = region_credentials, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct CredentialsRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    token: Option<String>,
    ca: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl CredentialsRow {
    pub(super) fn parse(self) -> Result<Credentials> {
        let pem = |text: Option<String>| text.map(Pem::try_from).transpose();
        let parse = || {
            Ok(Credentials {
                token: self.token.map(Secret::from),
                ca: pem(self.ca)?,
                certificate: pem(self.certificate)?,
                key: self.key.map(Secret::from),
            })
        };
        parse().map_err(|error: TextError| StorageError::Query(Arc::new(error)))
    }
}

impl From<&RegionDetail> for CredentialsRow {
    fn from(detail: &RegionDetail) -> Self {
        let Credentials { token, ca, certificate, key } = detail.credentials.clone();
        Self {
            region_id: detail.region.id,
            token: token.map(|secret| secret.reveal().to_owned()),
            ca: ca.map(String::from),
            certificate: certificate.map(String::from),
            key: key.map(|secret| secret.reveal().to_owned()),
        }
    }
}

/// Adds the credentials of new regions; a region without any has no row.
pub(super) fn insert(conn: &mut Conn, new: &[RegionDetail]) -> Result<()> {
    let mut rows: Vec<_> = new
        .iter()
        .filter(|detail| {
            let Credentials { token, ca, certificate, key } = &detail.credentials;
            token.is_some() || ca.is_some() || certificate.is_some() || key.is_some()
        })
        .map(CredentialsRow::from)
        .collect();
    let insert = diesel::insert_into(region_credentials::table);
    match rows.len() {
        0 => {}
        1 => drop(insert.values(rows.remove(0)).execute(conn)?),
        _ => drop(insert.values(rows).execute(conn)?),
    }
    Ok(())
}

impl Repository<'_> {
    /// Saves the credentials of a region, whether it had any or not.
    pub(super) fn save_credentials(&mut self, detail: &RegionDetail) -> Result<()> {
        diesel::insert_into(region_credentials::table)
            .values(CredentialsRow::from(detail))
            .on_conflict(region_credentials::region_id)
            .do_update()
            .set(CredentialsRow::from(detail))
            .execute(self.conn()?)?;
        Ok(())
    }
}
