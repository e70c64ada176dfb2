//! What is kept of a point.

use std::fmt;
use std::str::FromStr;

use super::class::{Class, Measurement, MeasurementError};
use super::line::{Line, Value};
use super::tags::{PointTags, cut};

/// The longest reason of a failure that is kept, in characters; the rest is cut off.
pub const LONGEST_FAIL_REASON: usize = 1024;
/// The longest time that is kept, in microseconds: 12 days. Longer ones are as if not told.
pub const LARGEST_MICROS: i64 = 1_000_000_000_000;

/// What a point says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The dial succeeded.
    Ok,
    /// The dial failed.
    Failed,
    /// The dial succeeded when it was repeated; only browsers say so.
    OkAfterRetry,
    /// The point does not say.
    Unknown,
}

/// The text names no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of OK, FAIL, RETRY_OK, UNKNOWN")]
pub struct OutcomeError;

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Failed, Self::OkAfterRetry, Self::Unknown];

    /// The outcome as agents write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Failed => "FAIL",
            Self::OkAfterRetry => "RETRY_OK",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// A number for it, which never changes.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::OkAfterRetry => 2,
            Self::Unknown => 3,
        }
    }

    /// The outcome with this number.
    #[must_use]
    pub fn with_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    /// Whether the dial failed.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed)
    }

    /// Whether the dial succeeded, if the point says so.
    #[must_use]
    pub const fn verdict(self) -> Option<bool> {
        match self {
            Self::Ok | Self::OkAfterRetry => Some(true),
            Self::Failed => Some(false),
            Self::Unknown => None,
        }
    }

    /// `success` as agents write it: 1, -1, or nothing.
    #[must_use]
    pub const fn success(self) -> Option<i64> {
        match self.verdict() {
            Some(true) => Some(1),
            Some(false) => Some(-1),
            None => None,
        }
    }

    /// By the tag `status`, else by the field `success`.
    fn read(line: &Line<'_>) -> Self {
        let status = line.tags.iter().find(|(name, _)| name == "status");
        let status = status.and_then(|(_, status)| status.parse().ok());
        let by_field = || match field(line, "success").and_then(Value::integer) {
            Some(1) => Self::Ok,
            Some(-1) => Self::Failed,
            _ => Self::Unknown,
        };
        status.unwrap_or_else(by_field)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Outcome {
    type Err = OutcomeError;

    fn from_str(text: &str) -> Result<Self, OutcomeError> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or(OutcomeError)
    }
}

/// How long the parts of a dial took, each in whole microseconds from 0 to [`LARGEST_MICROS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The dial as a whole; the average round trip of ICMP, the handshake of TLS.
    pub response: Option<i64>,
    /// Looking up the name.
    pub dns: Option<i64>,
    /// Connecting.
    pub connect: Option<i64>,
    /// The handshake of TLS.
    pub tls: Option<i64>,
    /// Waiting for the first byte.
    pub first_byte: Option<i64>,
    /// Reading the answer.
    pub download: Option<i64>,
}

impl Timings {
    fn read(class: Option<Class>, line: &Line<'_>) -> Self {
        let whole = class.map_or("response_time", Class::response_time);
        let response = micros(line, whole).or_else(|| micros(line, "response_time"));
        let with_dns = micros(line, "response_time_with_dns");
        let beyond = with_dns.zip(response).map(|(with, without)| with - without);
        Self {
            response,
            dns: micros(line, "response_dns").or(beyond.filter(|dns| *dns >= 0)),
            connect: micros(line, "response_connection"),
            tls: micros(line, "response_ssl").or_else(|| micros(line, "tls_handshake_time")),
            first_byte: micros(line, "response_ttfb"),
            download: micros(line, "response_download"),
        }
    }
}

/// What is kept of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct DialPoint {
    /// What was measured.
    pub measurement: Measurement,
    /// When the dial began, in nanoseconds since 1970, as the node told it, however far off that is.
    pub at_ns: i64,
    /// Whether it succeeded.
    pub outcome: Outcome,
    /// How long it took.
    pub timings: Timings,
    /// The status of an HTTP answer.
    pub status_code: Option<i32>,
    /// How many packets of 100 were lost.
    pub packet_loss: Option<f64>,
    /// Why it failed.
    pub fail_reason: Option<String>,
    /// When the certificate of the target expires, in seconds since 1970.
    pub certificate_expires: Option<i64>,
    /// Its tags.
    pub tags: PointTags,
}

impl DialPoint {
    /// What is kept of a line that was received at `received_ns`, nanoseconds since 1970, which is
    /// its time when it tells none.
    ///
    /// # Errors
    /// When its measurement has a name that cannot be kept.
    pub fn read(line: &Line<'_>, received_ns: i64) -> Result<Self, MeasurementError> {
        let measurement = Measurement::try_from(line.measurement.clone().into_owned())?;
        let class = measurement.class();
        let at_ns = line.at_ns.unwrap_or(received_ns);
        let status_code = field(line, "status_code").and_then(Value::integer);
        let loss = field(line, "packet_loss_percent").and_then(Value::number);
        Ok(Self {
            at_ns,
            outcome: Outcome::read(line),
            timings: Timings::read(class, line),
            status_code: status_code.and_then(|code| i32::try_from(code).ok()),
            packet_loss: loss.filter(|loss| (0.0..=100.0).contains(loss)),
            fail_reason: fail_reason(line),
            certificate_expires: certificate_expires(line, at_ns),
            tags: PointTags::of(line),
            measurement,
        })
    }
}

fn field<'l, 'a>(line: &'l Line<'a>, name: &str) -> Option<&'l Value<'a>> {
    line.fields.iter().find(|(given, _)| given == name).map(|(_, value)| value)
}

fn micros(line: &Line<'_>, name: &str) -> Option<i64> {
    let micros = field(line, name).and_then(Value::integer);
    micros.filter(|micros| (0..=LARGEST_MICROS).contains(micros))
}

/// Control characters become spaces: PostgreSQL keeps no NUL, and a reason is shown on one line.
fn fail_reason(line: &Line<'_>) -> Option<String> {
    let text = field(line, "fail_reason").and_then(Value::text)?;
    let text = cut(&text, LONGEST_FAIL_REASON).replace(|c: char| c.is_control(), " ");
    Some(text).filter(|text| !text.trim().is_empty())
}

/// By the time itself, whose unit follows from its size, else by the days that are left.
fn certificate_expires(line: &Line<'_>, at_ns: i64) -> Option<i64> {
    let not_after = field(line, "ssl_cert_not_after").and_then(Value::integer);
    let days = field(line, "ssl_cert_expires_in_days").and_then(Value::integer);
    let by_days = |days: i64| (at_ns / 1_000_000_000).checked_add(days.checked_mul(86_400)?);
    not_after.filter(|time| *time > 0).map(seconds).or_else(|| days.and_then(by_days))
}

/// A time since 1970 in seconds, milliseconds, microseconds or nanoseconds, as seconds.
const fn seconds(time: i64) -> i64 {
    match time {
        100_000_000_000_000_000.. => time / 1_000_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => time / 1_000_000,
        100_000_000_000..100_000_000_000_000 => time / 1000,
        _ => time,
    }
}

#[cfg(test)]
mod tests;
