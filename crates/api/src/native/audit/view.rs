//! What this face and the command line show of audit entries.

use std::fmt::Write as _;

use cadastre_storage::AuditRecord;
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::query::outcome;

/// The fields of an entry.
pub(super) const FIELDS: &[&str] = &[
    "sequence",
    "at",
    "enterprise_id",
    "token_id",
    "user_id",
    "origin",
    "address",
    "request_id",
    "operation",
    "outcome",
    "object_kind",
    "object_id",
    "changes",
    "revealed",
    "reason",
    "hash",
];

/// An audit entry: who did what to which thing.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryView {
    /// Its place in the chain of all entries, from 1, without gaps.
    sequence: i64,
    /// When it happened.
    #[schema(value_type = DateTime<Utc>)]
    at: String,
    /// The enterprise that it is about.
    #[schema(required)]
    enterprise_id: Option<String>,
    /// The token that was used, or that somebody claimed to have.
    #[schema(required)]
    token_id: Option<String>,
    /// The user for whom the token acts.
    #[schema(required)]
    user_id: Option<i64>,
    /// How the register was reached: `request`, `command` or `server`.
    origin: String,
    /// The address of the client.
    #[schema(required)]
    address: Option<String>,
    /// The id of the request, as its answer told it in `X-Request-ID`.
    #[schema(required)]
    request_id: Option<String>,
    /// What was asked for.
    #[schema(example = "create_region")]
    operation: String,
    /// What came of it.
    #[schema(schema_with = outcome)]
    outcome: String,
    /// What kind of thing it was done to.
    #[schema(required, example = "region")]
    object_kind: Option<String>,
    /// The identifier of that thing.
    #[schema(required)]
    object_id: Option<String>,
    /// The fields that changed. A secret is told by its fingerprint alone.
    #[schema(value_type = Vec<FieldChangeView>)]
    changes: Value,
    /// The secrets that were shown, by the names of their fields.
    revealed: Vec<String>,
    /// Why it was refused.
    #[schema(required)]
    reason: Option<String>,
    /// The code of this entry and all before it, which shows whether any was edited or removed.
    hash: String,
}

/// A field that changed.
#[derive(ToSchema)]
#[schema(as = FieldChange)]
#[expect(dead_code, reason = "describes what stands in the entry as it was written")]
pub(in crate::native) struct FieldChangeView {
    field: String,
    /// What it was: text, or the fingerprint of a secret, or null. Of the secret that a token had before,
    /// the entry by which it came tells the fingerprint.
    #[schema(required, value_type = Option<ToldView>)]
    before: Value,
    /// What it became.
    #[schema(required, value_type = Option<ToldView>)]
    after: Value,
}

/// What is told of a value.
#[derive(ToSchema)]
#[schema(as = Told)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what stands in the entry as it was written")]
enum ToldView {
    /// The value.
    Value(String),
    /// That of a secret: whether it is the same can be seen, but not what it is.
    Secret { fingerprint: String },
}

impl AuditEntryView {
    /// The cursor of the page behind this entry.
    pub(super) fn cursor(&self) -> String {
        self.sequence.to_string()
    }
}

impl From<AuditRecord> for AuditEntryView {
    fn from(record: AuditRecord) -> Self {
        let mut hash = String::new();
        for byte in &record.hash {
            // Writing into a text does not fail.
            let _ = write!(hash, "{byte:02x}");
        }
        let revealed = record.revealed.split(',').filter(|name| !name.is_empty());
        Self {
            sequence: record.sequence,
            at: record.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            enterprise_id: record.enterprise_id,
            token_id: record.token_id,
            user_id: record.user_id,
            origin: record.origin,
            address: record.address,
            request_id: record.request_id,
            operation: record.operation,
            outcome: record.outcome,
            object_kind: record.object_kind,
            object_id: record.object_id,
            changes: serde_json::from_str(&record.changes).unwrap_or_default(),
            revealed: revealed.map(str::to_owned).collect(),
            reason: record.reason,
            hash,
        }
    }
}
