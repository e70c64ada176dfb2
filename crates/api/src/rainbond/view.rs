//! What this face shows of regions and teams, key by key in the published order.

use cadastre_domain::region::{Credentials, Region, RegionDetail, Status};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use chrono::{DateTime, FixedOffset, Timelike as _, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;

/// A status as its number, which is text in every answer.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Editing => "0",
        Status::Enabled => "1",
        Status::Disabled => "2",
        Status::Maintenance => "3",
    }
}

/// The statuses, as schema.
fn statuses() -> RefOr<Schema> {
    one_of(Status::ALL.map(status))
}

/// The statuses as they may be given, as schema.
pub(super) fn given_status() -> RefOr<Schema> {
    let digits = Status::ALL.map(|status_| Value::from(status(status_)));
    let numbers = (0..digits.len()).map(Value::from);
    let mut object = Object::new();
    object.enum_values = Some(digits.iter().cloned().chain(numbers).collect());
    object.schema_type = SchemaType::from_iter([Type::String, Type::Integer]);
    RefOr::T(Schema::Object(object))
}

/// The scopes, as schema.
pub(super) fn scopes() -> RefOr<Schema> {
    one_of(["private", "public"])
}

/// An element of the list of regions: thirteen keys, the certificates always null (D12).
#[derive(Serialize, ToSchema)]
#[schema(as = RegionRow, description = "A region in a list. Certificates and key are always null.")]
pub(super) struct RegionRow {
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
pub(super) struct RegionView {
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
    pub(super) fn new(detail: RegionDetail, reveal: bool) -> Self {
        let RegionDetail { region, credentials } = detail;
        let Credentials { token, ca, certificate, key } = credentials;
        let shown = |secret: Option<Secret>| {
            secret.filter(|_| reveal).map(|secret| secret.reveal().to_owned())
        };
        Self {
            region_id: region.id.to_string(),
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            url: region.addresses.api.into(),
            token: shown(token),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            scope: region.scope.as_str(),
            ssl_ca_cert: ca.map(String::from),
            cert_file: certificate.map(String::from),
            key_file: shown(key),
            status: status(region.status),
            desc: region.description.into(),
            enterprise_id: Some(region.enterprise_id.to_string()),
        }
    }

    /// As the management interface shows it: fourteen keys, without the enterprise.
    pub(super) fn managed(detail: RegionDetail) -> Self {
        Self { enterprise_id: None, ..Self::new(detail, true) }
    }
}

/// A team as the answer to its creation and to opening a region (`TeamBaseInfo`).
#[derive(Serialize, ToSchema)]
#[schema(as = TeamBaseInfo, description = "A team. Times are those of Shanghai, without saying so.")]
pub(super) struct TeamBaseView {
    tenant_id: String,
    tenant_name: String,
    /// Always empty.
    region: &'static str,
    is_active: bool,
    create_time: String,
    creater: i64,
    limit_memory: i32,
    update_time: String,
    #[schema(required)]
    expired_time: Option<String>,
    tenant_alias: String,
    enterprise_id: String,
}

impl From<Team> for TeamBaseView {
    fn from(team: Team) -> Self {
        Self {
            tenant_id: team.id.to_string(),
            tenant_name: team.name.into(),
            region: "",
            is_active: team.is_active,
            create_time: local_time(team.created_at),
            creater: team.creator.0,
            limit_memory: team.limit_memory,
            update_time: local_time(team.updated_at),
            expired_time: team.expires_at.map(local_time),
            tenant_alias: team.alias.into(),
            enterprise_id: team.enterprise_id.to_string(),
        }
    }
}

/// A team as the answer to a question for it (`TeamInfo`): the creator is text here.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamInfo, description = "A team. Times are those of Shanghai, without saying so.")]
pub(super) struct TeamView {
    tenant_id: String,
    tenant_name: String,
    tenant_alias: String,
    enterprise_id: String,
    is_active: bool,
    create_time: String,
    creater: String,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self {
            tenant_id: team.id.to_string(),
            tenant_name: team.name.into(),
            tenant_alias: team.alias.into(),
            enterprise_id: team.enterprise_id.to_string(),
            is_active: team.is_active,
            create_time: local_time(team.created_at),
            creater: team.creator.0.to_string(),
        }
    }
}

/// The time in Shanghai, without saying so, and with microseconds unless there are none: as the
/// original prints it (contract 5).
fn local_time(time: DateTime<Utc>) -> String {
    const SHANGHAI: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("a valid offset");
    let time = time.with_timezone(&SHANGHAI);
    let format = if time.nanosecond() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S.%6f" };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_shanghai_with_microseconds_if_any() {
        let time = |micros| DateTime::from_timestamp_micros(micros).expect("a time");
        assert_eq!(local_time(time(1_795_334_815_298_602)), "2026-11-22 16:06:55.298602");
        assert_eq!(local_time(time(1_795_334_815_000_000)), "2026-11-22 16:06:55");
        assert_eq!(local_time(time(1_795_334_815_000_100)), "2026-11-22 16:06:55.000100");
    }
}
