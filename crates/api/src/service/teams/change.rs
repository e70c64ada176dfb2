//! Changing teams.

use cadastre_domain::audit::Entry;
use cadastre_domain::team::{Team, TeamEdit};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::{Named, find};
use crate::app::Changed;
use crate::auth::Session;
use crate::error::{Error, FieldError, FieldErrors, Problem, Thing};
use crate::service::{Expected, saved};

/// A change by a client that says at the same time what the team is.
#[derive(Debug, Clone, Default)]
pub struct TeamChange {
    /// What is to change.
    pub edit: TeamEdit,
    /// The identifier that it must have.
    pub id: Option<String>,
    /// The technical name that it must have.
    pub name: Option<String>,
    /// The enterprise that it must belong to.
    pub enterprise: Option<String>,
}

/// Changes a team, whatever its version. Where nothing differs, nothing is written.
///
/// # Errors
/// No such team, wrong fields; an identifier or a name that is not the team's, an enterprise that
/// is not its own, a user who does not exist there; failures of the storage.
pub fn change(
    tx: &mut dyn Tx,
    session: &Session,
    named: &Named,
    change: &Result<TeamChange, FieldErrors>,
    now: DateTime<Utc>,
) -> Result<Changed<Team>, Error> {
    let team = find(tx, &session.caller, named)?;
    let change = change.as_ref().map_err(|errors| Error::Fields(errors.clone()))?;
    check_fixed(&team, change)?;
    let own = |enterprise: &String| *enterprise == team.enterprise_id.to_string();
    if !change.enterprise.as_ref().is_none_or(own) {
        let problem = Problem::NoSuch(Thing::Enterprise);
        return Err(FieldError::new("enterprise_id", problem).into());
    }
    save(tx, session, team, change.edit.clone(), now)
}

/// What never changes must be said as it is.
fn check_fixed(team: &Team, change: &TeamChange) -> Result<(), Error> {
    let is = |said: &Option<String>, is: &str| said.as_deref().is_none_or(|said| said == is);
    let said = [
        ("tenant_id", is(&change.id, &team.id.to_string())),
        ("tenant_name", is(&change.name, team.name.as_ref())),
    ];
    let wrong = said.into_iter().filter(|(_, right)| !right);
    let wrong: FieldErrors =
        wrong.map(|(field, _)| FieldError::new(field, Problem::Fixed)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Fields(wrong)) }
}

/// Edits a team in one of the versions that the caller means. Where nothing differs, nothing is
/// written.
///
/// # Errors
/// No such team, another version, a user who does not exist in the team's enterprise; failures of
/// the storage.
pub fn edit(
    tx: &mut dyn Tx,
    session: &Session,
    named: &Named,
    expected: &Expected,
    edit: TeamEdit,
    now: DateTime<Utc>,
) -> Result<Changed<Team>, Error> {
    let team = find(tx, &session.caller, named)?;
    expected.check(team.version)?;
    save(tx, session, team, edit, now)
}

fn save(
    tx: &mut dyn Tx,
    session: &Session,
    before: Team,
    edit: TeamEdit,
    now: DateTime<Utc>,
) -> Result<Changed<Team>, Error> {
    let creator = edit.creator.filter(|user| *user != before.creator);
    let after = before.clone().edit(edit, now);
    let same = Team { updated_at: before.updated_at, version: before.version, ..after.clone() };
    if same == before {
        return Ok(Changed::nothing(before));
    }
    if let Some(creator) = creator {
        let user = tx.find_user(creator)?;
        if user.is_none_or(|user| user.enterprise_id != before.enterprise_id) {
            return Err(FieldError::new("creator", Problem::NoSuch(Thing::User)).into());
        }
    }
    saved(tx.save_team(&after)?)?;
    let entry = Entry::done(&session.actor, now, Some(&before), Some(&after));
    Ok(Changed::new(after, entry))
}
