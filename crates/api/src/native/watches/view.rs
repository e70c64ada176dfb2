//! What this face shows of watches.

use cadastre_domain::task::Frequency;
use cadastre_domain::watch::{Planned, Watch, WatchPart};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;
use crate::service::watches::Watched;

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "region_id",
    "enterprise_id",
    "nodes",
    "frequency",
    "down_from",
    "verifies_tls",
    "tasks",
    "created_at",
    "updated_at",
    "version",
];

/// From where and how often a region is watched.
#[derive(Serialize, ToSchema)]
#[schema(as = Watch)]
pub(in crate::native) struct WatchView {
    /// The region.
    pub(super) region_id: String,
    /// The enterprise of the region.
    enterprise_id: String,
    /// The nodes that dial it; there may be none left, as nodes that are deleted are taken out.
    nodes: Vec<String>,
    /// How often they do.
    #[schema(schema_with = frequency)]
    frequency: &'static str,
    /// How many nodes must find any part of the region down before that is an alarm; all, if fewer
    /// dial it.
    down_from: u32,
    /// Whether a certificate of the root domain that does not verify is a failure.
    verifies_tls: bool,
    /// The dial task of each part.
    tasks: Vec<WatchTaskView>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub(super) version: i64,
}

/// The dial task of a part of a region.
#[derive(Serialize, ToSchema)]
#[schema(as = WatchTask)]
struct WatchTaskView {
    /// What of the region is dialled.
    #[schema(schema_with = part)]
    part: &'static str,
    /// The task; none if the address cannot be dialled.
    #[schema(required)]
    task_id: Option<String>,
    /// How it is dialled.
    #[schema(required)]
    class: Option<&'static str>,
    /// Whether it is dialled: `ok`, or `stop` while the status of the region forbids it.
    #[schema(required)]
    status: Option<&'static str>,
    /// Why the address cannot be dialled.
    #[schema(required)]
    fault: Option<String>,
}

pub(super) fn frequency() -> RefOr<Schema> {
    one_of(Frequency::ALL.map(Frequency::as_str))
}

fn part() -> RefOr<Schema> {
    one_of(WatchPart::ALL.map(WatchPart::as_str))
}

impl From<Watched> for WatchView {
    fn from(watched: Watched) -> Self {
        let Watched { watch, planned } = watched;
        Self {
            tasks: planned.into_iter().map(|planned| WatchTaskView::new(&watch, planned)).collect(),
            region_id: watch.region_id.to_string(),
            enterprise_id: watch.enterprise_id.to_string(),
            nodes: watch.nodes.into_iter().map(String::from).collect(),
            frequency: watch.frequency.as_str(),
            down_from: watch.down_from,
            verifies_tls: watch.verifies_tls,
            created_at: watch.created_at,
            updated_at: watch.updated_at,
            version: watch.version,
        }
    }
}

impl WatchTaskView {
    fn new(watch: &Watch, planned: Planned) -> Self {
        let part = planned.part;
        let (task_id, class, status, fault) = match planned.dial {
            Ok(dial) => {
                let id = watch.task_id(part, dial.class()).map(String::from);
                (id, Some(dial.class().as_str()), Some(dial.status().as_str()), None)
            }
            Err(refusal) => (None, None, None, Some(refusal.to_string())),
        };
        Self { part: part.as_str(), task_id, class, status, fault }
    }
}
