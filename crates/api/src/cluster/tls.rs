//! How the register shows itself to a cluster, and whom it believes.

use std::sync::Arc;

use cadastre_domain::region::Credentials;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// TLS as the region's credentials ask for: its own CA if it has one, otherwise those that the
/// system trusts; its client certificate if it has one.
pub(super) fn client_config(credentials: &Credentials) -> Result<Arc<ClientConfig>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots(credentials)?);
    let certificate = credentials.certificate.as_ref().map(AsRef::as_ref);
    let config = match (certificate, &credentials.key) {
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes())
                .map_err(|_| "the key does not parse".to_owned())?;
            builder
                .with_client_auth_cert(certificates(certificate)?, key)
                .map_err(|error| error.to_string())?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn roots(credentials: &Credentials) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match &credentials.ca {
        Some(ca) => {
            for certificate in certificates(ca.as_ref())? {
                roots.add(certificate).map_err(|error| error.to_string())?;
            }
        }
        None => {
            // A system without any is told by the failure of the connection.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| "a certificate does not parse".to_owned())
}
