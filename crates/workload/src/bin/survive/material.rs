//! TLS material that fits together, as the register takes no other.

use std::sync::LazyLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority, a certificate that it signed, and the key of that, as PEM text; the same for as
/// long as this program runs.
pub static MATERIAL: LazyLock<[String; 3]> =
    LazyLock::new(|| make().expect("certificates of the usual kind"));

fn make() -> Result<[String; 3], rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "register");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &*authority)?;
    Ok([authority.pem(), certificate.pem(), key.serialize_pem()].map(|pem| pem.trim().to_owned()))
}
