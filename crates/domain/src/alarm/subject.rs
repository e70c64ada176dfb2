//! What alarms are about.

use std::fmt;
use std::str::FromStr;

use super::SubjectKind;
use crate::id::{NodeId, RegionId};

/// What an alarm is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmSubject {
    /// A node.
    Node(NodeId),
    /// A watched region.
    Region(RegionId),
}

impl AlarmSubject {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Node(_) => SubjectKind::Node,
            Self::Region(_) => SubjectKind::Region,
        }
    }
}

/// Its identifier: those of nodes and of regions cannot be mistaken for each other.
impl fmt::Display for AlarmSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => id.fmt(f),
            Self::Region(id) => id.fmt(f),
        }
    }
}

/// The text is the identifier neither of a node nor of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the identifier of a node or of a region")]
pub struct AlarmSubjectError;

impl FromStr for AlarmSubject {
    type Err = AlarmSubjectError;

    fn from_str(text: &str) -> Result<Self, AlarmSubjectError> {
        let node = text.parse().map(Self::Node);
        node.or_else(|_| text.parse().map(Self::Region)).map_err(|_| AlarmSubjectError)
    }
}

impl TryFrom<String> for AlarmSubject {
    type Error = AlarmSubjectError;

    fn try_from(text: String) -> Result<Self, AlarmSubjectError> {
        text.parse()
    }
}

impl From<AlarmSubject> for String {
    fn from(subject: AlarmSubject) -> Self {
        subject.to_string()
    }
}
