//! How far a maintenance window has come.

use std::fmt;
use std::str::FromStr;

/// How far a maintenance window has come. Only planned and running ones still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowState {
    /// It is to come.
    Planned,
    /// It has begun, and the region is in maintenance.
    Running,
    /// It is over, and the region is no longer in maintenance.
    Ended,
    /// It was called off before it began.
    Cancelled,
    /// It never began: the region was not enabled at its start, or no server looked in its time.
    Skipped,
    /// It is over, but the region was not ready and was left in maintenance; the note says why.
    Stuck,
}

impl WindowState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Planned, Self::Running, Self::Ended, Self::Cancelled, Self::Skipped, Self::Stuck];

    /// The state in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Stuck => "stuck",
        }
    }

    /// Whether the window still has something to do: it keeps its time from other windows, and
    /// can be changed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Running)
    }
}

impl fmt::Display for WindowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no state of a maintenance window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a state is one of planned, running, ended, cancelled, skipped, stuck")]
pub struct WindowStateError;

impl FromStr for WindowState {
    type Err = WindowStateError;

    fn from_str(text: &str) -> Result<Self, WindowStateError> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(WindowStateError)
    }
}

impl TryFrom<String> for WindowState {
    type Error = WindowStateError;

    fn try_from(text: String) -> Result<Self, WindowStateError> {
        text.parse()
    }
}

impl From<WindowState> for String {
    fn from(value: WindowState) -> Self {
        value.as_str().to_owned()
    }
}
