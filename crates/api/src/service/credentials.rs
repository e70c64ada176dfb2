//! Credentials of regions: showing, replacing, going back.

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::region::tls::{CertificateFacts, TlsPart};
use cadastre_domain::region::{RegionDetail, RegionEdit, RegionWarning};
use cadastre_domain::token::Caller;
use cadastre_storage::{CertificatePlace, ListedCertificate, SetChange, Total, Tx};
use chrono::{DateTime, TimeDelta, Utc};

use super::regions::change::{Named, Writing, find, save};
use super::regions::revealed;
use super::{Counted, Expected};
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};

/// For how long the set before is kept ready, unless asked otherwise.
pub const USUAL_KEEP: TimeDelta = TimeDelta::days(1);

/// For how long the set before is kept ready at most.
pub const LONGEST_KEEP: TimeDelta = TimeDelta::days(30);

/// A region's credentials as they are shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The region with its credentials.
    pub detail: RegionDetail,
    /// Whether the caller sees its secrets.
    pub reveal: bool,
    /// Until when the set before can be gone back to.
    pub previous_until: Option<DateTime<Utc>>,
    /// What should be changed about them.
    pub warnings: Vec<RegionWarning>,
}

/// A region of the caller's enterprise with its credentials. If he sees secrets, that is noted.
///
/// # Errors
/// No such region; failures of the storage.
pub async fn show(app: &App, session: &Session, id: RegionId) -> Result<Shown, Error> {
    let writer = session.writer();
    let (session, now) = (session.clone(), app.clock.now());
    let look = move |tx: &mut dyn Tx| {
        let detail = find(tx, &session.caller, &Named::Id(id), Thing::Region)?;
        let revealed = revealed(&session.caller, &detail);
        let entry = Entry::revealed(&session.actor, now, &detail, revealed);
        Ok((shown(tx, detail, !entry.revealed.is_empty(), now)?, entry))
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

fn shown(
    tx: &mut dyn Tx,
    detail: RegionDetail,
    reveal: bool,
    now: DateTime<Utc>,
) -> Result<Shown, Error> {
    let sets = tx.region_sets(detail.region.id)?;
    let previous = sets.and_then(|sets| sets.previous).map(|(_, until)| until);
    let previous_until = previous.filter(|until| *until > now);
    let warnings = detail.warnings(now);
    Ok(Shown { detail, reveal, previous_until, warnings })
}

/// Replaces credentials of a region. The answer shows no secret.
///
/// # Errors
/// No such region, another version, an incoherent set; failures of the storage.
pub fn replace(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    expected: &Expected,
    edit: &RegionEdit,
) -> Result<Changed<Shown>, Error> {
    let changed =
        super::regions::change::edit(tx, writing, (named, Thing::Region), expected, edit)?;
    changed.try_map(|detail| shown(tx, detail, false, writing.now))
}

/// Goes back to the set before the present one, which is then kept ready in its place.
///
/// # Errors
/// No such region, another version, no set that is still kept, one that is no longer coherent or was
/// never used at the present origin of the region's API;
/// failures of the storage.
pub fn roll_back(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: &Named,
    expected: &Expected,
) -> Result<Changed<Shown>, Error> {
    let before = find(tx, &writing.session.caller, named, Thing::Region)?;
    expected.check(before.region.version)?;
    let id = before.region.id;
    let sets = tx.region_sets(id)?.ok_or(Error::NotFound(Thing::Region))?;
    let kept = sets.previous.filter(|(_, until)| *until > writing.now);
    let (set, until) = kept.ok_or(Error::NothingBefore)?;
    let credentials = tx.find_credentials(id, set)?.ok_or(Error::NothingBefore)?;
    let earlier = RegionDetail { credentials, ..before.clone() };
    let after = before.revert_to(&earlier, writing.now)?;
    after.check_credentials_of(&tx.api_urls_of_set(id, set)?)?;
    let writing = writing.clone().keeping_until(Some(until));
    let changed = save(tx, &writing, &before, after, Some(SetChange::Back(Some(set))))?;
    changed.try_map(|detail| shown(tx, detail, false, writing.now))
}

/// What there is to tell of the certificates that a region shows and trusts, those of its authority
/// first: at most `limit`, beginning behind a place, and if `counted`, how many there are in all.
///
/// # Errors
/// No such region for the caller; failures of the storage.
pub fn certificates(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    (after, limit): (Option<(TlsPart, u16)>, i64),
    counted: bool,
) -> Result<Counted<CertificateFacts>, Error> {
    let detail = find(tx, caller, named, Thing::Region)?;
    // As texts of limited length hold them, there are few enough to read them all.
    let all = tx.certificates_of(detail.region.id)?;
    let total = counted.then(|| Total::exact(i64::try_from(all.len()).unwrap_or(i64::MAX)));
    let is_before = |facts: &CertificateFacts| after >= Some((facts.part, facts.place));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Counted::whole(all.into_iter().skip_while(is_before).take(limit).collect(), total))
}

/// Certificates of one enterprise or of all, which expire before `before`, those that expire first
/// first: at most as many as asked for, beginning behind a place, and if `counted`, how many there
/// are on all pages.
///
/// # Errors
/// Failures of the storage.
pub fn list_certificates(
    tx: &mut dyn Tx,
    enterprise: Option<EnterpriseId>,
    before: Option<DateTime<Utc>>,
    (after, limit): (Option<CertificatePlace>, i64),
    counted: bool,
) -> Result<Counted<ListedCertificate>, Error> {
    let listed = tx.list_certificates(enterprise, before, after, limit)?;
    let total = counted.then(|| tx.count_certificates(enterprise, before)).transpose()?;
    Ok(Counted::whole(listed, total))
}
