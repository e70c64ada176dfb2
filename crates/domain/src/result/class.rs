//! What was dialled, and what agents call it.

/// The longest name of a measurement that is kept, in bytes.
const LONGEST_MEASUREMENT: usize = 128;

/// What was dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of protocols")]
pub enum Class {
    Http,
    Tcp,
    Icmp,
    Websocket,
    Multi,
    Grpc,
    Ssl,
    Browser,
    Netpath,
}

impl Class {
    /// All classes that agents have points of.
    pub const ALL: [Self; 9] = [
        Self::Http,
        Self::Tcp,
        Self::Icmp,
        Self::Websocket,
        Self::Multi,
        Self::Grpc,
        Self::Ssl,
        Self::Browser,
        Self::Netpath,
    ];

    /// The measurement of its points.
    #[must_use]
    pub const fn measurement(self) -> &'static str {
        match self {
            Self::Http => "http_dial_testing",
            Self::Tcp => "tcp_dial_testing",
            Self::Icmp => "icmp_dial_testing",
            Self::Websocket => "websocket_dial_testing",
            Self::Multi => "multi_dial_testing",
            Self::Grpc => "grpc_dial_testing",
            Self::Ssl => "ssl_dial_testing",
            Self::Browser => "browser_dial_testing",
            Self::Netpath => "netpath_dial_testing",
        }
    }

    /// The class in one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.measurement().trim_end_matches("_dial_testing")
    }

    /// The field that tells how long the dial took as a whole, in microseconds.
    pub(super) const fn response_time(self) -> &'static str {
        match self {
            Self::Icmp | Self::Netpath => "average_round_trip_time",
            Self::Ssl => "tls_handshake_time",
            _ => "response_time",
        }
    }
}

/// The name of a measurement: of a [`Class`], or of something that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measurement(String);

/// Why a text is no measurement that can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a measurement has 1 to {LONGEST_MEASUREMENT} bytes, and no control characters")]
pub struct MeasurementError;

impl Measurement {
    /// The class whose points are called so.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.measurement() == self.0)
    }

    /// What stands for measurements of which there are too many.
    #[must_use]
    pub fn other() -> Self {
        Self("other".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Class> for Measurement {
    fn from(class: Class) -> Self {
        Self(class.measurement().to_owned())
    }
}

impl TryFrom<String> for Measurement {
    type Error = MeasurementError;

    fn try_from(text: String) -> Result<Self, MeasurementError> {
        if text.chars().any(char::is_control) || !(1..=LONGEST_MEASUREMENT).contains(&text.len()) {
            return Err(MeasurementError);
        }
        Ok(Self(text))
    }
}

impl From<Measurement> for String {
    fn from(measurement: Measurement) -> Self {
        measurement.0
    }
}
