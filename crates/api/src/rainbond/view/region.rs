//! Regions, as several operations show them.

use cadastre_domain::region::{Credentials, Region, RegionDetail, Status};
use cadastre_domain::secret::Secret;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;

/// A status as its number, which is text in every answer.
pub(in crate::rainbond) const fn status(status: Status) -> &'static str {
    match status {
        Status::Editing => "0",
        Status::Enabled => "1",
        Status::Disabled => "2",
        Status::Maintenance => "3",
    }
}

/// The statuses, as schema.
pub(in crate::rainbond) fn statuses() -> RefOr<Schema> {
    one_of(Status::ALL.map(status))
}

/// The statuses as they may be given, as schema.
pub(in crate::rainbond) fn given_status() -> RefOr<Schema> {
    let digits = Status::ALL.map(|status_| Value::from(status(status_)));
    let numbers = (0..digits.len()).map(Value::from);
    let mut object = Object::new();
    object.enum_values = Some(digits.iter().cloned().chain(numbers).collect());
    object.schema_type = SchemaType::from_iter([Type::String, Type::Integer]);
    RefOr::T(Schema::Object(object))
}

/// A secret, if it is shown at all.
pub(in crate::rainbond) fn shown(secret: Option<Secret>, reveal: bool) -> Option<String> {
    secret.filter(|_| reveal).map(|secret| secret.reveal().to_owned())
}

/// The scopes, as schema.
pub(in crate::rainbond) fn scopes() -> RefOr<Schema> {
    one_of(["private", "public"])
}

/// An element of the list of regions: thirteen keys, the certificates always null (D12).
#[derive(Serialize, ToSchema)]
#[schema(as = RegionRow, description = "A region in a list. Certificates and key are always null.")]
pub(in crate::rainbond) struct RegionRow {
    region_id: String,
    region_name: String,
    region_alias: String,
    url: String,
    wsurl: String,
    httpdomain: String,
    tcpdomain: String,
    #[schema(schema_with = statuses)]
    status: &'static str,
    desc: String,
    #[schema(schema_with = scopes)]
    scope: &'static str,
    #[schema(required)]
    ssl_ca_cert: Option<String>,
    #[schema(required)]
    cert_file: Option<String>,
    #[schema(required)]
    key_file: Option<String>,
}

impl From<Region> for RegionRow {
    fn from(region: Region) -> Self {
        Self {
            region_id: region.id.to_string(),
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            url: region.addresses.api.into(),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            status: status(region.status),
            desc: region.description.into(),
            scope: region.scope.as_str(),
            ssl_ca_cert: None,
            cert_file: None,
            key_file: None,
        }
    }
}

/// A single region. The key and the token are null to callers who may not see secrets (D24).
#[derive(Serialize, ToSchema)]
#[schema(as = Region, description = "A region. `token` and `key_file` are null to callers who may \
    not see secrets.")]
pub(in crate::rainbond) struct RegionView {
    region_id: String,
    region_name: String,
    region_alias: String,
    url: String,
    #[schema(required)]
    token: Option<String>,
    wsurl: String,
    httpdomain: String,
    tcpdomain: String,
    #[schema(schema_with = scopes)]
    scope: &'static str,
    #[schema(required)]
    ssl_ca_cert: Option<String>,
    #[schema(required)]
    cert_file: Option<String>,
    #[schema(required)]
    key_file: Option<String>,
    #[schema(schema_with = statuses)]
    status: &'static str,
    desc: String,
    /// Left out by the management interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    enterprise_id: Option<String>,
}

impl RegionView {
    /// The region, its secrets in clear if `reveal`.
    pub(in crate::rainbond) fn new(detail: RegionDetail, reveal: bool) -> Self {
        let RegionDetail { region, credentials } = detail;
        let Credentials { token, ca, certificate, key } = credentials;
        Self {
            region_id: region.id.to_string(),
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            url: region.addresses.api.into(),
            token: shown(token, reveal),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            scope: region.scope.as_str(),
            ssl_ca_cert: ca.map(String::from),
            cert_file: certificate.map(String::from),
            key_file: shown(key, reveal),
            status: status(region.status),
            desc: region.description.into(),
            enterprise_id: Some(region.enterprise_id.to_string()),
        }
    }

    /// As the management interface shows it: fourteen keys, without the enterprise.
    pub(in crate::rainbond) fn managed(detail: RegionDetail) -> Self {
        Self { enterprise_id: None, ..Self::new(detail, true) }
    }
}
