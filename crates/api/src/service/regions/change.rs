//! Changing regions.

use std::collections::HashSet;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{CredentialsId, RegionId};
use cadastre_domain::impact::{self, Impact};
use cadastre_domain::region::{Dialling, Region, RegionDetail, RegionEdit, RegionName, Status};
use cadastre_domain::token::Caller;
use cadastre_storage::{RegionSave, SetChange, Tx};
use chrono::{DateTime, Utc};

use super::revealed;
use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use crate::ids;
use crate::service::{Expected, saved, watches};

/// How a change is written down.
#[derive(Debug, Clone)]
pub struct Writing {
    /// By whom.
    pub session: Session,
    /// When.
    pub now: DateTime<Utc>,
    /// The identifier of a set of credentials, if there comes to be a new one.
    pub new_set: CredentialsId,
    /// Until when the set before is kept ready, if there comes to be a new one.
    pub previous_until: Option<DateTime<Utc>>,
    /// Whether the answer shows the secrets of the region.
    pub shows_secrets: bool,
}

impl Writing {
    /// What a caller changes now.
    #[must_use]
    pub fn new(app: &App, session: &Session) -> Self {
        let (session, now) = (session.clone(), app.clock.now());
        let (new_set, previous_until) = (ids::hex_id(), None);
        Self { session, now, new_set, previous_until, shows_secrets: false }
    }

    /// With an answer that shows the secrets of the region, as those of the rainbond face do.
    #[must_use]
    pub fn shown(self) -> Self {
        Self { shows_secrets: true, ..self }
    }

    /// With the set before kept ready until then.
    #[must_use]
    pub fn keeping_until(self, time: Option<DateTime<Utc>>) -> Self {
        Self { previous_until: time, ..self }
    }
}

/// Which region is meant, and what whoever names none is told.
#[derive(Debug, Clone)]
pub enum Named {
    /// The one with this identifier.
    Id(RegionId),
    /// The one of this name.
    Name(RegionName),
    /// None at all.
    Nothing,
}

impl Named {
    /// By an identifier. What is none identifies nothing.
    #[must_use]
    pub fn id(text: &str) -> Self {
        text.parse().map_or(Self::Nothing, Self::Id)
    }

    /// By a name. What can be none is the name of nothing.
    #[must_use]
    pub fn name(text: &str) -> Self {
        RegionName::try_from(text.to_owned()).map_or(Self::Nothing, Self::Name)
    }
}

/// The region, whosesoever it is.
pub(super) fn stored(tx: &mut dyn Tx, named: &Named) -> Result<Option<RegionDetail>, Error> {
    Ok(match named {
        Named::Id(id) => tx.find_region_detail(*id)?,
        Named::Name(name) => tx.find_region_named(name)?,
        Named::Nothing => None,
    })
}

/// The region, if it exists for the caller.
///
/// # Errors
/// No such region for him; failures of the storage.
pub fn find(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    thing: Thing,
) -> Result<RegionDetail, Error> {
    let found = stored(tx, named)?;
    let own = |detail: &RegionDetail| caller.reaches(detail.region.enterprise_id);
    found.filter(own).ok_or(Error::NotFound(thing))
}

/// Edits a region that the caller reaches.
///
/// # Errors
/// No such region, another version, what the rules refuse; failures of the storage.
pub fn edit(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: (&Named, Thing),
    expected: &Expected,
    edit: &RegionEdit,
) -> Result<Changed<RegionDetail>, Error> {
    edit_with(tx, writing, named, expected, |_| Ok(edit.clone()))
}

/// Edits a region that the caller reaches as follows from how it is.
///
/// # Errors
/// As [`edit`], and those of `edit`.
pub fn edit_with(
    tx: &mut dyn Tx,
    writing: &Writing,
    (named, thing): (&Named, Thing),
    expected: &Expected,
    edit: impl FnOnce(&Region) -> Result<RegionEdit, Error>,
) -> Result<Changed<RegionDetail>, Error> {
    let before = find(tx, &writing.session.caller, named, thing)?;
    expected.check(before.region.version)?;
    let after = before.edit(edit(&before.region)?, writing.now)?;
    save(tx, writing, &before, after, None)
}

