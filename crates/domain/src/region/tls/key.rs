//! The private key: read, never kept.

use rustls::crypto::ring::sign::any_supported_type;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::TlsUnreadable;

/// The public half of the only private key in `text`, in the form that certificates carry it.
///
/// PKCS#1, PKCS#8 and SEC1 are understood; blocks of other kinds are passed over.
pub(super) fn public_half(text: &str) -> Result<Vec<u8>, TlsUnreadable> {
    let key = only_key(text).map_err(|reason| if_encrypted(text).unwrap_or(reason))?;
    let key = any_supported_type(&key).map_err(|_| TlsUnreadable::UnsupportedKey)?;
    key.public_key().map(|half| half.to_vec()).ok_or(TlsUnreadable::UnsupportedKey)
}

fn only_key(text: &str) -> Result<PrivateKeyDer<'static>, TlsUnreadable> {
    let mut keys = PrivateKeyDer::pem_slice_iter(text.as_bytes());
    let key = keys.next().ok_or(TlsUnreadable::Missing)?.map_err(|_| TlsUnreadable::Damaged)?;
    match keys.next() {
        None => Ok(key),
        Some(Ok(_)) => Err(TlsUnreadable::TooMany { most: 1 }),
        Some(Err(_)) => Err(TlsUnreadable::Damaged),
    }
}

/// Both ways to encrypt a key have this word in the text: as the name of the block
/// (`ENCRYPTED PRIVATE KEY`) or in a header inside it (`Proc-Type: 4,ENCRYPTED`).
fn if_encrypted(text: &str) -> Option<TlsUnreadable> {
    text.contains("ENCRYPTED").then_some(TlsUnreadable::Encrypted)
}
