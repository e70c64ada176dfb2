//! Connections, in clear and with TLS.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::url::Url;

/// How long a connection may take.
const DIAL_LIMIT: Duration = Duration::from_secs(10);
/// How long a peer may be silent. Agents wait without end (dialing contract, section 3.2); a test
/// has to end.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// Whose certificates are believed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Everybody's, as an agent believes its task server.
    Anybody,
    /// Those of the authorities in this PEM text.
    Authorities(String),
}

/// What can be read and written.
pub(super) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// An open connection.
pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Until TCP stood.
    pub(super) connect: Duration,
    /// The handshake of TLS.
    pub(super) tls: Duration,
    /// The other side.
    pub(super) peer: SocketAddr,
    /// Its certificate.
    pub(super) certificate: Option<Vec<u8>>,
    /// The version of TLS that was agreed on.
    pub(super) tls_version: Option<String>,
}

impl Connection {
    /// A connection to the host of this URL.
    pub(super) fn open(url: &Url, trust: &Trust) -> io::Result<Self> {
        let plain = Self::plain(&url.host, url.port, DIAL_LIMIT)?;
        if url.is_tls() {
            plain.1.secured(plain.0, &url.host, trust)
        } else {
            Ok(plain.1.of(plain.0))
        }
    }

    /// A connection without TLS, and how it came to be.
    pub(super) fn plain(
        host: &str,
        port: u16,
        limit: Duration,
    ) -> io::Result<(TcpStream, Dialled)> {
        let start = Instant::now();
        let peer = (host, port).to_socket_addrs()?.next();
        let peer = peer.ok_or_else(|| io::Error::other("the host has no address"))?;
        let stream = TcpStream::connect_timeout(&peer, limit)?;
        let connect = start.elapsed();
        stream.set_read_timeout(Some(SILENCE_LIMIT))?;
        stream.set_write_timeout(Some(SILENCE_LIMIT))?;
        Ok((stream, Dialled { connect, peer }))
    }
}

/// How a connection came to be.
pub(super) struct Dialled {
    pub(super) connect: Duration,
    pub(super) peer: SocketAddr,
}

impl Dialled {
    fn of(self, stream: TcpStream) -> Connection {
        Connection {
            stream: Box::new(stream),
            connect: self.connect,
            tls: Duration::ZERO,
            peer: self.peer,
            certificate: None,
            tls_version: None,
        }
    }

    /// The connection once TLS stands.
    pub(super) fn secured(
        self,
        mut stream: TcpStream,
        host: &str,
        trust: &Trust,
    ) -> io::Result<Connection> {
        let start = Instant::now();
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut tls = ClientConnection::new(config(trust)?, name).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        let certificate = tls.peer_certificates().and_then(|chain| chain.first());
        let certificate = certificate.map(|certificate| certificate.to_vec());
        let tls_version = tls.protocol_version().and_then(|v| v.as_str().map(str::to_owned));
        let tls_time = start.elapsed();
        let stream: Box<dyn Stream> = Box::new(StreamOwned::new(tls, stream));
        Ok(Connection {
            stream,
            tls: tls_time,
            certificate,
            tls_version,
            connect: self.connect,
            peer: self.peer,
        })
    }
}

fn config(trust: &Trust) -> io::Result<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let config = match trust {
        Trust::Anybody => {
            let verifier = Arc::new(NoQuestions(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
        Trust::Authorities(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(Arc::new(config))
}

/// Believes any certificate.
#[derive(Debug)]
struct NoQuestions(Arc<CryptoProvider>);

impl ServerCertVerifier for NoQuestions {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
