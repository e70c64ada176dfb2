//! The keys of a node over time: one as a rule, two while they are being changed.

use chrono::{DateTime, TimeDelta, Utc};

use super::AccessKey;
use crate::id::{EnterpriseId, NodeId};

/// A key pair of a node, with what became of it.
#[derive(Debug, Clone)]
pub struct NodeKey {
    /// The pair.
    pub pair: AccessKey,
    /// The node that it belongs to.
    pub node_id: NodeId,
    /// The enterprise of the node.
    pub enterprise_id: EnterpriseId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is accepted; without it, until it is revoked.
    pub valid_until: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Whether the first use of it ends the other keys of the node.
    pub ends_others: bool,
    /// When it was used first, if ever.
    pub first_used_at: Option<DateTime<Utc>>,
    /// When it was used last, if ever.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The most keys of a node that are valid at once: the old one and the new one.
pub const MOST_VALID_KEYS: usize = 2;

/// Why a node does not get another key, or keeps one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeKeyRefusal {
    /// It has [`MOST_VALID_KEYS`] already.
    #[error("the node has {MOST_VALID_KEYS} valid keys; revoke one of them first")]
    TooMany,
    /// It would have none left.
    #[error(
        "it is the last valid key of the node, whose agent could not pull any more; make another one first, or force it"
    )]
    Last,
}

/// Until when the keys before a new one are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Until the new one is used first.
    FirstUse,
    /// For so long.
    For(TimeDelta),
}

impl NodeKey {
    /// The keys of a node when `pair` is made beside the valid ones among `keys`: those of them that
    /// change, and the new one.
    ///
    /// # Errors
    /// [`NodeKeyRefusal::TooMany`].
    pub fn added(
        keys: &[Self],
        new: Self,
        overlap: Overlap,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Self>, Self), NodeKeyRefusal> {
        let valid: Vec<_> = keys.iter().filter(|key| key.is_valid(now)).collect();
        if valid.len() >= MOST_VALID_KEYS {
            return Err(NodeKeyRefusal::TooMany);
        }
        match overlap {
            // With nothing to end, there is nothing to wait for.
            Overlap::FirstUse => Ok((Vec::new(), Self { ends_others: !valid.is_empty(), ..new })),
            Overlap::For(time) => {
                let until = now + time;
                let earlier = |key: &Self| key.valid_until.is_none_or(|before| until < before);
                let ending = valid.into_iter().filter(|key| earlier(key));
                let ended = ending.map(|key| Self { valid_until: Some(until), ..key.clone() });
                Ok((ended.collect(), new))
            }
        }
    }

    /// This key, revoked at `now`, when others among the `keys` of its node are left, or when it is
    /// forced; none when it is not valid any more.
    ///
    /// # Errors
    /// [`NodeKeyRefusal::Last`].
    pub fn revoked(
        &self,
        keys: &[Self],
        forced: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, NodeKeyRefusal> {
        if !self.is_valid(now) {
            return Ok(None);
        }
        let other = |key: &Self| key.pair.id != self.pair.id && key.is_valid(now);
        if !forced && !keys.iter().any(other) {
            return Err(NodeKeyRefusal::Last);
        }
        Ok(Some(Self { revoked_at: Some(now), ..self.clone() }))
    }

    /// The keys among `keys` that change when this one is used first, at `now`, if it ends the others:
    /// itself, which ends nothing any more, and those that were valid until now. A key that was revoked
    /// while its first request was under way ends nothing.
    #[must_use]
    pub fn used_first(&self, keys: &[Self], now: DateTime<Utc>) -> Vec<Self> {
        if !self.ends_others || !self.is_valid(now) {
            return Vec::new();
        }
        let (first_used_at, last_used_at) = (self.first_used_at.or(Some(now)), Some(now));
        let own = Self { ends_others: false, first_used_at, last_used_at, ..self.clone() };
        let other = |key: &&Self| key.pair.id != self.pair.id && key.is_valid(now);
        let ended = keys.iter().filter(other);
        let ended = ended.map(|key| Self { revoked_at: Some(now), ..key.clone() });
        std::iter::once(own).chain(ended).collect()
    }

    /// The first key of a node, which is registered at `now`.
    #[must_use]
    pub const fn new(
        pair: AccessKey,
        node_id: NodeId,
        enterprise_id: EnterpriseId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            pair,
            node_id,
            enterprise_id,
            created_at: now,
            valid_until: None,
            revoked_at: None,
            ends_others: false,
            first_used_at: None,
            last_used_at: None,
        }
    }

