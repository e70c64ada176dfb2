//! The list of the management interface (contract 6.2).

use std::sync::Arc;

use cadastre_domain::enterprise::EnterpriseName;
use cadastre_domain::region::Region;
use cadastre_storage::ModelRegion;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::super::view::{status, statuses};
use crate::service::regions::managed::Page;

/// A page of the regions of all enterprises.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedPage, description = "A page of the regions of all enterprises.")]
pub(in crate::rainbond) struct ManagedPageView {
    /// How many there are on all pages.
    total: usize,
    data: Vec<ManagedRow>,
}

/// A region of any enterprise in a list. What only its cluster knows is zero.
#[derive(Serialize, ToSchema)]
#[schema(
    as = ManagedRow,
    description = "A region in the list of all. Certificates and key are always null. No cluster \
        is asked, so that what only a cluster knows is zero, and the version empty.",
)]
pub(in crate::rainbond) struct ManagedRow {
    region_id: String,
    enterprise_id: String,
    enterprise_alias: String,
    region_name: String,
    region_alias: String,
    /// Always empty.
    region_type: [String; 0],
    url: String,
    wsurl: String,
    httpdomain: String,
    tcpdomain: String,
    #[schema(schema_with = statuses)]
    status: &'static str,
    desc: String,
    #[schema(required)]
    ssl_ca_cert: Option<String>,
    #[schema(required)]
    cert_file: Option<String>,
    #[schema(required)]
    key_file: Option<String>,
    total_memory: u64,
    used_memory: u64,
    total_cpu: u64,
    used_cpu: f64,
    total_disk: u64,
    used_disk: u64,
    rbd_version: &'static str,
}

impl From<Page> for ManagedPageView {
    fn from(page: Page) -> Self {
        let row = |(region, owner): (Arc<ModelRegion>, EnterpriseName)| {
            ManagedRow::new(region.listed.region.clone(), owner)
        };
        let rows = page.regions.into_iter().map(row);
        Self { total: page.total, data: rows.collect() }
    }
}

impl ManagedRow {
    fn new(region: Region, owner: EnterpriseName) -> Self {
        Self {
            region_id: region.id.to_string(),
            enterprise_id: region.enterprise_id.to_string(),
            enterprise_alias: owner.into(),
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            region_type: [],
            url: region.addresses.api.into(),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            status: status(region.status),
            desc: region.description.into(),
            ssl_ca_cert: None,
            cert_file: None,
            key_file: None,
            total_memory: 0,
            used_memory: 0,
            total_cpu: 0,
            used_cpu: 0.0,
            total_disk: 0,
            used_disk: 0,
            rbd_version: "",
        }
    }
}
