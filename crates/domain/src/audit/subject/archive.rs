//! What an entry tells of entries that were archived.

use chrono::{DateTime, Utc};

use super::{Subject, text, time};
use crate::audit::Value;
use crate::id::EnterpriseId;

/// Entries that are in a file and no longer in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditArchive {
    /// The sequence of the first.
    pub first: i64,
    /// The sequence of the last.
    pub last: i64,
    /// The hash of the last, in hex digits.
    pub hash: String,
    /// The time up to which they were to be archived.
    pub before: DateTime<Utc>,
}

impl Subject for AuditArchive {
    const KIND: &'static str = "audit_archive";

    fn object_id(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        None
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("first_sequence", text(&self.first)),
            ("last_sequence", text(&self.last)),
            ("last_hash", text(&self.hash)),
            ("before", time(Some(self.before))),
        ]
    }
}
