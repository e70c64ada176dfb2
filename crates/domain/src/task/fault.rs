//! What is wrong with a task, and where.

use std::fmt;

use super::crontab::CrontabError;
use super::pattern::PatternError;
use super::template::TemplateError;
use crate::duration::GoDurationError;
use crate::region::tls::TlsFault;
use crate::text::{TextError, excerpt};

/// One thing that is wrong with a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct TaskFault {
    /// Where, as a path such as `task.success_when[0].body[0].match_regex`; of a very long one the
    /// beginning.
    pub field: String,
    /// What.
    pub reason: TaskFaultReason,
}

/// What is wrong with a field of a task. Values are not repeated: they may be secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskFaultReason {
    /// It is missing, null or empty.
    #[error("required")]
    Required,
    /// It is not of this type, which the agent needs.
    #[error("must be {0}")]
    Type(&'static str),
    /// It is none of these words.
    #[error("must be one of {}", .0.join(", "))]
    OneOf(&'static [&'static str]),
    /// It is not a whole number in these limits, both included.
    #[error("must be a whole number from {least} to {most}")]
    Range {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// It is no text of this kind.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It has more than this many characters as JSON.
    #[error("must have at most {0} characters as JSON")]
    TooLong(usize),
    /// It has more than this many bytes as JSON.
    #[error("must have at most {0} bytes as JSON")]
    TooLarge(usize),
    /// Its name has more than this many characters.
    #[error("must have a name of at most {0} characters")]
    LongName(usize),
    /// It has arrays and objects inside of each other on more levels than this.
    #[error("must not nest deeper than {0} levels")]
    TooDeep(usize),
    /// It is no Go duration.
    #[error(transparent)]
    Duration(#[from] GoDurationError),
    /// It is a duration that is zero or negative.
    #[error("must be longer than nothing")]
    NotPositive,
    /// It is no regular expression that the agent understands.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// It is no crontab line that the agent understands.
    #[error(transparent)]
    Crontab(#[from] CrontabError),
    /// It is no URL with one of these schemes and a host.
    #[error("must be a URL with a host that begins with {}", .0.join(" or "))]
    Url(&'static [&'static str]),
    /// It is no host.
    #[error("must be a host name or address without spaces")]
    Host,
    /// It is no port.
    #[error("must be a port from 1 to 65535, as a string")]
    Port,
    /// It is no name that a variable can have.
    #[error("must be letters, digits and _, and must not begin with a digit")]
    Variable,
    /// It is no HTTP method.
    #[error("must be an HTTP method")]
    Method,
    /// It is no full name of a gRPC method.
    #[error("must be a gRPC method with its service, as in package.Service/Method")]
    FullMethod,
    /// It is not base64.
    #[error("must be base64")]
    Base64,
    /// It is a string, but no JSON object stands in it.
    #[error("must hold a JSON object, with no key twice and at most 64 levels deep")]
    Json,
    /// It has a template in it that the agent would not read, or not be able to fill in.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It is a word of the language of templates, so no variable can be used by this name.
    #[error("must not be a word of Go's templates: {}", .0.join(", "))]
    Keyword(&'static [&'static str]),
    /// It is no certificate or key that the agent can use.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The agent would take it for the field of this name, as it is lax about case.
    #[error("must be spelled {0:?}")]
    Spelling(&'static str),
    /// It is the mask of a secret that is not stored, or not in this place.
    #[error("is masked: send the value itself")]
    Masked,
    /// It is the mask of a secret that was given for another destination, or for a peer that was better known.
    #[error(
        "is masked, and the task leads to another origin (scheme, host or port), follows redirects or accepts any peer now: send the value itself, or leave it out"
    )]
    MaskedElsewhere,
}

/// The most faults that are collected of one task.
pub const MOST_FAULTS: usize = 50;

/// The most bytes that the path to a fault takes inside of a JSON string: names stand in it that the
/// caller chose.
const LONGEST_PATH: usize = 400;

/// A place as it is told: of a very long path the beginning.
pub(super) fn told(place: &impl fmt::Display) -> String {
    excerpt(&place.to_string(), LONGEST_PATH).into_owned()
}

/// The faults that were found so far, in the order in which they were found: at most
/// [`MOST_FAULTS`]. Paths and reasons are made only for faults that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Faults {
    kept: Vec<TaskFault>,
    has_more: bool,
}

impl Faults {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Keeps a fault in this place, if there is room.
    pub(super) fn push(&mut self, place: &impl fmt::Display, reason: impl Into<TaskFaultReason>) {
        if self.is_full() {
            self.has_more = true;
            return;
        }
        self.kept.push(TaskFault { field: told(place), reason: reason.into() });
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether no further fault is kept.
    pub(super) const fn is_full(&self) -> bool {
        self.kept.len() >= MOST_FAULTS
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &TaskFault> {
        self.kept.iter()
    }
}

/// Why something is no task: what is wrong with it, and at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRefusal(pub(super) Faults);

impl TaskRefusal {
    /// What is wrong, in the order in which it was found: the first [`MOST_FAULTS`] faults.
    #[must_use]
    pub fn faults(&self) -> &[TaskFault] {
        &self.0.kept
    }

    /// Whether more is wrong than the faults that were kept.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.0.has_more
    }
}

impl fmt::Display for TaskRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<String> = self.faults().iter().map(ToString::to_string).collect();
        f.write_str(&faults.join("; "))?;
        f.write_str(if self.has_more() { "; and more" } else { "" })
    }
}

impl std::error::Error for TaskRefusal {}
