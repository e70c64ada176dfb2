//! The certificate that the server shows, and whose certificates it wants to see.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::ring;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, crypto::CryptoProvider};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The files that TLS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate of the server, followed by those between it and its authority.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
    /// The authorities of clients. When given, a client without a certificate is not let in.
    pub client_ca: Option<PathBuf>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {file:?}, which cannot be used: {reason}")]
pub struct TlsFault {
    /// The setting that names the file.
    pub variable: &'static str,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// TLS with what was in the files when they were last read. Clones share it.
#[derive(Clone)]
pub struct Tls {
    files: Arc<TlsFiles>,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

/// A file and the setting that names it.
struct Source<'a> {
    variable: &'static str,
    file: &'a Path,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub fn open(files: TlsFiles) -> Result<Self, TlsFault> {
        let current = Arc::new(RwLock::new(read(&files)?));
        Ok(Self { files: Arc::new(files), current })
    }

    /// Reads the files again. What is in them counts for handshakes from now on; connections that
    /// are open stay as they are.
    ///
    /// # Errors
    /// The first that cannot be used; then everything stays as it was.
    pub fn reload(&self) -> Result<(), TlsFault> {
        let fresh = read(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// What counts for a handshake that begins now.
    #[must_use]
    pub fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says so in the log when the file of the key can be read by others than its owner and group.
    pub fn warn_of_open_key(&self) {
        let mode = fs::metadata(&self.files.key).map_or(0, |file| file.permissions().mode());
        if mode & 0o004 != 0 {
            let file = self.files.key.display();
            log::warn!("CADASTRE_TLS_KEY: everybody on this machine can read {file}");
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsFault> {
    let certificate = Source { variable: "CADASTRE_TLS_CERT", file: &files.certificate };
    let key = Source { variable: "CADASTRE_TLS_KEY", file: &files.key };
    let chain = certificate.certificates()?;
    let private = PrivateKeyDer::from_pem_slice(&key.bytes()?)
        .map_err(|_| key.fault("there is no private key in PEM form in it"))?;
    let provider = Arc::new(ring::default_provider());
    // Told apart here, because the builder below complains about both in one way.
    provider
        .key_provider
        .load_private_key(private.clone_key())
        .map_err(|_| key.fault("the key is of no kind that is known"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| certificate.fault(error))?
        .with_client_cert_verifier(verifier(files, provider)?);
    let mut config = builder.with_single_cert(chain, private).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            key.fault("the key does not belong to the certificate of CADASTRE_TLS_CERT")
        }
        error => certificate.fault(error),
    })?;
    // HTTP/2 is not served: its requests would not be bounded in time as those of HTTP/1.1 are.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Who judges the certificates of clients.
fn verifier(
    files: &TlsFiles,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let Some(file) = &files.client_ca else { return Ok(WebPkiClientVerifier::no_client_auth()) };
    let source = Source { variable: "CADASTRE_TLS_CLIENT_CA", file };
    let mut roots = RootCertStore::empty();
    for certificate in source.certificates()? {
        roots.add(certificate).map_err(|error| source.fault(error))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map(|verifier| verifier as Arc<dyn ClientCertVerifier>)
        .map_err(|error| source.fault(error))
}

impl Source<'_> {
    fn fault(&self, reason: impl fmt::Display) -> TlsFault {
        let (variable, file) = (self.variable, self.file.to_owned());
        TlsFault { variable, file, reason: reason.to_string() }
    }

    fn bytes(&self) -> Result<Vec<u8>, TlsFault> {
        fs::read(self.file).map_err(|error| self.fault(error))
    }

    /// All certificates in the file, of which there is at least one.
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
        let bytes = self.bytes()?;
        let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return Err(self.fault("there is no certificate in PEM form in it"));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
