//! What this face shows of the versions of a region.

use std::collections::BTreeMap;

use cadastre_domain::region::Revision;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::audit::FieldChangeView;
use super::super::credentials::SetView;
use super::super::regions::{AddressesView, scope, status};
use crate::service::revisions::Shown;

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "region_id",
    "version",
    "at",
    "operation",
    "user_id",
    "token_id",
    "name",
    "alias",
    "addresses",
    "scope",
    "status",
    "description",
    "labels",
];

/// A version of a region: what it was after one of its changes, and who made that change.
#[derive(Serialize, ToSchema)]
#[schema(as = Revision)]
pub(in crate::native) struct RevisionView {
    region_id: String,
    /// Which version of the region.
    pub(super) version: i64,
    /// When it was made.
    at: DateTime<Utc>,
    /// What was asked for.
    #[schema(example = "update_region")]
    operation: String,
    /// The user for whom it was made.
    #[schema(required)]
    user_id: Option<i64>,
    /// The token with which it was made.
    #[schema(required)]
    token_id: Option<String>,
    name: String,
    alias: String,
    addresses: AddressesView,
    #[schema(schema_with = scope)]
    scope: &'static str,
    #[schema(schema_with = status)]
    status: &'static str,
    description: String,
    labels: BTreeMap<String, String>,
    /// The credentials that it had; only where a single version is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credentials: Option<SetView>,
}

/// In what two versions of a region differ.
#[derive(Serialize, ToSchema)]
#[schema(as = RevisionComparison)]
pub(in crate::native) struct ComparisonView {
    region_id: String,
    from: i64,
    to: i64,
    /// The fields that differ. A secret is told by its fingerprint alone.
    #[schema(value_type = Vec<FieldChangeView>)]
    changes: Value,
}

impl ComparisonView {
    /// These changes, as audit entries tell them.
    pub(super) fn new(region_id: String, (from, to): (i64, i64), changes: &str) -> Self {
        let changes = serde_json::from_str(changes).unwrap_or_default();
        Self { region_id, from, to, changes }
    }
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        let region = revision.region;
        Self {
            region_id: region.id.to_string(),
            version: region.version,
            at: revision.at,
            operation: revision.operation,
            user_id: revision.user_id.map(|user| user.0),
            token_id: revision.token_id.map(|token| token.to_string()),
            name: region.name.into(),
            alias: region.alias.into(),
            addresses: region.addresses.into(),
            scope: region.scope.as_str(),
            status: region.status.as_str(),
            description: region.description.into(),
            labels: region.labels.into(),
            credentials: None,
        }
    }
}

impl From<Shown> for RevisionView {
    fn from(shown: Shown) -> Self {
        let credentials = Some(SetView::new(shown.credentials, shown.reveal));
        Self { credentials, ..shown.revision.into() }
    }
}
