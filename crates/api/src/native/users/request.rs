//! The bodies of requests about users.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::token::Caller;
use cadastre_domain::user::UserName;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::{Error, Thing};

/// A user to be added.
#[derive(ToSchema)]
#[schema(as = NewUser)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewUserBody {
    /// Its name; one line, unique in the enterprise.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The enterprise to which it belongs; the caller's own if it is left out.
    enterprise_id: Option<String>,
}

/// Reads the body of a request for a user: where, and its name.
pub(super) fn new_user(
    mut fields: Fields,
    caller: &Caller,
) -> Result<(EnterpriseId, UserName), Error> {
    let name = fields.required("name", UserName::try_from);
    let enterprise = fields.optional("enterprise_id", |id| id.parse::<EnterpriseId>());
    fields.finish()?;
    let enterprise = enterprise.unwrap_or(caller.enterprise_id);
    if !caller.reaches(enterprise) {
        return Err(Error::NotFound(Thing::Enterprise));
    }
    Ok((enterprise, name.ok_or_else(|| Error::Internal("a field was lost".into()))?))
}

/// A change of a user: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = UserChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct UserChangeBody {
    /// Its new name. Tokens go on acting for it.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    name: Option<String>,
}

/// Reads the body of a change of a user.
pub(super) fn change(mut fields: Fields) -> Result<Option<UserName>, Error> {
    let name = fields.replaced("name", UserName::try_from);
    fields.finish()?;
    Ok(name)
}
