//! The body that adds a region (contract 2.1).

use cadastre_domain::region::{Credentials, Labels, RegionDraft};
use utoipa::ToSchema;

use super::fields::{Fields, Shape};
use super::region_fields::{AddressFields, TlsFields, status};
use super::view::{given_status, scopes};
use crate::error::Rule;
use crate::service::regions::{Invalid, Registration};

/// A region to be added.
#[derive(ToSchema)]
#[schema(as = NewRegion)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct NewRegionBody {
    /// Ignored: the register makes it.
    #[schema(max_length = 36, nullable = false)]
    region_id: Option<String>,
    /// Letters and digits of any script, `_`, `-`, `.`; unique in the whole register. It never
    /// changes.
    #[schema(min_length = 1, max_length = 64)]
    region_name: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 64)]
    region_alias: String,
    /// The region's API, as `https://host:8443`.
    #[schema(max_length = 256)]
    url: String,
    /// The token that the region's API takes.
    #[schema(max_length = 255)]
    token: Option<String>,
    /// Its websocket, as `ws://host:6060`.
    #[schema(max_length = 256)]
    wsurl: String,
    /// Below which domain its applications are reached.
    #[schema(max_length = 256)]
    httpdomain: String,
    /// At which address TCP is taken: an IP address or a DNS name, perhaps with a port.
    #[schema(max_length = 256)]
    tcpdomain: String,
    /// Who opens it for teams: with `public`, a member of a team may, too.
    #[schema(required = false, schema_with = scopes)]
    scope: Option<String>,
    /// The authority that signed the certificate of the region's API, as PEM text.
    #[schema(max_length = 65535)]
    ssl_ca_cert: Option<String>,
    /// The certificate with which the register shows itself, as PEM text.
    #[schema(max_length = 65535)]
    cert_file: Option<String>,
    /// The key of that certificate, as PEM text.
    #[schema(max_length = 65535)]
    key_file: Option<String>,
    /// `0` editing, `1` enabled, `2` disabled, `3` in maintenance.
    #[schema(required = false, schema_with = given_status)]
    status: Option<String>,
    /// A remark.
    #[schema(max_length = 200, nullable = false)]
    desc: Option<String>,
    /// The enterprise to which it will belong; the caller's own if it is left out.
    #[schema(max_length = 36)]
    enterprise_id: Option<String>,
}

/// Reads every field, in the order in which errors are told.
pub(super) fn read(mut fields: Fields) -> Registration {
    let body = &mut fields;
    // Accepted for old clients and then ignored (D1).
    body.given("region_id", Shape::optional(36));
    let name = body.ruled("region_name", Shape::required(64), Rule::RegionName);
    let alias = body.plain("region_alias", Shape::required(64));
    let (addresses, token) = AddressFields::read(body);
    let scope = body.ruled("scope", Shape::optional(10), Rule::Scope);
    let tls = TlsFields::read(body);
    let status = status(body, Shape::optional(2));
    let description = body.plain("desc", Shape::optional(200).or_blank());
    let enterprise = body.given("enterprise_id", Shape::optional(36).or_nothing());

    let errors = fields.into_errors();
    let complete = (name.clone(), alias, addresses.complete());
    let draft = match complete {
        (Some(name), Some(alias), Some(addresses)) if errors.is_empty() => Ok(RegionDraft {
            name,
            alias,
            addresses,
            scope: scope.unwrap_or_default(),
            status: status.unwrap_or_default(),
            description: description.unwrap_or_default(),
            labels: Labels::default(),
            credentials: Credentials {
                token: token.into_option(),
                ca: tls.ca.into_option(),
                certificate: tls.certificate.into_option(),
                key: tls.key.into_option(),
            },
        }),
        _ => Err(Invalid { errors, name }),
    };
    Registration { draft, enterprise: enterprise.text().filter(|text| !text.is_empty()) }
}
