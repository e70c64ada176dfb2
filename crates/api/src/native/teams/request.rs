//! The bodies of requests about teams.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::team::{TeamAlias, TeamEdit, TeamName};
use cadastre_domain::token::Caller;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::{Error, Thing};
use crate::service::teams::Added;

/// A team to be added.
#[derive(ToSchema)]
#[schema(as = NewTeam)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewTeamBody {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 64)]
    alias: String,
    /// Its technical name, one line, unique in the enterprise; made up if it is left out.
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// Memory that it may use, in MB; 0 is without limit.
    #[schema(minimum = 0, maximum = 2_147_483_647, default = 0)]
    limit_memory_mb: Option<i32>,
    /// The enterprise to which it belongs; the caller's own if it is left out.
    enterprise_id: Option<String>,
}

/// Reads the body of a request for a team.
pub(super) fn new_team(mut fields: Fields, caller: &Caller) -> Result<Added, Error> {
    let body = &mut fields;
    let alias = body.required("alias", TeamAlias::try_from);
    let name = body.optional("name", TeamName::try_from);
    let limit_memory = memory(body).unwrap_or_default();
    let enterprise = body.optional("enterprise_id", |id| id.parse::<EnterpriseId>());
    fields.finish()?;
    let enterprise = enterprise.unwrap_or(caller.enterprise_id);
    if !caller.reaches(enterprise) {
        return Err(Error::NotFound(Thing::Enterprise));
    }
    let alias = alias.ok_or_else(|| Error::Internal("a field was lost".into()))?;
    Ok(Added { alias, name, limit_memory, enterprise })
}

/// A change of a team: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = TeamChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct TeamChangeBody {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    alias: Option<String>,
    /// Whether it will be in use.
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// Memory that it will be allowed, in MB; 0, as null, is without limit.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    limit_memory_mb: Option<i32>,
}

/// Reads the body of a change of a team.
pub(super) fn change(mut fields: Fields) -> Result<TeamEdit, Error> {
    fields.not_null("is_active");
    let alias = fields.replaced("alias", TeamAlias::try_from);
    let is_active = fields.flag("is_active");
    let limit_memory = memory(&mut fields);
    fields.finish()?;
    Ok(TeamEdit { alias, is_active, limit_memory, creator: None })
}

/// An amount of memory; null is without limit.
fn memory(fields: &mut Fields) -> Option<i32> {
    if fields.cleared("limit_memory_mb") {
        return Some(0);
    }
    let amount = fields.number("limit_memory_mb", 0, i64::from(i32::MAX))?;
    i32::try_from(amount).ok()
}
