//! The bodies of requests about tokens: how they are described, and how they are read.

use cadastre_domain::id::{EnterpriseId, TeamId};
use cadastre_domain::role::Role;
use cadastre_domain::token::{Caller, LONGEST_OVERLAP, MOST_TEAMS, TokenNote, TokenTeams};
use cadastre_domain::user::UserName;
use chrono::{DateTime, TimeDelta, Utc};
use utoipa::ToSchema;

use super::super::fields::Fields;
use super::super::query;
use super::view::role;
use crate::error::{Error, Thing};
use crate::service::tokens::NewToken;

/// For how many seconds the secret before a rotation is accepted, unless asked otherwise.
const USUAL_OVERLAP: i64 = 3600;

/// A token to be made.
#[derive(ToSchema)]
#[schema(as = NewToken)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewTokenBody {
    /// What people will call it; one line.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// A remark.
    #[schema(max_length = 200)]
    note: Option<String>,
    /// The name of the user for whom it acts, who is added when there is none. If it is left out,
    /// the user is called as the token.
    #[schema(min_length = 1, max_length = 64)]
    user: Option<String>,
    /// What it may do. Only a platform token makes platform tokens.
    #[schema(schema_with = role)]
    role: Role,
    /// The enterprise in which it acts; the caller's own if it is left out.
    enterprise_id: Option<String>,
    /// The teams that it belongs to, each once; only with the role `team`.
    #[schema(max_items = 100)]
    teams: Option<Vec<String>>,
    /// When it ends by itself; never if it is left out.
    expires_at: Option<DateTime<Utc>>,
}

/// Reads the body of a request for a token by this caller.
pub(super) fn new_token(
    mut fields: Fields,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<NewToken, Error> {
    let body = &mut fields;
    let name = body.required("name", TryFrom::try_from);
    let note = body.optional("note", TokenNote::try_from).unwrap_or_default();
    let user = body.optional("user", UserName::try_from);
    let role = body.required("role", Role::try_from);
    let enterprise = body.optional("enterprise_id", |id| id.parse::<EnterpriseId>());
    let enterprise = enterprise.unwrap_or(caller.enterprise_id);
    let teams = body.list("teams", MOST_TEAMS, |id| id.parse::<TeamId>());
    let teams = TokenTeams::try_from(teams).unwrap_or_else(|error| {
        body.complain("teams", &error.to_string());
        TokenTeams::default()
    });
    let expires_at = body.optional("expires_at", |text| future(&text, now));
    if role != Some(Role::Team) && !teams.as_ref().is_empty() {
        body.complain("teams", "only a team token has teams");
    }
    fields.finish()?;
    let (Some(name), Some(role)) = (name, role) else {
        return Err(Error::Internal("a field was lost".into()));
    };
    if !caller.reaches(enterprise) {
        return Err(Error::NotFound(Thing::Enterprise));
    }
    if !caller.may_grant(role, enterprise) {
        return Err(Error::Grant);
    }
    Ok(NewToken { name, note, user, role, enterprise, teams, expires_at, text: None })
}

/// A time that is not over.
fn future(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let time = query::time(text)?;
    if time > now { Ok(time) } else { Err("must be in the future") }
}

/// How a token is rotated.
#[derive(ToSchema)]
#[schema(as = Rotation)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct RotationBody {
    /// For how many seconds the secret before this one is accepted, too.
    #[schema(minimum = 0, maximum = 2_592_000, default = 3600)]
    overlap_seconds: Option<i64>,
}

/// Reads the body of a request for a rotation: for how long the secret before is accepted.
pub(super) fn overlap(mut fields: Fields) -> Result<TimeDelta, Error> {
    let overlap = fields.number("overlap_seconds", 0, LONGEST_OVERLAP.num_seconds());
    fields.finish()?;
    Ok(TimeDelta::seconds(overlap.unwrap_or(USUAL_OVERLAP)))
}
