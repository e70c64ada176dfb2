//! What this face shows of the keys of nodes.

use cadastre_domain::node::NodeKey;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The fields of a key that can be chosen.
pub(in crate::native::nodes) const KEY_FIELDS: &[&str] = &[
    "ak",
    "valid",
    "created_at",
    "valid_until",
    "revoked_at",
    "ends_others",
    "first_used_at",
    "last_used_at",
];

/// A key of a node, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeKey)]
pub(in crate::native) struct KeyView {
    /// Its public half.
    pub(in crate::native::nodes) ak: String,
    /// Whether it is accepted now.
    valid: bool,
    created_at: DateTime<Utc>,
    /// Until when it is accepted; null when no end is set.
    #[schema(required)]
    valid_until: Option<DateTime<Utc>>,
    /// When it was revoked; null when it was not.
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
    /// Whether its first use, which is still to come, ends the other keys.
    ends_others: bool,
    /// When it was used first; null when it never was.
    #[schema(required)]
    first_used_at: Option<DateTime<Utc>>,
    /// When it was used last; null when it never was.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
}

impl KeyView {
    pub(in crate::native::nodes) fn new(key: &NodeKey, now: DateTime<Utc>) -> Self {
        Self {
            ak: key.pair.id.to_string(),
            valid: key.is_valid(now),
            created_at: key.created_at,
            valid_until: key.valid_until,
            revoked_at: key.revoked_at,
            ends_others: key.ends_others,
            first_used_at: key.first_used_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A key of a node that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeNodeKey)]
pub(in crate::native) struct NewKeyView {
    #[serde(flatten)]
    key: KeyView,
    /// Its secret half.
    sk: String,
}

impl NewKeyView {
    pub(in crate::native::nodes) fn new(key: &NodeKey, now: DateTime<Utc>) -> Self {
        Self { key: KeyView::new(key, now), sk: key.pair.secret.reveal().to_owned() }
    }
}
