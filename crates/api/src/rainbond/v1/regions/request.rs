//! The body of `PUT /openapi/v1/regions/{region_id}/status` (contract 6.3).

use cadastre_domain::region::Status;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::super::super::fields::{Fields, Shape};
use crate::error::{Error, Problem};
use crate::openapi::one_of;

/// The names of the statuses, in the published order.
const NAMES: [(&str, Status); 4] = [
    ("NOTREADY", Status::Editing),
    ("ONLINE", Status::Enabled),
    ("OFFLINE", Status::Disabled),
    ("MAINTAIN", Status::Maintenance),
];

/// The most characters of a name that are looked at.
const LONGEST: usize = 64;

/// The status that a region is to take.
#[derive(ToSchema)]
#[schema(as = StatusChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct StatusBody {
    /// Its name, in upper or lower case.
    #[schema(schema_with = names)]
    status: String,
}

fn names() -> RefOr<Schema> {
    one_of(NAMES.map(|(name, _)| name))
}

/// Reads the status.
pub(super) fn status(mut fields: Fields) -> Result<Status, Error> {
    let name = fields.given("status", Shape::required(LONGEST)).text();
    let Some(name) = name.map(|name| name.to_uppercase()) else {
        return Err(Error::Fields(fields.into_errors()));
    };
    let known = NAMES.iter().find(|(known, _)| *known == name);
    known.map(|(_, status)| *status).ok_or_else(|| {
        let names = NAMES.map(|(name, _)| name).join(",");
        fields.refuse("status", Problem::Other(format!("不支持状态: '{name}', 仅支持: {names}")));
        Error::Fields(fields.into_errors())
    })
}
