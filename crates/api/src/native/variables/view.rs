//! What this face shows of variables of dial tasks.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::variables::Shown;

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "name",
    "value",
    "secure",
    "task_id",
    "task_var_name",
    "post_script",
    "created_at",
    "updated_at",
    "version",
];

/// A variable of dial tasks.
#[derive(Serialize, ToSchema)]
#[schema(as = DialVariable)]
pub(in crate::native) struct VariableView {
    /// Its identifier.
    pub(super) id: String,
    /// The enterprise that it belongs to.
    enterprise_id: String,
    /// Its name, by which tasks use it.
    name: String,
    /// Its value; null when it is secure and the caller is not shown it.
    #[schema(required)]
    value: Option<String>,
    /// Whether only some see the value. Agents get it either way.
    secure: bool,
    /// The task after whose runs agents compute the value; null when none does.
    #[schema(required)]
    task_id: Option<String>,
    /// How the script of the task calls it.
    task_var_name: String,
    /// The script that computes it.
    post_script: String,
    created_at: DateTime<Utc>,
    /// When it was last changed, also by an agent; before that, when it was made.
    updated_at: DateTime<Utc>,
    /// Counts its changes, also those by agents, from 1. Its `ETag` is this number in quotes.
    pub(super) version: i64,
}

impl From<Shown> for VariableView {
    fn from(Shown { variable, is_revealed }: Shown) -> Self {
        let content = variable.content;
        let is_shown = is_revealed || !content.is_secure;
        let source = content.source;
        Self {
            id: variable.id.to_string(),
            enterprise_id: variable.enterprise_id.to_string(),
            name: content.name.into(),
            value: is_shown.then(|| content.value.reveal().to_owned()),
            secure: content.is_secure,
            task_id: source.as_ref().map(|source| source.task_id.to_string()),
            task_var_name: source
                .as_ref()
                .map(|source| source.task_var_name.as_ref().to_owned())
                .unwrap_or_default(),
            post_script: source.map(|source| source.post_script).unwrap_or_default(),
            created_at: variable.created_at,
            updated_at: variable.updated_at,
            version: variable.version,
        }
    }
}
