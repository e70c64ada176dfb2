//! Why a command ended without doing what it was asked.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::step::human;

/// Each kind has its own exit code, so that scripts can tell them apart.
#[derive(Debug)]
pub enum Failure {
    /// Something is missing or went wrong.
    Trouble(String),
    /// The command line was not understood.
    Usage(String),
    /// A step took longer than it may and was ended.
    TooSlow {
        /// What was run.
        step: String,
        /// How long it was allowed to take.
        limit: Duration,
    },
    /// This signal asked us to stop.
    Interrupted(u8),
}

impl Failure {
    /// Something is missing or went wrong.
    pub fn trouble(text: impl Into<String>) -> Self {
        Self::Trouble(text.into())
    }

    /// For `map_err`: says what could not be done, and why.
    pub fn cannot(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Trouble(format!("cannot {what}: {error}"))
    }

    /// The exit code of `cargo xtask`; 124 and 128 + signal are what `timeout` and shells use.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Trouble(_) => 1,
            Self::Usage(_) => 2,
            Self::TooSlow { .. } => 124,
            Self::Interrupted(signal) => signal.saturating_add(128),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trouble(text) | Self::Usage(text) => f.write_str(text),
            Self::TooSlow { step, limit } => {
                write!(f, "ended after {}, its limit: {step}", human(*limit))
            }
            Self::Interrupted(signal) => write!(f, "stopped by signal {signal}"),
        }
    }
}