/// Writes a region that was changed. Where nothing differs, nothing is written. `set` is the set of
/// credentials when it is one that the region had before.
///
/// # Errors
/// Failures of the storage.
pub fn save(
    tx: &mut dyn Tx,
    writing: &Writing,
    before: &RegionDetail,
    after: RegionDetail,
    set: Option<SetChange>,
) -> Result<Changed<RegionDetail>, Error> {
    let actor = &writing.session.actor;
    let shown = |detail| {
        if writing.shows_secrets { revealed(&writing.session.caller, detail) } else { Vec::new() }
    };
    if !before.differs(&after) {
        let revealed = shown(before);
        return Ok(if revealed.is_empty() {
            Changed::nothing(before.clone())
        } else {
            let entry = Entry::revealed(actor, writing.now, before, revealed);
            Changed::new(before.clone(), entry)
        });
    }
    let same = before.credentials.same(&after.credentials);
    let new = if same { SetChange::Keep } else { SetChange::New(writing.new_set) };
    let written = RegionSave {
        detail: &after,
        set: set.unwrap_or(new),
        previous_until: writing.previous_until,
        by: actor.into(),
    };
    saved(tx.save_region(&written)?)?;
    let entry = Entry::done(actor, writing.now, Some(before), Some(&after)).showing(shown(&after));
    let followed = watches::follow(tx, actor, &after.region, writing.now)?;
    Ok(followed.into_iter().fold(Changed::new(after, entry), Changed::and))
}

/// Gives a region another status.
///
/// # Errors
/// As [`edit`].
pub fn set_status(
    tx: &mut dyn Tx,
    writing: &Writing,
    named: (&Named, Thing),
    expected: &Expected,
    status: Status,
) -> Result<Changed<RegionDetail>, Error> {
    let change = RegionEdit { status: Some(status), ..RegionEdit::default() };
    edit(tx, writing, named, expected, &change)
}

/// What would come of another status.
///
/// # Errors
/// No such region; failures of the storage.
pub fn impact_of_status(
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
    to: Status,
    now: DateTime<Utc>,
) -> Result<Impact, Error> {
    let detail = find(tx, caller, named, Thing::Region)?;
    let openings = tx.openings_of_region(detail.region.id, None, i64::MAX)?;
    touching(tx, &detail.region, impact::of_status(&detail, to, &openings, now))
}

/// The same impact, with what else in the register is touched: the nodes and the dial tasks that
/// watch the region.
pub(super) fn touching(tx: &mut dyn Tx, region: &Region, impact: Impact) -> Result<Impact, Error> {
    let windows = tx.open_windows(region.id)?;
    let windows = windows.iter().map(|window| window.id.to_string()).collect();
    let after = impact.dialling_after.unwrap_or(Dialling::Off);
    let same = impact.dialling_before == after;
    let watching = if same { Vec::new() } else { tx.tasks_of_region(region.id)? };
    let nodes: HashSet<_> = watching.iter().flat_map(|task| &task.nodes).collect();
    let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(impact.touching(count(nodes.len()), count(watching.len()), windows))
}

/// Edits a region of any enterprise, for the management interface: the answer shows its secrets.
///
/// # Errors
/// As [`edit`].
pub async fn edit_managed(
    app: &App,
    session: &Session,
    id: &str,
    change: RegionEdit,
) -> Result<RegionDetail, Error> {
    let (writing, named) = (Writing::new(app, session).shown(), Named::id(id));
    let place = Thing::ManagedRegion;
    app.write(session.writer(), move |tx| {
        edit(tx, &writing, (&named, place), &Expected::Any, &change)
    })
    .await
}

/// Gives a region, by its name, other addresses and certificates. The answer shows nothing of it.
///
/// # Errors
/// As [`edit`].
pub async fn readdress(
    app: &App,
    session: &Session,
    name: &str,
    change: RegionEdit,
) -> Result<RegionDetail, Error> {
    let (writing, named) = (Writing::new(app, session), Named::name(name));
    let place = Thing::ReaddressedRegion;
    app.write(session.writer(), move |tx| {
        edit(tx, &writing, (&named, place), &Expected::Any, &change)
    })
    .await
}
