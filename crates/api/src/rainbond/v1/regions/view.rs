//! What `GET /openapi/v1/regions/{region_id}` shows (contract 6.1).

use cadastre_domain::region::{Credentials, RegionDetail};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::super::super::view::{scopes, shown, status, statuses};
use crate::cluster::Resources;
use crate::openapi::one_of;
use crate::service::regions::show::{Health, Shown};

/// A region with how its cluster does. Without an identifier, as the original.
#[derive(Serialize, ToSchema)]
#[schema(
    as = RegionHealth,
    description = "A region, and how its cluster does. `key_file` is null to callers who may not \
        see secrets. What needs the cluster is left out unless the register calls clusters; it is \
        zero, and `ok`, unless the cluster was asked.",
)]
pub(in crate::rainbond) struct RegionHealthView {
    region_name: String,
    region_alias: String,
    url: String,
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
    desc: String,
    /// In GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used_disk: Option<f64>,
    /// In GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_disk: Option<f64>,
    /// In MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used_memory: Option<f64>,
    /// In MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_memory: Option<f64>,
    /// In cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used_cpu: Option<f64>,
    /// In cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_cpu: Option<f64>,
    /// `failure` when the cluster was asked and does not answer as it should.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, schema_with = healths)]
    health_status: Option<&'static str>,
    #[schema(schema_with = statuses)]
    status: &'static str,
}

fn healths() -> RefOr<Schema> {
    one_of(["ok", "failure"])
}

impl From<Shown> for RegionHealthView {
    fn from(found: Shown) -> Self {
        let Shown { detail: RegionDetail { region, credentials }, reveal, health } = found;
        let Credentials { ca, certificate, key, .. } = credentials;
        let resources = health.map(|health| match health {
            Health::Answers(resources) => resources,
            Health::NotAsked | Health::Fails => Resources::default(),
        });
        Self {
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            url: region.addresses.api.into(),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            scope: region.scope.as_str(),
            ssl_ca_cert: ca.map(String::from),
            cert_file: certificate.map(String::from),
            key_file: shown(key, reveal),
            desc: region.description.into(),
            used_disk: resources.map(|found| found.disk.used),
            total_disk: resources.map(|found| found.disk.total),
            used_memory: resources.map(|found| found.memory.used),
            total_memory: resources.map(|found| found.memory.total),
            used_cpu: resources.map(|found| found.cpu.used),
            total_cpu: resources.map(|found| found.cpu.total),
            health_status: health.map(|health| match health {
                Health::NotAsked | Health::Answers(_) => "ok",
                Health::Fails => "failure",
            }),
            status: status(region.status),
        }
    }
}
