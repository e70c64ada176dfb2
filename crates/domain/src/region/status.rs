//! The status of a region: which changes are allowed, and what each status means for use.

use std::fmt;
use std::str::FromStr;

/// Whether a region is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Status {
    /// Its data is being entered.
    #[default]
    Editing,
    /// In service.
    Enabled,
    /// Taken out of service.
    Disabled,
    /// In service, but temporarily not to be relied on.
    Maintenance,
}

/// How an allowed change of status may go ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// The status stays what it is.
    Same,
    /// Nothing more is asked.
    Free,
    /// Only a region that is ready may take it.
    IfReady,
}

/// A change of status that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a region that is {from} cannot become {to}; allowed: {}", list(&from.allowed()))]
pub struct TransitionError {
    /// The present status.
    pub from: Status,
    /// The status that was asked for.
    pub to: Status,
}

/// What an opening of a region is worth to the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpeningUse {
    /// Kept, but the team does not see the region.
    Kept,
    /// The team uses the region.
    Usable,
    /// Kept, but not usable.
    NotUsable,
    /// Kept, and marked as under maintenance.
    Marked,
}

impl OpeningUse {
    /// What it is worth, in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Usable => "usable",
            Self::NotUsable => "not_usable",
            Self::Marked => "marked",
        }
    }
}

/// Whether nodes dial a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialling {
    /// They do not.
    Off,
    /// They do.
    On,
    /// They do, but no alarm is raised.
    Muted,
}

impl Dialling {
    /// Whether they do, in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Muted => "muted",
        }
    }
}

/// Whether a region may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It may.
    Allowed,
    /// It must be disabled first.
    DisableFirst,
    /// It may when no team has it open, or when forced.
    IfNotOpen,
    /// It may not.
    Refused,
}

impl Status {
    /// All statuses, in the order of their numbers on the wire.
    pub const ALL: [Self; 4] = [Self::Editing, Self::Enabled, Self::Disabled, Self::Maintenance];

    /// The status in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editing => "editing",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Maintenance => "maintenance",
        }
    }

    /// Whether and how a region in this status may take the status `to`.
    ///
    /// # Errors
    /// When the change is not allowed, whatever the region's condition.
    pub const fn passage(self, to: Self) -> Result<Passage, TransitionError> {
        use Status::{Disabled, Editing, Enabled, Maintenance};
        match (self, to) {
            (Editing, Editing)
            | (Enabled, Enabled)
            | (Disabled, Disabled)
            | (Maintenance, Maintenance) => Ok(Passage::Same),
            (Editing | Disabled | Maintenance, Enabled) => Ok(Passage::IfReady),
            (Editing | Enabled | Maintenance, Disabled)
            | (Enabled, Maintenance)
            | (Disabled, Editing) => Ok(Passage::Free),
            (Editing | Disabled, Maintenance) | (Enabled | Maintenance, Editing) => {
                Err(TransitionError { from: self, to })
            }
        }
    }

    /// The statuses, other than itself, that a region in this status may take.
    #[must_use]
    pub fn allowed(self) -> Vec<Self> {
        let reachable = |to: &Self| *to != self && self.passage(*to).is_ok();
        Self::ALL.into_iter().filter(reachable).collect()
    }

    /// Whether a team that has opened the region sees it.
    #[must_use]
    pub const fn seen_by_its_teams(self) -> bool {
        matches!(self, Self::Enabled | Self::Maintenance)
    }

    /// Whether the region can be opened for a team.
    #[must_use]
    pub const fn can_be_opened(self) -> bool {
        matches!(self, Self::Enabled)
    }

    /// What existing openings are worth.
    #[must_use]
    pub const fn opening_use(self) -> OpeningUse {
        match self {
            Self::Editing => OpeningUse::Kept,
            Self::Enabled => OpeningUse::Usable,
            Self::Disabled => OpeningUse::NotUsable,
            Self::Maintenance => OpeningUse::Marked,
        }
    }

    /// Whether nodes dial the region.
    #[must_use]
    pub const fn dialling(self) -> Dialling {
        match self {
            Self::Editing | Self::Disabled => Dialling::Off,
            Self::Enabled => Dialling::On,
            Self::Maintenance => Dialling::Muted,
        }
    }

    /// Whether the region may be deleted.
    #[must_use]
    pub const fn deletion(self) -> Deletion {
        match self {
            Self::Editing => Deletion::Allowed,
            Self::Enabled => Deletion::DisableFirst,
            Self::Disabled => Deletion::IfNotOpen,
            Self::Maintenance => Deletion::Refused,
        }
    }
}

fn list(statuses: &[Status]) -> String {
    statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a status is one of editing, enabled, disabled, maintenance")]
pub struct StatusError;

impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(StatusError)
    }
}

impl TryFrom<String> for Status {
    type Error = StatusError;

    fn try_from(text: String) -> Result<Self, StatusError> {
        text.parse()
    }
}

impl From<Status> for String {
    fn from(value: Status) -> Self {
        value.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
