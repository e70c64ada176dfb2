//! The body of `POST /openapi/v1/regions` (contract 2.1).

use cadastre_domain::region::{Credentials, RegionDraft};

use crate::error::Rule;
use crate::rainbond::fields::{Fields, Shape};
use crate::rainbond::region_fields::{AddressFields, TlsFields, status};
use crate::service::regions::{Invalid, Registration};

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
