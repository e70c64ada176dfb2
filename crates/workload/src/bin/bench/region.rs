//! The region that is measured with: what is stored of it has 4 KiB.

use cadastre_domain::region::{Addresses, Credentials, Labels, RegionDraft, Scope, Status};
use cadastre_domain::secret::Secret;
use cadastre_testkit::sample;
use rand::random_range;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};

/// How much is stored of a region, in bytes of text.
pub const SIZE: usize = 4096;

/// As long as the names that the wrk script makes, so that all regions have the same size.
const NAME: &str = "12345678-00-00000000";

const ADDRESSES: [&str; 4] = [
    "https://api.shanghai-1.example.com:8443",
    "wss://ws.shanghai-1.example.com:6060",
    "shanghai-1.example.com",
    "192.0.2.10",
];
const ALIAS: &str = "Shanghai 1";
const DESCRIPTION: &str = "one of the regions that the register is measured with";
const TOKEN: &str = "a token of the region's own API, 48 characters..";

/// The three PEM texts, which fit together and take up what the other texts leave.
#[derive(Debug, Clone)]
pub struct Material {
    ca: String,
    certificate: String,
    key: String,
}

impl Material {
    /// Random, as keys are, and filled up with random text, as certificates of other kinds would:
    /// a database that compresses gains nothing.
    ///
    /// # Panics
    /// Never: nothing about the certificates is unusual.
    pub fn random() -> Self {
        // Two identifiers of 32 characters, a scope and a status are stored, too, and with the
        // credentials the first identifier again.
        let other = NAME.len()
            + ADDRESSES.concat().len()
            + [ALIAS, DESCRIPTION, TOKEN, "private", "editing"].concat().len()
            + 3 * 32;
        let left = SIZE - other;
        let (ca, certificate, key) = certificates().expect("certificates of the usual kind");
        Self {
            ca: filled(&ca, left / 3),
            certificate: filled(&certificate, left / 3),
            key: filled(&key, left - 2 * (left / 3)),
        }
    }

    /// The body that creates such a region; its name is `@NAME@`.
    pub fn body(&self) -> String {
        let mut body = Self::body_without_tls();
        body["ssl_ca_cert"] = json!(self.ca);
        body["cert_file"] = json!(self.certificate);
        body["key_file"] = json!(self.key);
        body.to_string()
    }

    /// The body that creates the same region without any of the three.
    pub fn body_without_tls() -> Value {
        json!({
            "region_name": "@NAME@",
            "region_alias": ALIAS,
            "url": ADDRESSES[0],
            "wsurl": ADDRESSES[1],
            "httpdomain": ADDRESSES[2],
            "tcpdomain": ADDRESSES[3],
            "token": TOKEN,
            "scope": "private",
            "status": "0",
            "desc": DESCRIPTION,
        })
    }

    /// The same region for those who do without HTTP.
    pub fn draft(&self, name: &str) -> RegionDraft {
        RegionDraft {
            name: sample::text(name),
            alias: sample::text(ALIAS),
            addresses: Addresses {
                api: sample::text(ADDRESSES[0]),
                websocket: sample::text(ADDRESSES[1]),
                http_domain: sample::text(ADDRESSES[2]),
                tcp: sample::text(ADDRESSES[3]),
            },
            description: sample::text(DESCRIPTION),
            credentials: Credentials {
                token: Some(Secret::from(TOKEN.to_owned())),
                ca: Some(sample::text(&self.ca)),
                certificate: Some(sample::text(&self.certificate)),
                key: Some(Secret::from(self.key.clone())),
            },
            scope: Scope::Private,
            status: Status::Editing,
            labels: Labels::default(),
        }
    }
}

/// The beginning of the names of one run, never the same.
pub fn run_name() -> String {
    format!("{:08x}", rand::random::<u32>())
}

/// So many random characters of base64.
pub fn base64(length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..length).map(|_| char::from(LETTERS[random_range(0..LETTERS.len())])).collect()
}

/// An authority, a certificate that it signed, and the key of that, as PEM text.
fn certificates() -> Result<(String, String, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "register");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &*authority)?;
    Ok((authority.pem(), certificate.pem(), key.serialize_pem()))
}

/// PEM text with random text before it, which readers pass over, of this length together.
fn filled(pem: &str, length: usize) -> String {
    let pem = pem.trim();
    let mut text = String::new();
    while text.len() + pem.len() < length {
        let line = (length - text.len() - pem.len() - 1).min(64);
        text.push_str(&base64(line));
        text.push('\n');
    }
    text + pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_has_four_kibibytes() {
        let draft = Material::random().draft(NAME);
        let Credentials { token, ca, certificate, key } = draft.credentials;
        let Addresses { api, websocket, http_domain, tcp } = draft.addresses;
        let secrets = [token, key].map(|secret| secret.expect("is given").reveal().len());
        let texts: [String; 9] = [
            draft.name.into(),
            draft.alias.into(),
            draft.description.into(),
            api.into(),
            websocket.into(),
            http_domain.into(),
            tcp.into(),
            ca.expect("is given").into(),
            certificate.expect("is given").into(),
        ];
        let words = "private".len() + "editing".len() + 3 * 32;
        assert_eq!(texts.concat().len() + secrets.iter().sum::<usize>() + words, SIZE);
    }
}
