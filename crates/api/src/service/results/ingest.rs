//! Taking points.
//!
//! Points have no audit entries: they are what machines found, and change nothing in the register.

use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::result::{DialPoint, PointTags};
use cadastre_domain::secret::Secret;
use cadastre_storage::{NewPoint, SeriesKey, StorageError, Tx};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::Limits;
use super::memory::{Owner, ResultMemory, TagPlace, TagsDigest, digest};
use crate::app::{App, Changed, Writer};
use crate::error::Error;

/// How many sets of tags there are beyond the bound, of the version of the agent alone: so that is
/// known when nothing else is.
const VERSIONS: i64 = 100;

/// Whose points they are.
#[derive(Debug, Clone)]
pub struct Poster {
    /// The owner of the token.
    pub enterprise: EnterpriseId,
    /// The node, and the task that it dialled, if the path tells them.
    pub pair: Option<(NodeId, TaskId)>,
}

/// Points that were posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Whose they are.
    pub poster: Poster,
    /// The points, each with the digest of its package.
    pub points: Vec<(DialPoint, i64)>,
    /// When they came.
    pub received: DateTime<Utc>,
}

/// The enterprise whose result token this is. A token that is asked for again is not looked up again
/// for a minute, a wrong one neither.
///
/// # Errors
/// That the database is not available.
pub async fn owner_of_token(app: &App, token: Secret) -> Result<Option<EnterpriseId>, Error> {
    let digest = Sha256::digest(token.reveal().as_bytes()).into();
    if let Some(owner) = app.results.memory.owner(&digest) {
        return Ok(match owner {
            Owner::Enterprise(id) => Some(id),
            Owner::Nobody => None,
        });
    }
    let owner = app.read(move |tx| Ok(tx.find_result_token(&token)?)).await?;
    let found = owner.map_or(Owner::Nobody, Owner::Enterprise);
    app.results.memory.put_owner(digest, found);
    Ok(owner)
}

impl Poster {
    /// Whether the node and the task are those of the enterprise. They may be disabled or deleted by
    /// now: what they found before is welcome.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when they are not; that the database is not available.
    pub async fn check(&self, app: &App) -> Result<(), Error> {
        let Some((node, task)) = self.pair.clone() else { return Ok(()) };
        let pair = (self.enterprise, node.clone(), task);
        if app.results.memory.is_pair(&pair) {
            return Ok(());
        }
        let enterprise = self.enterprise;
        let is_own = app.read(move |tx| {
            let found = tx.find_nodes(std::slice::from_ref(&node))?.pop();
            let is_own = found.is_some_and(|node| node.enterprise_id == enterprise);
            Ok(is_own && tx.is_delivered(&node, task)?)
        });
        if !is_own.await? {
            return Err(Error::Forbidden);
        }
        app.results.memory.put_pair(pair);
        Ok(())
    }

    fn series(&self, point: &DialPoint) -> SeriesKey {
        let (node, task) = self.pair.clone().unzip();
        let (enterprise, measurement) = (self.enterprise, point.measurement.clone());
        SeriesKey { enterprise, node, task, measurement }
    }
}

/// Where a set of tags is kept.
#[derive(Debug, Clone)]
struct Tags {
    set: PointTags,
    digest: TagsDigest,
    /// Where, if that is known: nowhere is an answer, too.
    place: Option<TagPlace>,
}

/// What is to be found for a point before it can be kept.
#[derive(Debug, Clone)]
struct Places {
    key: SeriesKey,
    series: Option<i64>,
    /// None when it has none.
    tags: Option<Tags>,
    /// Whether there were too many sets of tags to keep this one.
    is_full: bool,
}

impl Places {
    fn remembered(memory: &ResultMemory, poster: &Poster, point: &mut DialPoint, day: i32) -> Self {
        let key = poster.series(point);
        let series = memory.series(&key);
        let set = std::mem::take(&mut point.tags);
        let tags = (!set.is_empty()).then(|| {
            let digest = digest(&set);
            let place = memory.tags(poster.enterprise, (&set, digest), day);
            Tags { set, digest, place }
        });
        Self { key, series, tags, is_full: false }
    }

