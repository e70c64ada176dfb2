//! How often a task is dialled.

use std::fmt;
use std::str::FromStr;

use crate::duration::GoDuration;

/// How often a task is dialled, of the eight steps that the dialing interface knows (contract,
/// section 2.3). The agent would take any Go duration, and dies of `0s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Each minute.
    M1,
    /// Every 5 minutes.
    M5,
    /// Every 15 minutes.
    M15,
    /// Every 30 minutes.
    M30,
    /// Each hour.
    H1,
    /// Every 6 hours.
    H6,
    /// Every 12 hours.
    H12,
    /// Every 24 hours.
    H24,
}

/// The text is none of the frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of 1m, 5m, 15m, 30m, 1h, 6h, 12h, 24h")]
pub struct FrequencyError;

impl Frequency {
    /// All of them, the most frequent first.
    pub const ALL: [Self; 8] =
        [Self::M1, Self::M5, Self::M15, Self::M30, Self::H1, Self::H6, Self::H12, Self::H24];

    /// The frequency as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::M1 => "1m",
            Self::M5 => "5m",
            Self::M15 => "15m",
            Self::M30 => "30m",
            Self::H1 => "1h",
            Self::H6 => "6h",
            Self::H12 => "12h",
            Self::H24 => "24h",
        }
    }

    /// How many seconds lie between two dials.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            Self::M1 => 60,
            Self::M5 => 300,
            Self::M15 => 900,
            Self::M30 => 1_800,
            Self::H1 => 3_600,
            Self::H6 => 21_600,
            Self::H12 => 43_200,
            Self::H24 => 86_400,
        }
    }
}

impl From<Frequency> for GoDuration {
    fn from(frequency: Frequency) -> Self {
        Self::from_nanos(i64::from(frequency.seconds()) * 1_000_000_000)
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Frequency {
    type Err = FrequencyError;

    fn from_str(text: &str) -> Result<Self, FrequencyError> {
        Self::ALL.into_iter().find(|step| step.as_str() == text).ok_or(FrequencyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_the_go_duration_that_it_is_written_as() {
        for step in Frequency::ALL {
            assert_eq!(step.as_str().parse(), Ok(GoDuration::from(step)));
            assert_eq!(step.as_str().parse(), Ok(step));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "2m", "60s", "1M", " 1m", "0s", "1h0m0s", "1d"] {
            assert_eq!(text.parse::<Frequency>(), Err(FrequencyError));
        }
    }
}
