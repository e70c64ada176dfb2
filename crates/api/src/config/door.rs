//! Settings of the door: how clients come in, how long they may take, and whom the register
//! believes about where a request comes from.

use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::Uri;
use clap::Args;
use ipnet::IpNet;

use super::ConfigError;
use super::parse::Setting;
use crate::server::tls::{Tls, TlsFiles};

/// Options of the door.
#[derive(Debug, Clone, Default, Args)]
pub struct DoorOptions {
    /// The certificate to serve with, a PEM file; read again on SIGHUP
    #[arg(long, env = "CADASTRE_TLS_CERT")]
    pub tls_cert: Option<String>,
    /// The private key of the certificate, a PEM file; read again on SIGHUP
    #[arg(long, env = "CADASTRE_TLS_KEY")]
    pub tls_key: Option<String>,
    /// Only clients with a certificate of this authority are let in; a PEM file, read again on SIGHUP
    #[arg(long, env = "CADASTRE_TLS_CLIENT_CA")]
    pub tls_client_ca: Option<String>,
    /// Seconds until the head of a request must be there, TLS included [default: 5]
    #[arg(long, env = "CADASTRE_HEADER_TIMEOUT")]
    pub header_timeout: Option<String>,
    /// Seconds until the body of a request must be there [default: 30]
    #[arg(long, env = "CADASTRE_BODY_TIMEOUT")]
    pub body_timeout: Option<String>,
    /// Seconds until a connection is closed on which no more is asked [default: 75]
    #[arg(long, env = "CADASTRE_KEEP_ALIVE")]
    pub keep_alive: Option<String>,
    /// Connections at once; for one more, the one that is idle longest is closed [default: 10000]
    #[arg(long, env = "CADASTRE_MAX_CONNECTIONS")]
    pub max_connections: Option<String>,
    /// Connections at once from one address, of IPv6 a /64; 0 is without limit. It does not hold for
    /// trusted proxies [default: 2000]
    #[arg(long, env = "CADASTRE_MAX_CONNECTIONS_PER_ADDRESS")]
    pub max_connections_per_address: Option<String>,
    /// Origins whose pages may call the register from a browser, separated by commas
    #[arg(long, env = "CADASTRE_CORS_ORIGINS")]
    pub cors_origins: Option<String>,
    /// Addresses and networks, separated by commas, whose X-Forwarded-For is believed
    #[arg(long, env = "CADASTRE_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<String>,
    /// Wrong tokens a minute from one address; 0 is without limit [default: 20]
    #[arg(long, env = "CADASTRE_WRONG_TOKENS")]
    pub wrong_tokens: Option<String>,
    /// Audit entries an hour about refusals, of which one token or network has a tenth; 0 is without
    /// limit [default: 600]
    #[arg(long, env = "CADASTRE_REFUSAL_ENTRIES")]
    pub refusal_entries: Option<String>,
    /// Requests a minute with one token, on all interfaces together; 0 is without limit
    #[arg(long, env = "CADASTRE_TOKEN_LIMIT")]
    pub token_limit: Option<String>,
}

/// How clients come in.
#[derive(Debug, Clone)]
pub struct DoorConfig {
    /// TLS, when it is spoken.
    pub tls: Option<Tls>,
    /// How long the head of a request may take, together with the handshake of TLS.
    pub header_timeout: Duration,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
    /// How long a connection may be idle.
    pub keep_alive: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one address, if limited.
    pub max_connections_per_address: Option<NonZeroUsize>,
    /// Origins whose pages may call from a browser.
    pub cors_origins: Vec<String>,
    /// Peers that are believed about where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Wrong tokens a minute from one address, if limited.
    pub wrong_tokens: Option<NonZeroU32>,
    /// Audit entries an hour about refusals, if limited.
    pub refusal_entries: Option<NonZeroU32>,
    /// Requests a minute with one token, if limited.
    pub token_limit: Option<NonZeroU32>,
}

