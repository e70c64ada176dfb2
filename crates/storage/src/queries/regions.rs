//! Rows and queries of regions.

use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::region::{Region, RegionDetail, RegionName};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::{region_credentials, regions};
use super::{Repository, Result, twice};
use crate::{ChangedBy, ListedRegion, RegionSave, Regions};

mod certificates;
pub(super) mod credentials;
mod revisions;
mod row;

use credentials::CredentialsRow;
use row::ByRow;
pub(super) use row::RegionRow;

type DetailRow = (RegionRow, Option<CredentialsRow>);

/// A region that is to be added.
pub(super) struct NewRegion {
    pub(super) detail: RegionDetail,
    by: ChangedBy,
}

/// Regions with their present set of credentials.
macro_rules! details {
    () => {
        regions::table
            .left_join(
                region_credentials::table
                    .on(region_credentials::id.nullable().eq(regions::credentials_id)),
            )
            .select(<(RegionRow, Option<CredentialsRow>)>::as_select())
    };
}

impl Repository<'_> {
    fn detail(&self, (region, credentials): DetailRow) -> Result<RegionDetail> {
        let credentials = credentials.map(|row| row.open(self.safe)).transpose()?;
        Ok(RegionDetail { region: region.into(), credentials: credentials.unwrap_or_default() })
    }

    /// Adds regions with their credentials, in one statement for each table.
    pub(super) fn insert_regions(&mut self, new: &[NewRegion]) -> Result<()> {
        let row = |NewRegion { detail, by }: &NewRegion| {
            (
                RegionRow::from(&detail.region),
                ByRow::from(by),
                credentials::first_id(detail).map(|id| regions::credentials_id.eq(id)),
                certificates::expiry(detail).map(|at| regions::certificates_expire_at.eq(at)),
            )
        };
        if let [new] = new {
            // Only a statement for a single row is prepared once and kept.
            diesel::insert_into(regions::table).values(row(new)).execute(self.conn)?;
        } else {
            let rows: Vec<_> = new.iter().map(row).collect();
            diesel::insert_into(regions::table).values(rows).execute(self.conn)?;
        }
        self.insert_credentials(new)?;
        self.insert_certificates(new.iter().map(|new| &new.detail))
    }
}

impl Regions for Repository<'_> {
    fn insert_region(&mut self, detail: &RegionDetail, by: ChangedBy) -> Result<()> {
        self.new_regions.push(NewRegion { detail: detail.clone(), by });
        Ok(())
    }

    fn find_region(&mut self, id: RegionId) -> Result<Option<Region>> {
        let row = regions::table
            .find(id.to_string())
            .select(RegionRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Region::from))
    }

    fn find_region_detail(&mut self, id: RegionId) -> Result<Option<RegionDetail>> {
        twice(|| {
            let row = details!().filter(regions::id.eq(id.to_string()));
            let row = row.get_result(self.conn()?).optional()?;
            row.map(|row| self.detail(row)).transpose()
        })
    }

    fn find_region_named(&mut self, name: &RegionName) -> Result<Option<RegionDetail>> {
        twice(|| {
            let row = details!().filter(regions::name.eq(name.as_ref()));
            let row = row.get_result(self.conn()?).optional()?;
            row.map(|row| self.detail(row)).transpose()
        })
    }

    fn region_name_taken(&mut self, name: &RegionName) -> Result<bool> {
        let named = regions::table.filter(regions::name.eq(name.as_ref()));
        Ok(diesel::select(exists(named)).get_result(self.conn()?)?)
    }

    fn has_regions(&mut self, enterprise: EnterpriseId) -> Result<bool> {
        if self.new_regions.iter().any(|new| new.detail.region.enterprise_id == enterprise) {
            return Ok(true);
        }
        let own = regions::table.filter(regions::enterprise_id.eq(enterprise.to_string()));
        Ok(diesel::select(exists(own)).get_result(self.conn()?)?)
    }

    fn list_regions(&mut self, enterprise: EnterpriseId) -> Result<Vec<Region>> {
        let rows = regions::table
            .filter(regions::enterprise_id.eq(enterprise.to_string()))
            .order(regions::id)
            .select(RegionRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Region::from).collect())
    }

    fn list_all_regions(
        &mut self,
        after: Option<RegionId>,
        limit: i64,
    ) -> Result<Vec<ListedRegion>> {
        let after = after.map(String::from).unwrap_or_default();
        let rows: Vec<(RegionRow, Option<DateTime<Utc>>)> = regions::table
            .filter(regions::id.gt(after))
            .order(regions::id)
            .limit(limit)
            .select((RegionRow::as_select(), regions::certificates_expire_at))
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(listed).collect())
    }

    fn find_regions(&mut self, ids: &[RegionId]) -> Result<Vec<ListedRegion>> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let rows: Vec<(RegionRow, Option<DateTime<Utc>>)> = regions::table
            .filter(regions::id.eq_any(ids))
            .select((RegionRow::as_select(), regions::certificates_expire_at))
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(listed).collect())
    }

    fn save_region(&mut self, save: &RegionSave<'_>) -> Result<bool> {
        let region = &save.detail.region;
        if !self.keep_revision(region.id, region.version - 1)? {
            return Ok(false);
        }
        diesel::update(regions::table.find(region.id.to_string()))
            .set((RegionRow::from(region), ByRow::from(&save.by)))
            .execute(self.conn()?)?;
        self.change_set(save)?;
        Ok(true)
    }

    fn delete_region(&mut self, id: RegionId, version: i64) -> Result<bool> {
        let region = regions::table.find(id.to_string()).filter(regions::version.eq(version));
        Ok(diesel::delete(region).execute(self.conn()?)? == 1)
    }
}

fn listed((row, certificates_expire_at): (RegionRow, Option<DateTime<Utc>>)) -> ListedRegion {
    ListedRegion { region: row.into(), certificates_expire_at }
}