    /// Whether it is accepted at `now`. Its last moment is the one before `valid_until`.
    #[must_use]
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.valid_until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, OWN, text};

    fn key(letter: char) -> NodeKey {
        let pair =
            AccessKey { id: text(&letter.to_string().repeat(20)), secret: text(&"b".repeat(40)) };
        NodeKey::new(pair, text("reg_cg2britepb7e977fpm8g"), OWN, NOW)
    }

    fn told(keys: &[NodeKey]) -> Vec<(String, bool, bool)> {
        let told = |key: &NodeKey| {
            (key.pair.id.to_string()[..1].to_owned(), key.is_valid(NOW), key.ends_others)
        };
        keys.iter().map(told).collect()
    }

    #[test]
    fn a_second_key_ends_the_first_after_a_time_or_when_it_is_used() {
        let hour = TimeDelta::hours(1);
        let added = NodeKey::added(&[key('a')], key('n'), Overlap::For(hour), NOW);
        let (ended, new) = added.expect("one more is allowed");
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].valid_until, Some(NOW + hour));
        assert!(!new.ends_others && new.valid_until.is_none());
        let added = NodeKey::added(&[key('a')], key('n'), Overlap::FirstUse, NOW);
        let (ended, new) = added.expect("one more is allowed");
        assert!(ended.is_empty() && new.ends_others);
        let (_, only) = NodeKey::added(&[], key('n'), Overlap::FirstUse, NOW).expect("the first");
        assert!(!only.ends_others);
    }

    #[test]
    fn an_overlap_does_not_lengthen_the_life_of_a_key_nor_revive_one() {
        let soon = NOW + TimeDelta::seconds(1);
        let ending = NodeKey { valid_until: Some(soon), ..key('a') };
        let gone = NodeKey { revoked_at: Some(NOW), ..key('b') };
        let overlap = Overlap::For(TimeDelta::hours(1));
        let (ended, _) = NodeKey::added(&[ending, gone], key('n'), overlap, NOW).expect("allowed");
        assert!(ended.is_empty());
    }

    #[test]
    fn a_third_valid_key_is_refused() {
        let gone = NodeKey { valid_until: Some(NOW), ..key('c') };
        let keys = [key('a'), key('b'), gone];
        for overlap in [Overlap::FirstUse, Overlap::For(TimeDelta::zero())] {
            let refused = NodeKey::added(&keys, key('n'), overlap, NOW);
            assert_eq!(refused.err(), Some(NodeKeyRefusal::TooMany));
            assert!(NodeKey::added(&keys[1..], key('n'), overlap, NOW).is_ok());
        }
    }

    #[test]
    fn the_last_valid_key_is_revoked_by_force_only() {
        let (a, b) = (key('a'), key('b'));
        let gone = NodeKey { revoked_at: Some(NOW), ..key('b') };
        let both = [a.clone(), b];
        let revoked = a.revoked(&both, false, NOW).map(|key| key.and_then(|key| key.revoked_at));
        assert_eq!(revoked, Ok(Some(NOW)));
        let alone = [a.clone(), gone.clone()];
        assert_eq!(a.revoked(&alone, false, NOW).err(), Some(NodeKeyRefusal::Last));
        assert!(a.revoked(&alone, true, NOW).is_ok_and(|key| key.is_some()));
        assert!(gone.revoked(&alone, false, NOW).is_ok_and(|key| key.is_none()), "not twice");
    }

    #[test]
    fn the_first_use_ends_the_other_keys_once() {
        let new = NodeKey { ends_others: true, ..key('n') };
        let gone = NodeKey { valid_until: Some(NOW), ..key('g') };
        let keys = [key('a'), gone, new.clone()];
        let changed = new.used_first(&keys, NOW);
        let expected = [("n".to_owned(), true, false), ("a".to_owned(), false, false)];
        assert_eq!(told(&changed), expected);
        assert_eq!((changed[0].first_used_at, changed[0].last_used_at), (Some(NOW), Some(NOW)));
        assert!(changed[0].used_first(&keys, NOW).is_empty());
        assert!(key('a').used_first(&keys, NOW).is_empty());
        // Revoked while its first request was under way, it ends nothing.
        let revoked = NodeKey { revoked_at: Some(NOW), ..new };
        assert!(revoked.used_first(&keys, NOW).is_empty());
    }

    #[test]
    fn a_key_is_valid_until_its_time_or_its_revocation() {
        let pair = AccessKey { id: text(&"a".repeat(20)), secret: text(&"b".repeat(40)) };
        let key = NodeKey::new(pair, text("reg_cg2britepb7e977fpm8g"), OWN, NOW);
        assert!(key.is_valid(NOW) && key.is_valid(NOW + TimeDelta::days(10_000)));
        let until = NOW + TimeDelta::hours(1);
        let ending = NodeKey { valid_until: Some(until), ..key.clone() };
        assert!(ending.is_valid(until - TimeDelta::nanoseconds(1)));
        assert!(!ending.is_valid(until));
        assert!(!NodeKey { revoked_at: Some(NOW), ..key }.is_valid(NOW));
    }
}
