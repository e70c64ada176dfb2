//! Bodies about teams.

use cadastre_domain::team::{TeamAlias, TeamEdit};
use cadastre_domain::user::UserId;
use utoipa::ToSchema;

use super::super::super::fields::{Fields, Given, Shape};
use crate::error::{Error, FieldErrors, Problem};
use crate::service::teams::{NewTeam, TeamChange};

/// The most characters of a region's name (D23).
const REGION_NAME: usize = 64;

/// The most characters of an alias.
const ALIAS: usize = 24;

/// What may stand in a change of a team. What answers show of a team and a change does not take is
/// passed over, so that an answer can be sent back with one thing changed.
const KNOWN: [&str; 13] = [
    "tenant_alias",
    "is_active",
    "creater",
    "limit_memory",
    "enterprise_id",
    "tenant_id",
    "tenant_name",
    "create_time",
    "update_time",
    "expired_time",
    "region",
    "role_infos",
    "ID",
];

/// A team to be created.
#[derive(ToSchema)]
#[schema(as = NewTeam)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct NewTeamBody {
    /// What people will call it. The technical name is made.
    #[schema(min_length = 1, max_length = 24)]
    tenant_name: String,
    /// The name of a region to be opened for it at once.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    region: Option<String>,
}

/// The team to be created.
pub(super) fn new_team(mut fields: Fields) -> Result<NewTeam, Error> {
    let body = &mut fields;
    let alias = body.given("tenant_name", Shape::required(ALIAS));
    let region = body.given("region", Shape::optional(REGION_NAME)).text();
    let alias = match alias {
        Given::Text(text) => {
            text.try_into().map_err(|e| body.refuse("tenant_name", Problem::from(e))).ok()
        }
        Given::Absent | Given::Null => None,
    };
    let errors = fields.into_errors();
    match alias {
        Some(alias) if errors.is_empty() => Ok(NewTeam { alias, region }),
        _ => Err(Error::Fields(errors)),
    }
}

/// What a team is to become. Other fields that answers show are passed over; any other is wrong.
#[derive(ToSchema)]
#[schema(as = TeamChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct TeamChangeBody {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 24, nullable = false)]
    tenant_alias: Option<String>,
    /// Whether it is in use.
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// The number of the user who counts as its maker, one of the team's enterprise.
    #[schema(minimum = 1, nullable = false)]
    creater: Option<i64>,
    /// The memory that it may use, in MB; 0 is without limit.
    #[schema(minimum = 0, nullable = false)]
    limit_memory: Option<i32>,
    /// The team's own enterprise: teams do not move.
    #[schema(max_length = 36)]
    enterprise_id: Option<String>,
    /// The team's own identifier.
    #[schema(nullable = false)]
    tenant_id: Option<String>,
    /// The team's own technical name.
    #[schema(nullable = false)]
    tenant_name: Option<String>,
}

/// The change of a team.
pub(super) fn team_change(mut fields: Fields) -> Result<TeamChange, FieldErrors> {
    let body = &mut fields;
    let alias = body.plain::<TeamAlias>("tenant_alias", Shape::optional(ALIAS));
    let is_active = body.flag("is_active");
    let creator = body.whole("creater", 1, i64::MAX).map(UserId);
    let memory = body.whole("limit_memory", 0, i32::MAX.into());
    let edit = TeamEdit {
        alias,
        is_active,
        creator,
        limit_memory: memory.and_then(|memory| memory.try_into().ok()),
    };
    let enterprise = body.given("enterprise_id", Shape::optional(36).or_nothing()).text();
    let change = TeamChange {
        edit,
        id: body.given("tenant_id", Shape::optional(36)).text(),
        name: body.given("tenant_name", Shape::optional(64)).text(),
        enterprise: enterprise.filter(|id| !id.is_empty()),
    };
    body.only(&KNOWN);
    let errors = fields.into_errors();
    if errors.is_empty() { Ok(change) } else { Err(errors) }
}

/// A region to be opened.
#[derive(ToSchema)]
#[schema(as = Opening)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct OpeningBody {
    /// Its name; not its identifier.
    #[schema(min_length = 1, max_length = 64)]
    region: String,
}

/// The name of the region to be opened.
pub(super) fn region_name(mut fields: Fields) -> Result<String, FieldErrors> {
    let region = fields.given("region", Shape::required(REGION_NAME)).text();
    region.ok_or_else(|| fields.into_errors())
}
