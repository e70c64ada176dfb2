//! Lengths of time in the notation of Go, which the agents read and print.

use std::fmt;
use std::str::FromStr;

/// A length of time in nanoseconds, from about -292 to 292 years, written as Go writes it: `1m30s`,
/// `1.5h`, `100ms`, `-2us`.
///
/// Text is read as by `time.ParseDuration` of Go's standard library: numbers, each with an optional
/// fraction and a unit of `ns`, `us` (`µs`), `ms`, `s`, `m` and `h`, in any order; a sign in front
/// of all; or a bare `0`. Digits beyond a nanosecond are cut off; Go reckons fractions in floating
/// point and may differ by one nanosecond there. It is printed as by `time.Duration.String`.
///
/// ```
/// use cadastre_domain::duration::GoDuration;
///
/// let duration: GoDuration = "1.5h".parse()?;
/// assert_eq!(duration.to_string(), "1h30m0s");
/// # Ok::<(), cadastre_domain::duration::GoDurationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration(i64);

/// Why a text is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GoDurationError {
    /// A number is missing where one must stand, at the beginning above all.
    #[error("a duration is numbers with units, such as 1m30s")]
    Number,
    /// A number has no unit behind it.
    #[error("a number has no unit; units are ns, us, ms, s, m and h")]
    MissingUnit,
    /// A unit is none that is known.
    #[error("a unit is unknown; units are ns, us, ms, s, m and h")]
    UnknownUnit,
    /// More than 2⁶³ - 1 nanoseconds.
    #[error("the duration is longer than 292 years")]
    TooLong,
}

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl GoDuration {
    /// The duration of this many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// How many nanoseconds it has.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whether it is longer than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl FromStr for GoDuration {
    type Err = GoDurationError;

    fn from_str(text: &str) -> Result<Self, GoDurationError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if unsigned == "0" {
            return Ok(Self(0));
        }
        if unsigned.is_empty() {
            return Err(GoDurationError::Number);
        }
        let (mut rest, mut total) = (unsigned, 0_i128);
        while !rest.is_empty() {
            let (term, behind) = term(rest)?;
            total += term;
            // One more than fits, because there is one more below zero.
            if total > i128::from(i64::MAX) + 1 {
                return Err(GoDurationError::TooLong);
            }
            rest = behind;
        }
        let nanos = if negative { -total } else { total };
        i64::try_from(nanos).map(Self).map_err(|_| GoDurationError::TooLong)
    }
}

/// The nanoseconds of the number and unit in front of `text`, and what stands behind them.
fn term(text: &str) -> Result<(i128, &str), GoDurationError> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return Err(GoDurationError::Number);
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(end);
    let unit = u128::from(unit(name)?);
    let whole = whole.bytes().try_fold(0_u128, |sum, digit| {
        let sum = sum * 10 + u128::from(digit - b'0');
        (sum <= 1 << 63).then_some(sum).ok_or(GoDurationError::TooLong)
    })?;
    // The smallest part that counts is a nanosecond of an hour: 13 digits; 18 are more than that.
    let (part, scale) = fraction.bytes().take(18).fold((0_u128, 1_u128), |(sum, scale), digit| {
        (sum * 10 + u128::from(digit - b'0'), scale * 10)
    });
    let nanos = whole * unit + part * unit / scale;
    i128::try_from(nanos).map(|nanos| (nanos, behind)).map_err(|_| GoDurationError::TooLong)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn unit(name: &str) -> Result<u64, GoDurationError> {
    match name {
        "" => Err(GoDurationError::MissingUnit),
        "ns" => Ok(1),
        // The micro sign, and the Greek letter that looks like it.
        "us" | "\u{b5}s" | "\u{3bc}s" => Ok(MICROSECOND),
        "ms" => Ok(MILLISECOND),
        "s" => Ok(SECOND),
        "m" => Ok(MINUTE),
        "h" => Ok(HOUR),
        _ => Err(GoDurationError::UnknownUnit),
    }
}

impl TryFrom<String> for GoDuration {
    type Error = GoDurationError;

    fn try_from(text: String) -> Result<Self, GoDurationError> {
        text.parse()
    }
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match nanos {
            0 => f.write_str("0s"),
            1..MICROSECOND => write!(f, "{nanos}ns"),
            MICROSECOND..MILLISECOND => decimal(f, nanos, MICROSECOND, "\u{b5}s"),
            MILLISECOND..SECOND => decimal(f, nanos, MILLISECOND, "ms"),
            SECOND.. => {
                if nanos >= HOUR {
                    write!(f, "{}h", nanos / HOUR)?;
                }
                if nanos >= MINUTE {
                    write!(f, "{}m", nanos % HOUR / MINUTE)?;
                }
                decimal(f, nanos % MINUTE, SECOND, "s")
            }
        }
    }
}

/// Writes `nanos` in a unit, with as many digits behind the point as are needed.
fn decimal(f: &mut fmt::Formatter<'_>, nanos: u64, unit: u64, name: &str) -> fmt::Result {
    write!(f, "{}", nanos / unit)?;
    let (mut rest, mut scale) = (nanos % unit, unit / 10);
    if rest > 0 {
        f.write_str(".")?;
    }
    while rest > 0 {
        write!(f, "{}", rest / scale)?;
        rest %= scale;
        scale /= 10;
    }
    f.write_str(name)
}

#[cfg(test)]
mod tests;
