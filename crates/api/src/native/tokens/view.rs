//! What this face shows of tokens.

use cadastre_domain::role::Role;
use cadastre_domain::token::{Presented, Token, TokenRefusal};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;
use crate::service::tokens::Shown;

/// The fields of a token, but for its secret, which no list shows.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "name",
    "note",
    "role",
    "enterprise_id",
    "user_id",
    "teams",
    "state",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "overlap_ends_at",
];

/// A token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(in crate::native) struct TokenView {
    /// Its identifier; no secret.
    #[schema(example = "019ab3b6c2a97d0bb1d0b4e7a2a4c1de")]
    pub(super) id: String,
    /// What people call it.
    name: String,
    /// A remark.
    note: String,
    /// What it may do.
    #[schema(schema_with = role)]
    role: &'static str,
    /// The enterprise in which it acts.
    enterprise_id: String,
    /// The user for whom it acts.
    user_id: i64,
    /// The teams that it belongs to, if its role is `team`.
    teams: Vec<String>,
    /// Whether it is accepted: `live`, or why not.
    #[schema(schema_with = state)]
    state: &'static str,
    created_at: DateTime<Utc>,
    /// When it ends by itself, if it does.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
    /// The minute in which it was used last. Told with some delay.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    /// Until when the secret before the last rotation is accepted, too.
    #[schema(required)]
    overlap_ends_at: Option<DateTime<Utc>>,
    /// Its text. Only in the answer that makes it: it is stored nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
}

/// The roles.
pub(super) fn role() -> RefOr<Schema> {
    one_of(Role::ALL.map(Role::as_str))
}

fn state() -> RefOr<Schema> {
    one_of(["live", "expired", "revoked", "altered"])
}

impl TokenView {
    /// The token as it is at `now`.
    pub(super) fn new(token: Token, now: DateTime<Utc>) -> Self {
        let state = match token.accept(Presented::Current, now) {
            Ok(()) => "live",
            Err(TokenRefusal::Revoked | TokenRefusal::Unknown) => "revoked",
            Err(TokenRefusal::Altered) => "altered",
            Err(TokenRefusal::Expired | TokenRefusal::Rotated) => "expired",
        };
        Self {
            id: token.id.to_string(),
            name: token.name.into(),
            note: token.note.into(),
            role: token.caller.role.as_str(),
            enterprise_id: token.caller.enterprise_id.to_string(),
            user_id: token.caller.user_id.0,
            teams: token.caller.teams.iter().map(ToString::to_string).collect(),
            state,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
            overlap_ends_at: token.overlap_ends_at,
            secret: None,
        }
    }

    /// The token with its text.
    pub(super) fn shown(shown: Shown, now: DateTime<Utc>) -> Self {
        let secret = Some(shown.text.reveal().to_owned());
        Self { secret, ..Self::new(shown.token, now) }
    }
}
