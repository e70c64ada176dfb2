//! Taking points.
//!
//! Points have no audit entries: they are what machines found, and change nothing in the register.

use cadastre_domain::result::{DialPoint, PointTags};
use cadastre_storage::{NewPoint, SeriesKey, StorageError, Tx};
use chrono::{DateTime, Utc};

use super::Limits;
use super::access::{Poster, Standing};
use super::memory::{ResultMemory, TagPlace, TagsDigest, digest};
use crate::app::{App, Changed};
use crate::error::Error;

/// How many sets of tags there are beyond the bound, of the version of the agent alone: so that is
/// known when nothing else is.
const VERSIONS: i64 = 100;

/// How many points of a post are kept at once.
const AT_ONCE: usize = 500;

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

impl Posted {
    fn series(&self, point: &DialPoint) -> SeriesKey {
        let (node, task) = self.poster.pair.clone().unzip();
        let measurement = point.measurement.clone();
        SeriesKey { enterprise: self.poster.enterprise, node, task, measurement }
    }
}

/// Refuses more points of a poster that has posted too many.
///
/// # Errors
/// [`Error::RateLimited`].
pub fn check_limits(app: &App, poster: &Poster) -> Result<(), Error> {
    spend(app, poster, 0)
}

/// Counts a body that cannot be read as one point, because to find that out took work.
pub fn count_refused(app: &App, poster: &Poster) {
    // Whether there is room for it makes no difference: the body is refused already.
    let _ = spend(app, poster, 1);
}

fn spend(app: &App, poster: &Poster, points: usize) -> Result<(), Error> {
    let node = poster.pair.as_ref().map(|(node, _)| node);
    app.results.budget.spend(poster.enterprise, node, points)
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
    fn remembered(memory: &ResultMemory, key: SeriesKey, point: &mut DialPoint, day: i32) -> Self {
        let series = memory.series(&key);
        let set = std::mem::take(&mut point.tags);
        let tags = (!set.is_empty()).then(|| {
            let digest = digest(&set);
            let place = memory.tags(key.enterprise, (&set, digest), day);
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

/// Keeps points: each once, however often it is posted. Returns after the commit; `false` when the node
/// or its key has ended meanwhile.
///
/// Many points are kept in parts, between which others write. When a part fails, those before it stay:
/// posted again, they are the same points. The limits count all points of a body before the first is kept,
/// and give back those of which it is not known that they are.
///
/// # Errors
/// [`Error::RateLimited`]; that the database is not available, or too busy.
pub async fn keep(app: &App, mut posted: Posted) -> Result<bool, Error> {
    spend(app, &posted.poster, posted.points.len())?;
    let mut spent = Spent { app, poster: posted.poster.clone(), points: posted.points.len() };
    while !posted.points.is_empty() {
        let rest = posted.points.split_off(posted.points.len().min(AT_ONCE));
        let standing = keep_part(app, &mut posted).await?;
        spent.points = rest.len();
        if standing.is_behind {
            drop(app.regions().await?);
        }
        if !standing.holds {
            return Ok(false);
        }
        posted.points = rest;
    }
    Ok(true)
}

/// Points that were counted and are not kept yet. They are given back when this is dropped, also when
/// the request is given up: an agent that is told 503 posts them again.
struct Spent<'a> {
    app: &'a App,
    poster: Poster,
    points: usize,
}

impl Drop for Spent<'_> {
    fn drop(&mut self) {
        let node = self.poster.pair.as_ref().map(|(node, _)| node);
        self.app.results.budget.give_back(self.poster.enterprise, node, self.points);
    }
}

/// Keeps the points that there are, and takes them away.
async fn keep_part(app: &App, posted: &mut Posted) -> Result<Standing, Error> {
    let (day, memory) = (day(posted.received), &app.results.memory);
    let mut points = std::mem::take(&mut posted.points);
    let remembered = |(point, _): &mut (DialPoint, i64)| {
        Places::remembered(memory, posted.series(point), point, day)
    };
    let places: Vec<_> = points.iter_mut().map(remembered).collect();
    let (enterprise, received) = (posted.poster.enterprise, posted.received);
    let (grant, clock) = (posted.poster.grant.clone(), app.clock.clone());
    let standing = move |tx: &mut dyn Tx| match &grant {
        Some(grant) => grant.standing(tx, clock.now()),
        None => Ok(Standing { holds: true, is_behind: false }),
    };
    let rows = points.len();
    if places.iter().all(Places::are_known) {
        let new: Vec<_> = places
            .iter()
            .zip(&points)
            .filter_map(|(places, point)| places.place(point, received))
            .collect();
        let add = move |tx: &mut dyn Tx| {
            let standing = standing(tx)?;
            if standing.holds {
                tx.add_points(&new)?;
            }
            Ok(Changed::nothing(standing))
        };
        return app.write_bulk(Some(enterprise), rows, add).await;
    }
    let limits = app.results.limits;
    let find_and_add = move |tx: &mut dyn Tx| {
        let standing = standing(tx)?;
        if !standing.holds {
            return Ok(Changed::nothing((standing, Vec::new())));
        }
        let (mut places, mut new) = (places.clone(), Vec::with_capacity(places.len()));
        let mut is_full = false;
        for (places, point) in places.iter_mut().zip(&points) {
            places.find(tx, limits, (day, is_full))?;
            is_full |= places.is_full;
            new.extend(places.place(point, received));
        }
        tx.add_points(&new)?;
        Ok(Changed::nothing((standing, places)))
    };
    let (standing, places) = app.write_bulk(Some(enterprise), rows, find_and_add).await?;
    for places in places {
        places.remember(memory, day);
    }
    Ok(standing)
}

/// Which day it is, counted from 1970.
pub(super) fn day(now: DateTime<Utc>) -> i32 {
    i32::try_from(now.timestamp().div_euclid(86_400)).unwrap_or(i32::MAX)
}
