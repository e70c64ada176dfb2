//! What this face shows of regions.

use std::collections::BTreeMap;

use actix_web::web::Bytes;
use cadastre_domain::region::{Addresses, Region, RegionDetail, RegionWarning, Scope, Status};
use cadastre_storage::{ListedRegion, ModelRegion};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::error::Error;
use crate::kept;
use crate::openapi::one_of;

/// The fields of a region.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "name",
    "alias",
    "addresses",
    "scope",
    "status",
    "description",
    "labels",
    "certificates_expire_at",
    "created_at",
    "updated_at",
    "version",
];

/// A region, without its credentials.
#[derive(Serialize, ToSchema)]
#[schema(as = Region)]
pub(in crate::native) struct RegionView {
    #[schema(example = "019ab3b6c2a97d0bb1d0b4e7a2a4c1de")]
    id: String,
    /// The enterprise that it belongs to.
    enterprise_id: String,
    /// Its name, unique in the register; never changes.
    name: String,
    /// What people call it.
    alias: String,
    /// Where it is reached.
    addresses: AddressesView,
    /// Who may open it for a team.
    #[schema(schema_with = scope)]
    scope: &'static str,
    #[schema(schema_with = status)]
    status: &'static str,
    /// A remark.
    description: String,
    /// What people sort it by.
    labels: BTreeMap<String, String>,
    /// When the first certificate expires that it depends on.
    #[schema(required)]
    certificates_expire_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    version: i64,
    /// What should be changed about its credentials; only in answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    warnings: Option<Vec<WarningView>>,
}

/// Where a region is reached.
#[derive(Serialize, ToSchema)]
#[schema(as = Addresses)]
pub(in crate::native) struct AddressesView {
    /// The region's own API.
    api_url: String,
    /// Its websocket.
    websocket_url: String,
    /// The root domain of the HTTP applications in it.
    http_domain: String,
    /// The root of the addresses of the TCP applications in it.
    tcp_address: String,
}

/// A certificate that expires within 30 days, or a token that is not sent because `api_url` is not
/// https.
#[derive(Serialize, ToSchema)]
#[schema(as = RegionWarning)]
pub(in crate::native) struct WarningView {
    /// The part of the credentials.
    #[schema(schema_with = part)]
    part: &'static str,
    /// When it expires; null for a token.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// What there is to tell, for people.
    detail: String,
}

/// The scopes.
pub(in crate::native) fn scope() -> RefOr<Schema> {
    one_of([Scope::Private, Scope::Public].map(Scope::as_str))
}

/// The statuses.
pub(in crate::native) fn status() -> RefOr<Schema> {
    one_of(Status::ALL.map(Status::as_str))
}

fn part() -> RefOr<Schema> {
    one_of(["ca", "certificate", "token"])
}

impl RegionView {
    fn new(region: &Region, certificates_expire_at: Option<DateTime<Utc>>) -> Self {
        let region = region.clone();
        Self {
            id: region.id.to_string(),
            enterprise_id: region.enterprise_id.to_string(),
            name: region.name.into(),
            alias: region.alias.into(),
            addresses: region.addresses.into(),
            scope: region.scope.as_str(),
            status: region.status.as_str(),
            description: region.description.into(),
            labels: region.labels.into(),
            certificates_expire_at,
            created_at: region.created_at,
            updated_at: region.updated_at,
            version: region.version,
            warnings: None,
        }
    }

    /// The region as it was written at `now`.
    pub(super) fn written(detail: &RegionDetail, now: DateTime<Utc>) -> Self {
        let warnings = detail.warnings(now).into_iter().map(WarningView::from);
        let region = Self::new(&detail.region, detail.credentials.expire_at());
        Self { warnings: Some(warnings.collect()), ..region }
    }
}

impl From<&ListedRegion> for RegionView {
    fn from(listed: &ListedRegion) -> Self {
        Self::new(&listed.region, listed.certificates_expire_at)
    }
}

impl From<Addresses> for AddressesView {
    fn from(addresses: Addresses) -> Self {
        Self {
            api_url: addresses.api.into(),
            websocket_url: addresses.websocket.into(),
            http_domain: addresses.http_domain.into(),
            tcp_address: addresses.tcp.into(),
        }
    }
}

impl From<RegionWarning> for WarningView {
    fn from(warning: RegionWarning) -> Self {
        Self { part: warning.part(), expires_at: warning.when(), detail: warning.to_string() }
    }
}

/// The body that shows a region; it is kept beside it.
pub(super) fn body(region: &ModelRegion) -> Result<Bytes, Error> {
    let render = || kept::json(&RegionView::from(&region.listed));
    kept::body(&region.bodies, kept::NATIVE_REGION, render)
}
