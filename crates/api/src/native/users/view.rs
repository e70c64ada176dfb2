//! What this face shows of users.

use cadastre_domain::user::User;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(in crate::native) struct UserView {
    /// Its number, which tokens and audit entries tell.
    pub(super) id: i64,
    /// Its name, unique in the enterprise.
    name: String,
    /// The enterprise to which it belongs.
    enterprise_id: String,
    created_at: DateTime<Utc>,
    /// When it was last renamed; before that, when it was made.
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
}

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] =
    &["id", "name", "enterprise_id", "created_at", "updated_at", "version"];

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, enterprise_id, name, created_at, updated_at, version } = user;
        let (name, enterprise_id) = (name.into(), enterprise_id.into());
        Self { id: id.0, name, enterprise_id, created_at, updated_at, version }
    }
}
