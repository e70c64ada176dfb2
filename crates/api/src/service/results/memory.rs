//! What is remembered so that a post costs no query: whose tokens are, which series there are, and
//! where tags are kept. All of it stands in the database, and can be forgotten at any time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::result::PointTags;
use cadastre_storage::SeriesKey;
use sha2::{Digest as _, Sha256};

/// For how long a token is taken for what it was found to be.
const TOKEN_KEPT: Duration = Duration::from_mins(1);
/// For how long a node is taken to dial a task, or to have dialled it, once that was found.
const PAIR_KEPT: Duration = Duration::from_hours(1);
/// For how long no further set of tags is tried after there were too many.
const FULL_KEPT: Duration = Duration::from_mins(1);
/// The most tokens that are remembered, wrong ones included.
const MOST_TOKENS: usize = 10_000;
/// The most of each other thing that are remembered: together about 40 MB.
const MOST: usize = 100_000;

/// The digest of a token.
pub(super) type TokenDigest = [u8; 32];

/// The digest of a set of tags: the tags themselves would take a kilobyte each.
pub(super) type TagsDigest = [u8; 32];

/// The digest of these tags.
pub(super) fn digest(tags: &PointTags) -> TagsDigest {
    let mut hash = Sha256::new();
    for (name, value) in tags.iter() {
        for text in [name, value] {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
    }
    hash.finalize().into()
}

/// Where a set of tags is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagPlace {
    /// Under this number.
    At(i64),
    /// Nowhere, as there are too many.
    Nowhere,
}

/// Whose nodes share a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// That of this enterprise.
    Enterprise(EnterpriseId),
    /// Nobody's.
    Nobody,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct ResultMemory {
    tokens: Mutex<HashMap<TokenDigest, (Owner, Instant)>>,
    pairs: Mutex<HashMap<(EnterpriseId, NodeId, TaskId), Instant>>,
    series: Mutex<HashMap<SeriesKey, i64>>,
    tags: Mutex<HashMap<(EnterpriseId, TagsDigest), (i64, i32)>>,
    full: Mutex<HashMap<EnterpriseId, Instant>>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers one more; when there are too many, everything is forgotten first.
fn put<K: Eq + Hash, V>(of: &Mutex<HashMap<K, V>>, most: usize, key: K, value: V) {
    let mut map = lock(of);
    if map.len() >= most && !map.contains_key(&key) {
        map.clear();
    }
    map.insert(key, value);
}

impl ResultMemory {
    /// Whose token this is, if that is known: nobody's is an answer, too.
    pub(super) fn owner(&self, token: &TokenDigest) -> Option<Owner> {
        let (owner, since) = *lock(&self.tokens).get(token)?;
        (since.elapsed() < TOKEN_KEPT).then_some(owner)
    }

    pub(super) fn put_owner(&self, token: TokenDigest, owner: Owner) {
        put(&self.tokens, MOST_TOKENS, token, (owner, Instant::now()));
    }

    /// Whether this node dials, or dialled, this task of the enterprise.
    pub(super) fn is_pair(&self, pair: &(EnterpriseId, NodeId, TaskId)) -> bool {
        let since = lock(&self.pairs).get(pair).copied();
        since.is_some_and(|since| since.elapsed() < PAIR_KEPT)
    }

    pub(super) fn put_pair(&self, pair: (EnterpriseId, NodeId, TaskId)) {
        put(&self.pairs, MOST, pair, Instant::now());
    }

    pub(super) fn series(&self, key: &SeriesKey) -> Option<i64> {
        lock(&self.series).get(key).copied()
    }

    pub(super) fn put_series(&self, key: SeriesKey, id: i64) {
        put(&self.series, MOST, key, id);
    }

    /// Where these tags are kept, if that is known: nowhere is an answer, too. That a point had them
    /// must be noted once a day. After there were too many sets, only the version of the agent counts.
    pub(super) fn tags(
        &self,
        enterprise: EnterpriseId,
        (tags, of): (&PointTags, TagsDigest),
        day: i32,
    ) -> Option<TagPlace> {
        let noted = |of| {
            let found = lock(&self.tags).get(&(enterprise, of)).copied();
            found.filter(|(_, noted)| *noted == day).map(|(id, _)| TagPlace::At(id))
        };
        if let Some(place) = noted(of) {
            return Some(place);
        }
        let since = lock(&self.full).get(&enterprise).copied()?;
        if since.elapsed() >= FULL_KEPT {
            return None;
        }
        let alone = tags.version_alone();
        if alone.is_empty() { Some(TagPlace::Nowhere) } else { noted(digest(&alone)) }
    }

    pub(super) fn put_tags(&self, enterprise: EnterpriseId, of: TagsDigest, id: i64, day: i32) {
        put(&self.tags, MOST, (enterprise, of), (id, day));
    }

    /// Remembers that an enterprise has as many sets of tags as it may.
    pub(super) fn put_full(&self, enterprise: EnterpriseId) {
        put(&self.full, MOST_TOKENS, enterprise, Instant::now());
    }
}
