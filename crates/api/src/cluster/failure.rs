//! How calls to clusters fail, in words of the register alone.

use std::fmt;

use crate::outbound::OutboundError;

/// Why a cluster did not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// The connectivity test failed.
    #[error("the cluster does not pass the connectivity test: {0}")]
    TestFailed(ClusterFailure),
    /// The cluster is not called, or does not answer.
    #[error("the cluster cannot be reached: {0}")]
    Unreachable(ClusterFailure),
    /// The cluster of the region of this name cannot be reached, so it is not enabled.
    #[error("the cluster of {0} cannot be reached: {1}")]
    NotReached(String, ClusterFailure),
    /// The namespace of the team is in use in the cluster.
    #[error("the namespace exists in the cluster")]
    NamespaceExists,
    /// The cluster refused.
    #[error("the cluster refused")]
    Refused,
    /// The cluster does not forget the team.
    #[error("the cluster does not forget the team")]
    NotForgotten,
    /// The cluster was not told to forget the team: the register made no call.
    #[error("the cluster was not told to forget the team: {0}")]
    NotTold(ClusterFailure),
}

impl ClusterError {
    /// The reason code, which does not change: what callers and the audit are told.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TestFailed(failure)
            | Self::Unreachable(failure)
            | Self::NotReached(_, failure)
            | Self::NotTold(failure) => failure.code(),
            Self::NamespaceExists => "namespace_exists",
            Self::Refused => "refused",
            Self::NotForgotten => "not_forgotten",
        }
    }
}

/// Why there is no good answer to a call. The set is as coarse as it is so that calls do not tell which
/// hosts and ports there are: whether a name exists, a port is closed or a host is silent is one and
/// the same to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClusterFailure {
    /// The region has a token, and its API is not reached by HTTPS. No call was made.
    Insecure,
    /// The host has an address to which the register does not connect. No call was made.
    Address,
    /// The host is not known, does not answer in time, or does not answer as HTTP or TLS do.
    Unreachable,
    /// The host speaks TLS, but one side does not accept the other's certificate or offer.
    Tls,
    /// The answer has another status than one of success.
    Status,
    /// No request can be made of the address and the credentials.
    Request,
    /// Too many calls are under way.
    Busy,
}

impl ClusterFailure {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Insecure,
        Self::Address,
        Self::Unreachable,
        Self::Tls,
        Self::Status,
        Self::Request,
        Self::Busy,
    ];

    /// Whether the register made no call: its own rules are against it, or there is no room. Nothing was
    /// sent to the host.
    #[must_use]
    pub const fn is_before_the_call(self) -> bool {
        match self {
            Self::Insecure | Self::Address | Self::Request | Self::Busy => true,
            Self::Unreachable | Self::Tls | Self::Status => false,
        }
    }

    /// The code, which does not change.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Insecure => "insecure",
            Self::Address => "address",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Status => "status",
            Self::Request => "request",
            Self::Busy => "busy",
        }
    }
}

impl fmt::Display for ClusterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl From<&OutboundError> for ClusterFailure {
    fn from(error: &OutboundError) -> Self {
        match error {
            OutboundError::Refused(_) => Self::Address,
            OutboundError::Tls(_) => Self::Tls,
            OutboundError::Request => Self::Request,
            OutboundError::Status(_) => Self::Status,
            OutboundError::UnknownHost
            | OutboundError::Connection(_)
            | OutboundError::Timeout
            | OutboundError::Exchange => Self::Unreachable,
        }
    }
}
