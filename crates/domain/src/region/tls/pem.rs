//! Certificates out of PEM text: there may be other text around them, and lines may end anyhow.

use rustls_pki_types::pem::{PemObject as _, SectionKind};

use super::TlsUnreadable;
use super::certificate::Certificate;

type Block = (SectionKind, Vec<u8>);

/// Every certificate in `text`, of which there must be 1 to `most`.
///
/// Certificates are shown to whoever may see the region, so a text with a private key beside them
/// is refused: the key would be shown too. Blocks of other kinds are passed over.
pub(in super::super) fn certificates(
    text: &str,
    most: usize,
) -> Result<Vec<Certificate>, TlsUnreadable> {
    let mut certificates = Vec::new();
    for block in Block::pem_slice_iter(text.as_bytes()) {
        match block.map_err(|_| TlsUnreadable::Damaged)? {
            (SectionKind::Certificate, _) if certificates.len() == most => {
                return Err(TlsUnreadable::TooMany { most });
            }
            (SectionKind::Certificate, der) => certificates.push(Certificate::parse(der)?),
            (
                SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey,
                _,
            ) => return Err(TlsUnreadable::PrivateKey),
            _ => {}
        }
    }
    if certificates.is_empty() { Err(TlsUnreadable::Missing) } else { Ok(certificates) }
}
