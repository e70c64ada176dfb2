//! Rows and queries of the credentials of regions, which lists do not read.

use std::sync::Arc;

use cadastre_domain::id::RegionId;
use cadastre_domain::region::{Credentials, Pem, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::text::TextError;
use diesel::prelude::*;

use super::super::schema::region_credentials;
use super::super::{Repository, Result};
use crate::StorageError;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = region_credentials, treat_none_as_null = true)]
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

impl Repository<'_> {
    /// Adds the credentials of a new region; a region without any has no row.
    pub(super) fn insert_credentials(&mut self, detail: &RegionDetail) -> Result<()> {
        let Credentials { token, ca, certificate, key } = &detail.credentials;
        if token.is_some() || ca.is_some() || certificate.is_some() || key.is_some() {
            diesel::insert_into(region_credentials::table)
                .values(CredentialsRow::from(detail))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Saves the credentials of a region, whether it had any or not.
    pub(super) fn save_credentials(&mut self, detail: &RegionDetail) -> Result<()> {
        diesel::insert_into(region_credentials::table)
            .values(CredentialsRow::from(detail))
            .on_conflict(region_credentials::region_id)
            .do_update()
            .set(CredentialsRow::from(detail))
            .execute(self.conn)?;
        Ok(())
    }
}
