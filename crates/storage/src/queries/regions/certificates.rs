//! Rows and queries of the certificates that regions show.

use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::region::tls::CertificateFacts;
use cadastre_domain::region::tls::TlsPart;
use cadastre_domain::region::{RegionDetail, RegionName};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::{region_certificates, regions, unread_certificates};
use super::super::{Repository, Result, parsed};
use crate::{CertificatePlace, ListedCertificate, MOST_SCANNED, Regions as _, Total};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = region_certificates, treat_none_as_default_value = false)]
pub(super) struct CertificateRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    part: String,
    place: i32,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    subject: String,
    issuer: String,
    serial: String,
    sha256: String,
    key_type: String,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
}

impl CertificateRow {
    fn new(detail: &RegionDetail, facts: CertificateFacts) -> Self {
        Self {
            region_id: detail.region.id,
            part: facts.part.as_str().to_owned(),
            place: i32::from(facts.place),
            enterprise_id: detail.region.enterprise_id,
            subject: facts.subject,
            issuer: facts.issuer,
            serial: facts.serial,
            sha256: facts.sha256,
            key_type: facts.key_type,
            not_before: facts.not_before,
            not_after: facts.not_after,
        }
    }

    fn facts(self) -> Result<CertificateFacts> {
        Ok(CertificateFacts {
            part: parsed::<TlsPart>(&self.part)?,
            place: u16::try_from(self.place).unwrap_or(u16::MAX),
            subject: self.subject,
            issuer: self.issuer,
            serial: self.serial,
            sha256: self.sha256,
            key_type: self.key_type,
            not_before: self.not_before,
            not_after: self.not_after,
        })
    }
}

/// When the first certificate that the region depends on expires.
pub(super) fn expiry(detail: &RegionDetail) -> Option<DateTime<Utc>> {
    detail.credentials.expire_at()
}

impl Repository<'_> {
    /// Adds the certificates of these regions.
    pub(super) fn insert_certificates<'a>(
        &mut self,
        details: impl Iterator<Item = &'a RegionDetail>,
    ) -> Result<()> {
        let rows = details.flat_map(|detail| {
            let facts = detail.credentials.certificates().into_iter();
            facts.map(|facts| CertificateRow::new(detail, facts))
        });
        let mut rows: Vec<_> = rows.collect();
        while !rows.is_empty() {
            // A statement has a limited number of values.
            let rest = rows.split_off(rows.len().min(500));
            diesel::insert_into(region_certificates::table).values(rows).execute(self.conn)?;
            rows = rest;
        }
        Ok(())
    }

    /// Puts the certificates of a region in the place of those that it showed before.
    pub(super) fn replace_certificates(&mut self, detail: &RegionDetail) -> Result<()> {
        let id = detail.region.id.to_string();
        diesel::delete(region_certificates::table.filter(region_certificates::region_id.eq(&id)))
            .execute(self.conn()?)?;
        diesel::update(regions::table.find(&id))
            .set(regions::certificates_expire_at.eq(expiry(detail)))
            .execute(self.conn)?;
        self.insert_certificates(std::iter::once(detail))
    }

    /// Reads the certificates of at most `limit` regions that an earlier version did not; of how many.
    pub(in super::super) fn read_certificates(&mut self, limit: i64) -> Result<usize> {
        let unread: Vec<String> = unread_certificates::table
            .select(unread_certificates::region_id)
            .limit(limit)
            .load(self.conn()?)?;
        let count = unread.len();
        for id in unread {
            if let Some(detail) = self.find_region_detail(parsed(&id)?)? {
                self.replace_certificates(&detail)?;
            }
            diesel::delete(unread_certificates::table.find(id)).execute(self.conn)?;
        }
        Ok(count)
    }

    /// The certificates of a region.
    pub(super) fn certificates(&mut self, region: RegionId) -> Result<Vec<CertificateFacts>> {
        let rows: Vec<CertificateRow> = region_certificates::table
            .filter(region_certificates::region_id.eq(region.to_string()))
            .order((region_certificates::part, region_certificates::place))
            .select(CertificateRow::as_select())
            .load(self.conn()?)?;
        rows.into_iter().map(CertificateRow::facts).collect()
    }

    /// How many certificates of all regions there are.
    pub(super) fn count_of_certificates(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Total> {
        // The keys of their index alone, as many as are counted at most.
        let mut query =
            region_certificates::table.select(region_certificates::not_after).into_boxed();
        if let Some(enterprise) = enterprise {
            query = query.filter(region_certificates::enterprise_id.eq(enterprise.to_string()));
        }
        if let Some(before) = before {
            query = query.filter(region_certificates::not_after.lt(before));
        }
        let most = i64::try_from(MOST_SCANNED).unwrap_or(i64::MAX);
        let found: Vec<DateTime<Utc>> =
            query.order(region_certificates::not_after).limit(most).load(self.conn()?)?;
        let is_exact = found.len() < MOST_SCANNED;
        Ok(Total { count: i64::try_from(found.len()).unwrap_or(most), is_exact })
    }

    /// Certificates of all regions, by expiry.
    pub(super) fn certificates_by_expiry(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
        after: Option<CertificatePlace>,
        limit: i64,
    ) -> Result<Vec<ListedCertificate>> {
        use region_certificates::{not_after, part, place, region_id};
        let mut query = region_certificates::table
            .inner_join(regions::table)
            .select((CertificateRow::as_select(), regions::name))
            .into_boxed();
        if let Some(enterprise) = enterprise {
            query = query.filter(region_certificates::enterprise_id.eq(enterprise.to_string()));
        }
        if let Some(before) = before {
            query = query.filter(not_after.lt(before));
        }
        if let Some((at, region, its_part, its_place)) = after {
            let region = region.to_string();
            let in_part = part.eq(its_part.clone()).and(place.gt(its_place));
            let in_region = region_id.eq(region.clone()).and(part.gt(its_part).or(in_part));
            let at_once = not_after.eq(at).and(region_id.gt(region).or(in_region));
            // The first condition is the one that an index serves.
            query = query.filter(not_after.ge(at)).filter(not_after.gt(at).or(at_once));
        }
        let rows: Vec<(CertificateRow, String)> =
            query.order((not_after, region_id, part, place)).limit(limit).load(self.conn()?)?;
        let listed = |(row, name): (CertificateRow, String)| {
            Ok(ListedCertificate {
                region_id: row.region_id,
                region_name: parsed_name(name)?,
                enterprise_id: row.enterprise_id,
                facts: row.facts()?,
            })
        };
        rows.into_iter().map(listed).collect()
    }
}

fn parsed_name(name: String) -> Result<RegionName> {
    RegionName::try_from(name)
        .map_err(|error| crate::StorageError::Query(std::sync::Arc::new(error)))
}
