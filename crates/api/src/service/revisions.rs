//! What regions were, and going back to it.

use cadastre_domain::audit::{Entry, Object, Subject as _, differences};
use cadastre_domain::region::{Credentials, RegionDetail, Revision};
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;
use cadastre_storage::{SetChange, Tx};

use super::regions::change::{Named, Writing, find, save};
use super::regions::revealed;
use super::{Counted, Expected};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};

/// A version of a region as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The version.
    pub revision: Revision,
    /// The credentials that belonged to it.
    pub credentials: Credentials,
    /// Whether the caller sees their secrets.
    pub reveal: bool,
}

/// At most `limit` versions of a region, the latest first, beginning before version `before`, and if
/// `counted`, how many there are on all pages.
///
/// # Errors
/// No such region for the caller; failures of the storage.
pub fn list(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    (before, limit): (Option<i64>, i64),
    counted: bool,
) -> Result<Counted<Revision>, Error> {
    let id = find(tx, caller, named, Thing::Region)?.region.id;
    let total = counted.then(|| tx.count_revisions(id)).transpose()?;
    Ok(Counted::whole(tx.list_revisions(id, before, limit)?, total))
}

/// A version of a region, with the credentials that it had. If the caller sees secrets, that is
/// noted.
///
/// # Errors
/// No such region for the caller, no such version; failures of the storage.
pub async fn show(
    app: &App,
    session: &Session,
    named: Named,
    version: i64,
) -> Result<Shown, Error> {
    let writer = session.writer();
    let (session, now) = (session.clone(), app.clock.now());
    let look = move |tx: &mut dyn Tx| {
        let present = find(tx, &session.caller, &named, Thing::Region)?;
        let (revision, detail) = version_of(tx, &present, version)?;
        let revealed = revealed(&session.caller, &detail);
        let mut entry = Entry::revealed(&session.actor, now, &detail, revealed);
        entry.reason = Some(format!("those of version {version}"));
        let (credentials, reveal) = (detail.credentials, !entry.revealed.is_empty());
        Ok((Shown { revision, credentials, reveal }, entry))
    };
    let read = look.clone();
    let (shown, entry) = app.read(move |tx| read(tx)).await?;
    if entry.revealed.is_empty() {
        return Ok(shown);
    }
    // Read again, so that what is shown and that it was shown are of one transaction.
    let reveal = move |tx: &mut dyn Tx| look(tx).map(|(shown, entry)| Changed::new(shown, entry));
    app.write(writer, reveal).await
}

/// In what two versions of a region differ, as audit entries tell it: of secrets only whether they
/// are the same.
///
/// # Errors
/// As [`show`].
pub fn compare(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    (from, to): (i64, i64),
) -> Result<String, Error> {
    let present = find(tx, caller, named, Thing::Region)?;
    let (_, before) = version_of(tx, &present, from)?;
    let (_, after) = version_of(tx, &present, to)?;
    let object = Object { kind: RegionDetail::KIND.into(), id: present.object_id() };
    Ok(tx.tell(&object, &differences(&before, &after))?)
}

/// Makes an earlier version of a region the present one, as a new version. Whoever may not see
/// secrets does not bring them back, either: then the credentials stay as they are.
///
/// # Errors
/// As [`show`]; another version than expected; what the rules refuse; credentials that stay and were
/// never used at the origin that the API had then.
pub fn revert(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    expected: &Expected,
    version: i64,
) -> Result<Changed<Revision>, Error> {
    let caller = &writing.session.caller;
    let present = find(tx, caller, named, Thing::Region)?;
    expected.check(present.region.version)?;
    let (revision, mut earlier) = version_of(tx, &present, version)?;
    if !caller.may(Right::RevealSecrets) {
        earlier.credentials = present.credentials.clone();
    }
    let after = present.revert_to(&earlier, writing.now)?;
    let same = present.credentials.same(&after.credentials);
    // The credentials of then belong to the address of then; those of now perhaps to another one.
    let current = tx.region_sets(present.region.id)?.and_then(|sets| sets.current);
    let belongs = if same { current } else { revision.credentials_id };
    let known = match belongs {
        Some(set) => tx.api_urls_of_set(present.region.id, set)?,
        None => Vec::new(),
    };
    after.check_credentials_of(&known)?;
    let set = (!same).then_some(SetChange::Back(revision.credentials_id));
    let saved = save(tx, writing, &present, after, set)?;
    saved.try_map(|after| {
        let made = tx.find_revision(after.region.id, after.region.version)?;
        made.ok_or(Error::NotFound(Thing::Revision))
    })
}

fn version_of(
    tx: &mut dyn Tx,
    present: &RegionDetail,
    version: i64,
) -> Result<(Revision, RegionDetail), Error> {
    let id = present.region.id;
    let revision = tx.find_revision(id, version)?.ok_or(Error::NotFound(Thing::Revision))?;
    let credentials = match revision.credentials_id {
        Some(set) => tx.find_credentials(id, set)?.ok_or(Error::NotFound(Thing::Revision))?,
        None => Credentials::default(),
    };
    let detail = RegionDetail { region: revision.region.clone(), credentials };
    Ok((revision, detail))
}
