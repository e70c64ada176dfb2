//! A client that speaks TLS, and what it is shown.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{LIMIT, Place, Server, eventually};
use crate::certificates::{Authority, Certificate};

/// Both versions that are spoken.
pub const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// How a client meets a server.
pub struct TlsClient {
    roots: RootCertStore,
    version: &'static SupportedProtocolVersion,
    identity: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
    protocols: Vec<Vec<u8>>,
}

impl TlsClient {
    /// A client that believes this authority and speaks this version.
    pub fn new(authority: &Authority, version: &'static SupportedProtocolVersion) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        Self { roots, version, identity: None, protocols: Vec::new() }
    }

    /// With a certificate of its own.
    pub fn with(mut self, certificate: &Certificate) -> Self {
        let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
        self.identity = Some((certificate.der.clone().into(), key));
        self
    }

    /// With the application protocols that it knows.
    pub fn with_protocols(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// A connection on which the handshake went well.
    pub fn connect(self, address: SocketAddr) -> io::Result<TlsPeer> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[self.version])
            .unwrap()
            .with_root_certificates(self.roots);
        let mut config = match self.identity {
            Some((certificate, key)) => {
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self.protocols;
        let name = "localhost".try_into().unwrap();
        let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(TlsPeer { stream: StreamOwned::new(connection, stream) })
    }
}

/// A connection with TLS.
pub struct TlsPeer {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl TlsPeer {
    /// The certificate that the server showed.
    pub fn certificate(&self) -> Vec<u8> {
        self.stream.conn.peer_certificates().unwrap()[0].to_vec()
    }

    /// The application protocol that was agreed on.
    pub fn protocol(&self) -> Option<&[u8]> {
        self.stream.conn.alpn_protocol()
    }

    /// Sends a request and answers the head of the answer; the connection stays open. A client that
    /// is not welcome hears of it here.
    pub fn get(&mut self, path: &str) -> io::Result<String> {
        write!(self.stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte()?);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.split_once("content-length: ").unwrap().1;
        for _ in 0..length.lines().next().unwrap().parse::<usize>().unwrap() {
            self.byte()?;
        }
        Ok(head)
    }

    /// What comes until the server closes.
    pub fn rest(mut self) -> String {
        let mut rest = Vec::new();
        // TLS may not have said goodbye.
        let _ = self.stream.read_to_end(&mut rest);
        String::from_utf8(rest).unwrap()
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).map(|()| byte[0])
    }
}

impl Place {
    /// Writes the certificate and the key into the files that the settings are to name.
    pub fn put(&self, certificate: &Certificate) {
        std::fs::write(self.path("cert.pem"), &certificate.pem).unwrap();
        std::fs::write(self.path("key.pem"), &certificate.key).unwrap();
    }

    /// With TLS and these files.
    pub fn with_tls(self, certificate: &Certificate) -> Self {
        self.put(certificate);
        self.with("CADASTRE_TLS_CERT", "cert.pem").with("CADASTRE_TLS_KEY", "key.pem")
    }

    /// A server that speaks TLS, once it says that it is ready.
    pub fn ready_with_tls(&self) -> Server {
        let server = self.start();
        eventually("a server says that it is ready", || server.printed().contains("Ready."));
        server
    }
}
