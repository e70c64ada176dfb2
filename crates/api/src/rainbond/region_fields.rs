//! The fields that adding and changing a region have in common (contract 2.1).

use cadastre_domain::region::{
    Addresses, ApiUrl, Change, HttpDomain, LONGEST_KEY, LONGEST_TOKEN, Pem, Status, TcpAddress,
    WebsocketUrl,
};
use cadastre_domain::secret::Secret;

use super::fields::{Fields, Given, Shape};
use crate::error::{Problem, Rule};

/// The most characters of an address.
const ADDRESS: Shape = Shape::required(256);

/// The addresses, each as far as it is valid. The token stands between them, as errors are told
/// in the published order.
pub(super) struct AddressFields {
    api: Option<ApiUrl>,
    websocket: Option<WebsocketUrl>,
    http_domain: Option<HttpDomain>,
    tcp: Option<TcpAddress>,
}

impl AddressFields {
    /// Reads the four addresses and the token between them.
    pub(super) fn read(body: &mut Fields) -> (Self, Change<Secret>) {
        let api = body.ruled("url", ADDRESS, Rule::ApiUrl);
        let token = token(body);
        let websocket = body.ruled("wsurl", ADDRESS, Rule::WebsocketUrl);
        let http_domain = body.plain("httpdomain", ADDRESS);
        let tcp = body.ruled("tcpdomain", ADDRESS, Rule::TcpAddress);
        (Self { api, websocket, http_domain, tcp }, token)
    }

    /// The addresses, when all four are valid.
    pub(super) fn complete(self) -> Option<Addresses> {
        Some(Addresses {
            api: self.api?,
            websocket: self.websocket?,
            http_domain: self.http_domain?,
            tcp: self.tcp?,
        })
    }
}

/// The TLS material; null and empty text both mean none (D4).
pub(super) struct TlsFields {
    pub(super) ca: Change<Pem>,
    pub(super) certificate: Change<Pem>,
    pub(super) key: Change<Secret>,
}

impl TlsFields {
    /// Reads the three PEM fields.
    pub(super) fn read(body: &mut Fields) -> Self {
        Self {
            ca: pem(body, "ssl_ca_cert"),
            certificate: pem(body, "cert_file"),
            key: match some_text(body, "key_file", LONGEST_KEY) {
                Change::Set(text) => Change::Set(Secret::from(text)),
                Change::Keep => Change::Keep,
                Change::Clear => Change::Clear,
            },
        }
    }
}

/// The token of the region's API.
pub(super) fn token(body: &mut Fields) -> Change<Secret> {
    match body.given("token", Shape::optional(LONGEST_TOKEN).or_nothing()) {
        Given::Absent => Change::Keep,
        Given::Null => Change::Clear,
        Given::Text(text) => Change::Set(Secret::from(text)),
    }
}

fn pem(body: &mut Fields, field: &'static str) -> Change<Pem> {
    match some_text(body, field, LONGEST_KEY) {
        Change::Set(text) => match Pem::try_from(text) {
            Ok(pem) => Change::Set(pem),
            Err(error) => {
                body.refuse(field, error.into());
                Change::Keep
            }
        },
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
    }
}

fn some_text(body: &mut Fields, field: &'static str, most: usize) -> Change<String> {
    match body.given(field, Shape::optional(most).or_nothing()) {
        Given::Absent => Change::Keep,
        Given::Text(text) if !text.is_empty() => Change::Set(text),
        Given::Null | Given::Text(_) => Change::Clear,
    }
}

/// The status, as a digit in text or as a number.
pub(super) fn status(body: &mut Fields, shape: Shape) -> Option<Status> {
    let text = body.given("status", shape).text()?;
    let status = match text.as_str() {
        "0" => Status::Editing,
        "1" => Status::Enabled,
        "2" => Status::Disabled,
        "3" => Status::Maintenance,
        _ => {
            body.refuse("status", Problem::Rule(Rule::Status));
            return None;
        }
    };
    Some(status)
}
