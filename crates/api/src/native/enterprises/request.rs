//! The bodies of requests about enterprises.

use cadastre_domain::enterprise::EnterpriseName;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;

/// An enterprise to be added.
#[derive(ToSchema)]
#[schema(as = NewEnterprise)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewEnterpriseBody {
    /// Its name; one line, unique in the register.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
}

/// Reads the body of a request for an enterprise.
pub(super) fn new_enterprise(mut fields: Fields) -> Result<EnterpriseName, Error> {
    let name = fields.required("name", EnterpriseName::try_from);
    fields.finish()?;
    name.ok_or_else(|| Error::Internal("a field was lost".into()))
}

/// A change of an enterprise: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = EnterpriseChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct EnterpriseChangeBody {
    /// Its new name.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    name: Option<String>,
}

/// Reads the body of a change of an enterprise.
pub(super) fn change(mut fields: Fields) -> Result<Option<EnterpriseName>, Error> {
    let name = fields.replaced("name", EnterpriseName::try_from);
    fields.finish()?;
    Ok(name)
}