    fn are_known(&self) -> bool {
        self.series.is_some() && self.tags.as_ref().is_none_or(|tags| tags.place.is_some())
    }

    /// Finds or makes what is not known. When it is known that there are too many sets of tags, only
    /// the version of the agent is looked for: to count them again and again would hold others up.
    fn find(
        &mut self,
        tx: &mut dyn Tx,
        limits: Limits,
        (day, is_full): (i32, bool),
    ) -> Result<(), StorageError> {
        let enterprise = self.key.enterprise;
        if self.series.is_none() {
            self.series = Some(tx.ensure_series(&self.key, limits.series)?);
        }
        let Some(tags @ Tags { place: None, .. }) = &mut self.tags else { return Ok(()) };
        let mut place = None;
        if !is_full {
            place = tx.ensure_point_tags(enterprise, &tags.set, day, limits.tag_sets)?;
        }
        if place.is_none() {
            self.is_full = true;
            tags.set = tags.set.version_alone();
            tags.digest = digest(&tags.set);
            if !tags.set.is_empty() {
                let most = limits.tag_sets + VERSIONS;
                place = tx.ensure_point_tags(enterprise, &tags.set, day, most)?;
            }
        }
        tags.place = Some(place.map_or(TagPlace::Nowhere, TagPlace::At));
        Ok(())
    }

    /// Remembers what was found, once it is committed.
    fn remember(self, memory: &ResultMemory, day: i32) {
        let enterprise = self.key.enterprise;
        if self.is_full {
            memory.put_full(enterprise);
        }
        if let Some(Tags { digest, place: Some(TagPlace::At(id)), .. }) = self.tags {
            memory.put_tags(enterprise, digest, id, day);
        }
        if let Some(id) = self.series {
            memory.put_series(self.key, id);
        }
    }

    /// The point, once all is known.
    fn place(&self, point: &(DialPoint, i64), received: DateTime<Utc>) -> Option<NewPoint> {
        Some(NewPoint {
            series: self.series?,
            digest: point.1,
            received_us: received.timestamp_micros(),
            tags: match self.tags {
                Some(Tags { place: Some(TagPlace::At(id)), .. }) => Some(id),
                _ => None,
            },
            point: point.0.clone(),
        })
    }
}

/// Keeps points: each once, however often it is posted. Returns after the commit.
///
/// # Errors
/// That the database is not available, or too busy.
pub async fn keep(app: &App, mut posted: Posted) -> Result<(), Error> {
    let (day, memory) = (day(posted.received), &app.results.memory);
    let remembered =
        |(point, _): &mut (DialPoint, i64)| Places::remembered(memory, &posted.poster, point, day);
    let places: Vec<_> = posted.points.iter_mut().map(remembered).collect();
    let (points, received) = (posted.points, posted.received);
    if places.is_empty() {
        return Ok(());
    }
    if places.iter().all(Places::are_known) {
        let new: Vec<_> = places
            .iter()
            .zip(&points)
            .filter_map(|(places, point)| places.place(point, received))
            .collect();
        return app
            .write(Writer::Register, move |tx| Ok(Changed::nothing(tx.add_points(&new)?)))
            .await;
    }
    let limits = app.results.limits;
    let found = app.write(Writer::Register, move |tx| {
        let (mut places, mut new) = (places.clone(), Vec::with_capacity(places.len()));
        let mut is_full = false;
        for (places, point) in places.iter_mut().zip(&points) {
            places.find(tx, limits, (day, is_full))?;
            is_full |= places.is_full;
            new.extend(places.place(point, received));
        }
        tx.add_points(&new)?;
        Ok(Changed::nothing(places))
    });
    for places in found.await? {
        places.remember(memory, day);
    }
    Ok(())
}

/// Which day it is, counted from 1970.
pub(super) fn day(now: DateTime<Utc>) -> i32 {
    i32::try_from(now.timestamp().div_euclid(86_400)).unwrap_or(i32::MAX)
}
