//! The part of a call that every kind of call has in common: the host is looked up once, each of its
//! addresses is judged, and the request goes to an address that was judged.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use actix_http::error::ParseError;
use actix_web::http::Method;
use actix_web::web::{Bytes, BytesMut};
use awc::error::{ConnectError, SendRequestError};
use awc::{Client, Connector};
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::origin::Origin;
use cadastre_domain::outbound::Allowed;
use futures_util::StreamExt as _;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;

use super::look_up::LookUp;
use super::{CONNECT, MOST_ADDRESSES, OutboundError, WHOLE, secure, told};

/// Judges addresses and calls them.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(super) allowed: Arc<Allowed>,
    pub(super) look_up: LookUp,
}

/// A request to a URL.
pub(crate) struct Outgoing<'a> {
    /// The method.
    pub(crate) method: Method,
    /// The whole URL.
    pub(crate) url: &'a str,
    /// Where the URL leads.
    pub(crate) origin: &'a Origin,
    /// The headers.
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub(crate) body: Bytes,
    /// The most bytes of the answer's body that are read; none are read where this is 0.
    pub(crate) most: usize,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// The status.
    pub(crate) status: u16,
    /// The body, or nothing if it is longer than asked for.
    pub(crate) body: Bytes,
}

impl Guard {
    /// A guard that lets these addresses through and asks the resolver of the system.
    pub(crate) fn new(allowed: Allowed) -> Self {
        Self { allowed: Arc::new(allowed), look_up: LookUp::system() }
    }

    /// A guard that lets these addresses through and finds the addresses of hosts so.
    #[cfg(test)]
    pub(crate) fn resolving(
        allowed: Allowed,
        resolve: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self { allowed: Arc::new(allowed), look_up: LookUp::by(resolve) }
    }

    /// Sends the request to the first address of the host that can be connected to. `tls` makes the
    /// configuration for a URL that asks for TLS; the certificate must be for the host in the URL.
    ///
    /// # Errors
    /// What kept the request from being answered.
    pub(crate) async fn exchange(
        &self,
        enterprise: EnterpriseId,
        request: &Outgoing<'_>,
        tls: impl FnOnce() -> Result<Arc<ClientConfig>, OutboundError>,
    ) -> Result<Incoming, OutboundError> {
        let exchange = async {
            let port = request.origin.port().ok_or(OutboundError::Request)?;
            let addresses = self.addresses(enterprise, request.origin.host()).await?;
            let client = client(request.origin, tls)?;
            // The first address that can be connected to; IPv6 may lead nowhere from here.
            let mut last = OutboundError::UnknownHost;
            for address in addresses.into_iter().take(MOST_ADDRESSES) {
                match send(&client, request, SocketAddr::new(address, port)).await {
                    Err(error @ (OutboundError::Connection(_) | OutboundError::Tls(_))) => {
                        last = error;
                    }
                    outcome => return outcome,
                }
            }
            Err(last)
        };
        tokio::time::timeout(WHOLE, exchange).await.unwrap_or(Err(OutboundError::Timeout))
    }

    /// All addresses of the host, each of which is one to connect to.
    async fn addresses(
        &self,
        enterprise: EnterpriseId,
        host: &str,
    ) -> Result<Vec<IpAddr>, OutboundError> {
        let found = match host.parse() {
            Ok(address) => Some(vec![address]),
            Err(_) => self.look_up.of(host, enterprise).await,
        };
        let found = found.ok_or(OutboundError::UnknownHost)?;
        for address in &found {
            self.allowed.check(*address).map_err(OutboundError::Refused)?;
        }
        Ok(found)
    }
}

/// A client for calls to this origin, with TLS if they are to be made with it.
fn client(
    origin: &Origin,
    tls: impl FnOnce() -> Result<Arc<ClientConfig>, OutboundError>,
) -> Result<Client, OutboundError> {
    let (client, connector) =
        (Client::builder().disable_redirects().timeout(WHOLE), Connector::new());
    if !origin.is_tls() {
        return Ok(client.connector(connector.timeout(CONNECT)).finish());
    }
    let name = ServerName::try_from(origin.host().to_owned())
        .map_err(|error| OutboundError::Connection(told(&error)))?;
    let connector = connector.connector(secure::connector(tls()?, name, CONNECT));
    Ok(client.connector(connector.timeout(CONNECT * 2)).finish())
}

/// Sends a request to the host of its URL at this place.
async fn send(
    client: &Client,
    outgoing: &Outgoing<'_>,
    place: SocketAddr,
) -> Result<Incoming, OutboundError> {
    // The client's connections have TLS already where that is asked for.
    let plain = match outgoing.url.split_once("://") {
        Some((_, rest)) => format!("http://{rest}"),
        None => return Err(OutboundError::Request),
    };
    let mut request = client.request(outgoing.method.clone(), plain);
    request = request.address(place).no_decompress().force_close();
    for (name, value) in outgoing.headers {
        request = request.insert_header((*name, *value));
    }
    let mut response = request.send_body(outgoing.body.clone()).await.map_err(reason)?;
    let status = response.status().as_u16();
    let mut body = BytesMut::new();
    while outgoing.most > 0 {
        let Some(Ok(chunk)) = response.next().await else { break };
        if body.len() + chunk.len() > outgoing.most {
            body.clear();
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Incoming { status, body: body.freeze() })
}

fn reason(error: SendRequestError) -> OutboundError {
    match error {
        SendRequestError::Connect(ConnectError::Io(error)) if is_about_tls(&error) => {
            OutboundError::Tls(told(&error))
        }
        SendRequestError::Connect(error) => OutboundError::Connection(told(&error)),
        // With TLS 1.3, a client learns here only that its own certificate was refused.
        SendRequestError::Send(error) if is_about_tls(&error) => OutboundError::Tls(told(&error)),
        SendRequestError::Response(ParseError::Io(error)) if is_about_tls(&error) => {
            OutboundError::Tls(told(&error))
        }
        SendRequestError::Timeout => OutboundError::Timeout,
        SendRequestError::Url(_) | SendRequestError::Http(_) => OutboundError::Request,
        _ => OutboundError::Exchange,
    }
}

/// Whether the other side spoke TLS, and the two did not agree. What does not speak TLS at all is no
/// different from what does not answer.
fn is_about_tls(error: &io::Error) -> bool {
    use rustls::Error::{
        AlertReceived, InvalidCertificate, NoCertificatesPresented, PeerIncompatible,
    };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(
        cause,
        Some(
            AlertReceived(_)
                | InvalidCertificate(_)
                | NoCertificatesPresented
                | PeerIncompatible(_)
        )
    )
}
