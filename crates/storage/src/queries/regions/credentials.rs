//! Rows and queries of sets of credentials, which lists do not read. The token and the private key
//! are sealed.

use std::sync::Arc;

use cadastre_domain::id::{CredentialsId, EnterpriseId, RegionId};
use cadastre_domain::region::tls::CertificateFacts;
use cadastre_domain::region::{Credentials, Pem, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::text::TextError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::{region_credentials, regions};
use super::super::{Repository, Result, parsed, twice};
use super::NewRegion;
use crate::safe::Safe;
use crate::vault::{KeyId, Place};
use crate::{
    CertificatePlace, CredentialSets, ListedCertificate, RegionSave, RegionSets, SetChange,
    StorageError, Total,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = region_credentials, treat_none_as_default_value = false)]
pub(super) struct CredentialsRow {
    id: String,
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    ca: Option<String>,
    certificate: Option<String>,
    token: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    key_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl CredentialsRow {
    /// The credentials of a region as a set with this identifier, sealed with `key_id`.
    fn seal(id: String, detail: &RegionDetail, key_id: &KeyId, safe: &Safe) -> Result<Self> {
        let Credentials { token, ca, certificate, key } = &detail.credentials;
        let seal = |column, secret: &Option<Secret>| {
            let secret = secret.as_ref().map(|secret| secret.reveal().as_bytes());
            secret.map(|plain| safe.vault.seal(key_id, place(&id, column), plain)).transpose()
        };
        Ok(Self {
            region_id: detail.region.id,
            ca: ca.clone().map(String::from),
            certificate: certificate.clone().map(String::from),
            token: seal("token", token)?,
            key: seal("key", key)?,
            key_id: Some(key_id.to_string()),
            created_at: detail.region.updated_at,
            id,
        })
    }

    pub(super) fn open(self, safe: &Safe) -> Result<Credentials> {
        let pem = |text: Option<String>| {
            let parsed = text.map(Pem::try_from).transpose();
            parsed.map_err(|error: TextError| StorageError::Query(Arc::new(error)))
        };
        let row = self.id;
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

/// Where a secret of a set stands.
pub(in super::super) const fn place<'a>(row: &'a str, column: &'a str) -> Place<'a> {
    Place { table: "region_credentials", row, column }
}

/// Whether there is anything to keep.
const fn any(credentials: &Credentials) -> bool {
    let Credentials { token, ca, certificate, key } = credentials;
    token.is_some() || ca.is_some() || certificate.is_some() || key.is_some()
}

/// The identifier of a region's first set, if it has any: that of the region.
pub(super) fn first_id(detail: &RegionDetail) -> Option<String> {
    any(&detail.credentials).then(|| detail.region.id.to_string())
}

impl Repository<'_> {
    /// Adds the credentials of new regions; a region without any has no row.
    pub(super) fn insert_credentials(&mut self, new: &[NewRegion]) -> Result<()> {
        let new: Vec<_> =
            new.iter().filter_map(|new| Some((first_id(&new.detail)?, &new.detail))).collect();
        if new.is_empty() {
            return Ok(());
        }
        let (key, safe) = (self.sealing_key()?, self.safe);
        let rows = new.into_iter().map(|(id, detail)| CredentialsRow::seal(id, detail, &key, safe));
        let mut rows = rows.collect::<Result<Vec<_>>>()?;
        let insert = diesel::insert_into(region_credentials::table);
        if rows.len() == 1 {
            insert.values(rows.remove(0)).execute(self.conn)?;
        } else {
            insert.values(rows).execute(self.conn)?;
        }
        Ok(())
    }

    /// Does to a region's set of credentials what is asked.
    pub(super) fn change_set(&mut self, save: &RegionSave<'_>) -> Result<()> {
        let id = match save.set {
            SetChange::Keep => return Ok(()),
            SetChange::Back(id) => id.map(String::from),
            SetChange::New(id) if any(&save.detail.credentials) => {
                let (id, key) = (id.to_string(), self.sealing_key()?);
                let row = CredentialsRow::seal(id.clone(), save.detail, &key, self.safe)?;
                diesel::insert_into(region_credentials::table).values(row).execute(self.conn()?)?;
                Some(id)
            }
            SetChange::New(_) => None,
        };
        let until = save.previous_until;
        diesel::update(regions::table.find(save.detail.region.id.to_string()))
            .set((
                until.map(|_| regions::previous_credentials_id.eq(regions::credentials_id)),
                until.is_none().then(|| regions::previous_credentials_id.eq(None::<String>)),
                regions::previous_until.eq(until),
                regions::credentials_id.eq(id),
            ))
            .execute(self.conn()?)?;
        self.replace_certificates(save.detail)
    }
}

impl CredentialSets for Repository<'_> {
    fn region_sets(&mut self, region: RegionId) -> Result<Option<RegionSets>> {
        type Row = (Option<String>, Option<String>, Option<DateTime<Utc>>);
        let row: Option<Row> = regions::table
            .find(region.to_string())
            .select((
                regions::credentials_id,
                regions::previous_credentials_id,
                regions::previous_until,
            ))
            .get_result(self.conn()?)
            .optional()?;
        let set = |id: Option<String>| id.map(|id| parsed::<CredentialsId>(&id)).transpose();
        row.map(|(current, previous, until)| {
            Ok(RegionSets { current: set(current)?, previous: set(previous)?.zip(until) })
        })
        .transpose()
    }

    fn find_credentials(
        &mut self,
        region: RegionId,
        id: CredentialsId,
    ) -> Result<Option<Credentials>> {
        twice(|| {
            let row: Option<CredentialsRow> = region_credentials::table
                .find(id.to_string())
                .filter(region_credentials::region_id.eq(region.to_string()))
                .select(CredentialsRow::as_select())
                .get_result(self.conn()?)
                .optional()?;
            row.map(|row| row.open(self.safe)).transpose()
        })
    }

    fn certificates_of(&mut self, region: RegionId) -> Result<Vec<CertificateFacts>> {
        self.certificates(region)
    }

    fn list_certificates(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
        after: Option<CertificatePlace>,
        limit: i64,
    ) -> Result<Vec<ListedCertificate>> {
        self.certificates_by_expiry(enterprise, before, after, limit)
    }

    fn count_certificates(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Total> {
        self.count_of_certificates(enterprise, before)
    }
}