impl DoorConfig {
    /// Checks the options.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn new(options: &DoorOptions) -> Result<Self, ConfigError> {
        let setting = |name, value: &Option<String>| Setting::new(name, value.clone());
        let seconds = |name, value: &Option<String>, default| {
            setting(name, value).number(default, 1, 3600).map(Duration::from_secs)
        };
        let limit = |name, value: &Option<String>, default| {
            setting(name, value).number(default, 0, 1_000_000).map(NonZeroU32::new)
        };
        Ok(Self {
            tls: tls(options)?,
            header_timeout: seconds("CADASTRE_HEADER_TIMEOUT", &options.header_timeout, 5)?,
            body_timeout: seconds("CADASTRE_BODY_TIMEOUT", &options.body_timeout, 30)?,
            keep_alive: seconds("CADASTRE_KEEP_ALIVE", &options.keep_alive, 75)?,
            max_connections: setting("CADASTRE_MAX_CONNECTIONS", &options.max_connections)
                .number(10_000, 1, 1_000_000)?,
            max_connections_per_address: setting(
                "CADASTRE_MAX_CONNECTIONS_PER_ADDRESS",
                &options.max_connections_per_address,
            )
            .number(2000, 0, 1_000_000)
            .map(NonZeroUsize::new)?,
            cors_origins: setting("CADASTRE_CORS_ORIGINS", &options.cors_origins)
                .list(origin, "origins as https://console.example.com, each by itself, never *")?,
            trusted_proxies: setting("CADASTRE_TRUSTED_PROXIES", &options.trusted_proxies)
                .list(network, "addresses and networks, as 192.0.2.7 or 10.0.0.0/8")?,
            wrong_tokens: limit("CADASTRE_WRONG_TOKENS", &options.wrong_tokens, 20)?,
            refusal_entries: limit("CADASTRE_REFUSAL_ENTRIES", &options.refusal_entries, 600)?,
            token_limit: limit("CADASTRE_TOKEN_LIMIT", &options.token_limit, 0)?,
        })
    }

    /// The scheme of the URLs of this register.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

fn tls(options: &DoorOptions) -> Result<Option<Tls>, ConfigError> {
    let certificate = Setting::new("CADASTRE_TLS_CERT", options.tls_cert.clone());
    let key = Setting::new("CADASTRE_TLS_KEY", options.tls_key.clone());
    let client_ca = Setting::new("CADASTRE_TLS_CLIENT_CA", options.tls_client_ca.clone());
    let path = |setting: &Setting| setting.text().map(PathBuf::from);
    match (path(&certificate), path(&key)) {
        (Some(certificate), Some(key)) => {
            let files = TlsFiles { certificate, key, client_ca: path(&client_ca) };
            Tls::open(files).map(Some).map_err(|fault| ConfigError::told(&fault))
        }
        (Some(_), None) => Err(certificate.refuse("give CADASTRE_TLS_KEY as well")),
        (None, Some(_)) => Err(key.refuse("give CADASTRE_TLS_CERT as well")),
        (None, None) if client_ca.text().is_some() => {
            Err(client_ca.refuse("give CADASTRE_TLS_CERT and CADASTRE_TLS_KEY as well"))
        }
        (None, None) => Ok(None),
    }
}

/// An origin as browsers spell it. A token is sent along, so nobody is meant who is not named.
fn origin(text: &str) -> Option<String> {
    let uri = text.parse::<Uri>().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let exact = text == format!("{scheme}://{authority}") && text == text.to_ascii_lowercase();
    let known = matches!(scheme, "http" | "https") && !uri.host()?.is_empty();
    (exact && known && !authority.contains(['@', '*'])).then(|| text.to_owned())
}

/// A network, or an address, which is a network of its own.
fn network(text: &str) -> Option<IpNet> {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    text.parse().ok().or_else(|| address(text).map(IpNet::from))
}

#[cfg(test)]
mod tests;
