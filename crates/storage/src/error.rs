//! What can go wrong in the database, told without naming diesel.

use std::error::Error;
use std::sync::Arc;

use crate::VaultError;
use crate::sqlite::deadline::TOO_LONG;
use crate::vault::KeyIdError;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind};

/// A failure of the storage. Cloneable, because one failed commit fails many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// Something that must be unique exists already; nothing was written.
    #[error("taken: {0:?}")]
    Taken(Taken),
    /// The write queue is full; nothing was written. Try again in a moment.
    #[error("the write queue is full")]
    Busy,
    /// The database cannot be reached, or not now. Whether a write that was under way was
    /// committed is not known.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database cannot be used as it is, and will not heal by itself.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
    /// Secrets cannot be sealed or opened: the keys are not there, or the data was tampered with.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// The caller's own work panicked; its effects were undone.
    #[error("the work panicked")]
    Panicked,
    /// Anything else, such as a row that does not parse.
    #[error("the query failed")]
    Query(#[source] Arc<dyn Error + Send + Sync>),
}

/// What is unique and was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The name of a region, in the whole register.
    RegionName,
    /// The name of an enterprise, in the whole register.
    EnterpriseName,
    /// The name of a team, in its enterprise.
    TeamName,
    /// The keycode of a node, in its enterprise.
    Keycode,
    /// The name of a user, in its enterprise.
    UserName,
    /// The name of a variable of dial tasks, in its enterprise.
    VariableName,
    /// A token.
    Token,
    /// The watch of a region, which has one at most.
    Watch,
    /// Anything else, such as an identifier.
    Other,
}

impl Taken {
    /// By the name of the constraint on PostgreSQL, or the columns that SQLite names.
    fn from_constraint(name: &str) -> Self {
        match name {
            "regions_name" | "regions.name" => Self::RegionName,
            "enterprises_name" | "enterprises.name" => Self::EnterpriseName,
            "teams_name" | "teams.enterprise_id, teams.name" => Self::TeamName,
            "nodes_keycode" | "nodes.enterprise_id, nodes.keycode" => Self::Keycode,
            "users_name" | "users.enterprise_id, users.name" => Self::UserName,
            "dial_variables_name" | "dial_variables.enterprise_id, dial_variables.name" => {
                Self::VariableName
            }
            "tokens_code" | "tokens.code" => Self::Token,
            "region_watches_pkey" | "region_watches.region_id" => Self::Watch,
            _ => Self::Other,
        }
    }
}

/// SQLite names no constraint; its message ends in the columns.
fn constraint(info: &dyn DatabaseErrorInformation) -> &str {
    info.constraint_name().unwrap_or_else(|| {
        info.message().strip_prefix("UNIQUE constraint failed: ").unwrap_or_default()
    })
}

/// Texts of failures that pass, and that diesel gives no kind of their own.
const PASSING: [&str; 9] = [
    "database is locked",
    "database or disk is full",
    "lock timeout",
    "statement timeout",
    TOO_LONG,
    "idle-in-transaction timeout",
    "terminating connection",
    "the database system is",
    "server closed the connection",
];

impl From<diesel::result::Error> for StorageError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error::DatabaseError;
        match &error {
            DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(Taken::from_constraint(constraint(info.as_ref())))
            }
            DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ReadOnlyTransaction
                | DatabaseErrorKind::SerializationFailure,
                info,
            ) => Self::Unavailable(one_line(info.message())),
            DatabaseError(_, info) if PASSING.iter().any(|text| info.message().contains(text)) => {
                Self::Unavailable(one_line(info.message()))
            }
            _ => Self::Query(Arc::new(error)),
        }
    }
}

impl From<KeyIdError> for StorageError {
    fn from(error: KeyIdError) -> Self {
        Self::Query(Arc::new(error))
    }
}

impl From<r2d2::Error> for StorageError {
    fn from(error: r2d2::Error) -> Self {
        Self::Unavailable(one_line(&error.to_string()))
    }
}

/// Messages of the database may have several lines; a log line has one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
