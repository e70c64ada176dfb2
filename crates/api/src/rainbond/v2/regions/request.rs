//! The body that changes a region (contract 4).

use cadastre_domain::region::RegionEdit;
use utoipa::ToSchema;

use super::super::super::fields::{Fields, Shape};
use super::super::super::region_fields::{AddressFields, TlsFields, status};
use super::super::super::view::{given_status, scopes};
use crate::error::{Error, Rule};

/// What a region is to become. What is left out stays as it is; null takes away.
#[derive(ToSchema)]
#[schema(as = RegionChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct RegionChangeBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 64)]
    region_alias: String,
    /// The region's API, as `https://host:8443`.
    #[schema(max_length = 256)]
    url: String,
    /// The token that the region's API takes. When `url` changes to another origin (scheme, host or
    /// port), a token and a key that are stored must be given again, or null to drop them.
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
    #[schema(schema_with = given_status)]
    status: String,
    /// A remark.
    #[schema(max_length = 200, nullable = false)]
    desc: Option<String>,
}

/// Reads every field, in the order in which errors are told.
pub(super) fn change(mut fields: Fields) -> Result<RegionEdit, Error> {
    let body = &mut fields;
    let alias = body.plain("region_alias", Shape::required(64));
    let (addresses, token) = AddressFields::read(body);
    let scope = body.ruled("scope", Shape::optional(10), Rule::Scope);
    let TlsFields { ca, certificate, key } = TlsFields::read(body);
    let status = status(body, Shape::required(2));
    let description = body.plain("desc", Shape::optional(200).or_blank());

    let errors = fields.into_errors();
    match (alias, addresses.complete(), status) {
        (Some(alias), Some(addresses), Some(status)) if errors.is_empty() => Ok(RegionEdit {
            alias: Some(alias),
            addresses: addresses.into(),
            status: Some(status),
            labels: None,
            scope,
            description,
            token,
            ca,
            certificate,
            key,
        }),
        _ => Err(Error::Fields(errors)),
    }
}
