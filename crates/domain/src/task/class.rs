//! The classes of tasks.

use std::fmt;
use std::str::FromStr;

/// What a task dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskClass {
    /// A URL by HTTP.
    Http,
    /// A TCP port.
    Tcp,
    /// A host by ICMP echo.
    Icmp,
    /// A URL by WebSocket.
    Websocket,
    /// HTTP requests one after the other, and waits between them.
    Multi,
    /// A gRPC method; agents of 2026 know it.
    Grpc,
    /// A TLS port and its certificate; agents of 2026 know it.
    Ssl,
}

/// The text names no class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of http, tcp, icmp, websocket, multi, grpc, ssl")]
pub struct TaskClassError;

impl TaskClass {
    /// All classes.
    pub const ALL: [Self; 7] =
        [Self::Http, Self::Tcp, Self::Icmp, Self::Websocket, Self::Multi, Self::Grpc, Self::Ssl];

    /// The class as the dialing interface writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Icmp => "icmp",
            Self::Websocket => "websocket",
            Self::Multi => "multi",
            Self::Grpc => "grpc",
            Self::Ssl => "ssl",
        }
    }

    /// The class as the agent writes it: the key of its tasks in the answer to a pull.
    #[must_use]
    pub const fn agent_key(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Tcp => "TCP",
            Self::Icmp => "ICMP",
            Self::Websocket => "WEBSOCKET",
            Self::Multi => "MULTI",
            Self::Grpc => "GRPC",
            Self::Ssl => "SSL",
        }
    }
}

impl fmt::Display for TaskClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In any case, as the dialing interface takes it (contract, section 2.3).
impl FromStr for TaskClass {
    type Err = TaskClassError;

    fn from_str(text: &str) -> Result<Self, TaskClassError> {
        let named = |class: &Self| class.as_str().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(named).ok_or(TaskClassError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_found_in_any_case() {
        for class in TaskClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(class));
            assert_eq!(class.agent_key().parse(), Ok(class));
            assert_eq!(class.as_str().to_uppercase(), class.agent_key());
        }
        for text in ["", "dns", "browser", "https", " http"] {
            assert_eq!(text.parse::<TaskClass>(), Err(TaskClassError));
        }
    }
}
