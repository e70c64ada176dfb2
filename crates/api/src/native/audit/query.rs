//! Which entries to list.

use cadastre_domain::audit::Outcome;
use cadastre_domain::user::UserId;
use cadastre_storage::AuditFilter;
use chrono::{DateTime, Utc};
use utoipa::IntoParams;
use utoipa::openapi::{RefOr, Schema};

use super::super::query::Query;
use crate::openapi::one_of;

/// Which entries are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct AuditQuery {
    /// Entries about this enterprise. Those of others are as if there were none.
    enterprise_id: Option<String>,
    /// Entries by this token.
    token_id: Option<String>,
    /// Entries by the user with this number.
    user_id: Option<i64>,
    /// Entries of this operation.
    #[param(example = "create_region")]
    operation: Option<String>,
    /// Entries with this outcome.
    #[param(required = false, schema_with = outcome)]
    outcome: Option<String>,
    /// Entries about things of this kind.
    #[param(example = "region")]
    object_kind: Option<String>,
    /// Entries about the thing with this identifier.
    object_id: Option<String>,
    /// Entries from this address.
    address: Option<String>,
    /// Only entries in which secrets were shown.
    revealed: Option<bool>,
    /// Entries at this time or later.
    since: Option<DateTime<Utc>>,
    /// Entries before this time.
    until: Option<DateTime<Utc>>,
}

/// The outcomes.
pub(super) fn outcome() -> RefOr<Schema> {
    one_of(Outcome::ALL.map(Outcome::as_str))
}

/// Reads the parameters.
pub(super) fn filter(query: &mut Query) -> AuditFilter {
    let outcome = |text: &str| {
        let found = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or("must be done, refused or sign_in_failed")
    };
    AuditFilter {
        enterprise: query.take("enterprise_id", str::parse),
        token: query.take("token_id", str::parse),
        user: query.take("user_id", |text| text.parse().map(UserId)),
        operation: query.text("operation"),
        outcome: query.take("outcome", outcome).map(|outcome| outcome.as_str().to_owned()),
        object_kind: query.text("object_kind"),
        object_id: query.text("object_id"),
        address: query.text("address"),
        revealed: query.flag("revealed"),
        since: query.time("since"),
        until: query.time("until"),
        before: None,
    }
}
