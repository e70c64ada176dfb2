//! Rows and queries of regions and their credentials.

use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::region::{
    Addresses, ApiUrl, Description, HttpDomain, Region, RegionAlias, RegionDetail, RegionName,
    Scope, Status, TcpAddress, WebsocketUrl,
};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::{region_credentials, regions};
use super::{Repository, Result, twice};
use crate::Regions;

pub(super) mod credentials;

use credentials::CredentialsRow;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = regions, treat_none_as_default_value = false)]
struct RegionRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: RegionId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: RegionName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    alias: RegionAlias,
    #[diesel(serialize_as = String, deserialize_as = String)]
    api_url: ApiUrl,
    #[diesel(serialize_as = String, deserialize_as = String)]
    websocket_url: WebsocketUrl,
    #[diesel(serialize_as = String, deserialize_as = String)]
    http_domain: HttpDomain,
    #[diesel(serialize_as = String, deserialize_as = String)]
    tcp_address: TcpAddress,
    #[diesel(serialize_as = String, deserialize_as = String)]
    scope: Scope,
    #[diesel(serialize_as = String, deserialize_as = String)]
    status: Status,
    #[diesel(serialize_as = String, deserialize_as = String)]
    description: Description,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<RegionRow> for Region {
    fn from(row: RegionRow) -> Self {
        Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            name: row.name,
            alias: row.alias,
            addresses: Addresses {
                api: row.api_url,
                websocket: row.websocket_url,
                http_domain: row.http_domain,
                tcp: row.tcp_address,
            },
            scope: row.scope,
            status: row.status,
            description: row.description,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl From<&Region> for RegionRow {
    fn from(region: &Region) -> Self {
        let Region { name, alias, addresses, description, .. } = region.clone();
        Self {
            id: region.id,
            enterprise_id: region.enterprise_id,
            name,
            alias,
            api_url: addresses.api,
            websocket_url: addresses.websocket,
            http_domain: addresses.http_domain,
            tcp_address: addresses.tcp,
            scope: region.scope,
            status: region.status,
            description,
            created_at: region.created_at,
            updated_at: region.updated_at,
            version: region.version,
        }
    }
}

type DetailRow = (RegionRow, Option<CredentialsRow>);

impl Repository<'_> {
    fn detail(&self, (region, credentials): DetailRow) -> Result<RegionDetail> {
        let credentials = credentials.map(|row| row.open(self.safe)).transpose()?;
        Ok(RegionDetail { region: region.into(), credentials: credentials.unwrap_or_default() })
    }

    /// Adds regions with their credentials, in one statement for each table.
    pub(super) fn insert_regions(&mut self, new: &[RegionDetail]) -> Result<()> {
        if let [detail] = new {
            // Only a statement for a single row is prepared once and kept.
            diesel::insert_into(regions::table)
                .values(RegionRow::from(&detail.region))
                .execute(self.conn)?;
        } else {
            let rows: Vec<_> = new.iter().map(|detail| RegionRow::from(&detail.region)).collect();
            diesel::insert_into(regions::table).values(rows).execute(self.conn)?;
        }
        self.insert_credentials(new)
    }
}

impl Regions for Repository<'_> {
    fn insert_region(&mut self, detail: &RegionDetail) -> Result<()> {
        self.new_regions.push(detail.clone());
        Ok(())
    }

    fn find_region_detail(&mut self, id: RegionId) -> Result<Option<RegionDetail>> {
        twice(|| {
            let row = regions::table
                .left_join(region_credentials::table)
                .filter(regions::id.eq(id.to_string()))
                .select(<(RegionRow, Option<CredentialsRow>)>::as_select())
                .first(self.conn()?)
                .optional()?;
            row.map(|row| self.detail(row)).transpose()
        })
    }

    fn find_region_named(&mut self, name: &RegionName) -> Result<Option<RegionDetail>> {
        twice(|| {
            let row = regions::table
                .left_join(region_credentials::table)
                .filter(regions::name.eq(name.as_ref()))
                .select(<(RegionRow, Option<CredentialsRow>)>::as_select())
                .first(self.conn()?)
                .optional()?;
            row.map(|row| self.detail(row)).transpose()
        })
    }

    fn region_name_taken(&mut self, name: &RegionName) -> Result<bool> {
        let named = regions::table.filter(regions::name.eq(name.as_ref()));
        Ok(diesel::select(exists(named)).get_result(self.conn()?)?)
    }

    fn has_regions(&mut self, enterprise: EnterpriseId) -> Result<bool> {
        if self.new_regions.iter().any(|new| new.region.enterprise_id == enterprise) {
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

    fn save_region(&mut self, detail: &RegionDetail) -> Result<bool> {
        let before = regions::version.eq(detail.region.version - 1);
        let changed = diesel::update(regions::table.find(detail.region.id.to_string()))
            .filter(before)
            .set(RegionRow::from(&detail.region))
            .execute(self.conn()?)?;
        if changed == 1 {
            self.save_credentials(detail)?;
        }
        Ok(changed == 1)
    }
}
