//! Whether a region may be deleted now.

use super::{Deletion, Region};

/// Why a region cannot be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeletionRefusal {
    /// It is enabled.
    #[error("a region that is enabled cannot be deleted; disable it first")]
    DisableFirst,
    /// It is in maintenance.
    #[error("a region in maintenance cannot be deleted")]
    InMaintenance,
    /// So many teams have it open, and the deletion is not forced.
    #[error("the region is still open for {}", teams(*.0))]
    Open(usize),
}

/// Decides whether `region`, which is open for so many teams, may be deleted. Its openings are
/// closed with it.
///
/// Force does away with openings, never with a status.
///
/// # Errors
/// What stands against it.
pub fn decide_deletion(
    region: &Region,
    openings: usize,
    force: bool,
) -> Result<(), DeletionRefusal> {
    match region.status.deletion() {
        Deletion::DisableFirst => Err(DeletionRefusal::DisableFirst),
        Deletion::Refused => Err(DeletionRefusal::InMaintenance),
        Deletion::IfNotOpen if openings > 0 && !force => Err(DeletionRefusal::Open(openings)),
        Deletion::IfNotOpen | Deletion::Allowed => Ok(()),
    }
}

fn teams(count: usize) -> String {
    if count == 1 { "1 team".to_owned() } else { format!("{count} teams") }
}

#[cfg(test)]
mod tests;
