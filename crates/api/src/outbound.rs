//! Calls to places that somebody else names: only to addresses of the public network, or of networks
//! that the operator allows, and never to where an answer points.
//!
//! The host is looked up here, every address that it has is judged, and the connection goes to one
//! of these addresses: nothing is looked up a second time, so a name that changes its address in
//! between gains nothing. TLS is verified against the host as it is named.

mod guard;
mod look_up;
mod secure;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::origin::Origin;
use cadastre_domain::outbound::{AddressKind, Allowed};
use cadastre_domain::webhook::WebhookUrl;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::fair_semaphore::FairSemaphore;
pub use crate::fair_semaphore::Permit;
pub(crate) use guard::{Guard, Outgoing};

/// How long a call may take, from the look-up of its host to the head of the answer.
pub const WHOLE: Duration = Duration::from_secs(10);

/// How long a connection to one address may take, and then its handshake.
const CONNECT: Duration = Duration::from_secs(3);

/// How many addresses of a host are tried.
const MOST_ADDRESSES: usize = 4;

/// How many calls are under way at once.
const AT_ONCE: usize = 64;

/// How many of them for one enterprise, whose hosts may be such that nobody ever answers.
const OF_ONE: usize = 16;

/// The most characters that are told of what the system says of a failure.
const LONGEST_REASON: usize = 200;

/// Why a call failed. Never tells the path of the URL, nor the address that was found: whoever names
/// a host must not learn what it is called inside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The host has an address of this kind.
    #[error("the host has a {0} address, to which the register does not connect")]
    Refused(AddressKind),
    /// The host has no address.
    #[error("the host is not known")]
    UnknownHost,
    /// No connection, for this reason.
    #[error("no connection: {0}")]
    Connection(String),
    /// No connection with TLS, for this reason: the other side spoke TLS, and the two did not agree.
    #[error("no connection: {0}")]
    Tls(String),
    /// The URL or a header cannot be sent.
    #[error("the request cannot be sent")]
    Request,
    /// No answer in time.
    #[error("no answer within {} seconds", WHOLE.as_secs())]
    Timeout,
    /// What came back is no answer.
    #[error("the exchange failed")]
    Exchange,
    /// An answer with another status than one of success.
    #[error("{}", status_text(*.0))]
    Status(u16),
}

impl OutboundError {
    /// The status, if there was an answer.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(*status),
            _ => None,
        }
    }
}

fn status_text(status: u16) -> String {
    match status {
        300..400 => format!("the answer had status {status}; redirects are not followed"),
        _ => format!("the answer had status {status}"),
    }
}

/// Makes calls to webhooks.
#[derive(Clone)]
pub struct Outbound {
    guard: Guard,
    calls: FairSemaphore<EnterpriseId>,
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Outbound {
    /// Calls to the public network and to these networks.
    #[must_use]
    pub fn new(allowed: Allowed) -> Self {
        Self {
            guard: Guard::new(allowed),
            calls: FairSemaphore::new(AT_ONCE, OF_ONE),
            tls: Arc::default(),
        }
    }

    /// The networks that the operator allows.
    #[must_use]
    pub fn allowed(&self) -> &Allowed {
        &self.guard.allowed
    }

    /// Waits for leave to make one more call for this enterprise, which lasts as long as the permit is held.
    pub async fn acquire(&self, enterprise: EnterpriseId) -> Option<Permit<EnterpriseId>> {
        self.calls.acquire(enterprise).await
    }

    /// Posts `body` to `url`, which this enterprise names, and answers the status of success that came
    /// back. What else came back is not read.
    ///
    /// # Errors
    /// What kept the call from being taken.
    pub async fn post(
        &self,
        enterprise: EnterpriseId,
        url: &WebhookUrl,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<u16, OutboundError> {
        let origin = Origin::of_url(url.reveal()).ok_or(OutboundError::Request)?;
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Outgoing {
            method: Method::POST,
            url: url.reveal(),
            origin: &origin,
            headers: &headers,
            body: body.into(),
            most: 0,
        };
        let status = self.guard.exchange(enterprise, &request, || self.tls()).await?.status;
        match StatusCode::from_u16(status) {
            Ok(code) if code.is_success() => Ok(status),
            _ => Err(OutboundError::Status(status)),
        }
    }

    /// TLS that believes whom the system believes.
    fn tls(&self) -> Result<Arc<ClientConfig>, OutboundError> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let config = tls().map_err(|error| OutboundError::Connection(told(&error)))?;
        Ok(Arc::clone(self.tls.get_or_init(|| config)))
    }
}

/// TLS that believes whom the system believes.
fn tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    // A system without any is told by the failure of the connection.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What is told of a failure of the system: some characters on one line.
fn told(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST_REASON).collect()
}
