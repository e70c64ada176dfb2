//! Maintenance windows: planned times in which the register itself takes a region out of service
//! and afterwards brings it back.
//!
//! A window touches its region twice: it moves it into maintenance at the start, and back at the
//! end if the region is ready then. Everything between is asked of the state that is kept with the
//! window, never of what a server remembers. So it does not matter which of several servers acts,
//! how often they look, or whether their clocks agree: what was done once is not due again.

mod clock;
mod course;
mod plan;
mod refusal;
mod state;

use chrono::{DateTime, Utc};

pub use clock::{SETTLE, SteadyClock, TOLERANCE};
pub use course::{Step, agenda};
pub use plan::{LONGEST, START_GRACE, WindowDraft, YEARS_AHEAD};
pub use refusal::{Edge, WindowRefusal};
pub use state::{WindowState, WindowStateError};

use crate::id::{EnterpriseId, RegionId, WindowId};
use crate::text::{Line, Text};

/// Who answers for a window: 1 to 64 characters.
pub type WindowOwner = Line<1, 64>;

/// What a window is for: 1 to 200 characters.
pub type WindowReason = Text<1, 200>;

/// A planned time of maintenance, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its identifier.
    pub id: WindowId,
    /// The region that is maintained.
    pub region_id: RegionId,
    /// The enterprise that the region belongs to.
    pub enterprise_id: EnterpriseId,
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when; this moment itself is no longer part of the window.
    pub ends_at: DateTime<Utc>,
    /// Who answers for it.
    pub owner: WindowOwner,
    /// What it is for.
    pub reason: WindowReason,
    /// How far it has come.
    pub state: WindowState,
    /// What the register has to say about how it went; empty while there is nothing to say.
    pub note: String,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

#[cfg(test)]
mod tests;
