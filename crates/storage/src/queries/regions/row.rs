//! The row of a region.

use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::region::{
    Addresses, ApiUrl, Description, HttpDomain, Labels, Region, RegionAlias, RegionName, Scope,
    Status, TcpAddress, WebsocketUrl,
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::regions;
use crate::ChangedBy;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = regions, treat_none_as_default_value = false)]
pub(in super::super) struct RegionRow {
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
    #[diesel(serialize_as = String, deserialize_as = String)]
    labels: Labels,
}

/// By what, and by whom, a version was made.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = regions, treat_none_as_null = true, treat_none_as_default_value = false)]
#[expect(clippy::struct_field_names, reason = "the columns are called so")]
pub(super) struct ByRow {
    changed_by_operation: String,
    changed_by_user_id: Option<i64>,
    changed_by_token_id: Option<String>,
}

impl From<&ChangedBy> for ByRow {
    fn from(by: &ChangedBy) -> Self {
        Self {
            changed_by_operation: by.operation.clone(),
            changed_by_user_id: by.user_id.map(|user| user.0),
            changed_by_token_id: by.token_id.map(String::from),
        }
    }
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
            labels: row.labels,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl From<&Region> for RegionRow {
    fn from(region: &Region) -> Self {
        let Region { name, alias, addresses, description, labels, .. } = region.clone();
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
            labels,
        }
    }
}
